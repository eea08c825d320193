"""Where square panels go: as large as leaves the panels beside and below them legible."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gandyn.rendering.panels.base import FOOT, SIDE, TITLE

__all__ = ["Split", "squares"]

Box = tuple[float, float, float, float]

_NARROWEST, _LOWEST = 20.0, 6.5
"""Width and height under which a trajectory cannot be read, in em."""


_EMPTY = 2.0
"""What it costs to leave room empty: this times the logarithm of the part that is filled."""


@dataclass(frozen=True)
class Split:
    """A picture cut up.

    Attributes:
        squares: boxes of the square panels; each with its rows of legend, ticks and key.
        rest: what is left beside them, or below.
        under: what is left under them where the rest stands beside; only where strips were asked for.
        score: how well that serves all of them; the higher the better.
    """

    squares: tuple[Box, ...]
    rest: Box
    under: Box | None
    score: float = 0.0


def squares(
    number: int, others: Sequence[float], strips: Sequence[float], area: Box, gap: float, em: float, aspect: float = 1.0
) -> Split:
    """Cut an area in square panels, what stands beside or below, and strips under them.

    Args:
        number: how many square panels.
        others: the aspects at which the other panels look best.
        strips: heights of what stands under the squares, in em.
        area: what there is.
        gap: pixels between panels.
        em: base font size in pixels.
        aspect: width over height of the window shown, which a "square" has.
    """
    scored = []
    for split in _splits(number, len(others), strips, area, gap, em, aspect):
        width, height = _sides(split.squares[0])
        score = math.log(max(width - SIDE * em, 1.0) * max(height - (TITLE + FOOT) * em, 1.0) * number)
        if others:
            width, height = _sides(split.rest)
            rows = len(others) if split.rest[3] > split.squares[-1][1] else 1
            score -= _short(width * rows / len(others), height / rows, em)
            shape = width / (len(others) / rows) / (height / rows)
            score -= 0.5 * sum(abs(math.log(shape / one)) for one in others) / len(others)
        if split.under is not None:
            width, height = _sides(split.under)
            score -= _short(width if others else width / len(strips), math.inf, em)
        filled = [*split.squares, *([split.rest] if others else []), *([split.under] if split.under else [])]
        score += _EMPTY * math.log(sum(math.prod(_sides(box)) for box in filled) / math.prod(_sides(area)))
        scored.append(replace(split, score=score))
    return max(scored, key=lambda split: split.score)


def _sides(box: Box) -> tuple[float, float]:
    return max(box[2] - box[0], 1.0), max(box[3] - box[1], 1.0)


def _short(width: float, height: float, em: float) -> float:
    """Return what it costs that a trajectory is smaller than can be read."""
    return 50.0 * math.log(max(_NARROWEST * em / width, _LOWEST * em / height, 1.0))


def _splits(
    number: int, others: int, strips: Sequence[float], area: Box, gap: float, em: float, aspect: float
) -> Iterator[Split]:
    """Yield ways to cut the area: squares alone, over strips, or with the rest beside or below."""
    left, bottom, right, top = area
    space = 0.6 * gap
    # Strips alone share a row; those under squares with something beside stand one under the other.
    heights = (sum(strips) if others else max(strips)) * em + space if strips else 0.0
    for columns in range(1, number + 1):
        if not others:
            cells, foot, _ = _cells(number, columns, (left, bottom + heights, right, top), em, aspect, centred=True)
            if strips:
                yield Split(cells, area, (left, bottom, right, foot - space))
            else:
                down = 0.35 * (foot - bottom)
                yield Split(tuple((x0, y0 - down, x1, y1 - down) for x0, y0, x1, y1 in cells), area, None)
            continue
        for share in (0.42, 0.46, 0.5, 0.54, 0.58, 0.62, 0.66, 0.7):
            cut = left + share * (right - left) - gap / 2
            cells, foot, end = _cells(number, columns, (left, bottom + heights, cut, top), em, aspect)
            under = (left, bottom, end, foot - space) if strips else None
            yield Split(cells, (end + gap, bottom, right, top), under)
            if not strips:
                low = top - share * (top - bottom)
                cells, foot, _ = _cells(number, columns, (left, low, right, top), em, aspect, centred=True)
                yield Split(cells, (left, bottom, right, foot - space), None)


def _cells(
    number: int, columns: int, box: Box, em: float, aspect: float, centred: bool = False
) -> tuple[tuple[Box, ...], float, float]:
    """Return square panels as large as a box allows, at its top, and where they end below and at the right."""
    left, bottom, right, top = box
    rows, space = math.ceil(number / columns), 0.9 * em
    across, down = SIDE * em, (TITLE + FOOT) * em
    wide = (right - left + space) / columns - space - across
    side = max(min(wide / aspect, (top - bottom + space) / rows - space - down), 1.0)
    cell = (side * aspect + across, side + down)
    if centred:
        left += (right - left - columns * (cell[0] + space) + space) / 2
    places = itertools.islice(itertools.product(range(rows), range(columns)), number)
    corners = [(left + column * (cell[0] + space), top - row * (cell[1] + space)) for row, column in places]
    cells = tuple((x, y - cell[1], x + cell[0], y) for x, y in corners)
    return cells, top - rows * (cell[1] + space) + space, left + columns * (cell[0] + space) - space
