"""The modes-over-time panel: how many of the data's modes have been found, against the step, over all seeds."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.curve import Curve
from gandyn.rendering.curves import History
from gandyn.rendering.marks.guides import AxisTick
from gandyn.rendering.marks.marks import Area, Line, Mark, Scale, Text
from gandyn.rendering.modes import modes_found
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.trajectory import Trajectory
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["ModesOverTime"]

_SPARE = 0.06
"""Part of the axis kept free below none and above all of the modes: lines that lie there are seen whole."""


class ModesOverTime(Trajectory):
    """Stairs: how many modes have been found; of many seeds the median, in a band of 10-90 %.

    A mode is found from a quarter of its share of the data on. How many seeds lack modes at the step stands in the
    heading: the median may have found all of them while a quarter of the seeds has not. What is counted is never
    smoothed.
    """

    name = "modes_over_time"
    called: ClassVar[Said[str]] = Said("modes found", "modes found")
    needs: ClassVar[tuple[str, ...]] = ("mode_mass",)

    @classmethod
    def quantities(cls, view: RecordingView, brief: bool = False) -> list[Curve]:
        """Return the number of modes found."""
        label = f"of {view.dataset.sizes['mode']}"
        return [Curve("generator", label, modes_found(view), under=False)]

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em, number = slot.em, view.dataset.sizes["mode"]
        most = max(one.dataset.sizes["mode"] for one in view.group if one.has("mode_mass"))
        rows = max(int((slot.height - (TITLE + 1.5) * em) / (1.6 * em)), 2)
        at = [number, *(k for k in ticks.several(0, most, min(rows, 6)) if k == int(k))]
        marks = [AxisTick(k, f"{k:g}", "ink" if k == number else "muted") for k in dict.fromkeys(at)]
        free = slot.width - measure(self.called.to(slot), em, bold=True) - 1.5 * em
        widths = [
            max(measure(self._lacking(lack, form), em, bold=True) for lack in {0, 1, len(view.seeds)})
            for form in range(3)
        ]
        self._form = next((form for form, wide in enumerate(widths) if wide <= free), 2)
        held = widths[self._form] + em if widths[self._form] else 0.0
        short = "band: 10–90 %" if self.apart else "median, 10–90 %"
        notes = [self.crowd(), short] if self.crowd() else []
        y = Scale(-_SPARE * most, (1 + _SPARE) * most)
        self.frame(notes, y, marks, self.quantities(view, slot.brief), held)
        place = self.axes[self.name]
        ends = np.array([place.x.low, place.x.high])
        self.background.append(Line(self.name, "data", ends, np.full(2, float(number)), weight=0.5))

    def marks(self, step_index: int) -> list[Mark]:
        """Return the stairs up to a step, and in the heading how many seeds lack modes there."""
        course, index = self._courses[0], self._place(0, step_index)
        marks: list[Mark] = []
        if "low" in course:
            # Where several steps share a pixel, it is as high as the highest of them and as low as the lowest.
            x, low = course["low"].extremes(index)
            high = course["high"].extremes(index)[1]
            x, below, above = stairs(x, low[:, 0], high[:, 1])
            marks.append(Area(self.name, "generator", x, below, above, opacity=0.16))
        x, counts = stairs(*course["main"].until(index))
        marks.append(Line(self.name, "generator", x, counts))
        marks += self.ends(step_index)
        text = self._lacking(lack := self.lacking(step_index), self._form)
        role, y = "warning" if lack else "ink", self.slot.box[3] - 0.8 * self.slot.em
        return [*marks, *([Text("", role, self.slot.box[2], y, text, bold=True, align="right")] if text else [])]

    def lacking(self, step_index: int) -> int:
        """Return the number of seeds that lack modes at a step; those that have diverged are among them."""
        found = self.curves[0].values[:, step_index]
        return int((~(found >= self.view.dataset.sizes["mode"])).sum())

    def text(self, curve: Curve, now: float) -> str:
        """Return the number found, of how many."""
        return f"{now:g} {curve.label}"

    def _lacking(self, lack: int, form: int) -> str:
        """Return how many seeds lack modes in one of three forms, the longest first; nothing where there is but one."""
        seeds = len(self.view.seeds)
        if seeds == 1:
            return ""
        verb = "lacks" if lack == 1 else "lack"
        return (f"{lack} of {seeds} seeds {verb} modes", f"{lack} of {seeds} {verb} modes", f"{lack}/{seeds}")[form]

    def _course(self, curve: Curve, columns: int) -> dict[str, History]:
        # Beside the median, the stairs of the selected seed would cross it all the way.
        courses = {name: one for name, one in super()._course(curve, columns).items() if name != "shown"}
        for course in courses.values():
            course.half = 0
        return courses


def stairs(x: Float[np.ndarray, " step"], *values: Float[np.ndarray, " step"]) -> tuple[np.ndarray, ...]:
    """Return the corners of stairs: each value stays until the next step."""
    return np.repeat(x, 2)[1:], *(np.repeat(y, 2)[:-1] for y in values)
