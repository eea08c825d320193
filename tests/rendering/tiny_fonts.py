"""Fonts of a few characters, each a block of ink, for machines that have no others."""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.ttCollection import TTCollection

__all__ = ["tiny_collection", "tiny_font"]

_SQUARE = 1000
"""Units in an em, and the advance of each character."""


def tiny_font(
    path: Path, family: str, signs: str, *, blank: str = "", serif: bool = False, weight: int = 400, high: int = 800
) -> Path:
    """Write a font and return its file.

    Args:
        path: where.
        family: its name.
        signs: characters that are drawn as blocks, 800 of 1000 units wide.
        blank: characters that it has, and draws as nothing.
        serif: what it says of its strokes.
        weight: what it says of their width.
        high: height of the blocks.
    """
    _font(family, signs, blank, serif, weight, high).save(path)
    return path


def tiny_collection(path: Path, families: tuple[str, str], signs: str) -> Path:
    """Write a collection of two fonts of the same characters and return its file."""
    both = TTCollection()
    both.fonts = [_font(family, signs, "", False, 400, 800) for family in families]
    both.save(path)
    return path


def _font(family: str, signs: str, blank: str, serif: bool, weight: int, high: int) -> TTFont:
    names = {ord(sign): f"u{ord(sign):05X}" for sign in signs + blank}
    order = [".notdef", *names.values()]
    builder = FontBuilder(_SQUARE, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    drawn = {names[ord(sign)] for sign in signs}
    builder.setupGlyf({name: _block(high if name in drawn else 0) for name in order})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (_SQUARE, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")})
    builder.setupOS2(sTypoAscender=880, usWinAscent=880, usWinDescent=120, usWeightClass=weight)
    builder.font["OS/2"].panose.bFamilyType = 2
    builder.font["OS/2"].panose.bSerifStyle = 2 if serif else 11
    builder.setupPost()
    return builder.font


def _block(high: int) -> object:
    pen = TTGlyphPen(None)
    if high:
        pen.moveTo((100, 0))
        for corner in ((100, high), (900, high), (900, 0)):
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()
