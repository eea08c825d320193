"""Where things go in a picture for a talk: the main picture as large as words and numbers beside it allow."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gandyn.rendering.figures.talk_header import Header
from gandyn.rendering.layout.layout import Box

__all__ = ["LEGENDS", "Places", "compose", "talk_font"]

_BIG = 1.25
"""How much larger everything written is for the back row."""

_LEGEND_ROW, LEGENDS = 1.8, (7.8, 5.2)
"""Height of a legend in one row, and in a column with words about the ground and without, in em."""

_ENOUGH, _ENOUGH_FREE = 0.3, 0.42
"""Part of the whole that main pictures take at least before numbers are left out; of those of no shape of their own."""

_STRIP, _PRESSED = 5.3, 0.69
"""Height of numbers that stand under the main picture, in em, and the part of what they ask for that they get there."""

_NARROW, _COLUMN, _WIDEST = 26.0, 21.0, 30.0
"""Least width of a number under the picture; least and greatest width of a column beside it, in em."""

_STRETCH, _STRETCH_ONE = 1.7, 2.4
"""How much higher than they ask for numbers in a column become, where height is to spare; and one that is alone."""


@dataclass(frozen=True)
class Places:
    """The places of a picture, in pixels from its lower left.

    Attributes:
        header: words, in a row over the picture or at the head of its column.
        head: their box.
        legend: where names stand; under each other in a column, else in a row.
        heroes: of the main pictures.
        sides: of the numbers.
    """

    header: Header
    head: Box
    legend: Box
    heroes: tuple[Box, ...]
    sides: tuple[Box, ...]

    @property
    def whole(self) -> bool:
        """Whether all words are written in full."""
        return self.header.whole(self.head[2] - self.head[0])


def talk_font(size: tuple[int, int], big: bool = False) -> float:
    """Return the base font size in pixels, which nothing is written smaller than.

    A thirty-sixth of the height, of pictures higher than 4:3 of the height that their width would have then.
    """
    return min(size[1], 0.75 * size[0]) / 36.0 * (_BIG if big else 1.0)


def compose(
    header: Header,
    size: tuple[int, int],
    aspects: Sequence[float | None],
    sides: Sequence[float],
    legends: Sequence[float] = LEGENDS,
) -> Places:
    """Return the places that make the main pictures largest, of those that cut no words where there are any.

    Args:
        header: the words.
        size: of the whole, width and height in pixels.
        aspects: of each main picture its width over its height; None where it fills what it is given.
        sides: height that each number asks for, in em; the last of them are left out where there is no room.
        legends: heights that a legend in a column may have, in em; none where there is nothing to explain.
    """
    ways = [list(_ways(header, size, aspects, sides[:number], legends)) for number in range(len(sides), -1, -1)]
    enough = _ENOUGH_FREE if None in aspects else _ENOUGH
    for cut in (False, True):
        found: list[tuple[float, Places]] = []
        for some in ways:
            found += [(part, places) for part, places in some if cut or places.whole]
            if found and max(part for part, _ in found) >= enough:
                break
        if found:
            return max(found, key=lambda way: way[0])[1]
    em = header.em
    head, area = _split(header, (0.6 * em, 0.6 * em, size[0] - 0.6 * em, size[1] - 0.6 * em))
    heroes = _row(aspects, area, em)
    return Places(header, head, (area[0], area[3], area[2], area[3]), heroes, ())


def _ways(
    header: Header,
    size: tuple[int, int],
    aspects: Sequence[float | None],
    sides: Sequence[float],
    legends: Sequence[float],
) -> Iterator[tuple[float, Places]]:
    """Yield ways to place everything, each with the part of the area that its main pictures take."""
    em, (width, height) = header.em, size
    margin = 1.3 * em
    whole: Box = (margin, 0.7 * em, width - margin, height - 0.7 * em)
    columns = itertools.product((False, True), legends or (0.0,))
    for places in (
        _over_and_under(header, whole, aspects, sides, _LEGEND_ROW if legends else 0.0),
        *(_beside(header, whole, aspects, sides, column, legend) for column, legend in columns),
    ):
        if places is not None:
            yield sum((b[2] - b[0]) * (b[3] - b[1]) for b in places.heroes) / (width * height), places


def _over_and_under(
    header: Header, whole: Box, aspects: Sequence[float | None], sides: Sequence[float], high: float
) -> Places | None:
    """Place words over the main pictures, with a legend of a height in em, and numbers under them."""
    em = header.em
    head, (left, bottom, right, top) = _split(header, whole)
    legend: Box = (left, top - high * em, right, top)
    columns = max(min(len(sides), int((right - left) / (_NARROW * em))), 1)
    rows = -(-len(sides) // columns)
    strip = max([_STRIP, *(_PRESSED * asked for asked in sides)])
    floor = bottom + rows * strip * em
    wide = (right - left - 2.0 * em * (columns - 1)) / columns
    places = []
    for number in range(len(sides)):
        row, column = divmod(number, columns)
        x, y = left + column * (wide + 2.0 * em), floor - row * strip * em
        places.append((x, y - (strip - 0.5) * em, x + wide, y))
    area: Box = (left, floor + (0.4 * em if sides else 0.0), right, legend[1] - 0.1 * em)
    if area[3] - area[1] < 8 * em or wide < min(_NARROW * em, right - left):
        return None
    return Places(header, head, legend, _row(aspects, area, em), tuple(places))


def _beside(
    header: Header, whole: Box, aspects: Sequence[float | None], sides: Sequence[float], column: bool, high: float
) -> Places | None:
    """Place numbers beside the main pictures under a legend of a height in em; with `column` the words over both."""
    em = header.em
    header = replace(header, column=column)
    _, bottom, right, top = whole
    if column:
        head, area = whole, (0.9 * em, 0.9 * em, right, whole[3] + 0.7 * em - 0.9 * em)
    else:
        head, area = _split(header, whole)
    gap = 1.8 * em
    parts = [one for one in aspects if one is not None]
    if len(parts) < len(aspects):
        wanted = right - area[0] - gap - _WIDEST * em
    else:
        wanted = (area[3] - area[1]) * sum(parts) + gap * (len(parts) - 1)
    start = max(min(area[0] + wanted + gap, right - _COLUMN * em), right - _WIDEST * em)
    heroes = _row(aspects, (area[0], area[1], start - gap, area[3]), em)
    if start - gap - area[0] < 12 * em:
        return None
    if column:
        floor = top - header.height(right - start)
        head = (start, floor, right, top)
        legend: Box = (start, floor - (0.7 + high) * em, right, floor - 0.7 * em)
    else:
        legend = (start, area[3] - high * em, right, area[3])
    low, free = sum(sides) * em + 0.8 * em * len(sides), legend[1] - bottom
    if free < low:
        return None
    stretch = (
        min((free - 0.8 * em * len(sides)) / (sum(sides) * em), _STRETCH if len(sides) > 1 else _STRETCH_ONE)
        if sides
        else 1.0
    )
    places: list[Box] = []
    y = bottom
    for asked in reversed(sides):
        places.insert(0, (start, y, right, y + asked * stretch * em))
        y += asked * stretch * em + 0.8 * em
    return Places(header, head, legend, heroes, tuple(places))


def _split(header: Header, whole: Box) -> tuple[Box, Box]:
    """Return the box of words in a row over everything, and what is left under them."""
    left, bottom, right, top = whole
    floor = top - header.height(right - left) - 0.3 * header.em
    return (left, floor, right, top), (left, bottom, right, floor)


def _row(aspects: Sequence[float | None], area: Box, em: float) -> tuple[Box, ...]:
    """Return boxes for main pictures side by side: each of its own shape, as large as all can be, in the middle."""
    left, bottom, right, top = area
    gap = 1.4 * em
    free = right - left - gap * (len(aspects) - 1)
    parts = [one for one in aspects if one is not None]
    if len(parts) < len(aspects):
        wide = free / len(aspects)
        return tuple(
            (left + k * (wide + gap), bottom, left + k * (wide + gap) + wide, top) for k in range(len(aspects))
        )
    high = min(top - bottom, free / sum(parts))
    x = left + (free - high * sum(parts)) / 2
    floor = bottom + (top - bottom - high) / 2
    found = []
    for part in parts:
        found.append((x, floor, x + high * part, floor + high))
        x += high * part + gap
    return tuple(found)
