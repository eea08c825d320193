"""The sheet a figure is drawn on: how large it is in print, how large its type, and how many pixels that takes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gandyn.core.errors import UsageError
from gandyn.core.messages import shown
from gandyn.rendering.layout.layout import base_font

__all__ = ["DPI", "HAIRLINE", "TYPE", "Sheet", "length"]

DPI = 300
"""Pixels an inch of figures that have a width in print."""

TYPE = 8.0
"""Size of the type of such a figure in points, whatever its width."""

HAIRLINE = 0.5
"""Width of the thinnest lines of such a figure in points."""

_UNITS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0, "px": 72 / DPI}
"""Points in a unit; a point is 1/72 inch, as in PDF, and a pixel is one of those that a PNG file has."""

_SCREEN_TYPE = 12.0
"""Size of the type of a figure that was asked for in no size, in pixels."""

_LEAST, _MOST = 1.5 * 72, 48.0 * 72
"""Sides of a figure in points between which something can be drawn."""


@dataclass(frozen=True)
class Sheet:
    """Size and type of a figure. Layouts count in its pixels, which PDF and SVG divide as finely as they like.

    Attributes:
        width: in pixels.
        height: in pixels; None where it follows from what is drawn.
        em: base font size in pixels.
        dpi: pixels an inch.
        hairline: width of the thinnest lines in pixels.
        heading: size of the title, in em.
        margin: free space at the edges, in em.
        printed: whether it was given its width in print, which PNG files then carry.
    """

    width: int
    height: int | None
    em: float
    dpi: float = 72.0
    hairline: float = 0.5
    heading: float = 1.6
    margin: float = 1.4
    printed: bool = False

    @classmethod
    def chosen(cls, size: tuple[int, int] | None = None, width: str | None = None, height: str | None = None) -> Sheet:
        """Return a sheet of a size in pixels, of a width in print, or where neither is given for the screen.

        Raises:
            UsageError: both are given, or a height without a width; or one of them is no length.
        """
        if width is not None and size is not None:
            raise UsageError("a figure has a size in pixels or a width in print, not both")
        if height is not None and width is None:
            raise UsageError("a height in print needs a width")
        if width is not None:
            return cls.of_width(width, height)
        return cls.of_screen() if size is None else cls.of_size(size)

    @classmethod
    def of_size(cls, size: tuple[int, int]) -> Sheet:
        """Return a sheet for the screen, of a size in pixels, with type in proportion."""
        return cls(*size, em=base_font(size))

    @classmethod
    def of_screen(cls, width: int = 960) -> Sheet:
        """Return a sheet for the screen, a width in pixels, that is as high as what is drawn on it."""
        return cls(width, None, _SCREEN_TYPE)

    @classmethod
    def of_width(cls, width: str, height: str | None = None) -> Sheet:
        """Return a sheet of a width in print, with type of 8 points.

        Args:
            width: such as "3.3in", "17cm", "84mm", "505pt" or "1000px".
            height: likewise; unless given it follows from what is drawn.

        Raises:
            UsageError: either is no length, or is too small or large.
        """
        points = length(width)
        pixels = round(points / 72 * DPI)
        # A whole number of pixels is exactly as wide as was asked for, at the cost of a few hundredths of a dpi.
        dpi = pixels / (points / 72)
        high = None if height is None else round(length(height) / 72 * dpi)
        return cls(pixels, high, TYPE / 72 * dpi, dpi, HAIRLINE / 72 * dpi, heading=1.0, margin=0.3, printed=True)


def length(text: str) -> float:
    """Return a length such as 3.3in, 17cm, 84mm, 505pt or 1000px in points of 1/72 inch.

    Raises:
        UsageError: it is none, or no side of a figure.
    """
    match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})\s*([a-z]+)\s*", str(text), re.ASCII)
    if match is None or match[2] not in _UNITS:
        raise UsageError(f"{shown(text)} is no length: expected one such as 3.3in, 17cm, 84mm, 505pt or 1000px")
    points = float(match[1]) * _UNITS[match[2]]
    if not _LEAST <= points <= _MOST:
        raise UsageError(f"{shown(text)} is outside what can be drawn ({_LEAST / 72:g}in to {_MOST / 72:g}in)")
    return points
