"""The words of a talk's picture: title, what is seen, which step, which seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gandyn.rendering.canvas.typeface import measure, wrap
from gandyn.rendering.layout.layout import Box
from gandyn.rendering.marks.guides import LegendEntry, thousands
from gandyn.rendering.marks.marks import Area, Arrows, Dots, Line, Mark, Text

__all__ = ["Header", "legend_column", "legend_row"]

_TITLE = (1.8, 1.65, 1.5)
"""Type of the title, in em: the largest that fits in one row."""

_COLUMN_TITLE, _CAPTION, _STEP = 1.6, 1.3, 1.5
"""Type of the title above a column, of the caption, and of the step, in em."""

_PITCH = 1.28
"""From one line to the next, in parts of the type."""

_ENTRY, _REMARK = 1.65, 1.35
"""From one row of a legend's column to the next, of names and of words about the ground, in em."""

_NAME = 1.15
"""Type of a name in a legend's column, in em."""

_TITLE_ROWS, _ROWS = 4, 5
"""Lines that a title and a caption take at most: as many as the longest note does in the largest type."""


@dataclass(frozen=True)
class Header:
    """What stands over a picture, or at the head of its column.

    Attributes:
        title: what is shown.
        captions: all that will ever stand under it, for the room that takes.
        last: the last step shown.
        seed: which seed, in small type; empty where several are shown.
        em: base font size in pixels.
        column: whether it stands at the head of a column, and the step under it.
        warnings: what may stand in the seed's place at some steps, for the room that takes.
    """

    title: str
    captions: tuple[str, ...]
    last: int
    seed: str
    em: float
    column: bool = False
    warnings: tuple[str, ...] = ()

    def height(self, width: float) -> float:
        """Return the pixels it takes in a width."""
        size, titles = self._titles(width)
        rows = max((len(self._caption(text, width)) for text in self.captions), default=0)
        if not self.column and (self.seed or any(self.warnings)):
            rows = max(rows, 1)  # they stand in the caption's row
        found = size * _PITCH * len(titles) + _CAPTION * _PITCH * rows + (0.35 if rows else 0.0)
        return self.em * (found + (1.5 * _STEP if self.column else 0.0))

    def whole(self, width: float) -> bool:
        """Say whether title and captions are written in full in a width."""
        _, titles = self._titles(width)
        lines = [*titles, *(line for text in self.captions for line in self._caption(text, width))]
        return not any(line.endswith("…") for line in lines) and self._step_fits(width)

    def _step_fits(self, width: float) -> bool:
        """Say whether step and seed stand beside each other at the head of a column."""
        if not self.column:
            return True
        step = measure(self._step(self.last), _STEP * self.em, mono=True)
        beside = max(measure(words, self.em) for words in (self.seed, *self.warnings))
        return step + self.em + beside <= width

    def background(self, box: Box) -> list[Mark]:
        """Return the title."""
        left, _bottom, right, top = box
        size, titles = self._titles(right - left)
        return [
            Text("", "ink", left, top - self.em * size * (0.98 + _PITCH * row), line, size, bold=True)
            for row, line in enumerate(titles)
        ]

    def marks(self, box: Box, caption: str, step: int | None, warning: str = "", role: str = "ink") -> list[Mark]:
        """Return what changes: the caption, in a role, the step (none where None), the seed or what befell it."""
        left, bottom, right, top = box
        em = self.em
        size, titles = self._titles(right - left)
        y = top - em * (size * _PITCH * len(titles) + 0.35 + _CAPTION * 0.9)
        lines = self._caption(caption, right - left)
        marks: list[Mark] = [
            Text("", role, left, y - row * _CAPTION * _PITCH * em, line, _CAPTION) for row, line in enumerate(lines)
        ]
        level = bottom + 0.45 * em if self.column else top - em * _TITLE[0] * 0.98
        if step is not None:
            at, align = (left, "left") if self.column else (right, "right")
            marks.append(Text("", "ink", at, level, self._step(step), _STEP, mono=True, align=align))  # type: ignore[arg-type]
        color, words = ("warning", warning) if warning else ("muted", self.seed)
        if words:
            marks.append(Text("", color, right, level if self.column else y, words, align="right"))
        return marks

    def _step(self, step: int) -> str:
        return f"step {thousands(step):>{0 if self.column else len(thousands(self.last))}}"

    def _titles(self, width: float) -> tuple[float, list[str]]:
        if self.column:
            return _COLUMN_TITLE, wrap(self.title, width, _COLUMN_TITLE * self.em, _TITLE_ROWS, bold=True)
        free = width - measure(self._step(self.last), _STEP * self.em, mono=True) - 1.5 * self.em
        fitting = (size for size in _TITLE if measure(self.title, size * self.em, bold=True) <= free)
        size = next(fitting, _TITLE[-1])
        return size, wrap(self.title, free, size * self.em, _TITLE_ROWS, bold=True)

    def _caption(self, text: str, width: float) -> list[str]:
        if self.column:
            return wrap(text, width, _CAPTION * self.em, _ROWS)
        free = width - max(measure(words, self.em) for words in (self.seed, *self.warnings)) - 1.5 * self.em
        return wrap(text, free, _CAPTION * self.em, _ROWS)


def legend_row(box: Box, entries: Sequence[LegendEntry], remarks: Sequence[str], em: float) -> list[Mark]:
    """Return names in their colours from left to right, and the first of some remarks for which there is room.

    Names that do not fit are shortened, and of those that do not fit even so the last are left out.
    """
    left, bottom, right, top = box
    y, marks = (top + bottom) / 2 - 0.38 * em, list[Mark]()
    forms = ([entry.text for entry in entries], [entry.short or entry.text for entry in entries])

    def wide(names: Sequence[str]) -> float:
        return sum(measure(name, 1.1 * em, bold=True) + 2.6 * em for name in names) - 1.4 * em

    names = next((form for form in forms if wide(form) <= right - left), forms[-1])
    while names and wide(names) > right - left:
        names = names[:-1]
    for entry, name in zip(entries, names, strict=False):
        marks += _swatch(entry, left + 0.45 * em, y + 0.4 * em, em)
        role = "ink" if entry.dot else entry.role
        marks.append(Text("", role, left + 1.2 * em, y, name, 1.1, bold=True))
        left += measure(name, 1.1 * em, bold=True) + 2.6 * em
    fitting = [text for text in remarks if left + measure(text, em) <= right]
    return [*marks, *(Text("", "muted", right, y, text, align="right") for text in fitting[:1])]


def legend_column(box: Box, entries: Sequence[LegendEntry], remarks: Sequence[str], em: float) -> list[Mark]:
    """Return names one under the other, and under them the longest remark where the box has room for it."""
    left, bottom, right, top = box
    marks, y = list[Mark](), top
    free = right - left - 1.7 * em
    for entry in entries:
        middle = y - 0.5 * _ENTRY * em
        marks += _swatch(entry, left + 0.5 * em, middle, em)
        name = entry.text if measure(entry.text, _NAME * em) <= free else entry.short or entry.text
        for row, line in enumerate(wrap(name, free, _NAME * em, 2)):
            y -= (_REMARK if row else _ENTRY) * em
            marks.append(Text("", "ink", left + 1.7 * em, y + 0.5 * _ENTRY * em, line, _NAME, valign="middle"))
    said = wrap(remarks[0], free, em, 2) if remarks else []
    for line in said if y - len(said) * _REMARK * em >= bottom - em else []:
        marks.append(Text("", "muted", left + 1.7 * em, y - 0.5 * _REMARK * em, line, valign="middle"))
        y -= _REMARK * em
    return marks


def _swatch(entry: LegendEntry, x: float, y: float, em: float) -> list[Mark]:
    """Return the sign of a legend's entry about a point: a dot, a region with its outline, or a piece of line."""
    at = (np.array([x]), np.array([y]))
    if entry.dot:
        return [Dots("", entry.role, *at, radius=0.3)]
    if entry.disc:
        turn = np.linspace(0, 2 * np.pi, 41)
        ring = Line("", entry.role, x + 0.45 * em * np.cos(turn), y + 0.45 * em * np.sin(turn), weight=0.8)
        return [Dots("", entry.role, *at, radius=0.45, opacity=0.35), ring]
    if entry.filled:
        ends = np.array([x - 0.5 * em, x + 0.5 * em])
        low, high = np.full(2, y - 0.38 * em), np.full(2, y + 0.38 * em)
        return [Area("", entry.role, ends, low, high, opacity=0.35), Line("", entry.role, ends, high)]
    if entry.arrow:
        return [Arrows("", entry.role, at[0] - 0.5 * em, at[1], at[0] + 0.6 * em, at[1], width=0.2)]
    ends = np.array([x - 0.5 * em, x + 0.5 * em])
    return [Line("", entry.role, ends, np.full(2, y), dashed=entry.dashed)]
