"""The surface a picture is drawn on: what all of them can, and pixels through matplotlib's Agg renderer.

Surfaces speak in pixels of the picture with the origin at the lower left. None touches pyplot or the user's
matplotlibrc.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from jaxtyping import Float, UInt8, UInt32
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform, Transform

from gandyn.rendering.canvas.spelling import note, telling_of_boxes
from gandyn.rendering.canvas.typeface import face, font_path
from gandyn.rendering.fields import blend_bands
from gandyn.rendering.marks.polylines import dashed
from gandyn.rendering.marks.rasters import resample

__all__ = ["RGBA", "Align", "Box", "Canvas", "PixelCanvas", "default_settings"]

RGBA = tuple[float, float, float, float]
Align = Literal["left", "center", "right"]
Box = tuple[float, float, float, float]
_IDENTITY = IdentityTransform()


@contextmanager
def default_settings() -> Iterator[None]:
    """Draw with matplotlib's own defaults, whatever the user's matplotlibrc says; warn of what no font could write."""
    with mpl.rc_context(), telling_of_boxes():
        mpl.rcdefaults()
        mpl.rcParams["path.simplify_threshold"] = 0.2
        mpl.rcParams["svg.hashsalt"] = "gandyn"
        mpl.rcParams["pdf.fonttype"] = 42
        mpl.rcParams["svg.fonttype"] = "none"
        yield


class Canvas:
    """Lines, areas and segments through one of matplotlib's renderers.

    Args:
        scale: the renderer's units in a pixel.
    """

    def __init__(self, renderer: RendererBase, scale: float = 1.0) -> None:
        self.renderer: Any = renderer
        self.scale = scale
        self._place: Transform = _IDENTITY if scale == 1.0 else Affine2D().scale(scale)
        self._pens: dict[Any, GraphicsContextBase] = {}

    def _pen(self, color: RGBA, width: float, butt: bool, clip: Box | None) -> GraphicsContextBase:
        key = (color, width, butt, clip)
        if key not in self._pens:
            if len(self._pens) > 512:
                self._pens.clear()
            pen = self.renderer.new_gc()
            pen.set_linewidth(width * self.scale)
            pen.set_foreground(color, isRGBA=True)
            pen.set_alpha(color[3])
            pen.set_capstyle("butt" if butt else "round")
            pen.set_joinstyle("round")
            pen.set_snap(False)
            if clip is not None:
                pen.set_clip_rectangle(Bbox(self.scale * np.array([clip[:2], clip[2:]])))
            self._pens[key] = pen
        return self._pens[key]

    def line(
        self,
        points: Float[np.ndarray, "point 2"],
        color: RGBA,
        width: float,
        dash: tuple[float, ...] = (),
        clip: Box | None = None,
    ) -> None:
        """Stroke a polyline.

        Dashes begin at fixed places on x: they stay where they are while the curve moves.
        """
        if dash and clip is not None:  # no dashes for what is far out of sight
            height = clip[3] - clip[1]
            points = np.column_stack([points[:, 0], np.clip(points[:, 1], clip[1] - height, clip[3] + height)])
        path = dashed(points, [d * width for d in dash]) if dash else Path(points)
        self.renderer.draw_path(self._pen(color, width, bool(dash), clip), path, self._place)

    def lines(self, points: Float[np.ndarray, "point 2"], color: RGBA, width: float, clip: Box | None = None) -> None:
        """Stroke polylines, one after another with NaN points between them, as a single shape."""
        good = np.isfinite(points).all(axis=1)
        codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
        codes[np.flatnonzero(good & np.concatenate(([True], ~good[:-1])))] = Path.MOVETO
        if good.sum() > 1:
            self.renderer.draw_path(self._pen(color, width, False, clip), Path(points[good], codes[good]), self._place)

    def polygon(self, points: Float[np.ndarray, "point 2"], color: RGBA, clip: Box | None = None) -> None:
        """Fill a polygon."""
        self.renderer.draw_path(self._pen(color, 0.0, True, clip), Path(points), self._place, color)

    def segments(
        self,
        ends: Float[np.ndarray, "segment 2 2"],
        colors: Float[np.ndarray, "segment 4"],
        width: float,
        clip: Box | None = None,
    ) -> None:
        """Stroke straight lines, each in its colour."""
        for pair, color in zip(ends, colors.tolist(), strict=True):
            self.line(pair, tuple(color), width, (), clip)

    def outlines(
        self, points: Float[np.ndarray, "point 2"], starts: Sequence[int], color: RGBA, clip: Box | None = None
    ) -> None:
        """Fill many polygons of one colour at once; each begins at one of `starts`."""
        codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
        codes[list(starts)] = Path.MOVETO
        self.renderer.draw_path(self._pen(color, 0.0, True, clip), Path(points, codes), self._place, color)

    def dots(self, centres: Float[np.ndarray, "dot 2"], color: RGBA, radius: float, clip: Box | None = None) -> None:
        """Fill circles."""
        if not len(centres):
            return
        # Corners enough that no side is more than a tenth of a pixel off: many times as fast as curves.
        corners = int(np.clip(np.ceil(np.pi / np.arccos(1 - min(0.1 / max(radius, 0.1), 0.5))), 8, 96))
        angle = np.arange(corners + 1) * (2 * np.pi / corners)
        circle = radius * np.column_stack([np.cos(angle), np.sin(angle)])
        points = (circle[None] + centres[:, None]).reshape(-1, 2)
        self.outlines(points, range(0, len(points), corners + 1), color, clip)

    def mesh(
        self, corners: Float[np.ndarray, "row column 2"], colors: Float[np.ndarray, "cell 4"], clip: Box | None = None
    ) -> None:
        """Fill the cells of a net of corners, each in its colour, row by row."""
        shape = (corners.shape[0] - 1, corners.shape[1] - 1)
        quads = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2)
        quads = quads.reshape(shape[0] * shape[1], 4, 2)
        for quad, color in zip(quads, colors.tolist(), strict=True):
            if color[3] > 0 and np.isfinite(quad).all():
                self.polygon(quad, tuple(color), clip)

    def bands(
        self,
        box: Box,
        values: Callable[[int, int], Float[np.ndarray, "row column"]],
        levels: tuple[float, ...],
        colors: Float[np.ndarray, "band 4"],
    ) -> None:
        """Paint a field's bands in a box.

        Args:
            box: left, bottom, right and top.
            values: gives the field at a number of rows (top first) and columns of equal pixels that fill the box.
            levels: where the bands meet.
            colors: of the bands (see `fields.band_colors`).
        """
        raise NotImplementedError

    def raster(self, box: Box, pixels: UInt8[np.ndarray, "row column *channel"]) -> None:
        """Show an image in a box, grey or colour, top row first."""
        raise NotImplementedError

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
        """Write one line with its baseline's left end at a point.

        Args:
            x: of the point.
            y: of the point.
            text: what is written.
            color: in which.
            size: of the type in pixels.
            bold: whether it is.
            mono: whether all letters are as wide.
            align: which point of the line stays in place where its font is not there and another takes its place.
            width: of the line in pixels; 0 where it is aligned at its left end.
        """
        raise NotImplementedError

    def halo(self, x: float, y: float, text: str, color: RGBA, size: float, bold: bool, mono: bool, far: float) -> None:
        """Paint what lies around the letters of a line, up to some pixels `far`; else as for `text`."""
        for turn in np.arange(16) * np.pi / 8:
            self.text(x + far * np.cos(turn), y + far * np.sin(turn), text, color, size, bold, mono)


class PixelCanvas(Canvas):
    """An RGBA picture in memory.

    Attributes:
        rgba: the picture, top row first.
        packed: the same bytes as one number a pixel.
    """

    def __init__(self, width: int, height: int) -> None:
        super().__init__(RendererAgg(width, height, 72.0))
        self.width, self.height = width, height
        self.rgba: UInt8[np.ndarray, "row column 4"] = np.asarray(self.renderer.buffer_rgba())
        self.packed: UInt32[np.ndarray, "row column"] = self.rgba.view(np.uint32)[..., 0]

    def segments(
        self,
        ends: Float[np.ndarray, "segment 2 2"],
        colors: Float[np.ndarray, "segment 4"],
        width: float,
        clip: Box | None = None,
    ) -> None:
        """Stroke straight lines, each in its colour, in one call."""
        if not len(ends):
            return
        none2, none4 = np.zeros((0, 2)), np.zeros((0, 4))
        self.renderer.draw_path_collection(
            self._pen((0.0, 0.0, 0.0, 1.0), width, True, clip),
            _IDENTITY,
            [Path(pair) for pair in ends],
            np.zeros((0, 3, 3)),
            none2,
            _IDENTITY,
            none4,
            colors,
            np.array([width]),
            [(0.0, None)],
            np.array([True]),
            [None],
            "screen",
            hatchcolors=none4,
        )

    def mesh(
        self, corners: Float[np.ndarray, "row column 2"], colors: Float[np.ndarray, "cell 4"], clip: Box | None = None
    ) -> None:
        """Fill the cells of a net of corners, each in its colour, row by row, in one call."""
        if not np.isfinite(corners).all():
            super().mesh(corners, colors, clip)
            return
        rows, columns = corners.shape[0] - 1, corners.shape[1] - 1
        pen = self._pen((0.0, 0.0, 0.0, 1.0), 0.0, True, clip)
        none2 = np.zeros((1, 2))
        self.renderer.draw_quad_mesh(
            pen, _IDENTITY, columns, rows, corners, none2, _IDENTITY, colors, True, np.zeros((0, 4))
        )

    def bands(
        self,
        box: Box,
        values: Callable[[int, int], Float[np.ndarray, "row column"]],
        levels: tuple[float, ...],
        colors: Float[np.ndarray, "band 4"],
    ) -> None:
        """Paint a field's bands in a box, rounded to whole pixels."""
        target = self._part(box)
        if target.size:
            blend_bands(target, values(*target.shape[:2]), levels, colors)

    def raster(self, box: Box, pixels: UInt8[np.ndarray, "row column *channel"]) -> None:
        """Show an image in a box, rounded to whole pixels."""
        target = self._part(box)
        if target.size:
            found = resample(pixels, *target.shape[:2])
            target[..., :3] = found if found.ndim == 3 else found[..., None]

    def _part(self, box: Box) -> UInt8[np.ndarray, "row column 4"]:
        left, right = max(round(box[0]), 0), min(round(box[2]), self.width)
        top, bottom = max(self.height - round(box[3]), 0), min(self.height - round(box[1]), self.height)
        return self.rgba[top : max(bottom, top), left : max(right, left)]

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
        """Write one line with its baseline's left end at a point."""
        ink = np.array(color[:3], dtype=np.float32) * 255.0
        left, base = round(x), round(self.height - y)
        note(text, font_path(bold, mono), bold)
        for mask, dx, dy in face(round(size * 4) / 4, bold, mono).masks(text):
            row, column = base + dy, left + dx
            r0, c0 = max(row, 0), max(column, 0)
            r1, c1 = min(row + mask.shape[0], self.height), min(column + mask.shape[1], self.width)
            if r0 >= r1 or c0 >= c1:
                continue
            cover = mask[r0 - row : r1 - row, c0 - column : c1 - column, None] * np.float32(color[3])
            under = self.rgba[r0:r1, c0:c1, :3]
            under[...] = (under + (ink - under) * cover + np.float32(0.5)).astype(np.uint8)
