"""The painter: turns marks into strokes on a canvas, in a theme's colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from gandyn.rendering.canvas.canvas import RGBA, Box, Canvas
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.fields import band_colors, spline
from gandyn.rendering.marks.marks import (
    Area,
    Arrows,
    Axes,
    Bands,
    Cells,
    Dots,
    EndLabels,
    Line,
    Mark,
    Mesh,
    Raster,
    Region,
    Segments,
    Shape,
    Text,
)
from gandyn.rendering.marks.polylines import paths_of
from gandyn.rendering.theme import Theme, rgb

__all__ = ["Painter", "Placed", "arrow_outlines", "leaders", "place_labels"]

_CORNERS = {
    "square": 0.89 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]),
    "triangle": 1.28 * np.array([(-1, -0.67), (1, -0.67), (0, 1.0), (-1, -0.67)]),
    "diamond": 1.26 * np.array([(-1, 0), (0, -1), (1, 0), (0, 1), (-1, 0)]),
}
"""Outlines of shapes of about the area of a circle of radius 1."""

_RIM = 0.16
"""Width of the rim around letters on a picture, in parts of their type."""


@dataclass(frozen=True)
class Placed:
    """One line of an end label where it is to be written: pixels of its left end and its middle."""

    role: str
    x: float
    y: float
    text: str
    bold: bool
    anchor: tuple[float, float]


class Painter:
    """Draws marks on a canvas.

    Args:
        em: the picture's base font size in pixels; line widths scale with it.
        hairline: width of the thinnest lines in pixels.
    """

    def __init__(self, canvas: Canvas, theme: Theme, em: float, hairline: float = 0.5) -> None:
        self.canvas, self.theme, self.em, self.hairline = canvas, theme, em, hairline
        self._stroke = em / 18.0

    def paint(self, marks: Iterable[Mark], axes: Mapping[str, Axes]) -> None:
        """Draw marks in order."""
        for mark in marks:
            place = axes[mark.axes] if mark.axes else None
            clip = place.box if place is not None and place.clip else None
            if isinstance(mark, Line):
                self._line(mark, place, clip)
            elif isinstance(mark, Area):
                self._area(mark, place, clip)
            elif isinstance(mark, Region):
                self._region(mark, place, clip)
            elif isinstance(mark, Segments):
                self._segments(mark, place, clip)
            elif isinstance(mark, Dots):
                self._dots(mark, place)
            elif isinstance(mark, Bands) and place is not None:
                self._bands(mark, place)
            elif isinstance(mark, Cells) and place is not None:
                self._cells(mark, place)
            elif isinstance(mark, Raster) and place is not None:
                self.canvas.raster(_box(place, mark.x, mark.y), mark.pixels)
            elif isinstance(mark, Mesh):
                self._mesh(mark, place, clip)
            elif isinstance(mark, Arrows):
                self._arrows(mark, place, clip)
            elif isinstance(mark, Text):
                self._text(mark, place)
            elif isinstance(mark, EndLabels) and place is not None:
                self._end_labels(mark, place)

    def _color(self, role: str, opacity: float = 1.0) -> RGBA:
        return (*self.theme.style(role).rgb, opacity)

    def _lift(self, opacity: float) -> float:
        return float(opacity**self.theme.lift)

    def _line(self, mark: Line, place: Axes | None, clip: Box | None) -> None:
        style = self.theme.style(mark.role)
        width = max(style.width * mark.weight * self._stroke, self.hairline)
        color, points = self._color(mark.role, mark.opacity), _points(place, mark.x, mark.y)
        if not (mark.dashed and style.dash):
            self.canvas.lines(points, color, width, clip)
            return
        for piece in paths_of(points):
            self.canvas.line(piece, color, width, style.dash, clip)

    def _area(self, mark: Area, place: Axes | None, clip: Box | None) -> None:
        lower, upper = _points(place, mark.x, mark.low), _points(place, mark.x, mark.high)
        color = self._color(mark.role, self._lift(mark.opacity) if mark.band else mark.opacity)
        for piece in paths_of(np.concatenate([lower, upper], axis=1)):
            self.canvas.polygon(np.concatenate([piece[:, :2], piece[::-1, 2:], piece[:1, :2]]), color, clip)

    def _region(self, mark: Region, place: Axes | None, clip: Box | None) -> None:
        points = _points(place, mark.x, mark.y)
        good = np.isfinite(points).all(axis=1)
        # Each outline begins where the point before it is a gap.
        starts = np.flatnonzero((good & np.concatenate(([True], ~good[:-1])))[good])
        if len(starts):
            color = self._color(mark.role, self._lift(mark.opacity))
            self.canvas.outlines(points[good], starts.tolist(), color, clip)

    def _segments(self, mark: Segments, place: Axes | None, clip: Box | None) -> None:
        ends = np.stack([_points(place, mark.x0, mark.y0), _points(place, mark.x1, mark.y1)], axis=1)
        good = np.isfinite(ends).all(axis=(1, 2)) & (mark.opacity > 0)
        style = self.theme.style(mark.role)
        colors = np.column_stack([np.tile(style.rgb, (int(good.sum()), 1)), mark.opacity[good]])
        self.canvas.segments(ends[good], colors, style.width * mark.weight * self._stroke, clip)

    def _dots(self, mark: Dots, place: Axes | None) -> None:
        centres = _points(place, mark.x, mark.y)
        centres = centres[np.isfinite(centres).all(axis=1)]
        if mark.halo:
            ground = (*rgb(self.theme.background), mark.opacity)
            self._shapes(centres, ground, (mark.radius + mark.halo) * self.em, mark.shape)
        self._shapes(centres, self._color(mark.role, mark.opacity), mark.radius * self.em, mark.shape)

    def _shapes(self, centres: np.ndarray, color: RGBA, radius: float, shape: Shape) -> None:
        corners = _CORNERS.get(shape)
        if corners is None:
            self.canvas.dots(centres, color, radius)
        elif len(centres):
            points = (radius * corners[None] + centres[:, None]).reshape(-1, 2)
            self.canvas.outlines(points, range(0, len(points), len(corners)), color)

    def _bands(self, mark: Bands, place: Axes) -> None:
        rows_from_top = mark.values.T[::-1]

        def values(rows: int, columns: int) -> np.ndarray:
            return spline(rows_from_top, rows, columns)

        ground = rgb(self.theme.background) if mark.solid else None
        self.canvas.bands(_box(place, mark.x, mark.y), values, mark.levels, band_colors(self._fills(mark), ground))

    def _cells(self, mark: Cells, place: Axes) -> None:
        ground = rgb(self.theme.background)
        colors = np.vstack([band_colors(self._fills(mark), ground)[:, :3], 255.0 * np.array(ground)])
        rows_from_top = mark.values.T[::-1]
        band = np.where(np.isnan(rows_from_top), len(mark.fills), np.searchsorted(mark.levels, rows_from_top))
        self.canvas.raster(_box(place, mark.x, mark.y), np.round(colors).astype(np.uint8)[band])

    def _fills(self, mark: Bands | Cells) -> tuple[tuple[tuple[float, float, float], float], ...]:
        return tuple((self.theme.style(role).rgb, self._lift(opacity)) for role, opacity in mark.fills)

    def _mesh(self, mark: Mesh, place: Axes | None, clip: Box | None) -> None:
        corners = _points(place, mark.x.ravel(), mark.y.ravel()).reshape(*mark.x.shape, 2)
        opacity = mark.opacity.ravel()
        color = self.theme.style(mark.role).rgb
        self.canvas.mesh(corners, np.column_stack([np.tile(color, (len(opacity), 1)), opacity]), clip)

    def _arrows(self, mark: Arrows, place: Axes | None, clip: Box | None) -> None:
        tails, tips = _points(place, mark.x0, mark.y0), _points(place, mark.x1, mark.y1)
        outlines = arrow_outlines(tails, tips, mark.width * self.em)
        if len(outlines):
            starts = range(0, outlines.shape[0] * outlines.shape[1], outlines.shape[1])
            self.canvas.outlines(outlines.reshape(-1, 2), starts, self._color(mark.role, mark.opacity), clip)

    def _text(self, mark: Text, place: Axes | None) -> None:
        x, y = (float(mark.x), float(mark.y)) if place is None else (float(v) for v in place.pixels(mark.x, mark.y))
        size = mark.size * self.em
        width = 0.0
        if mark.align != "left":
            width = measure(mark.text, size, mark.bold, mark.mono)
            x -= width / 2 if mark.align == "center" else width
        y -= {"baseline": 0.0, "middle": 0.36, "top": 0.74, "bottom": -0.22}[mark.valign] * size
        x, y = x + mark.dx * self.em, y + mark.dy * self.em
        if mark.ground:
            self._dim(x, y + 0.36 * size, measure(mark.text, size, mark.bold, mark.mono))
        if mark.halo:
            ground = (*rgb(self.theme.background), 1.0)
            self.canvas.halo(x, y, mark.text, ground, size, mark.bold, mark.mono, _RIM * size)
        self.canvas.text(x, y, mark.text, self._color(mark.role), size, mark.bold, mark.mono, mark.align, width)

    def _dim(self, left: float, middle: float, width: float) -> None:
        """Dim what lies under a line of text: thin rules, mostly, that would run through it."""
        left, right, low, high = (
            left - 0.15 * self.em,
            left + width + 0.15 * self.em,
            middle - 0.5 * self.em,
            middle + 0.5 * self.em,
        )
        corners = np.array([[left, low], [right, low], [right, high], [left, high], [left, low]])
        self.canvas.polygon(corners, (*rgb(self.theme.background), 0.82))

    def _end_labels(self, mark: EndLabels, place: Axes) -> None:
        placed = place_labels(mark, place, self.em)
        for label in mark.labels:
            tip = _points(place, [label.x], [label.y])
            if place.box[1] - 1 <= tip[0, 1] <= place.box[3] + 1:
                self.canvas.dots(tip, self._color(label.role), 0.27 * self.em)
        for role, points in leaders(placed, place, self.em):
            self.canvas.line(points, self._color(role, 0.5), max(0.8 * self._stroke, self.hairline))
        for one in placed:
            self._dim(one.x, one.y, measure(one.text, self.em, one.bold))
        for one in placed:
            self.canvas.text(one.x, one.y - 0.36 * self.em, one.text, self._color(one.role), self.em, one.bold)


def place_labels(mark: EndLabels, place: Axes, em: float) -> list[Placed]:
    """Return where the lines of the end labels go: as near their curves as they can without touching each other.

    Notes are left out, last label first, and then labels from the last on, until the column fits the axes' height.
    """
    pitch = 1.16 * em
    _left, bottom, _right, top = place.box
    labels = [label for label in mark.labels if np.isfinite(label.y)]
    notes = [list(label.note) for label in labels]
    slot = max(int((top - bottom + 0.3 * em) / pitch), 1)
    while sum(1 + len(note) for note in notes) > slot and any(notes):
        notes[max(i for i, note in enumerate(notes) if note)] = []
    labels, notes = labels[:slot], notes[:slot]
    if not labels:
        return []

    wanted = []
    for label, note in zip(labels, notes, strict=True):
        x, y = (float(v) for v in place.pixels(label.x, label.y))
        half = (1 + len(note)) * pitch / 2
        wanted.append((min(max(y, bottom), top) - half + pitch / 2, half, x, y))
    order = sorted(range(len(labels)), key=lambda i: (wanted[i][3], -i))
    centres = _push_apart(
        [wanted[i][0] for i in order], [wanted[i][1] for i in order], bottom - 0.15 * em, top + 0.15 * em
    )
    placed = []
    for i, centre in zip(order, centres, strict=True):
        label, note, (_, half, x, y) = labels[i], notes[i], wanted[i]
        lines = [label.text, *note]
        widths = [measure(line, em, bold=row == 0) for row, line in enumerate(lines)]
        left = min(x + 0.75 * em, mark.right - max(widths))
        for row, line in enumerate(lines):
            placed.append(Placed(label.role, left, centre + half - (row + 0.5) * pitch, line, row == 0, (x, y)))
    return placed


def leaders(placed: list[Placed], place: Axes, em: float) -> list[tuple[str, np.ndarray]]:
    """Return role and ends of thin lines from the ends of curves in sight to labels pushed more than their height."""
    found = []
    for one in placed:
        x, y = one.anchor
        inside = place.box[1] - 1 <= y <= place.box[3] + 1
        if one.bold and inside and abs(one.y - y) > 1.16 * em and one.x > x:
            found.append((one.role, np.array([[x, y], [one.x - 0.15 * em, one.y]])))
    return found


def arrow_outlines(tails: np.ndarray, tips: np.ndarray, width: float) -> np.ndarray:
    """Return the outlines of arrows between points, shape (arrow, 8, 2), without those under a third of a pixel.

    Args:
        tails: pixels, shape (arrow, 2).
        tips: pixels, shape (arrow, 2).
        width: of the shaft in pixels.
    """
    along = tips - tails
    length = np.hypot(along[:, 0], along[:, 1])
    good = np.isfinite(length) & (length > 1 / 3)
    tails, tips, length = tails[good], tips[good], length[good, None]
    along = along[good] / length
    across = np.column_stack([-along[:, 1], along[:, 0]])
    head = np.minimum(4.2 * width, 0.75 * length)
    neck = tips - along * head
    wing, half = across * head * 0.45, across * np.minimum(width / 2, 0.16 * head)
    first = tails + half
    return np.stack([first, neck + half, neck + wing, tips, neck - wing, neck - half, tails - half, first], axis=1)


def _push_apart(centres: list[float], halves: list[float], low: float, high: float) -> list[float]:
    """Return ordered intervals moved as little as possible so that none overlap and all lie between two ends.

    Neighbours that collide are merged into blocks, each centred where its members want to be on average.
    """
    blocks: list[list[float]] = []
    for centre, half in zip(centres, halves, strict=True):
        blocks.append([centre, half, centre, 1.0])
        while True:
            block = blocks[-1]
            block[0] = min(max(block[0], low + block[1]), max(high - block[1], low + block[1]))
            if len(blocks) < 2 or blocks[-2][0] + blocks[-2][1] <= block[0] - block[1]:
                break
            upper, lower = blocks.pop(), blocks.pop()
            half = upper[1] + lower[1]
            # Wanted centre of the merged block: mean over members of where it would lie if that member had its wish.
            total = upper[3] + lower[3]
            wish = ((upper[2] - lower[1]) * upper[3] + (lower[2] + upper[1]) * lower[3]) / total
            blocks.append([wish, half, wish, total])
    result: list[float] = []
    index = 0
    for centre, half, _, count in blocks:
        edge = centre - half
        for _ in range(int(count)):
            result.append(edge + halves[index])
            edge += 2 * halves[index]
            index += 1
    return result


def _box(place: Axes, x: tuple[float, float], y: tuple[float, float]) -> Box:
    (left, right), (bottom, top) = place.pixels(x, y)  # type: ignore[arg-type]
    return float(left), float(bottom), float(right), float(top)


def _points(place: Axes | None, x: object, y: object) -> np.ndarray:
    if place is None:
        return np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    return np.column_stack(place.pixels(x, y))  # type: ignore[arg-type]
