"""Where things go in a talk's picture of several recordings: main pictures under headings, and a course below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gandyn.core.errors import UsageError
from gandyn.rendering.canvas.typeface import measure, wrap
from gandyn.rendering.figures.talk_header import Header
from gandyn.rendering.layout.enough import larger
from gandyn.rendering.layout.layout import Box
from gandyn.rendering.layout.talk import talk_font

__all__ = ["ColumnPlaces", "Wanted", "place"]

_LEGEND, _STRIP, _LOW = 1.9, 7.6, 6.0
"""Height of the legend, of the shared number, and of that where its rows are few, in em."""

_HEADINGS = ((1.2, 1), (1.1, 1), (1.0, 1), (1.1, 2), (1.0, 2))
"""Types of a heading in em and the lines it takes, best first."""

_PITCH, _SPACE = 1.2, 0.55
"""From one line of a heading to the next in parts of its type, and space under it in em."""

_LEAST_WIDTH, _LEAST_HEIGHT, _LEAST_PIXELS = 9.0, 8.0, 120
"""Size below which a main picture cannot be read in em, and width below which it cannot be in pixels."""


@dataclass(frozen=True)
class Wanted:
    """What is to be placed.

    Attributes:
        header: the words over everything.
        headings: of the main pictures; as many as there are of these.
        aspect: their width over their height; None where they fill what they are given.
        explained: whether a legend stands over them.
        numbered: whether a course of a number stands under them.
    """

    header: Header
    headings: tuple[str, ...]
    aspect: float | None
    explained: bool
    numbered: bool


@dataclass(frozen=True)
class ColumnPlaces:
    """The places of a picture, in pixels from its lower left.

    Attributes:
        em: base font size.
        head: the box of the words over everything.
        legend: the row that names what is drawn.
        boxes: of the main pictures.
        under: of the shared course; of no height where there is none.
        size: type of the headings, in em.
        headings: the lines of each.
    """

    em: float
    head: Box
    legend: Box
    boxes: tuple[Box, ...]
    under: Box
    size: float
    headings: tuple[tuple[str, ...], ...]

    def line(self, number: int, row: int) -> tuple[float, float]:
        """Return where a line of a heading begins."""
        left, _, _, top = self.boxes[number]
        below = len(self.headings[number]) - 1 - row
        return left, top + (_SPACE + below * _PITCH * self.size) * self.em


def place(wanted: Wanted, size: tuple[int, int], big: bool = False) -> ColumnPlaces:
    """Return the places of everything in a picture of a size in pixels.

    Raises:
        UsageError: main pictures would be too small to be read; it names a size at which they are not.
    """
    found = _placed(wanted, size, big)
    if _legible(found):
        return found
    wide, high = (round(found.boxes[0][k + 2] - found.boxes[0][k]) for k in (0, 1))
    need = larger(size, lambda one: _legible(_placed(wanted, one, big)))
    if big and _legible(_placed(wanted, size, False)):
        need = "smaller type (animation.big: false)"
    raise UsageError(
        f"{len(wanted.headings)} recordings side by side would be {max(wide, 0)} x {max(high, 0)} pixels each at "
        f"{size[0]}x{size[1]}, too small to be read; they need {need}"
    )


def _legible(found: ColumnPlaces) -> bool:
    left, bottom, right, top = found.boxes[0]
    return right - left >= max(_LEAST_WIDTH * found.em, _LEAST_PIXELS) and top - bottom >= _LEAST_HEIGHT * found.em


def _placed(wanted: Wanted, size: tuple[int, int], big: bool) -> ColumnPlaces:
    em = talk_font(size, big)
    header, number = replace(wanted.header, em=em), len(wanted.headings)
    margin = 1.3 * em
    right, top = size[0] - margin, size[1] - 0.7 * em
    floor = top - header.height(right - margin) - 0.3 * em
    legend: Box = (margin, floor - (_LEGEND if wanted.explained else 0.0) * em, right, floor)
    strip = (_LOW if number < 3 else _STRIP) * em if wanted.numbered else 0.0
    bottom = 0.7 * em + strip + (0.6 * em if strip else 0.0)
    for scale, rows in _HEADINGS:
        over = (_SPACE + (1.0 + _PITCH * (rows - 1)) * scale + 0.1) * em
        boxes = _side_by_side(wanted.aspect, (margin, bottom, right, legend[1] - over), em, number)
        widths = _widths(boxes, right, em)
        if all(
            len(wrap(text, width, scale * em, rows + 1, bold=True)) <= rows and _words_fit(text, width, scale * em)
            for text, width in zip(wanted.headings, widths, strict=True)
        ):
            break
    lines = tuple(
        tuple(wrap(text, width, scale * em, rows, bold=True))
        for text, width in zip(wanted.headings, widths, strict=True)
    )
    under: Box = (margin, 0.7 * em, right, 0.7 * em + strip)
    return ColumnPlaces(em, (margin, floor, right, top), legend, boxes, under, scale, lines)


def _words_fit(text: str, width: float, size: float) -> bool:
    return all(measure(word, size, bold=True) <= width for word in text.split())


def _widths(boxes: Sequence[Box], right: float, em: float) -> list[float]:
    """Return how wide headings may be: up to where the next begins."""
    return [end - em - box[0] for box, end in zip(boxes, [*(box[0] for box in boxes[1:]), right + em], strict=True)]


def _side_by_side(aspect: float | None, area: Box, em: float, number: int) -> tuple[Box, ...]:
    """Return the boxes of the main pictures in the middle of an area."""
    left, bottom, right, top = area
    gap = 1.6 * em
    wide, high = (right - left - gap * (number - 1)) / number, top - bottom
    if aspect is not None:
        wide = min(wide, high * aspect)
        high = wide / aspect
    gap = min((right - left - wide * number) / max(number - 1, 1), 4.0 * em)
    start = left + (right - left - wide * number - gap * (number - 1)) / 2
    floor = bottom + (top - bottom - high) / 2
    starts = [start + k * (wide + gap) for k in range(number)]
    return tuple((x, floor, x + wide, floor + high) for x in starts)
