"""The picture of an activation beside that of its derivative, with a dot that moves along both."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.explain.activation import Activation
from gandyn.rendering.explain.explanation import Explanation
from gandyn.rendering.marks.guides import AxisTick, x_axis, y_axis
from gandyn.rendering.marks.marks import Area, Axes, Dots, Line, Mark, Scale, Text
from gandyn.rendering.theme import Theme

__all__ = ["ActivationFigure"]

_VALUE, _SLOPE = "series_4", "series_3"
"""Roles of the function and of its derivative."""

_FRAMES = 81
"""Frames in which the dot goes from one end to the other."""

_NAME, _FOOT, _NUMBERS = 2.2, 2.2, 3.4
"""Heights above the curves, of ticks under them, and of the numbers at the bottom, in em."""

_TANGENT = 0.9
"""Half of what a tangent reaches over, in x."""

_READOUT = (("x =", "ink"), ("f(x) =", _VALUE), ("f′(x) =", _SLOPE))
"""The numbers at a place, and their roles."""

_LARGE, _WIDEST = 1.9, "f′(x) = −0.00"
"""Their type where there is room, in em, and the longest of them."""

_GUTTER, _GAP = 2.6, 0.8
"""Room left of a curve, for ticks, and right of it, in em."""

_PAUSE = 1.2
"""Seconds for which the dot stays where gradients begin or cease to die."""


class ActivationFigure(Explanation):
    """A function, its derivative, and the numbers at one place that moves from left to right."""

    def __init__(self, shown: Activation, size: tuple[int, int], theme: Theme, big: bool = False) -> None:
        self.shown = shown
        self._places = np.unique(np.round(np.linspace(0, len(shown.x) - 1, _FRAMES)).astype(int))
        captions = [*(shown.said(place) for place in self._places), shown.closing]
        turns = np.flatnonzero(np.diff(shown.weak[self._places].astype(int))) + 1
        super().__init__(shown.title, captions, dict.fromkeys(turns.tolist(), _PAUSE), size, theme, big)
        em, (left, bottom, right, top) = self.layout.em, self.area
        start, middle = left + _GUTTER * em, (left + right) / 2
        low, high = bottom + (_NUMBERS + _FOOT) * em, top - _NAME * em
        x = Scale(float(shown.x[0]), float(shown.x[-1]))
        self.axes = {
            "f": Axes((start, low, middle - _GAP * em, high), x, _scale(shown.value)),
            "f′": Axes((middle + _GUTTER * em, low, right - _GAP * em, high), x, _scale(shown.slope)),
        }

    def background(self) -> list[Mark]:
        """Return title, axes, curves, and where gradients die."""
        curves = self._curve("f", "f(x)", _VALUE, self.shown.value)
        return [*super().background(), *curves, *self._curve("f′", "f′(x), its gradient", _SLOPE, self.shown.slope)]

    def _curve(self, name: str, text: str, role: str, values: Float[np.ndarray, " place"]) -> list[Mark]:
        """Return a curve with its axes, what stands over it, and where gradients die."""
        em, axes, x = self.layout.em, self.axes[name], self.shown.x
        whole = np.array([axes.y.low, axes.y.high])
        marks: list[Mark] = [
            Area(name, "warning", x[[first, last]], whole[[0, 0]], whole[[1, 1]], opacity=0.16)
            for first, last in _stretches(self.shown.weak)
        ]
        across, up = (
            [AxisTick(at, ticks.clean(at)) for at in ticks.nice(scale.low, scale.high, 5)] for scale in (axes.x, axes.y)
        )
        return [
            *marks,
            *x_axis(axes, across, em),
            *y_axis(axes, up, em, grid=True),
            Line(name, "muted", np.zeros(2), whole, opacity=0.6),
            Line(name, role, x, values, weight=1.3),
            Text("", role, axes.box[0], axes.box[3] + 0.7 * em, text, 1.3, True),
        ]

    def marks(self, frame: int) -> list[Mark]:
        """Return the caption, and at a place the dot, the tangent and the numbers; at the end the caption alone."""
        marks = super().marks(frame)
        if frame == len(self._places):
            return marks
        shown, place = self.shown, int(self._places[frame])
        x, value, slope = float(shown.x[place]), float(shown.value[place]), float(shown.slope[place])
        reach = _TANGENT / np.hypot(1.0, slope) * np.array([-1.0, 1.0])
        marks.append(Line("f", _SLOPE, x + reach, value + slope * reach, weight=1.5))
        for (name, axes), role, y in zip(self.axes.items(), (_VALUE, _SLOPE), (value, slope), strict=True):
            marks.append(Line(name, "muted", np.full(2, x), np.array([axes.y.low, axes.y.high]), opacity=0.7))
            marks.append(Dots(name, role, np.array([x]), np.array([y]), 0.5, halo=0.16))
        return [*marks, *self._numbers((x, value, slope))]

    def _numbers(self, values: tuple[float, float, float]) -> list[Mark]:
        """Return the numbers at a place, in a row under the curves."""
        em, (left, bottom, right, _top) = self.layout.em, self.area
        column = (right - left - _GUTTER * em) / len(values)
        size = min(_LARGE, _LARGE * (column - em) / measure(_WIDEST, _LARGE * em, bold=True))
        marks: list[Mark] = []
        for number, ((name, role), value) in enumerate(zip(_READOUT, values, strict=True)):
            x, y = left + _GUTTER * em + number * column, bottom + 0.6 * em
            end = x + measure(f"{name} −0.00", size * em, bold=True)
            marks.append(Text("", role, x, y, name, size, True))
            marks.append(Text("", role, end, y, _hundredths(value), size, True, align="right"))
        return marks


def _scale(values: Float[np.ndarray, " place"]) -> Scale:
    """Return a scale that holds some values and 0, with space at both ends."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    return Scale(low - 0.08 * (high - low), high + 0.08 * (high - low))


def _stretches(where: Bool[np.ndarray, " place"]) -> list[tuple[int, int]]:
    """Return first and last place of each stretch of them."""
    edges = np.diff(np.concatenate([[False], where, [False]]).astype(int))
    return list(zip(np.flatnonzero(edges > 0).tolist(), (np.flatnonzero(edges < 0) - 1).tolist(), strict=True))


def _hundredths(number: float) -> str:
    return f"{round(number, 2) + 0.0:.2f}".replace("-", "−")
