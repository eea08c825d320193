"""Where the panels of a figure go: rows under each other, as high as what is drawn there asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.panels.base import FOOT, SIDE, TITLE, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["GAP", "INSET", "Cell", "cell", "columns_of", "places"]

GAP = 1.6
"""Space between panels beside each other, in em."""

INSET = 0.6
"""Width kept free at the left of main pictures on the line, in em: ticks may reach beyond their axes."""

_ROW_GAP = 0.9
"""Space between panels above each other, in em."""

_COLUMN = 24.0
"""Width from which trajectories stand beside each other, in em."""

_LARGEST = 34.0
"""Height of a main picture at most, in em."""

_LOW, _HIGH = 9.5, 17.0
"""Height of a trajectory at least and at most, in em."""

_BESIDE = 3
"""Trajectories that stand beside a single main picture at most."""

_BRIEF = 0.27
"""Part of a panel's width from which on the names at the ends of its curves are cut short."""

_CLOCK = 1.2
"""What a row is higher whose panels write the steps under their axes, in em."""


@dataclass(frozen=True)
class Cell:
    """What a panel asks of its place, in em.

    Attributes:
        lead: whether it is a main picture.
        aspect: width over height of what is drawn.
        across: height of what stands above and below that, `side` the width of what stands at its left.
        low: height at least, `high` at most.
        inset: width kept free at its left: a tick may stand under the very end of the axes.
        widest: the widest text at the right of its axes, and `brief` the same cut short.
        numbered: whether it names the data's modes by number.
        tinted: whether it gives them tints.
    """

    lead: bool
    aspect: float
    across: float = 0.0
    side: float = 0.0
    low: float = _LOW
    inset: float = 0.0
    high: float = _HIGH
    widest: str = ""
    brief: str = ""
    numbered: bool = False
    tinted: bool = False

    def height(self, width: float) -> float:
        """Return the height it looks best at."""
        return min(max((width - self.side) / self.aspect + self.across, self.low), self.high)


def cell(kind: type[Panel], view: RecordingView) -> Cell:
    """Return what a panel of a recording asks of its place."""
    one = Cell(
        kind.lead, kind.aspect, widest=kind.widest(view), brief=kind.widest(view, brief=True),
        numbered=kind.numbers, tinted=kind.tints,
    )  # fmt: skip
    if kind.square:
        across = TITLE + (0.3 if kind.tones else FOOT)
        return replace(one, aspect=view.aspect, across=across, side=SIDE, low=2 * _LOW, high=_LARGEST)
    if kind.lead:
        return replace(one, low=1.5 * _LOW, high=0.7 * _LARGEST, inset=INSET)
    return replace(one, low=max(_LOW, kind.strip))


def columns_of(width: float, number: int, least: float = _COLUMN) -> int:
    """Return how many of a number of panels stand beside each other, in rows as full as can be.

    Args:
        width: in em.
        number: of panels.
        least: width of a panel in em.
    """
    most = min(max(int((width + GAP) / (least + GAP)), 1), number)
    rows = -(-number // most)
    return -(-number // rows)


def places(
    cells: Sequence[Cell], width: float, em: float, left: float = 0.0, height: float | None = None
) -> tuple[list[PanelSlot], float]:
    """Return the places of panels, in their order, and the height of them all in pixels.

    Main pictures come first. A single one has trajectories at its right where there is width. The lower end of the
    lowest row is at 0.

    Args:
        cells: what the panels ask for.
        width: of the figure inside its margins, in pixels.
        em: base font size in pixels.
        left: where they begin.
        height: of them all in pixels, where it is given; all rows are then higher or lower in proportion.
    """
    wide = width / em
    leads = [i for i, one in enumerate(cells) if one.lead]
    others = [i for i, one in enumerate(cells) if not one.lead]
    blocks: list[list[list[int]]] = []
    if len(leads) == 1 and others and columns_of(wide, 2) == 2:
        blocks.append([leads, others[:_BESIDE]])
        leads, others = [], others[_BESIDE:]
    for members in (leads, others):
        if members:
            columns = columns_of(wide, len(members))
            blocks += [[[i] for i in members[k : k + columns]] for k in range(0, len(members), columns)]
    heights = [_height(cells, block, wide) * em for block in blocks]
    spare = 0.0
    if height is not None:
        total = height - _ROW_GAP * em * (len(blocks) - 1)
        heights = [one * total / sum(heights) for one in heights]
        spare = height - sum(heights) - _ROW_GAP * em * (len(blocks) - 1)
    found: dict[int, PanelSlot] = {}
    floor = sum(heights) + _ROW_GAP * em * (len(blocks) - 1) + spare
    whole = floor
    for block, high in zip(blocks, heights, strict=True):
        across = (width - GAP * em * (len(block) - 1)) / len(block)
        for number, stack in enumerate(block):
            x = left + number * (across + GAP * em)
            each = (high - (_CLOCK + _ROW_GAP * (len(stack) - 1)) * em) / len(stack) if len(stack) > 1 else high
            top = floor
            for k, i in enumerate(stack):
                last = k == len(stack) - 1
                tall = each + (_CLOCK * em if last and len(stack) > 1 else 0.0)
                found[i] = PanelSlot((x + cells[i].inset * em, top - tall, x + across, top), em)
                top -= tall + _ROW_GAP * em
        floor -= high + _ROW_GAP * em
    slots = [found[i] for i in range(len(cells))]
    return _gutters(cells, slots), whole


def _height(cells: Sequence[Cell], block: Sequence[Sequence[int]], width: float) -> float:
    across = (width - GAP * (len(block) - 1)) / len(block)
    stacks = [sum(cells[i].height(across) for i in stack) + _ROW_GAP * (len(stack) - 1) for stack in block]
    # Beside a main picture trajectories take its height, as long as they can be read.
    if len(block) > 1 and len(block[-1]) > 1:
        stacks[-1] = sum(cells[i].low for i in block[-1]) + _ROW_GAP * (len(block[-1]) - 1)
    return max(stacks)


def _gutters(cells: Sequence[Cell], slots: Sequence[PanelSlot]) -> list[PanelSlot]:
    """Leave room at the right of axes: alike for panels one above the other, so that their axes end together."""
    em, found = slots[0].em, []
    numbered, tinted = any(one.numbered for one in cells), any(one.tinted for one in cells)
    columns = [_column(one, slot) for one, slot in zip(cells, slots, strict=True)]
    for one, slot, column in zip(cells, slots, columns, strict=True):
        members = [k for k, other in enumerate(columns) if other == column]
        gutter = max(float(measure(cells[k].widest, em, bold=True)) for k in members)
        brief = gutter > _BRIEF * slot.width
        if brief:
            gutter = max(float(measure(cells[k].brief, em, bold=True)) for k in members)
        # Steps stand under the lowest of several trajectories alone.
        beneath = any(slots[k].box[3] <= slot.box[1] and not cells[k].lead for k in members)
        found.append(replace(slot, gutter=gutter, brief=brief, clock=one.lead or not beneath))
    return [replace(slot, numbered=numbered, tinted=tinted) for slot in found]


def _column(one: Cell, slot: PanelSlot) -> tuple[bool, float, float]:
    """Return what panels have alike that stand above each other."""
    return one.lead, round(slot.box[0], 3), round(slot.box[2], 3)
