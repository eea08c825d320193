"""What stands around the curves: titles, legends, axes lines, ticks. All of it marks, drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gandyn.distributions.units import unit_of
from gandyn.rendering.canvas.typeface import ellipsize, measure
from gandyn.rendering.marks.marks import Area, Arrows, Axes, Dots, Line, Mark, Text

__all__ = [
    "ROW_OF_WORDS",
    "AxisTick",
    "Key",
    "LegendEntry",
    "cleared",
    "diverged",
    "key",
    "legend",
    "legend_width",
    "thousands",
    "title",
    "wordy",
    "x_axis",
    "y_axis",
]


_BEHIND = 1.5
"""Width of a label in em up to which it finds room behind the end of an axis."""

ROW_OF_WORDS = 1.15
"""Height of a row under the ticks of a lower axis for its label, in em."""

_FEWEST = 2
"""Numbers that an axis needs to be read."""

_BOX = 2.6
"""Width of a box of a key, in em, where there is room."""


@dataclass(frozen=True)
class LegendEntry:
    """One entry of a legend: a role, what it is called, and what it is called where room is short.

    Attributes:
        disc: whether it is a filled region with an outline, shown as a disc.
        arrow: whether it stands for arrows.
    """

    role: str
    text: str
    short: str = ""
    filled: bool = False
    weight: float = 1.0
    dashed: bool = True
    dot: bool = False
    disc: bool = False
    arrow: bool = False


@dataclass(frozen=True)
class AxisTick:
    """A place on an axis and what is written there."""

    at: float
    text: str
    role: str = "muted"


@dataclass(frozen=True)
class Key:
    """What the bands of a field mean.

    Attributes:
        fills: role and opacity of each band.
        edges: what is written at each band's left end and at the last one's right end; empty where nothing is.
        before: ways to say what lies left of the boxes, the longest first.
        after: likewise for the right.
        roles: of the words before and after.
    """

    fills: tuple[tuple[str, float], ...]
    edges: tuple[str, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    roles: tuple[str, str] = ("muted", "muted")


def thousands(number: int) -> str:
    """Write a number of steps with its thousands apart: 12,000."""
    return f"{number:,}"


def diverged(step: int, box: tuple[float, float, float, float], em: float, height: float = 0.5) -> Text:
    """Return the words that say at which step a seed diverged, in the middle of a box at a part of its height."""
    left, bottom, right, top = box
    forms = [(f"diverged at step {step}", 1.3), (f"diverged at step {step}", 1.0), (f"diverged at {step}", 1.0)]
    free = right - left - 0.6 * em
    found = (form for form in forms if measure(form[0], form[1] * em, bold=True) <= free)
    text, size = next(found, ("diverged", 1.0))
    at = (left + right) / 2, bottom + height * (top - bottom)
    return Text("", "warning", *at, text, size, True, align="center", valign="middle", ground=True)


def title(x: float, y: float, text: str, notes: Sequence[str], em: float, right: float) -> list[Mark]:
    """Return a panel's title in bold with, muted behind it, the first of some notes that fits."""
    text = ellipsize(text, right - x, em, bold=True)
    marks: list[Mark] = [Text("", "ink", x, y, text, bold=True)]
    start = x + measure(text, em, bold=True) + 0.7 * em
    fitting = [note for note in notes if note and start + measure(note, em) <= right]
    marks += [Text("", "muted", start, y, note) for note in fitting[:1]]
    return marks


def legend(x: float, y: float, entries: Sequence[LegendEntry], em: float, right: float) -> list[Mark]:
    """Return a row of swatches and names from `x` on; short names, and then tighter gaps, where it would not fit.

    Of what does not fit even so the last are left out.
    """
    gap = 0.45 * em
    full, short = [entry.text for entry in entries], [entry.short or entry.text for entry in entries]
    tight = ((full, 1.9, 1.5), (full, 1.5, 0.9), (short, 1.5, 0.9), (short, 1.0, 0.6))

    def end(names: Sequence[str], swatch: float, space: float) -> float:
        return x + sum(swatch + gap + measure(name, em) for name in names) + space * (len(names) - 1)

    ways = [(names, swatch * em, space * em) for names, swatch, space in tight]
    names, swatch, space = next((way for way in ways if end(*way) <= right), ways[-1])
    while names and end(names, swatch, space) > right:
        names = names[:-1]
    marks: list[Mark] = []
    for entry, name in zip(entries, names, strict=False):
        middle = y + 0.34 * em
        ends = np.array([x, x + swatch])
        if entry.dot:
            ends = np.array([x, x + 0.5 * em])
            marks.append(Dots("", entry.role, np.array([x + 0.25 * em]), np.array([middle]), 0.24))
        elif entry.arrow:
            level = np.array([middle])
            marks.append(Arrows("", entry.role, ends[:1], level, ends[1:], level))
        elif entry.filled:
            low, high = np.full(2, y - 0.06 * em), np.full(2, y + 0.72 * em)
            marks.append(Area("", entry.role, ends, low, high, opacity=0.22))
            marks.append(Line("", entry.role, ends, high, weight=entry.weight))
        else:
            marks.append(Line("", entry.role, ends, np.full(2, middle), weight=entry.weight, dashed=entry.dashed))
        x = float(ends[1]) + gap
        # A dot tells its colour by itself, and may have one that is none for words.
        marks.append(Text("", "ink" if entry.dot else entry.role, x, y, name))
        x += measure(name, em) + space
    return marks


def legend_width(entries: Sequence[LegendEntry], em: float, short: bool = False) -> float:
    """Return how wide a row of swatches and names is at the most, or with `short` names and gaps at the least."""
    names = [entry.short or entry.text if short else entry.text for entry in entries]
    swatch, space = (1.0, 0.6) if short else (1.9, 1.5)
    return sum(measure(name, em) + (swatch + 0.45 + space) * em for name in names)


def key(x: float, y: float, key: Key, em: float, right: float) -> list[Mark]:
    """Return a row of boxes that says what the bands of a field mean, values under the places where two meet.

    Words beside the boxes are the longest that leave them room, on both sides alike, or none; a value that would touch
    one written already is left out: the two ends come first, then the middle, then those from the right on.

    Args:
        x: left end of the row.
        y: lower end of the boxes; the values stand under it.
        key: what is said.
        em: base font size in pixels.
        right: where the row ends at the latest.
    """
    gap, last = 0.8 * em, len(key.fills)
    halves = [measure(edge, em) / 2 if edge else 0.0 for edge in key.edges]
    least = max(0.8 * em * last, halves[0] + halves[-1] + 0.5 * em)
    forms = [(a, b) for b in key.after or ("",) for a in key.before or ("",)] + [("", "")]

    def beside(pair: tuple[str, str]) -> float:
        return sum(measure(text, em) + gap for text in pair if text)

    fullest = sorted(forms, key=lambda pair: (all(pair), beside(pair)), reverse=True)
    fitting = (pair for pair in fullest if beside(pair) + least <= right - x)
    before, after = next(fitting, ("", ""))
    marks: list[Mark] = []
    if before:
        marks.append(Text("", key.roles[0], x, y, before))
        x += measure(before, em) + gap
    else:
        x += halves[0]
    spare = measure(after, em) + gap if after else halves[-1]
    width = max(min(right - x - spare, _BOX * em * last), 1.0)
    ends = np.linspace(x, x + width, last + 1)
    for (role, opacity), low, high in zip(key.fills, ends[:-1], ends[1:], strict=True):
        foot = np.full(2, y)
        marks.append(Area("", role, np.array([low, high]), foot, foot + 0.62 * em, opacity, band=True))
    taken: list[tuple[float, float]] = []
    for i in dict.fromkeys([0, last, last // 2, *range(last, 0, -1)]):
        low, high = float(ends[i]) - halves[i] - 0.2 * em, float(ends[i]) + halves[i] + 0.2 * em
        if key.edges[i] and all(high <= a or b <= low for a, b in taken):
            taken.append((low, high))
            marks.append(Text("", "muted", float(ends[i]), y, key.edges[i], align="center", valign="top", dy=-0.25))
    if after:
        marks.append(Text("", key.roles[1], x + width + gap, y, after))
    return marks


def wordy(label: str, em: float) -> bool:
    """Say whether the label of a lower axis is words, which need more room than there is behind its right end."""
    return measure(label, em) > _BEHIND * em


def x_axis(
    axes: Axes, ticks: Sequence[AxisTick], em: float, label: str = "", line: bool = True, below: bool = False
) -> list[Mark]:
    """Return the line under an axes, its ticks, and a label: a letter behind the right end, words among the ticks.

    Where words would leave no two of the ticks, their unit stands for them. With `below` words have a row of their own
    under the ticks, `ROW_OF_WORDS` high.
    """
    left, bottom, right, _top = axes.box
    marks: list[Mark] = []
    if wordy(label, em):
        words = ellipsize(label, (1.0 if below else 0.6) * axes.width, em)
        left_over = list(ticks) if below else cleared(axes, ticks, words, em)
        if sum(bool(tick.text) for tick in left_over) < _FEWEST and unit_of([label]):
            words = unit_of([label])
            left_over = cleared(axes, ticks, words, em)
        down = -0.4 - (ROW_OF_WORDS if below else 0.0)
        marks.append(Text("", "muted", right, bottom, words, align="right", valign="top", dy=down))
        ticks, label = left_over, ""
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


def cleared(axes: Axes, ticks: Sequence[AxisTick], label: str, em: float) -> list[AxisTick]:
    """Return ticks of a lower axis; what would be written too near to a label at its right end is not."""
    end = axes.box[2] - measure(label, em) - 0.5 * em
    right = [float(axes.pixels(tick.at, axes.y.low)[0]) + measure(tick.text, em) / 2 for tick in ticks]
    return [tick if at <= end else replace(tick, text="") for tick, at in zip(ticks, right, strict=True)]


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
