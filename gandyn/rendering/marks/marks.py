"""Marks: what a panel draws, as plain data with role names instead of colours.

A panel answers "what is to be seen at this step" with a list of these; the painter turns them into pixels or into
a PDF. Tests look at marks, never at pixels. Coordinates are those of the named `Axes` of the panel, or pixels of the
whole picture (origin lower left) where `axes` is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

__all__ = [
    "Area",
    "Arrows",
    "Axes",
    "Bands",
    "Cells",
    "Dots",
    "EndLabel",
    "EndLabels",
    "Line",
    "Mark",
    "Mesh",
    "Raster",
    "Region",
    "Scale",
    "Segments",
    "Shape",
    "Text",
]

Values = Float[np.ndarray, " point"]
Shape = Literal["circle", "square", "triangle", "diamond"]


@dataclass(frozen=True)
class Scale:
    """One direction of an axes: the values at its two ends, linear or logarithmic."""

    low: float
    high: float
    log: bool = False

    def unit(self, values: Values | float) -> Values:
        """Return where values lie between the two ends, as fractions (0 at `low`, 1 at `high`)."""
        v = np.asarray(values, dtype=float)
        if self.log:
            # Nothing and less lies far below any axis, as NaN does not.
            v = np.log10(np.maximum(v, 1e-300))
            return np.asarray((v - np.log10(self.low)) / (np.log10(self.high) - np.log10(self.low)))
        return np.asarray((v - self.low) / (self.high - self.low))


@dataclass(frozen=True)
class Axes:
    """A rectangle of the picture with a scale each way; fixed for the whole animation.

    Attributes:
        box: left, bottom, right and top in pixels of the picture.
        clip: whether marks are cut at the rectangle.
    """

    box: tuple[float, float, float, float]
    x: Scale
    y: Scale
    clip: bool = True

    def pixels(self, x: Values | float, y: Values | float) -> tuple[Values, Values]:
        """Return the pixel positions of points given in the scales' units."""
        left, bottom, right, top = self.box
        return left + self.x.unit(x) * (right - left), bottom + self.y.unit(y) * (top - bottom)

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True)
class Line:
    """A polyline; breaks where a coordinate is NaN.

    Attributes:
        weight: multiplies the role's line width.
        dashed: whether the role's dash pattern is used (thin raw lines are drawn solid).
    """

    axes: str
    role: str
    x: Values
    y: Values
    weight: float = 1.0
    opacity: float = 1.0
    dashed: bool = True


@dataclass(frozen=True)
class Area:
    """The region between two curves over the same x; NaN columns are left out.

    Attributes:
        band: whether its opacity is that of a band of a field, as in a key.
    """

    axes: str
    role: str
    x: Values
    low: Values
    high: Values
    opacity: float = 0.2
    band: bool = False


@dataclass(frozen=True)
class Region:
    """What lies within closed outlines, of which those that run the other way round cut holes.

    Attributes:
        x: of the outlines, with a NaN between one and the next. `y` likewise.
    """

    axes: str
    role: str
    x: Values
    y: Values
    opacity: float = 0.2


@dataclass(frozen=True)
class Segments:
    """Straight lines, each with an opacity of its own."""

    axes: str
    role: str
    x0: Values
    y0: Values
    x1: Values
    y1: Values
    opacity: Values
    weight: float = 1.0


@dataclass(frozen=True)
class Dots:
    """Filled circles, or other shapes that tell curves apart without colour.

    Attributes:
        radius: in em of the picture's base font.
        halo: width of a ring in the background's colour around each circle, in em.
        shape: of about the same area as the circle of that radius.
    """

    axes: str
    role: str
    x: Values
    y: Values
    radius: float = 0.28
    opacity: float = 1.0
    halo: float = 0.0
    shape: Shape = "circle"


@dataclass(frozen=True)
class Bands:
    """A field on the plane as flat bands of colour between levels.

    Between the cell centres the field is the quadratic B-spline with the cells' values for coefficients: smooth, never
    beyond its neighbours' values, and exact for a field that is linear.

    Attributes:
        x: ends of the field's window; its cells are equally wide. `y` likewise.
        values: one a cell, first index along x, all finite.
        levels: where one band ends and the next begins, ascending.
        fills: role and opacity of each band, from below the first level to above the last; opacity 0 is left clear.
        solid: whether bands cover what was drawn before: their opacity then mixes with the picture's background.
    """

    axes: str
    x: tuple[float, float]
    y: tuple[float, float]
    values: Float[np.ndarray, "x y"]
    levels: tuple[float, ...]
    fills: tuple[tuple[str, float], ...]
    solid: bool = False


@dataclass(frozen=True)
class Cells:
    """A field on the plane cell by cell, each in the flat colour of its band; where it is NaN the ground is seen.

    Attributes:
        x: ends of the field's window; its cells are equally wide. `y` likewise.
        values: one a cell, first index along x.
        levels: where one band ends and the next begins, ascending.
        fills: role and opacity of each band, from below the first level to above the last, over the ground.
    """

    axes: str
    x: tuple[float, float]
    y: tuple[float, float]
    values: Float[np.ndarray, "x y"]
    levels: tuple[float, ...]
    fills: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Raster:
    """An image whose pixels are shown as they are, whatever the theme.

    Attributes:
        x: its left and right end. `y` likewise.
        pixels: grey, or red, green and blue; top row first.
    """

    axes: str
    x: tuple[float, float]
    y: tuple[float, float]
    pixels: UInt8[np.ndarray, "row column *channel"]


@dataclass(frozen=True)
class Mesh:
    """A net of four-cornered cells, each filled with an opacity of its own; cells with a NaN corner are left out.

    Attributes:
        x: of the corners, one more each way than cells. `y` likewise.
    """

    axes: str
    role: str
    x: Float[np.ndarray, "row column"]
    y: Float[np.ndarray, "row column"]
    opacity: Float[np.ndarray, "row_cell column_cell"]


@dataclass(frozen=True)
class Arrows:
    """Straight arrows; those shorter than a third of a pixel are left out.

    Attributes:
        width: of the shaft, in em of the picture's base font; the head is in proportion, shorter on short arrows.
    """

    axes: str
    role: str
    x0: Values
    y0: Values
    x1: Values
    y1: Values
    width: float = 0.11
    opacity: float = 1.0


@dataclass(frozen=True)
class Text:
    """One line of text at a point.

    Attributes:
        size: multiplies the picture's base font.
        dx: shift to the right in em, dy: upwards in em.
        ground: whether what lies under the text is dimmed.
        halo: whether a rim in the background's colour parts its letters from what lies under them.
    """

    axes: str
    role: str
    x: float
    y: float
    text: str
    size: float = 1.0
    bold: bool = False
    mono: bool = False
    align: Literal["left", "center", "right"] = "left"
    valign: Literal["baseline", "middle", "top", "bottom"] = "baseline"
    dx: float = 0.0
    dy: float = 0.0
    ground: bool = False
    halo: bool = False


@dataclass(frozen=True)
class EndLabel:
    """The value written at the end of a curve, with further lines under it that go first when room is short."""

    role: str
    x: float
    y: float
    text: str
    note: tuple[str, ...] = ()


@dataclass(frozen=True)
class EndLabels:
    """All end labels of one axes: pushed apart where they would collide, kept left of `right` (pixels)."""

    axes: str
    right: float
    labels: tuple[EndLabel, ...] = field(default=())


Mark = Line | Area | Region | Segments | Dots | Bands | Cells | Raster | Mesh | Arrows | Text | EndLabels
