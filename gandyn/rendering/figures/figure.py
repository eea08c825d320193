"""A page: what every picture of panels has in common, whatever it counts its frames by."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import UInt32
from PIL import Image

from gandyn.core.errors import UsageError
from gandyn.rendering.canvas.canvas import Canvas, PixelCanvas
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.sheet import Sheet
from gandyn.rendering.canvas.vectors import PdfCanvas, SvgCanvas
from gandyn.rendering.encoders.output import atomic
from gandyn.rendering.encoders.transparency import see_through
from gandyn.rendering.layout.layout import Layout
from gandyn.rendering.marks.marks import Mark
from gandyn.rendering.notes import Notes
from gandyn.rendering.pace import Shot, Timing, held
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.theme import Theme

__all__ = ["Figure"]

RGB = tuple[int, int, int]

_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_VECTORS = {".pdf": PdfCanvas, ".svg": SvgCanvas}


class Figure(ABC):
    """Panels laid out once; `draw` gives the pixels of a frame.

    The background is drawn once and copied under every frame. What number a frame goes by is the page's own matter:
    it is handed the numbers that its `frames` or `shots` gave out.

    Args:
        sheet: what the picture is drawn on, where it has a size in print.

    Attributes:
        notes: captions that come at steps; `notes.at(step)` is the one that stands there, empty where none does.
        transparent: whether it has no ground: what is not drawn is seen through.
    """

    def __init__(
        self,
        size: tuple[int, int],
        theme: Theme,
        layout: Layout,
        panels: Sequence[Panel],
        sheet: Sheet | None = None,
    ) -> None:
        self.sheet = sheet or Sheet(*size, em=layout.em)
        self.size, self.theme, self.layout, self.panels = size, theme, layout, list(panels)
        self.notes = Notes()
        self.transparent = False
        self._surfaces: dict[RGB, _Surface] = {}

    @abstractmethod
    def frames(self, count: int) -> list[int]:
        """Return the numbers of `count` frames, evenly spread, first and last among them; fewer where there are fewer.

        The last of them is the one a still shows.
        """

    @property
    def clock(self) -> tuple[int, int]:
        """The first and the last step shown."""
        return 0, 0

    def shots(self, timing: Timing) -> list[Shot]:
        """Return the frames of an animation, and for how long each is shown.

        Stories with a time of their own hand it out here.
        """
        return held(self.frames(timing.frames), timing)

    def frame_at(self, step: int) -> int:
        """Return the number of the frame that shows a step, or the nearest to it.

        Raises:
            UsageError: its frames are no steps.
        """
        raise UsageError(f"animation.poster_step: this picture's frames are no steps of training; not {step}, but end")

    @abstractmethod
    def background(self) -> list[Mark]:
        """Return what stands around the panels and does not change."""

    @abstractmethod
    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint what changes."""

    def _paint_background(self, painter: Painter) -> None:
        painter.paint(self.background(), {})
        for panel in self.panels:
            painter.paint(panel.background, panel.axes)

    def closing(self, shots: Sequence[Shot]) -> int:
        """Return the number of the frame that stands for an animation: its last, unless that is where it began."""
        return shots[-1].frame

    def draw(self, frame: int) -> UInt32[np.ndarray, "row column"]:
        """Return the pixels at a frame, RGBA packed in 32 bits. The next call draws over them."""
        if self.transparent:
            return see_through(self._draw_on(_BLACK, frame), self._draw_on(_WHITE, frame))
        return self._draw_on(_bytes(self.theme.background), frame)

    def _draw_on(self, ground: RGB, frame: int) -> UInt32[np.ndarray, "row column"]:
        if ground not in self._surfaces:
            canvas = PixelCanvas(*self.size)
            canvas.rgba[...] = (*ground, 255)
            painter = Painter(canvas, self.theme, self.layout.em, self.sheet.hairline)
            self._paint_background(painter)
            self._surfaces[ground] = _Surface(canvas, painter, canvas.packed.copy())
        surface = self._surfaces[ground]
        np.copyto(surface.canvas.packed, surface.empty)
        self.paint_frame(surface.painter, frame)
        return surface.canvas.packed

    def write_png(self, frame: int, out: Path | BinaryIO) -> None:
        """Write a frame as PNG."""
        pixels = self.draw(frame)
        rgba = pixels.view(np.uint8).reshape(*pixels.shape, 4)
        dpi = {"dpi": (self.sheet.dpi, self.sheet.dpi)} if self.sheet.printed else {}
        channels = rgba if self.transparent else rgba[..., :3]
        Image.fromarray(np.ascontiguousarray(channels)).save(out, format="PNG", **dpi)

    def save(self, frame: int, path: Path, suffix: str) -> None:
        """Write a frame as PNG, PDF or SVG.

        Raises:
            RenderError: the file cannot be written.
        """
        with atomic(path) as part:
            self.write(frame, part, suffix)

    def write(self, frame: int, path: Path, suffix: str) -> None:
        """Write a frame to a file that is nobody's yet."""
        if suffix == ".png":
            self.write_png(frame, path)
        else:
            # Drawn whole first: matplotlib's PDF meets a full disk with whatever error its compression ends in.
            path.write_bytes(
                _page(suffix, self.size, self.sheet.dpi, self.ground, lambda canvas: self._paint(canvas, frame))
            )

    @property
    def tones(self) -> bool:
        """Whether there are images in it."""
        return any(panel.tones for panel in self.panels)

    @property
    def ground(self) -> str:
        """The colour it is drawn on, or `none`."""
        return "none" if self.transparent else self.theme.background

    def _paint(self, canvas: Canvas, frame: int) -> None:
        painter = Painter(canvas, self.theme, self.layout.em, self.sheet.hairline)
        self._paint_background(painter)
        self.paint_frame(painter, frame)


@dataclass(frozen=True)
class _Surface:
    """A canvas with the background on it, and a copy of that to begin each frame with."""

    canvas: PixelCanvas
    painter: Painter
    empty: UInt32[np.ndarray, "row column"]


def _bytes(color: str) -> RGB:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _page(suffix: str, size: tuple[int, int], dpi: float, ground: str, draw: Callable[[Canvas], None]) -> bytes:
    """Return a page of PDF or SVG that `draw` paints on the canvas it is handed."""
    from matplotlib import figure as matplotlib_figure
    from matplotlib.artist import Artist

    class Everything(Artist):
        def draw(self, renderer: Any) -> None:
            draw(_VECTORS[suffix](renderer, size[1], 72 / dpi))

    figure = matplotlib_figure.Figure(figsize=(size[0] / dpi, size[1] / dpi), dpi=72, facecolor=ground)
    figure.add_artist(Everything())
    stamp = {"CreationDate": None} if suffix == ".pdf" else {"Date": None}
    out = io.BytesIO()
    figure.savefig(out, format=suffix[1:], facecolor=ground, metadata=stamp)
    return out.getvalue()
