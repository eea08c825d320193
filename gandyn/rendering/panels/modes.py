"""The modes panel: how much of what is generated lies at each of the data's modes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.decor import AxisTick, title, x_axis, y_axis
from gandyn.rendering.marks import Area, Axes, Line, Mark, Scale, Segments, Text
from gandyn.rendering.modes import capture_rule, captured, shares
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.typeface import measure

__all__ = ["Modes", "count", "heading"]

_HIGH = 12.0
"""Height from which a panel has room for a heading of two rows, in em."""


class Modes(Panel):
    """A bar a mode: the share of generated samples there, and, as a line across, the data's own; lost ones are named.

    The axis holds the highest bar, and the data's largest share, of all steps shown by any of the company.
    """

    name = "modes"
    needs: ClassVar[tuple[str, ...]] = ("mode_mass",)
    aspect: ClassVar[float] = 3.2
    strip: ClassVar[float] = 5.8
    numbers: ClassVar[bool] = True

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        em = room.em
        left, bottom, right, top = room.box
        self._mass = stage.scalars("mode_mass")[stage.seed_index]
        self._count = stage.scalars("modes_captured")[stage.seed_index]
        share = shares(stage)
        number = len(share)
        high = min(ticks.above(max(_highest(one) for one in stage.company if one.has("mode_mass"))), 1.0)
        axis = measure("100 %" if high == 1.0 else "00 %", em) + 0.45 * em
        what = ("share of samples, line: the data’s", "line: data")
        head, rows = heading(self, "modes", what, (capture_rule(stage),), f"{number}/{number} captured")
        self.background += head
        box = (left + axis, bottom + 1.5 * em, right, top - rows * em)
        self.axes["modes"] = place = Axes(box, Scale(0.0, float(number)), Scale(0.0, high))
        self._half = 0.34 if number < 16 else 0.4
        self._labelled = place.width / number >= 1.5 * em
        most = min(max(int(place.height / (1.5 * em)), 2), 5)
        self.background += y_axis(
            place, [AxisTick(at, f"{100 * at:g} %") for at in ticks.nice(0.0, high, most)], em, grid=True
        )
        self.background += x_axis(place, [], em)
        middle = np.arange(number) + 0.5
        self._middle, reach = middle, min(self._half + 0.1, 0.5)
        self._lines = Segments(
            "modes", "data", middle - reach, share, middle + reach, share, np.ones(number), weight=1.0
        )

    def marks(self, step_index: int) -> list[Mark]:
        """Return the bars at a step and how many modes are captured."""
        mass, marks = self._mass[step_index], list[Mark]()
        has = captured(self.stage, mass)
        for at, share, there in zip(self._middle, mass, has, strict=True):
            ends = np.array([at - self._half, at + self._half])
            if np.isfinite(share) and share > 0:
                height = np.full(2, float(share))
                marks.append(Area("modes", "generator", ends, np.zeros(2), height, opacity=0.8))
            elif not there and np.isfinite(share):
                marks.append(Line("modes", "warning", ends, np.zeros(2), weight=0.9))
            if self._labelled:
                role = "muted" if there or not np.isfinite(share) else "warning"
                text = str(int(at) + 1)
                marks.append(Text("modes", role, at, 0.0, text, align="center", valign="top", dy=-0.4))
        marks.append(self._lines)
        return marks + count(self, step_index, self._count[step_index], len(mass), "captured")


def _highest(stage: Stage) -> float:
    """Return the largest share at any mode: of the data, and of the seed in the light over the steps shown."""
    mass = stage.scalars("mode_mass")[stage.seed_index, stage.begin : stage.end]
    return max(float(shares(stage).max()), float(np.nanmax(mass, initial=0.0)))


def heading(panel: Panel, name: str, forms: Sequence[str], rules: Sequence[str], end: str) -> tuple[list[Mark], float]:
    """Return a panel's heading and its height in em: what is drawn, and by which rule something counts.

    Both stand in one row where that fits, else in two where the panel is high enough, else the rule is left out.

    Args:
        panel: whose heading it is.
        name: its title.
        forms: ways to say what is drawn, the longest first.
        rules: ways to say the rule, likewise.
        end: the widest text that will stand at the right end.
    """
    em, (left, bottom, right, top) = panel.room.em, panel.room.box
    free = right - measure(end, em, bold=True) - em
    room = free - left - measure(name, em, bold=True) - 0.7 * em
    both = [*(f"{form}; {rule}" for rule in rules for form in forms), *rules]
    if any(measure(text, em) <= room for text in both):
        return title(left, top - 0.8 * em, name, both, em, free), TITLE
    marks = title(left, top - 0.8 * em, name, forms, em, free)
    below = [rule for rule in rules if measure(rule, em) <= right - left]
    if not below or top - bottom < _HIGH * em:
        return marks, TITLE
    return [*marks, Text("", "muted", left, top - 2.2 * em, below[0])], TITLE + 1.4


def count(panel: Panel, step_index: int, found: float, of: int, what: str) -> list[Mark]:
    """Return how many modes are captured (or alive), or that the seed has diverged, at the end of a panel's heading."""
    right, y = panel.room.box[2], panel.room.box[3] - 0.8 * panel.room.em
    if panel.stage.diverged(step_index) is not None:
        return [Text("", "warning", right, y, "diverged", bold=True, align="right")]
    if not np.isfinite(found):
        return []
    role = "ink" if found >= of else "warning"
    return [Text("", role, right, y, f"{int(found)}/{of} {what}", bold=True, align="right")]
