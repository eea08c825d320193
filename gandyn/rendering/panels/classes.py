"""The classes panel: how often each class of the data is generated, as a classifier sees it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.divergences.finding import SHARE
from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.guides import AxisTick, title, x_axis, y_axis
from gandyn.rendering.marks.marks import Area, Axes, Line, Mark, Scale, Segments, Text
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.quality_text import JUDGED, latest, verdicts
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Classes"]

_TALL = 3.0
"""Times the data's largest share that the axis holds at least; of bars beyond the value is written."""

_FAIR = 0.2
"""Part of the data's share by which a class may be more or less frequent and still lie in the band."""


class Classes(Panel):
    """A bar a class: its share of generated images; as a line across, the data's own, in a band of 20 % to either side.

    Classes with less than a quarter of the data's share are named in red. Shares are measured at some steps only: those
    of the latest measurement stay, and the heading says of which step they are, with the other figures of that step.
    """

    name = "classes"
    needs: ClassVar[tuple[str, ...]] = ("class_histogram", "data_class_histogram")
    absent: ClassVar[str] = JUDGED
    images: ClassVar[bool] = True
    aspect: ClassVar[float] = 2.6
    words: ClassVar[Said[tuple[str, ...]]] = Said(
        ("share of images; line: the data’s, band: ±20 %", "share of images; line: the data’s", "line: data"),
        ("bar: images of a class; line: the data’s", "bars: images; line: data", "line: data"),
    )
    strip: ClassVar[float] = 6.4

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        self._share = data = _data(view)
        names = [str(one) for one in view.dataset["class"].values]
        group = [one for one in view.group if one.has("class_histogram")]
        highest = min(max(map(_highest, group)), _TALL * max(float(_data(one).max()) for one in group))
        high = min(ticks.above(highest), 1.0)
        axis = 0.0 if slot.plain else measure("100 %" if high == 1.0 else "00 %", em) + 0.45 * em
        self._heading = top - 0.8 * em
        self._form, held = self._room_for_figures(right - left)
        self.background += title(left, self._heading, "classes", self.words.to(slot), em, right - held)
        box = (left + axis, bottom + 1.5 * em, right, top - TITLE * em)
        self.axes["classes"] = place = Axes(box, Scale(0.0, float(len(data))), Scale(0.0, high))
        most = min(max(int(place.height / (1.5 * em)), 2), 5)
        at = ticks.nice(0.0, high, most)
        at = [] if slot.plain else at if len(at) > 1 else [0.0, high]
        self.background += y_axis(place, [AxisTick(v, f"{100 * v:g} %") for v in at], em, grid=True)
        self.background += x_axis(place, [], em)
        cell = place.width / len(data)
        widest = max(measure(name, em) for name in names)
        # Names too long to stand under all bars stand under every other, or third, ...
        self._named = {k: name for k, name in enumerate(names) if k % (int((widest + 0.4 * em) / cell) + 1) == 0}
        edges = np.repeat(np.arange(len(data) + 1.0), 2)[1:-1]
        fair = np.repeat(data, 2)
        self.background.append(Area("classes", "data", edges, (1 - _FAIR) * fair, (1 + _FAIR) * fair, opacity=0.16))
        self._middle = middle = np.arange(len(data)) + 0.5
        self._lines = Segments("classes", "data", middle - 0.5, data, middle + 0.5, data, np.ones(len(data)))

    def _room_for_figures(self, width: float) -> tuple[int | None, float]:
        """Return which of the ways to write the figures fits beside the title, and the pixels it takes."""
        em = self.slot.em
        free = width - measure("classes", em, bold=True) - measure("line: data", em) - 2.9 * em
        if self.slot.plain:
            return None, 0.0
        forms = [verdicts(one, None) for one in self.view.group if one.has("class_histogram")]
        # Of pictures side by side all say as much, if all know as much.
        forms = forms if len({len(one) for one in forms}) == 1 else [verdicts(self.view, None)]
        wide = [max(measure(text, em) for text in texts) for texts in zip(*forms, strict=True)]
        found = next((number for number, one in enumerate(wide) if one <= free), None)
        return found, 0.0 if found is None else wide[found] + 1.5 * em

    def marks(self, step_index: int) -> list[Mark]:
        """Return the bars as they were measured last, and of which step that is."""
        view, marks = self.view, list[Mark]()
        at = latest(view, "class_histogram", step_index)
        there = at is not None and view.diverged(step_index) is None
        share = view.scalars("class_histogram")[view.seed_index, at] if there else np.full(len(self._share), np.nan)
        high, beyond = self.axes["classes"].y.high, list[Mark]()
        for middle, one in zip(self._middle, share, strict=True):
            ends = np.array([middle - 0.34, middle + 0.34])
            if one > 0:
                marks.append(Area("classes", "generator", ends, np.zeros(2), np.full(2, float(one)), opacity=0.8))
                if one > high and not self.slot.plain:
                    text = ticks.percent(float(one))
                    beyond.append(Text("classes", "ink", middle, high, text, align="center", valign="top", ground=True))
            elif one == 0:
                marks.append(Line("classes", "warning", ends, np.zeros(2), weight=0.9))
        for k, name in self._named.items():
            role = "warning" if share[k] < SHARE * self._share[k] else "muted"
            marks.append(Text("classes", role, k + 0.5, 0.0, name, align="center", valign="top", dy=-0.4))
        marks.append(self._lines)
        words, role = "", "muted"
        if view.diverged(step_index) is not None:
            words, role = "diverged", "warning"
        elif at is not None and self._form is not None:
            words = verdicts(view, at)[self._form]
        right = self.slot.box[2]
        return [*marks, *beyond, *([Text("", role, right, self._heading, words, align="right")] if words else [])]


def _data(view: RecordingView) -> np.ndarray:
    return np.asarray(view.dataset["data_class_histogram"].values, dtype=float)


def _highest(view: RecordingView) -> float:
    """Return the largest share of a class: of the data, and of the selected seed over the steps shown."""
    shares = view.scalars("class_histogram")[view.seed_index, view.begin : view.end]
    return max(float(_data(view).max()) * (1 + _FAIR), float(np.nanmax(shares, initial=0.0)))
