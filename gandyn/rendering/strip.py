"""The filmstrip: the density panel, or that of samples, at several steps, with one legend and one axis."""

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
    """Density panels, or those of samples, side by side, each at a step of its own; a page of one frame."""

    def __init__(self, stage: Stage, steps: Sequence[int], size: tuple[int, int], theme: Theme) -> None:
        kind = catalogue.find("samples" if stage.has("samples") else "density", len(stage.dims))
        em = min(max(base_font(size), 13.0), size[0] / len(steps) / 13.0)
        gap, margin = 1.4 * em, 1.0 * em
        width = (size[0] - 2 * margin - gap * (len(steps) - 1)) / len(steps)
        # A narrow strip has a row of its own for title and seed.
        self._apart = size[0] < 45 * em
        top, bottom = size[1] - (3.8 if self._apart else 2.2) * em, 0.8 * em
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
        name, seed = self.stage.name, f"seed {self.stage.seed}"
        upper = top - 1.5 * em
        after = right - measure(seed, em) - 0.8 * em
        if self._apart:
            title = Text("", "ink", left, upper, ellipsize(name, after - left, em, bold=True), bold=True)
            marks = legend(left, upper - 1.6 * em, entries, em, right)
        else:
            # A title too long to stand beside the legend is cut, but never to less than a third of the row.
            room = max(after - left - legend_width(entries, em), (after - left) / 3)
            text = ellipsize(name, room, em, bold=True)
            title = Text("", "ink", after, upper, text, bold=True, align="right")
            marks = legend(left, upper, entries, em, after - measure(text, em, bold=True) - 1.5 * em)
        marks += [title, Text("", "muted", right, upper, seed, align="right")]
        for step_index, panel in zip(self.steps, self.panels, strict=True):
            at = panel.room.box
            marks.append(Text("", "ink", at[0], at[3] - 1.05 * em, f"step {self.stage.steps[step_index]}", bold=True))
        return marks

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint every panel at its step."""
        for step_index, panel in zip(self.steps, self.panels, strict=True):
            painter.paint(panel.marks(step_index), panel.axes)
