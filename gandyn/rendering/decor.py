"""What stands around the curves: titles, legends, axes lines, ticks. All of it marks, drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gandyn.rendering.marks import Area, Axes, Dots, Line, Mark, Text
from gandyn.rendering.typeface import ellipsize, measure

__all__ = ["AxisTick", "LegendEntry", "key", "legend", "title", "x_axis", "y_axis"]


@dataclass(frozen=True)
class LegendEntry:
    """One entry of a legend: a role, what it is called, and what it is called where room is short."""

    role: str
    text: str
    short: str = ""
    filled: bool = False
    weight: float = 1.0
    dashed: bool = True
    dot: bool = False


@dataclass(frozen=True)
class AxisTick:
    """A place on an axis and what is written there."""

    at: float
    text: str
    role: str = "muted"


def title(x: float, y: float, text: str, notes: Sequence[str], em: float, right: float) -> list[Mark]:
    """Return a panel's title in bold with, muted behind it, the first of some notes that fits."""
    text = ellipsize(text, right - x, em, bold=True)
    marks: list[Mark] = [Text("", "ink", x, y, text, bold=True)]
    start = x + measure(text, em, bold=True) + 0.7 * em
    fitting = [note for note in notes if note and start + measure(note, em) <= right]
    marks += [Text("", "muted", start, y, note) for note in fitting[:1]]
    return marks


def legend(x: float, y: float, entries: Sequence[LegendEntry], em: float, right: float) -> list[Mark]:
    """Return a row of swatches and names from `x` on; short names, and then tighter gaps, where it would not fit."""
    gap = 0.45 * em
    full, short = [entry.text for entry in entries], [entry.short or entry.text for entry in entries]
    tight = ((full, 1.9, 1.5), (full, 1.5, 0.9), (short, 1.5, 0.9), (short, 1.0, 0.6))
    for names, swatch, space in ((names, swatch * em, space * em) for names, swatch, space in tight):
        if x + sum(swatch + gap + measure(name, em) for name in names) + space * (len(names) - 1) <= right:
            break
    marks: list[Mark] = []
    for entry, name in zip(entries, names, strict=True):
        middle = y + 0.34 * em
        ends = np.array([x, x + swatch])
        if entry.dot:
            ends = np.array([x, x + 0.5 * em])
            marks.append(Dots("", entry.role, np.array([x + 0.25 * em]), np.array([middle]), 0.24))
        elif entry.filled:
            low, high = np.full(2, y - 0.06 * em), np.full(2, y + 0.72 * em)
            marks.append(Area("", entry.role, ends, low, high, opacity=0.22))
            marks.append(Line("", entry.role, ends, high, weight=entry.weight))
        else:
            marks.append(Line("", entry.role, ends, np.full(2, middle), weight=entry.weight, dashed=entry.dashed))
        x = float(ends[1]) + gap
        marks.append(Text("", entry.role, x, y, name))
        x += measure(name, em) + space
    return marks


def key(
    x: float, y: float, width: float, fills: Sequence[tuple[str, float]], edges: Sequence[str], em: float
) -> list[Mark]:
    """Return a strip of boxes that says what the bands of a field mean, values under the places where two meet.

    Args:
        x: left end.
        y: lower end of the strip; the values stand under it.
        width: of the whole strip.
        fills: role and opacity of each box.
        edges: what is written at each box's left end and at the last one's right end; empty where nothing is. A text
            that would touch one written already is left out: middle and ends come first, then those from the right on.
        em: base font size in pixels.
    """
    marks: list[Mark] = []
    ends = np.linspace(x, x + width, len(fills) + 1)
    for (role, opacity), left, right in zip(fills, ends[:-1], ends[1:], strict=True):
        low = np.full(2, y)
        marks.append(Area("", role, np.array([left, right]), low, low + 0.62 * em, opacity=opacity))
    taken: list[tuple[float, float]] = []
    last = len(fills)
    for i in dict.fromkeys([last // 2, 0, last, *range(last, 0, -1)]):
        half = measure(edges[i], 0.9 * em) / 2 + 0.2 * em
        low_end, high_end = float(ends[i]) - half, float(ends[i]) + half
        if edges[i] and all(high_end <= a or b <= low_end for a, b in taken):
            taken.append((low_end, high_end))
            marks.append(Text("", "muted", float(ends[i]), y, edges[i], 0.9, align="center", valign="top", dy=-0.25))
    return marks


def x_axis(axes: Axes, ticks: Sequence[AxisTick], em: float, label: str = "", line: bool = True) -> list[Mark]:
    """Return the line under an axes, its ticks, and a label behind its right end."""
    left, bottom, right, _top = axes.box
    marks: list[Mark] = []
    if line:
        marks.append(Line("", "muted", np.array([left, right]), np.full(2, bottom), weight=1.0))
    taken: list[tuple[float, float]] = []
    for tick in ticks:
        x = float(axes.pixels(tick.at, axes.y.low)[0])
        if line:
            marks.append(Line("", "muted", np.full(2, x), np.array([bottom, bottom - 0.25 * em])))
        half = measure(tick.text, em) / 2
        if taken and x - half < taken[-1][1] + 0.5 * em:
            continue
        taken.append((x - half, x + half))
        marks.append(Text("", tick.role, x, bottom, tick.text, align="center", valign="top", dy=-0.4))
    if label:
        behind = max([right, *(end for _, end in taken)])
        marks.append(Text("", "muted", behind, bottom, label, valign="top", dx=0.45, dy=-0.4))
    return marks


def y_axis(axes: Axes, ticks: Sequence[AxisTick], em: float, side: str = "left", grid: bool = False) -> list[Mark]:
    """Return the ticks at one side of an axes; those that would touch a tick already written are left out."""
    left, _bottom, right, _top = axes.box
    marks: list[Mark] = []
    taken: list[float] = []
    for tick in ticks:
        y = float(axes.pixels(axes.x.low, tick.at)[1])
        if any(abs(y - other) < 1.1 * em for other in taken):
            continue
        if grid:
            marks.append(Line("", "faint", np.array([left, right]), np.full(2, y)))
        taken.append(y)
        x, align, dx = (left, "right", -0.45) if side == "left" else (right, "left", 0.45)
        marks.append(Text("", tick.role, x, y, tick.text, align=align, valign="middle", dx=dx))  # type: ignore[arg-type]
    return marks
