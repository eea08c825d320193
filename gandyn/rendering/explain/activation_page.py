"""The picture of an activation beside that of its derivative, with a dot that moves along both."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from gandyn.rendering import ticks
from gandyn.rendering.decor import AxisTick, x_axis, y_axis
from gandyn.rendering.explain.activation import Activation
from gandyn.rendering.explain.explanation import Explanation
from gandyn.rendering.layout import Box
from gandyn.rendering.marks import Area, Axes, Dots, Line, Mark, Scale, Text
from gandyn.rendering.theme import Theme
from gandyn.rendering.typeface import measure

__all__ = ["ActivationPage"]

_CURVES = (("f", "f(x)", "series_4"), ("slope", "f′(x), its gradient", "series_3"))
"""The two pictures: their axes, what stands over them, and their roles."""

_FRAMES = 81
"""Frames in which the dot goes from one end to the other."""

_NAME, _FOOT, _NUMBERS = 2.2, 2.2, 3.4
"""Heights above the curves, of ticks under them, and of the numbers at the bottom, in em."""

_TANGENT = 0.9
"""Half of what a tangent reaches over, in x."""

_NAMES, _ROLES = ("x =", "f(x) =", "f′(x) ="), ("ink", "series_4", "series_3")
"""The numbers at a place, and their roles."""

_LARGE, _WIDEST = 1.9, "f′(x) = −0.00"
"""Their type where there is room, in em, and the longest of them."""

_GUTTER = 2.6
"""Room for ticks left of a curve, in em."""


class ActivationPage(Explanation):
    """A function, its derivative, and the numbers at one place that moves from left to right."""

    def __init__(self, shown: Activation, size: tuple[int, int], theme: Theme, big: bool = False) -> None:
        self.shown = shown
        self._places = np.unique(np.round(np.linspace(0, len(shown.x) - 1, _FRAMES)).astype(int))
        captions = [*(shown.said(place) for place in self._places), shown.closing]
        super().__init__(shown.title, captions, {}, size, theme, big)
        em, (left, bottom, right, top) = self.layout.em, self.area
        gutter, gap = _GUTTER * em, 1.6 * em
        wide = (right - left - gap) / 2 - gutter
        self.axes = {
            name: Axes(
                _box(
                    left + gutter + k * (wide + gutter + gap), bottom + (_NUMBERS + _FOOT) * em, wide, top - _NAME * em
                ),
                Scale(float(shown.x[0]), float(shown.x[-1])),
                _scale(values),
            )
            for k, (name, values) in enumerate((("f", shown.value), ("slope", shown.slope)))
        }

    def background(self) -> list[Mark]:
        """Return title, axes, curves, and where gradients die."""
        em, shown = self.layout.em, self.shown
        marks = super().background()
        for (name, text, role), values in zip(_CURVES, (shown.value, shown.slope), strict=True):
            axes = self.axes[name]
            for low, high in _stretches(shown.weak):
                ends = shown.x[[low, high]]
                marks.append(Area(name, "warning", ends, np.full(2, axes.y.low), np.full(2, axes.y.high), opacity=0.16))
            across = [AxisTick(at, ticks.clean(at)) for at in ticks.nice(axes.x.low, axes.x.high, 5)]
            up = [AxisTick(at, ticks.clean(at)) for at in ticks.nice(axes.y.low, axes.y.high, 5)]
            marks += x_axis(axes, across, em)
            marks += y_axis(axes, up, em, grid=True)
            marks.append(Line(name, "muted", np.zeros(2), np.array([axes.y.low, axes.y.high]), opacity=0.6))
            marks.append(Line(name, role, shown.x, values, weight=1.3))
            marks.append(Text("", role, axes.box[0], axes.box[3] + 0.7 * em, text, 1.3, True))
        return marks

    def marks(self, frame: int) -> list[Mark]:
        """Return the caption, and at a place the dot, the tangent and the numbers; at the end the caption alone."""
        marks = super().marks(frame)
        if frame == len(self._places):
            return marks
        shown, place = self.shown, int(self._places[frame])
        x, value, slope = float(shown.x[place]), float(shown.value[place]), float(shown.slope[place])
        reach = _TANGENT / np.hypot(1.0, slope) * np.array([-1.0, 1.0])
        marks.append(Line("f", "series_3", x + reach, value + slope * reach, weight=1.5))
        for name, role, y in (("f", "series_4", value), ("slope", "series_3", slope)):
            axes = self.axes[name]
            marks.append(Line(name, "muted", np.full(2, x), np.array([axes.y.low, axes.y.high]), opacity=0.7))
            marks.append(Dots(name, role, np.array([x]), np.array([y]), 0.5, halo=0.16))
        return [*marks, *self._numbers((x, value, slope))]

    def _numbers(self, values: tuple[float, float, float]) -> list[Mark]:
        """Return the numbers at a place, in a row under the curves."""
        em, (left, bottom, right, _top) = self.layout.em, self.area
        column = (right - left - _GUTTER * em) / len(values)
        size = min(_LARGE, _LARGE * (column - 0.6 * em) / measure(_WIDEST, _LARGE * em, bold=True))
        marks: list[Mark] = []
        for number, (role, name, value) in enumerate(zip(_ROLES, _NAMES, values, strict=True)):
            x, y = left + _GUTTER * em + number * column, bottom + 0.6 * em
            end = x + measure(f"{name} −0.00", size * em, bold=True)
            marks.append(Text("", role, x, y, name, size, True))
            marks.append(Text("", role, end, y, _hundredths(value), size, True, align="right"))
        return marks


def _box(left: float, bottom: float, wide: float, top: float) -> Box:
    return left, bottom, left + wide, top


def _scale(values: np.ndarray) -> Scale:
    """Return a scale that holds some values and 0, with space at both ends."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    return Scale(low - 0.08 * (high - low), high + 0.08 * (high - low))


def _stretches(where: Bool[np.ndarray, " place"]) -> list[tuple[int, int]]:
    """Return first and last place of each stretch of them."""
    edges = np.diff(np.concatenate([[False], where, [False]]).astype(int))
    return list(zip(np.flatnonzero(edges > 0).tolist(), (np.flatnonzero(edges < 0) - 1).tolist(), strict=True))


def _hundredths(number: float) -> str:
    return f"{round(number, 2) + 0.0:.2f}".replace("-", "−")
