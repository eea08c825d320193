"""The axis over the steps, alike in all panels: the first and the last step are always written, round ones between."""

from __future__ import annotations

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.guides import AxisTick, thousands, x_axis
from gandyn.rendering.marks.marks import Axes, Line, Mark, Text

__all__ = ["step_axis"]

_APART = 0.8
"""Space between two numbers at least, in em."""

_PITCH = 4.2
"""Width that a number takes with the space around it, about, in em."""


def step_axis(axes: Axes, first: int, last: int, em: float, written: bool = True) -> list[Mark]:
    """Return the line under an axes over the steps with its ticks; the last one says what is counted: "2,000 steps".

    The last number ends where the axis ends, wherever that is and however narrow it is; the first one and those between
    are left out where they would touch another.

    Args:
        axes: whose x is the step.
        first: the first step.
        last: the last step.
        em: base font size in pixels.
        written: whether the numbers are; false where a panel below writes them.
    """
    left, bottom, right, _top = axes.box
    most = max(int(axes.width / (_PITCH * em)), 2)
    round_ones = [step for step in ticks.several(first, max(last, first + 1), most) if step == int(step)]
    if not written:
        return x_axis(axes, [AxisTick(step, "") for step in (first, *round_ones, last)], em)
    marks = x_axis(axes, [], em)
    if last == first:
        one = Text("", "muted", left, bottom, f"step {thousands(first)}", valign="top", dy=-0.4)
        return [*marks, _tick(axes, first, em), one]
    end = f"{thousands(last)} steps"
    starts = right - measure(end, em)
    marks += [_tick(axes, last, em), Text("", "muted", right, bottom, end, align="right", valign="top", dy=-0.4)]
    taken = left
    if left + measure(thousands(first), em) + _APART * em <= starts:
        marks += [_tick(axes, first, em), Text("", "muted", left, bottom, thousands(first), valign="top", dy=-0.4)]
        taken = left + measure(thousands(first), em)
    for step in map(int, round_ones):
        x, half = float(axes.pixels(step, axes.y.low)[0]), measure(thousands(step), em) / 2
        if not first < step < last:
            continue
        if x - half < taken + _APART * em or x + half + _APART * em > starts:
            continue
        taken = x + half
        text = Text("", "muted", x, bottom, thousands(step), align="center", valign="top", dy=-0.4)
        marks += [_tick(axes, step, em), text]
    return marks


def _tick(axes: Axes, step: int, em: float) -> Line:
    x, bottom = float(axes.pixels(step, axes.y.low)[0]), axes.box[1]
    return Line("", "muted", np.full(2, x), np.array([bottom, bottom - 0.25 * em]))
