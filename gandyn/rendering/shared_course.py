"""The course of one quantity in several recordings: a line each, with its name and value in a row beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gandyn.rendering.canvas.typeface import ellipsize, fitting, measure
from gandyn.rendering.curves import thin
from gandyn.rendering.layout.layout import Box
from gandyn.rendering.marks.guides import AxisTick, thousands, y_axis
from gandyn.rendering.marks.marks import Axes, Dots, Line, Mark, Scale, Text
from gandyn.rendering.quantities import Quantity
from gandyn.rendering.recording_view import RecordingView

__all__ = ["RUNS", "SharedCourse"]

RUNS = ("series_1", "series_2", "series_3", "series_4")
"""Roles of recordings side by side, from left to right."""

_ROW, _NAMES = 1.55, 0.42
"""From one row of names to the next in em, and the part of the width that names and values take at most."""

_DOT, _RING, _TOUCH = 0.36, 0.26, 0.5
"""Radius of a dot, by how much it is larger for each that lies on it, and how near that one is, in em."""


class SharedCourse:
    """One quantity of all recordings on one axis: faint from the first frame on, and solid up to the dots.

    Names and values stand in rows right of the axis, where no curve runs.

    Args:
        names: what the recordings are called.
        shorter: what they are called where there is no room for that, under names that tell them apart elsewhere.

    Attributes:
        place: the axes of the courses.
        background: what does not change, in pixels of the picture.
    """

    def __init__(
        self,
        quantity: Quantity,
        views: Sequence[RecordingView],
        names: Sequence[str],
        shorter: Sequence[str],
        box: Box,
        em: float,
    ) -> None:
        self._quantity, self._views, self._em = quantity, list(views), em
        left, bottom, right, top = box
        self.background: list[Mark] = [Text("", "ink", left, top - 1.0 * em, quantity.name, 1.15, bold=True)]
        sub = quantity.subline(views[0])
        if sub:
            beside = left + measure(quantity.name, 1.15 * em, bold=True) + 0.8 * em
            self.background.append(Text("", "muted", beside, top - 1.0 * em, sub))
        rules = quantity.rules(views[0])
        start = left + max((measure(text, em) for _, text in rules), default=0.0) + 0.6 * em
        self._value = max(measure(text, em, bold=True) for text in self._texts())
        most = _NAMES * (right - left) - self._value - 2.4 * em
        names = names if max(measure(name, em, bold=True) for name in names) <= most else shorter
        slot = min(max(measure(name, em, bold=True) for name in names), most)
        wide = slot + self._value + 2.4 * em
        first, last = views[0].clock
        steps = Scale(float(first), float(last if last > first else first + 1))
        self.place = place = Axes(
            (start, bottom + 1.6 * em, right - wide - 1.2 * em, top - 1.9 * em), steps, quantity.scale(views)
        )
        self._right, self._rows = right, self._row_heights(place.box[1], top, len(names))
        self._lay_axis(rules, first, last)
        for role, name, y in zip(RUNS, names, self._rows, strict=False):
            x = right - wide
            dot = Dots("", role, np.array([x + 0.4 * em]), np.array([y + 0.36 * em]), radius=0.36)
            text = ellipsize(name, slot, em, bold=True)
            self.background += [dot, Text("", role, x + 1.2 * em, y, text, bold=True)]
        self._courses = [self._course(view) for view in self._views]
        for role, course in zip(RUNS, self._courses, strict=False):
            self.background.append(self._line(role, *course, 0.7, 0.3))

    def _texts(self) -> list[str]:
        """Return the values as they are written, some of each recording."""
        found = []
        for view in self._views:
            values = self._quantity.values(view)[view.seed_index, view.begin : view.end]
            seen = values[np.isfinite(values)]
            some = np.unique(np.quantile(seen, np.linspace(0, 1, 41), method="nearest")) if seen.size else np.zeros(1)
            found += [self._quantity.short(view, float(one)) for one in some]
        return found

    def _row_heights(self, bottom: float, top: float, number: int) -> list[float]:
        middle = (bottom + top - 1.9 * self._em) / 2
        first = middle + 0.5 * _ROW * self._em * (number - 1) - 0.36 * self._em
        return [first - _ROW * self._em * row for row in range(number)]

    def _lay_axis(self, rules: Sequence[tuple[float, str]], first: int, last: int) -> None:
        em, (left, bottom, right, _top) = self._em, self.place.box
        self.background += y_axis(self.place, [AxisTick(at, text) for at, text in rules], em, grid=True)
        self.background.append(Line("", "muted", np.array([left, right]), np.full(2, bottom), weight=0.8))
        end = fitting((f"{thousands(last)} steps", thousands(last)), right - left, em)
        self.background.append(Text("", "muted", right, bottom, end, align="right", valign="top", dy=-0.35))
        if right - left > measure(end, em) + 4 * em:
            self.background.append(Text("", "muted", left, bottom, thousands(first), valign="top", dy=-0.35))

    def _course(self, view: RecordingView) -> tuple[np.ndarray, np.ndarray]:
        shown = slice(view.begin, view.end)
        steps, values = view.steps[shown].astype(float), self._quantity.values(view)[view.seed_index, shown]
        there = np.isfinite(values)
        if there.sum() < 0.5 * len(values):  # measured now and then: one measurement is joined to the next
            steps, values = steps[there], values[there]
        return steps, np.asarray(np.clip(values, self.place.y.low, self.place.y.high), dtype=float)

    def _line(self, role: str, x: np.ndarray, y: np.ndarray, weight: float, opacity: float) -> Line:
        x, y = thin(x, y, max(int(self.place.width), 1))
        return Line("", role, *self.place.pixels(x, y), weight=weight, opacity=opacity, dashed=False)

    def marks(self, step: int) -> list[Mark]:
        """Return the courses up to a step, and the values there; of a recording that has ended its last."""
        marks: list[Mark] = []
        dots: list[tuple[str, float, float]] = []
        for role, view, (x, y), row in zip(RUNS, self._views, self._courses, self._rows, strict=False):
            done = int(np.searchsorted(x, step, side="right"))
            marks.append(self._line(role, x[:done], y[:done], 1.1, 1.0))
            known = np.flatnonzero(np.isfinite(y[:done]))
            if not known.size:
                continue
            at = int(known[-1])
            left, up = self.place.pixels(float(x[at]), float(y[at]))
            dots.append((role, float(left), float(up)))
            values = self._quantity.values(view)[view.seed_index]
            values = values[: int(np.searchsorted(view.steps, step, side="right"))]
            text = self._quantity.short(view, float(values[np.isfinite(values)][-1]))
            marks.append(Text("", role, self._right, row, text, bold=True, align="right"))
        return [*marks, *self._dots(dots)]

    def _dots(self, ends: Sequence[tuple[str, float, float]]) -> list[Mark]:
        """Return the dots at the ends of courses; one that others lie on is larger, and is seen around them."""
        found: list[Mark] = []
        for number, (role, x, y) in enumerate(ends):
            over = sum(abs(x - u) + abs(y - v) < _TOUCH * self._em for _, u, v in ends[number + 1 :])
            radius = _DOT + _RING * over
            found.append(Dots("", role, np.array([x]), np.array([y]), radius=radius, halo=0.1))
        return found
