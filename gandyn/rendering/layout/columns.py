"""Where panels go in one of the columns of a comparison: main pictures above, trajectories beside or under them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.layout.layout import Box, grid
from gandyn.rendering.panels.base import SIDE, TITLE, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["HEADING", "KEY", "column"]

HEADING = 1.9
"""Height of the row at the top of a column that says what it shows, in em."""

KEY = 2.6
"""Height of the row under main pictures for a key, where columns cannot share one, in em."""

_TICKS = 1.4
"""Height of the ticks under the axes of a square panel that leaves legend and key to the row it stands in, in em."""

_SHARES = (0.0, 0.38, 0.52, 0.64)
"""The part of a column's height that none, one, two and more trajectories take under pictures that are not square."""

_LOW = 7.2
"""Height of a trajectory beside or under square panels, in em; one that asks for more as a strip gets it."""

_TIGHT = (1.0, 0.85, 0.72)
"""Parts of that height which trajectories are pressed to where squares would be small."""

_NARROW, _NARROW_STRIP = 19.0, 12.0
"""Width under which a trajectory with values at its curves' ends, and one without, cannot be read, in em."""

_STRETCH = 1.7
"""How much higher than they ask for trajectories under square panels become, where there is height to spare."""


def column(
    kinds: Sequence[type[Panel]], view: RecordingView, box: Box, em: float, shared: bool, key: bool
) -> list[PanelSlot]:
    """Return the places of panels in a column, in the order they were asked for.

    Args:
        kinds: the panels.
        view: one of the group; all of its columns are laid out alike.
        box: the column, below the row of the legend.
        em: base font size in pixels.
        shared: whether one legend stands above all columns; then the row of the main pictures' own is the heading's.
        key: whether main pictures need a row for a key under them.
    """
    leads = [i for i, kind in enumerate(kinds) if kind.lead]
    others = [i for i, kind in enumerate(kinds) if not kind.lead]
    if leads and all(kinds[i].square for i in leads):
        places, stacks = _under_squares(kinds, leads, others, view, box, em, key)
    else:
        places, stacks = _under_pictures(kinds, leads, others, box, em, shared)
    named = {"numbered": any(kind.numbers for kind in kinds), "tinted": any(kind.tints for kind in kinds)}
    slots = {i: PanelSlot(place, em, alone=not shared, **named) for i, place in places.items()}
    for stack in stacks:
        slots |= _stack(kinds, stack, view, em)
    return [slots[i] for i in range(len(kinds))]


@dataclass(frozen=True)
class _Stack:
    """Trajectories one under the other, and the box they fill."""

    members: tuple[int, ...]
    box: Box


def _stack(kinds: Sequence[type[Panel]], stack: _Stack, view: RecordingView, em: float) -> dict[int, PanelSlot]:
    """Return the rooms of trajectories one under the other, each as high as it asks for in proportion."""
    if not stack.members:
        return {}
    left, bottom, right, top = stack.box
    gap = 0.9 * em
    for brief in (False, True):
        gutter = max(measure(kinds[i].widest(view, brief), em, bold=True) for i in stack.members)
        if gutter <= 0.4 * (right - left):
            break
    wanted = [_height(kinds[i]) for i in stack.members]
    # What stands above another with the same steps leaves writing them to that one.
    clocks = [
        last or bool(kinds[i].strip) or bool(kinds[after].strip)
        for i, after, last in zip(
            stack.members,
            (*stack.members[1:], stack.members[-1]),
            (*[False] * (len(stack.members) - 1), True),
            strict=True,
        )
    ]
    heights = [height - (0.0 if clock else 1.2) for height, clock in zip(wanted, clocks, strict=True)]
    unit = (top - bottom - gap * (len(heights) - 1)) / sum(heights)
    slots: dict[int, PanelSlot] = {}
    for i, height, clock in zip(stack.members, heights, clocks, strict=True):
        slots[i] = PanelSlot((left, top - unit * height, right, top), em, gutter, clock=clock, brief=brief)
        top -= unit * height + gap
    return slots


def _height(kind: type[Panel]) -> float:
    return max(kind.strip, _LOW)


def _under_pictures(
    kinds: Sequence[type[Panel]], leads: Sequence[int], others: Sequence[int], box: Box, em: float, shared: bool
) -> tuple[dict[int, Box], list[_Stack]]:
    """Give pictures of any shape a part of the height, and trajectories the rest under them."""
    left, bottom, right, top = box
    top -= 0.0 if shared else HEADING * em
    share = _SHARES[min(len(others), 3)] if leads else 1.0
    floor = bottom + share * (top - bottom)
    ceiling = floor + 0.8 * em if others else bottom
    cells = grid(kinds, leads, (left, ceiling, right, top), 1.1 * em, em) if leads else []
    stacks = [_Stack(tuple(others), (left, bottom, right, floor))]
    return dict(zip(leads, cells, strict=True)), stacks


def _under_squares(
    kinds: Sequence[type[Panel]],
    leads: Sequence[int],
    others: Sequence[int],
    view: RecordingView,
    box: Box,
    em: float,
    key: bool,
) -> tuple[dict[int, Box], list[_Stack]]:
    """Make squares as large as leaves trajectories legible, whichever of these stand beside them and which below."""
    foot = _TICKS + (KEY if key else 0.0)
    ways = _ways(kinds, leads, others, view.aspect, box, em, foot)
    _, places, stacks = max(ways, key=lambda way: way[0])
    return places, stacks


def _ways(
    kinds: Sequence[type[Panel]],
    leads: Sequence[int],
    others: Sequence[int],
    aspect: float,
    box: Box,
    em: float,
    foot: float,
) -> Iterator[tuple[float, dict[int, Box], list[_Stack]]]:
    """Yield ways to place squares and trajectories, each with a score."""
    left, bottom, right, top = box
    gap, space = 1.6 * em, 1.1 * em
    across, down = SIDE * em, (TITLE + foot) * em
    strips = tuple(i for i in others if kinds[i].strip)
    for under, tight in itertools.product(dict.fromkeys(((), strips, tuple(others))), _TIGHT):
        beside = tuple(i for i in others if i not in under)
        low = em * (tight * sum(_height(kinds[i]) for i in under) + 0.9 * max(len(under) - 1, 0))
        low += 0.6 * em if under else 0.0
        narrow = em * max((_NARROW_STRIP if kinds[i].strip else _NARROW for i in beside), default=0.0)
        narrow += gap if beside else 0.0
        for columns in range(1, len(leads) + 1):
            rows = math.ceil(len(leads) / columns)
            width = (right - left - narrow + space) / columns - space - across
            height = (top - bottom - low + space) / rows - space - down
            side = max(min(width / aspect, height), 1.0)
            wide = columns * (side * aspect + across + space) - space
            high = rows * (side + down + space) - space
            spare = top - bottom - low - high
            more = min(spare, (_STRETCH - 1.0) * low)
            ceiling = top if beside else top - 0.4 * (spare - more)
            start = left if beside else left + max((right - left - wide - across) / 2, 0.0)
            places: dict[int, Box] = {}
            for i, (row, number) in zip(leads, itertools.product(range(rows), range(columns)), strict=False):
                x, y = start + number * (side * aspect + across + space), ceiling - row * (side + down + space)
                places[i] = (x, y - side - down, x + across + side * aspect, y)
            floor = ceiling - high - (0.6 * em if under else 0.0)
            stacks = [_Stack(under, (left, floor - low - more + (0.6 * em if under else 0.0), right, floor))]
            score = math.log(side * side * aspect * len(leads)) + 2.0 * math.log(tight)
            if beside:
                free = (start + wide + gap, top - high, right, top - HEADING * em)
                stacks.append(_Stack(beside, free))
                # What is too low to be read is no way at all.
                each = (free[3] - free[1]) / em / sum(_height(kinds[i]) for i in beside)
                score += 20.0 * math.log(min(each, 1.0))
            yield score, places, stacks
