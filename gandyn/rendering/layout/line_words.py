"""Where words stand on a line across curves: at its right or in its middle, above or below, as least runs through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import Arrows, Axes, EndLabel, Mark, Text

__all__ = ["Box", "free_place", "off_scale", "overlap"]

_OFF_SCALE = "off scale"

Box = tuple[float, float, float, float]


def free_place(
    place: Axes, at: float, wide: float, em: float, curves: Sequence[Float[np.ndarray, "2 point"]], taken: Sequence[Box]
) -> Box | None:
    """Return the box for words on a horizontal line, in pixels; None where there is none inside the axes.

    Args:
        place: the axes.
        at: value of the line.
        wide: pixels that the words take.
        em: base font size in pixels.
        curves: what should not run through them, in pixels.
        taken: boxes that other words have.
    """
    left, bottom, right, top = place.box
    level = float(place.pixels(place.x.low, at)[1])
    boxes = [
        (x, foot, x + wide, foot + em)
        for x in (right - wide - 0.5 * em, (left + right - wide) / 2)
        for foot in (level + 0.1 * em, level - 1.1 * em)
        if foot >= bottom and foot + em <= top + 0.3 * em and x >= left
    ]
    boxes = [box for box in boxes if not any(overlap(box, other) for other in taken)]
    return min(boxes, key=lambda box: sum(_inside(points, box) for points in curves), default=None)


def off_scale(place: Axes, label: EndLabel, em: float, taken: Sequence[Box]) -> list[Mark]:
    """Return an arrow at the edge of axes that a curve has run off, and the words for it where they find room.

    A dot there would look like a value.

    Args:
        place: the axes.
        label: where the curve is.
        em: base font size in pixels.
        taken: boxes that other words have.
    """
    x, over = float(place.pixels(label.x, place.y.low)[0]), label.y > place.y.high
    edge, inwards = (place.box[3], -em) if over else (place.box[1], em)
    tail, tip = np.array([edge + 1.2 * inwards]), np.array([edge])
    arrow = Arrows("", label.role, np.array([x]), tail, np.array([x]), tip, width=0.2)
    wide, foot = measure(_OFF_SCALE, em), edge + 0.6 * inwards - 0.5 * em
    start = x + 0.6 * em if x + 0.6 * em + wide <= place.box[2] else x - 0.6 * em - wide
    if any(overlap((start, foot, start + wide, foot + em), other) for other in taken):
        return [arrow]
    return [arrow, Text("", label.role, start, foot + 0.2 * em, _OFF_SCALE, ground=True)]


def _inside(points: Float[np.ndarray, "2 point"], box: Box) -> int:
    x, y = points
    return int(((x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])).sum())


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes share any of their area."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
