"""Pages of PDF and SVG as a surface to draw on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, IdentityTransform

from gandyn.rendering.canvas.canvas import RGBA, Align, Box, Canvas
from gandyn.rendering.canvas.spelling import note, spell
from gandyn.rendering.canvas.typeface import families, font_path, measure
from gandyn.rendering.marks.rasters import resample

__all__ = ["PdfCanvas", "SvgCanvas", "VectorCanvas"]

_FINENESS = 3.0
"""Pixels of an image in a point of the page: 216 an inch."""


class VectorCanvas(Canvas):
    """A page of a PDF or SVG, through whatever renderer matplotlib's canvas hands to an artist.

    Args:
        height: of the picture in its pixels.
        scale: points in a pixel of the picture.
    """

    def __init__(self, renderer: RendererBase, height: float, scale: float = 1.0) -> None:
        super().__init__(renderer, scale)
        self.height = height
        self._fineness = max(_FINENESS * scale, 1.0)

    def bands(
        self,
        box: Box,
        values: Callable[[int, int], Float[np.ndarray, "row column"]],
        levels: tuple[float, ...],
        colors: Float[np.ndarray, "band 4"],
    ) -> None:
        """Paint a field's bands in a box, as an image."""
        width, height = box[2] - box[0], box[3] - box[1]
        rows, columns = max(round(self._fineness * height), 1), max(round(self._fineness * width), 1)
        field = values(rows, columns)
        band = np.searchsorted(np.asarray(levels), field)
        self._image(box, np.round(colors * (1, 1, 1, 255)).astype(np.uint8)[band])

    def raster(self, box: Box, pixels: UInt8[np.ndarray, "row column *channel"]) -> None:
        """Show an image in a box; its pixels are repeated, so that viewers do not blur where one meets the next."""
        grown = max((box[2] - box[0]) / pixels.shape[1], (box[3] - box[1]) / pixels.shape[0])
        factor = max(round(self._fineness * grown), 1)
        large = resample(pixels, factor * pixels.shape[0], factor * pixels.shape[1])
        rgba = np.full((*large.shape[:2], 4), 255, np.uint8)
        rgba[..., :3] = large if large.ndim == 3 else large[..., None]
        self._image(box, rgba)

    def halo(self, x: float, y: float, text: str, color: RGBA, size: float, bold: bool, mono: bool, far: float) -> None:
        """Stroke the outlines of a line's letters: nothing that a reader could find or copy."""
        usual, pen = font_path(bold, mono), self._pen(color, 2.0 * far, False, None)
        for run in spell(text, usual, bold).runs:
            font = FontProperties(fname=str(run.font.path if run.font else usual))
            path = TextPath((x * self.scale, y * self.scale), run.text, size * self.scale, font)
            self.renderer.draw_path(pen, path, IdentityTransform())
            x += measure(run.text, size, bold, mono)

    def _image(self, box: Box, rgba: UInt8[np.ndarray, "row column 4"]) -> None:
        # Renderers take the bottom row first, and measure from below whichever way they write text.
        place = Affine2D().scale((box[2] - box[0]) * self.scale, (box[3] - box[1]) * self.scale)
        pen = self._pen((0.0, 0.0, 0.0, 1.0), 0.0, True, box)
        self.renderer.draw_image(pen, box[0] * self.scale, box[1] * self.scale, rgba[::-1], place)


class PdfCanvas(VectorCanvas):
    """A page of a PDF, which carries its fonts."""

    def text(
        self,
        x: float,
        y: float,
        text: str,
        color: RGBA,
        size: float,
        bold: bool = False,
        mono: bool = False,
        align: Align = "left",
        width: float = 0.0,
    ) -> None:
        """Write one line with its baseline's left end at a point, as text, which readers can search."""
        usual = font_path(bold, mono)
        note(text, usual, bold)
        pen = self._pen(color, 1.0, True, None)
        for run in spell(text, usual, bold).runs:
            font = FontProperties(fname=str(run.font.path if run.font else usual), size=size * self.scale)
            self.renderer.draw_text(pen, x * self.scale, y * self.scale, run.text, font, 0.0)
            x += measure(run.text, size, bold, mono)


class SvgCanvas(VectorCanvas):
    """A picture in SVG, which names its fonts, and others for where they are not installed."""

    def text(
        self,
        x: float,
        y: float,
        text: str,
        color: RGBA,
        size: float,
        bold: bool = False,
        mono: bool = False,
        align: Align = "left",
        width: float = 0.0,
    ) -> None:
        """Write one line with its baseline's left end at a point, as text, which editors can change."""
        usual = font_path(bold, mono)
        note(text, usual, bold)
        found = [run.font.family for run in spell(text, usual, bold).runs if run.font]
        first, *others = families(mono)
        font = FontProperties(
            family=list(dict.fromkeys([first, *found, *others])),
            weight="bold" if bold else "normal",
            size=size * self.scale,
        )
        held = (x + {"left": 0.0, "center": 0.5, "right": 1.0}[align] * width) * self.scale
        # What the line is aligned by, where another font makes it longer or shorter.
        anchor = Text(held, y * self.scale, ha=align, rotation_mode="anchor", transform=IdentityTransform())
        pen = self._pen(color, 1.0, True, None)
        self.renderer.draw_text(pen, x * self.scale, (self.height - y) * self.scale, text, font, 0.0, mtext=anchor)
