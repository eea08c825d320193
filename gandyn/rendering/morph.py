"""The story of one generator: the latent space carried to the data, for a title slide."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.errors import UsageError
from gandyn.rendering import panels as catalogue
from gandyn.rendering.layout import Layout, divide
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.page import Page
from gandyn.rendering.painter import Painter
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.theme import Theme
from gandyn.rendering.typeface import ellipsize

__all__ = ["Morph"]

_FINE = 100_000
"""Frames are numbered by their place on the way, in as many parts."""


class Morph(Page):
    """One panel, in which the last generator shown moves every latent z along the straight line to G(z).

    Args:
        names: the panels asked for; the first of them that can show it does.

    Raises:
        UsageError: the panel cannot show that, or not of this recording.
    """

    def __init__(self, stage: Stage, names: Sequence[str] | None, size: tuple[int, int], theme: Theme) -> None:
        em, margin, head, area = divide(size)
        room = Room((area[0], area[1], area[2], area[3]), em)
        dim = len(stage.dims)
        able = [name for name in catalogue.names(dim) if catalogue.find(name, dim).morph is not Panel.morph]
        name = next((name for name in names or able if name in able), None)
        if name is None:
            asked, can = " and ".join(names or ("no",)), " and ".join(able) or "no panel"
            raise UsageError(f"animation.story: morph is told by the panel {can}, not by {asked}")
        panel = catalogue.find(name, dim)(stage, room)
        super().__init__(size, theme, Layout(em, margin, head, (room,)), [panel])
        self.stage = stage
        panel.background = []  # the story needs no axes
        panel.morph(stage.end - 1, 0.0)  # what cannot be told is found out before anything is written

    def frames(self, count: int) -> list[int]:
        """Return places on the way, from latent to data space."""
        return [round(k * _FINE / (count - 1)) for k in range(count)] if count > 1 else [_FINE]

    def background(self) -> list[Mark]:
        """Return the title and the caption."""
        left, _bottom, right, top = self.layout.header
        em = self.layout.em
        title = ellipsize(self.stage.attribute("title", "gandyn"), right - left, 1.7 * em, bold=True)
        caption = ellipsize(self.stage.attribute("caption"), right - left, em)
        return [
            Text("", "ink", left, top - 1.25 * em, title, size=1.7, bold=True),
            Text("", "muted", left, top - 2.95 * em, caption),
        ]

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the latent space on its way."""
        panel = self.panels[0]
        painter.paint(panel.morph(self.stage.end - 1, ease(frame / _FINE)), panel.axes)


def ease(t: float) -> float:
    """Return a place on the way that starts and ends gently: 0 to 1 with no speed at either end."""
    return t * t * (3.0 - 2.0 * t)
