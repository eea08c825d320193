"""The filmstrip: the density panel at several steps, with one legend and one axis."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.rendering import panels as catalogue
from gandyn.rendering.decor import legend, legend_width
from gandyn.rendering.layout import Layout, base_font
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.page import Page
from gandyn.rendering.painter import Painter
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.theme import Theme
from gandyn.rendering.typeface import ellipsize, measure

__all__ = ["Strip"]


class Strip(Page):
    """Density panels side by side, each at a step of its own, under one legend; a page of one frame."""

    def __init__(self, stage: Stage, steps: Sequence[int], size: tuple[int, int], theme: Theme) -> None:
        kind = catalogue.find("density", len(stage.dims))
        em = min(max(base_font(size), 13.0), size[0] / len(steps) / 13.0)
        gap, margin = 1.4 * em, 1.0 * em
        width = (size[0] - 2 * margin - gap * (len(steps) - 1)) / len(steps)
        top, bottom = size[1] - 2.2 * em, 0.8 * em
        rooms = []
        for number in range(len(steps)):
            left = margin + number * (width + gap)
            first, last = number == 0, number == len(steps) - 1
            rooms.append(Room((left, bottom, left + width, top), em, alone=False, first=first, last=last))
        layout = Layout(em, margin, (margin, top, size[0] - margin, size[1]), tuple(rooms))
        super().__init__(size, theme, layout, [kind(stage, room) for room in rooms])
        self.stage, self.steps = stage, list(steps)

    def frames(self, count: int) -> list[int]:
        """Return the one frame there is."""
        return [0]

    def background(self) -> list[Mark]:
        """Return the legend, what it is a picture of, and the step over every panel."""
        left, _bottom, right, top = self.layout.header
        em, entries = self.layout.em, self.panels[0].entries()
        y = top - 1.5 * em
        seed = f"seed {self.stage.seed}"
        after = measure(seed, em) + 0.8 * em
        # A title too long to stand beside the legend is cut, but never to less than a third of the row.
        title = ellipsize(
            self.stage.name,
            max(right - left - after - legend_width(entries, em), (right - left) / 3 - after),
            em,
            bold=True,
        )
        start = right - after - measure(title, em, bold=True)
        marks = legend(left, y, entries, em, start - 1.5 * em)
        marks.append(Text("", "ink", right - after, y, title, bold=True, align="right"))
        marks.append(Text("", "muted", right, y, seed, align="right"))
        for step_index, panel in zip(self.steps, self.panels, strict=True):
            at = panel.room.box
            marks.append(Text("", "ink", at[0], at[3] - 1.05 * em, f"step {self.stage.steps[step_index]}", bold=True))
        return marks

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint every panel at its step."""
        for step_index, panel in zip(self.steps, self.panels, strict=True):
            painter.paint(panel.marks(step_index), panel.axes)
