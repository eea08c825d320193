"""The filmstrip: the density panel at several steps, with one legend and one axis."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.rendering import panels
from gandyn.rendering.layout import base_font
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.painter import Painter
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.picture import Picture
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.theme import Theme

__all__ = ["Strip"]


class Strip(Picture):
    """Density panels side by side, each at a step of its own, under one legend."""

    def __init__(self, stage: Stage, steps: Sequence[int], size: tuple[int, int], theme: Theme) -> None:
        kind = panels.find("density")
        super().__init__(stage, ["density"], size, theme, header=False)
        em = min(max(base_font(size), 13.0), size[0] / len(steps) / 13.0)
        self.layout = type(self.layout)(em, em, self.layout.header, ())
        gap, margin = 1.4 * em, 1.0 * em
        width = (size[0] - 2 * margin - gap * (len(steps) - 1)) / len(steps)
        top, bottom = size[1] - 2.2 * em, 0.8 * em
        self.cells: list[tuple[int, Panel]] = []
        for number, step_index in enumerate(steps):
            left = margin + number * (width + gap)
            room = Room(
                (left, bottom, left + width, top), em, alone=False, first=number == 0, last=number == len(steps) - 1
            )
            self.cells.append((step_index, kind(stage, room)))
        self.panels = [panel for _, panel in self.cells]

    def background(self) -> list[Mark]:
        """Return the legend and the step over every panel."""
        left, right = self.cells[0][1].room.box[0], self.size[0] - self.layout.margin
        em = self.layout.em
        marks = self.cells[0][1].legend(left, self.size[1] - 1.5 * em, right)
        for step_index, panel in self.cells:
            room = panel.room
            marks.append(
                Text("", "ink", room.box[0], room.box[3] - 1.05 * em, f"step {self.stage.steps[step_index]}", bold=True)
            )
        return marks

    def marks(self, step_index: int) -> list[Mark]:
        """Return nothing: every panel has its own step."""
        return []

    def paint_step(self, painter: Painter, step_index: int) -> None:
        """Paint every panel at its step."""
        for at, panel in self.cells:
            painter.paint(panel.marks(at), panel.axes)
