"""Where square panels go: as large as leaves the panels beside and below them legible."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gandyn.rendering.panels.base import FOOT, SIDE, TITLE

__all__ = ["Split", "squares"]

Box = tuple[float, float, float, float]

_NARROWEST, _LOWEST = 20.0, 6.5
"""Width and height under which a trajectory cannot be read, in em."""


@dataclass(frozen=True)
class Split:
    """A picture cut up.

    Attributes:
        squares: boxes of the square panels; each with its rows of legend, ticks and key.
        rest: what is left beside them, or below.
        under: what is left under them where the rest stands beside; only where strips were asked for.
    """

    squares: tuple[Box, ...]
    rest: Box
    under: Box | None


def squares(number: int, others: Sequence[float], strips: float, area: Box, gap: float, em: float) -> Split:
    """Cut an area in square panels, what stands beside or below, and strips under them.

    Args:
        number: how many square panels.
        others: the aspects at which the other panels look best.
        strips: height of what stands under the squares, in em; 0 where nothing does.
        area: what there is.
        gap: pixels between panels.
        em: base font size in pixels.
    """
    scored: list[tuple[float, Split]] = []
    for split in _splits(number, len(others), strips, area, gap, em):
        side = split.squares[0][2] - split.squares[0][0]
        score = math.log(side * side * number)
        if others:
            width, height = (max(split.rest[i + 2] - split.rest[i], 1.0) for i in (0, 1))
            beside = split.rest[3] > split.squares[-1][1]
            rows = len(others) if beside else 1
            short = max(_NARROWEST * em * len(others) / rows / width, _LOWEST * em * rows / height, 1.0)
            score -= 50.0 * math.log(short)
            aspect = width / (len(others) / rows) / (height / rows)
            score -= 0.5 * sum(abs(math.log(aspect / one)) for one in others) / len(others)
        scored.append((score, split))
    return max(scored, key=lambda pair: pair[0])[1]


def _splits(number: int, others: int, strips: float, area: Box, gap: float, em: float) -> Iterator[Split]:
    left, bottom, right, top = area
    under = strips * em + gap * 0.6 if strips else 0.0
    for columns in range(1, number + 1):
        if not others:
            yield _cut(number, columns, (left, bottom + under, right, top), area, gap, em, None, bool(strips))
            continue
        for share in (0.42, 0.46, 0.5, 0.54, 0.58, 0.62, 0.66, 0.7):
            cut = left + share * (right - left) - gap / 2
            yield _cut(number, columns, (left, bottom + under, cut, top), area, gap, em, True, bool(strips))
            if not strips:
                low = top - share * (top - bottom)
                yield _cut(number, columns, (left, low, right, top), area, gap, em, False, False)


def _cut(
    number: int, columns: int, box: Box, area: Box, gap: float, em: float, beside: bool | None, strips: bool
) -> Split:
    """Put square panels in a box, and the rest of the area beside them (or below, or nowhere)."""
    left, bottom, right, top = box
    rows, space = math.ceil(number / columns), 0.9 * em
    across, down = SIDE * em, (TITLE + FOOT) * em
    side = min((right - left + space) / columns - space - across, (top - bottom + space) / rows - space - down)
    side = max(side, 1.0)
    wide, high = columns * (side + across + space) - space, rows * (side + down + space) - space
    shift = 0.0 if beside else (right - left - wide) / 2
    if beside is None and not strips:
        top -= 0.35 * max(top - bottom - high, 0.0)
    cells = []
    for row, column in itertools.islice(itertools.product(range(rows), range(columns)), number):
        x, y = left + shift + column * (side + across + space), top - row * (side + down + space)
        cells.append((x, y - side - down, x + side + across, y))
    rest = (
        (left + wide + gap, area[1], area[2], area[3])
        if beside
        else (area[0], area[1], area[2], top - high - 0.6 * gap)
    )
    under = (left + shift, area[1], left + shift + wide, top - high - 0.6 * gap) if strips else None
    return Split(tuple(cells), rest, under)
