"""A picture of a recording: header and panels on a canvas, at any step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import UInt32
from PIL import Image

from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas import Canvas, PixelCanvas, VectorCanvas
from gandyn.rendering.layout import Layout, arrange
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.output import atomic
from gandyn.rendering.painter import Painter
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.stage import Stage
from gandyn.rendering.theme import Theme
from gandyn.rendering.typeface import ellipsize, measure

__all__ = ["Picture"]


class Picture:
    """Header and panels, laid out once; `draw` gives the pixels of a step.

    The background is drawn once and copied under every frame.

    Args:
        header: whether title, caption, step and seed stand above the panels.
    """

    def __init__(
        self, stage: Stage, names: Sequence[str], size: tuple[int, int], theme: Theme, header: bool = True
    ) -> None:
        self.stage, self.size, self.theme, self.header = stage, size, theme, header
        kinds = [catalogue.find(name) for name in names]
        self.layout: Layout = arrange(kinds, size, header, [kind.widest(stage) for kind in kinds])
        self.panels: list[Panel] = [kind(stage, room) for kind, room in zip(kinds, self.layout.rooms, strict=True)]
        self._digits = len(str(stage.last_step))
        self._canvas: PixelCanvas | None = None
        self._ground: UInt32[np.ndarray, "row column"] | None = None

    def background(self) -> list[Mark]:
        """Return the marks of the header that do not change."""
        if not self.header:
            return []
        left, _bottom, right, top = self.layout.header
        em = self.layout.em
        step = measure(self._step(self.stage.last_step), 1.5 * em, mono=True)
        title = ellipsize(self.stage.attribute("title", "gandyn"), right - left - step - 2 * em, 1.7 * em, bold=True)
        below = self._below()
        caption = ellipsize(self.stage.attribute("caption"), right - left - measure(below, em) - 2 * em, em)
        return [
            Text("", "ink", left, top - 1.25 * em, title, size=1.7, bold=True),
            Text("", "muted", left, top - 2.95 * em, caption),
        ]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the marks of the header at a step."""
        if not self.header:
            return []
        _left, _bottom, right, top = self.layout.header
        em = self.layout.em
        step = self._step(int(self.stage.steps[step_index]))
        marks: list[Mark] = [Text("", "ink", right, top - 1.25 * em, step, size=1.5, mono=True, align="right")]
        at = self.stage.diverged(step_index)
        below = self._below() if at is None else f"seed {self.stage.seed} diverged at step {at}"
        marks.append(Text("", "muted" if at is None else "warning", right, top - 2.95 * em, below, align="right"))
        return marks

    def _step(self, step: int) -> str:
        return f"step {step:>{self._digits}d}"

    def _below(self) -> str:
        parts = [
            f"seed {self.stage.seed}",
            self.stage.attribute("objective_label"),
            self.stage.attribute("optimizer_label"),
        ]
        return " · ".join(part for part in parts if part)

    def paint_background(self, painter: Painter) -> None:
        """Paint what does not change with the step."""
        painter.paint(self.background(), {})
        for panel in self.panels:
            painter.paint(panel.background, panel.axes)

    def paint_step(self, painter: Painter, step_index: int) -> None:
        """Paint what changes with the step."""
        for panel in self.panels:
            painter.paint(panel.marks(step_index), panel.axes)
        painter.paint(self.marks(step_index), {})

    def draw(self, step_index: int) -> UInt32[np.ndarray, "row column"]:
        """Return the pixels at a step, RGBA packed in 32 bits. The next call draws over them."""
        if self._canvas is None or self._ground is None:
            self._canvas = PixelCanvas(*self.size)
            rgb = tuple(int(self.theme.background[i : i + 2], 16) for i in (1, 3, 5))
            self._canvas.rgba[...] = (*rgb, 255)
            self._painter = Painter(self._canvas, self.theme, self.layout.em)
            self.paint_background(self._painter)
            self._ground = self._canvas.packed.copy()
        np.copyto(self._canvas.packed, self._ground)
        self.paint_step(self._painter, step_index)
        return self._canvas.packed

    def write_png(self, step_index: int, out: Path | BinaryIO) -> None:
        """Write a step as PNG."""
        pixels = self.draw(step_index)
        rgba = pixels.view(np.uint8).reshape(*pixels.shape, 4)
        Image.fromarray(np.ascontiguousarray(rgba[..., :3])).save(out, format="PNG")

    def save(self, step_index: int, path: Path, suffix: str) -> None:
        """Write a step as PNG, PDF or SVG.

        Raises:
            RenderError: the file cannot be written.
        """
        with atomic(path) as part:
            if suffix == ".png":
                self.write_png(step_index, part)
            else:
                _save_page(part, suffix, self.size, self.theme, lambda canvas: self._paint(canvas, step_index))

    def _paint(self, canvas: Canvas, step_index: int) -> None:
        painter = Painter(canvas, self.theme, self.layout.em)
        self.paint_background(painter)
        self.paint_step(painter, step_index)


def _save_page(path: Path, suffix: str, size: tuple[int, int], theme: Theme, draw: Callable[[Canvas], None]) -> None:
    """Write a page of PDF or SVG that `draw` paints on the canvas it is handed."""
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    class Everything(Artist):
        def draw(self, renderer: Any) -> None:
            draw(VectorCanvas(renderer, size[1]))

    figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=72, facecolor=theme.background)
    figure.add_artist(Everything())
    stamp = {"CreationDate": None} if suffix == ".pdf" else {"Date": None}
    figure.savefig(path, format=suffix[1:], facecolor=theme.background, metadata=stamp)
