"""Where panels go: the header on top, main pictures at the left, trajectories beside or under them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from gandyn.rendering.canvas.typeface import measure, wrap
from gandyn.rendering.layout.squares import squares
from gandyn.rendering.marks.marks import Mark, Text
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import PanelSlot

__all__ = [
    "CAPTION",
    "Box",
    "Layout",
    "arrange",
    "base_font",
    "caption_lines",
    "caption_marks",
    "divide",
    "grid",
    "under_squares",
]

Box = tuple[float, float, float, float]

CAPTION, _CAPTION_PITCH = 2.95, 1.35
"""From the top of a header down to the first line of its caption, and from one line to the next, in em."""

_CAPTION_LINES = 2

_READABLE = (16.0, 6.5)
"""Width and height under which a panel can hardly be read, in em."""

_LOW = 7.4
"""Height of a panel under square ones that is not made for that, in em."""


@dataclass(frozen=True)
class Layout:
    """The places of a picture, in pixels from its lower left.

    Attributes:
        em: base font size.
        margin: free space at the sides.
        header: the box of title and step (zero height where there is none).
        slots: one a panel, in the order they were asked for.
    """

    em: float
    margin: float
    header: Box
    slots: tuple[PanelSlot, ...]


def base_font(size: tuple[int, int]) -> float:
    """Return the base font size in pixels: 18 at 1280x720, and a little more than in proportion in small pictures."""
    scale = min(size[0] / 1280, size[1] / 720)
    return 18.0 * (scale**0.85 if scale < 1 else scale)


def arrange(
    panels: Sequence[type[Panel]],
    size: tuple[int, int],
    header: bool = True,
    end_labels: Sequence[str] = (),
    aspect: float = 1.0,
    rows: int = 1,
) -> Layout:
    """Return a layout for panels in a picture of a size in pixels.

    Args:
        panels: what is shown, most important first.
        size: width and height in pixels.
        header: whether title and step stand above.
        end_labels: the widest texts that stand right of axes; room is left for them in every trajectory alike.
        aspect: width over height of the window that square panels show.
        rows: lines that the caption takes.
    """
    em, margin, head, area = divide(size, header, rows)
    gap = 2.2 * em
    boxes: list[Box] = [area] * len(panels)
    leads = [i for i, panel in enumerate(panels) if panel.lead]
    others = [i for i, panel in enumerate(panels) if not panel.lead]
    if any(panels[i].square for i in leads):
        ways = {tuple(under): beside for under, beside in under_squares(panels, leads, others)}
        low = {under: [panels[i].strip or _LOW for i in under] for under in ways}
        asked = {under: [panels[i].aspect for i in beside] for under, beside in ways.items()}
        cuts = {under: squares(len(leads), asked[under], low[under], area, gap, em, aspect) for under in ways}
        under = max(cuts, key=lambda under: cuts[under].score)
        cut, beside = cuts[under], ways[under]
        parts = [(beside, cut.rest)] if beside else []
        if cut.under is not None:
            parts.append((list(under), cut.under))
        for i, cell in zip(leads, cut.squares, strict=True):
            boxes[i] = cell
    elif leads and others:
        _, split = min(
            (
                (_strain(panels, leads, left, em) + _strain(panels, others, right, em), (left, right))
                for left, right in _splits(area, gap, em)
            ),
            key=lambda pair: pair[0],
        )
        parts = [(leads, split[0]), (others, split[1])]
    else:
        parts = [(leads or others, area)]
    for members, box in parts:
        for i, cell in zip(members, grid(panels, members, box, gap, em), strict=True):
            boxes[i] = cell
    slots, numbered, tinted = [], any(panel.numbers for panel in panels), any(panel.tints for panel in panels)
    squared = any(panels[i].square for i in leads)
    for i, box in enumerate(boxes):
        # Under square panels a trajectory ends where it likes: it is not above or below another.
        alike = [text for text, other in zip(end_labels, boxes, strict=False) if not squared or other[0] == box[0]]
        gutter = float(max((measure(text, em, bold=True) for text in alike), default=0))
        beneath = any(
            not panels[j].lead and abs(b[0] - box[0]) < 1 and abs(b[2] - box[2]) < 1 and b[3] <= box[1]
            for j, b in enumerate(boxes)
        )
        slots.append(PanelSlot(box, em, gutter, clock=panels[i].lead or not beneath, numbered=numbered, tinted=tinted))
    return Layout(em, margin, head, tuple(slots))


def divide(
    size: tuple[int, int], header: bool = True, rows: int = 1, least: float = 0.0
) -> tuple[float, float, Box, Box]:
    """Return base font size, margin, and the boxes of the header, its caption in `rows` lines, and of all below it.

    Args:
        size: of the whole, in pixels.
        header: whether there is one.
        rows: lines of its caption.
        least: base font size in pixels at least.
    """
    em = max(base_font(size), least)
    width, height = size
    margin = 2.0 * em if width > 40 * em else 1.4 * em
    top = height - 1.3 * em
    high = 3.1 + _CAPTION_PITCH * (max(rows, 1) - 1)
    head: Box = (margin, top - high * em if header else top, width - margin, top)
    return em, margin, head, (margin, 0.9 * em, width - margin, head[1] - (1.1 * em if header else 0.0))


def caption_lines(text: str, beside: str, size: tuple[int, int], least: float = 0.0) -> list[str]:
    """Return a caption in the lines it takes, two at most, left of the muted words that stand beside it."""
    em, margin, _, _ = divide(size, least=least)
    return wrap(text, size[0] - 2 * margin - measure(beside, em) - 2 * em, em, _CAPTION_LINES)


def caption_marks(lines: Sequence[str], header: Box, em: float) -> list[Mark]:
    """Return the lines of a caption in the box of the header."""
    left, _bottom, _right, top = header
    return [
        Text("", "muted", left, top - (CAPTION + row * _CAPTION_PITCH) * em, line) for row, line in enumerate(lines)
    ]


def under_squares(
    panels: Sequence[type[Panel]], leads: Sequence[int], others: Sequence[int]
) -> list[tuple[list[int], list[int]]]:
    """Return ways to say which panels stand under square ones and which beside them; the places decide among them.

    Panels made for that stand under square ones where there are others to stand beside, unless there is but one square
    and too little width under it; alone, all of them may, or any one of them, or none. Under two squares side by side
    there is room that nothing else uses: the first trajectory goes there where none of the panels is made for it.
    """
    strips = [i for i in others if panels[i].strip]
    if not strips:
        first = list(others[:1]) if len(leads) == 2 and len(others) > 1 else []
        return [(first, [i for i in others if i not in first])]
    beside = [i for i in others if i not in strips]
    if beside:
        return [(strips, beside), ([], list(others))][: 2 if len(leads) == 1 else 1]
    single = [([one], [i for i in strips if i != one]) for one in strips]
    return [([], strips), (strips, []), *(way for way in single if way[1])]


def _splits(area: Box, gap: float, em: float) -> list[tuple[Box, Box]]:
    """Return ways to cut the area in a main part and the rest: side by side, or one above the other."""
    left, bottom, right, top = area
    found = []
    for share in (0.48, 0.5, 0.52, 0.54, 0.58, 0.62):
        cut = left + share * (right - left)
        if right - cut > 21 * em:
            found.append(((left, bottom, cut - gap / 2, top), (cut + gap / 2, bottom, right, top)))
    for share in (0.55, 0.62, 0.68):
        cut = top - share * (top - bottom)
        found.append(((left, cut + gap / 2, right, top), (left, bottom, right, cut - gap / 2)))
    return found


def _strain(panels: Sequence[type[Panel]], members: Sequence[int], box: Box, em: float) -> float:
    """Say how far the best grid in a box is from the panels' favourite aspects."""
    return min(_cost(panels, members, box, em, columns) for columns in range(1, len(members) + 1))


def _cost(panels: Sequence[type[Panel]], members: Sequence[int], box: Box, em: float, columns: int) -> float:
    rows = math.ceil(len(members) / columns)
    width, height = max((box[2] - box[0]) / columns, 1.0), max((box[3] - box[1]) / rows, 1.0)
    strain = sum(abs(math.log(width / height / panels[i].aspect)) for i in members) / len(members)
    # What is too small to be read serves nobody, whatever its shape.
    small = max(_READABLE[0] * em / width, _READABLE[1] * em / height, 1.0)
    return strain + 0.25 * (rows * columns - len(members)) + 20.0 * math.log(small)


def grid(panels: Sequence[type[Panel]], members: Sequence[int], box: Box, gap: float, em: float) -> list[Box]:
    """Return the boxes of some of the panels (by index) in the grid that comes closest to their favourite aspects."""
    columns = min(range(1, len(members) + 1), key=lambda c: _cost(panels, members, box, em, c))
    rows = math.ceil(len(members) / columns)
    left, bottom, right, top = box
    width = (right - left - gap * (columns - 1)) / columns
    row_gap = 0.9 * em
    # The bottom row of a column of trajectories also carries the steps' ticks.
    foot = 1.5 * em if rows > 1 and not panels[members[-1]].lead else 0.0
    height = (top - bottom - foot - row_gap * (rows - 1)) / rows
    cells = []
    for row, column in itertools.islice(itertools.product(range(rows), range(columns)), len(members)):
        x = left + column * (width + gap)
        ceiling = top - row * (height + row_gap)
        last = row * columns + column + columns >= len(members)
        cells.append((x, bottom if row == rows - 1 else ceiling - height - (foot if last else 0.0), x + width, ceiling))
    return cells
