"""The heading of a figure: title, caption, and in muted letters whose figure it is."""

from __future__ import annotations

from dataclasses import dataclass

from gandyn.rendering.canvas.sheet import Sheet
from gandyn.rendering.canvas.typeface import ellipsize, measure, wrap
from gandyn.rendering.marks.marks import Mark, Text

__all__ = ["Heading"]

_LINE = 1.35
"""From one line of type to the next, in em."""

_CAPTION_LINES = 3
"""Lines that a caption takes at most."""


@dataclass(frozen=True)
class Heading:
    """What stands above a figure; all of it empty for a figure without.

    Attributes:
        title: in bold, at most two lines.
        caption: under it.
        facts: which seed, objective and optimizer, at the right where there is width, else in a line of its own.
        step: which step is shown, where the figure is of one.
    """

    title: str = ""
    caption: str = ""
    facts: str = ""
    step: str = ""

    def marks(self, sheet: Sheet, top: float) -> tuple[list[Mark], float]:
        """Return the heading at the top of a sheet and the pixels that it takes, with the space under it."""
        if not (self.title or self.caption or self.facts or self.step):
            return [], 0.0
        em, big = sheet.em, sheet.heading * sheet.em
        left, right = sheet.margin * em, sheet.width - sheet.margin * em
        marks: list[Mark] = []
        y = top
        aside = measure(self.step, big, bold=True) + 1.5 * em if self.step else 0.0
        for number, line in enumerate(wrap(self.title, right - left - aside, big, 2, bold=True) or [""]):
            y -= (_LINE if number else 1.0) * big
            marks.append(Text("", "ink", left, y, line, sheet.heading, bold=True))
            if self.step and not number:
                marks.append(Text("", "ink", right, y, self.step, sheet.heading, bold=True, align="right"))
        lines = wrap(self.caption, right - left, em, _CAPTION_LINES)
        apart = bool(self.facts) and (
            not lines or measure(lines[-1], em) + measure(self.facts, em) + 2 * em > right - left
        )
        for line in lines:
            y -= _LINE * em
            marks.append(Text("", "muted", left, y, line))
        if apart:
            y -= _LINE * em
            marks.append(Text("", "muted", left, y, ellipsize(self.facts, right - left, em)))
        elif self.facts:
            marks.append(Text("", "muted", right, y, self.facts, align="right"))
        return marks, top - y + 0.9 * em
