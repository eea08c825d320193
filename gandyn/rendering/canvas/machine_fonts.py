"""The fonts of this machine, and which of them has a character.

They are looked through when they are first asked for, which takes about a millisecond a font. Which of them writes a
character depends on the character and the fonts alone, so that a picture is the same whatever was drawn before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags

__all__ = ["Font", "fonts_for", "has"]

_EAST_ASIAN = "日本語あア中国漢字한국"
"""Fonts with more of these come first: one that has them all writes a line in one hand."""

_REGULAR, _BOLD = 400, 700


@dataclass(frozen=True)
class Font:
    """A font on this machine.

    Attributes:
        path: its file; of a collection the first font is meant.
        family: what programs that show text know it by.
        serif: whether its strokes end in serifs.
        breadth: how many of some East Asian characters it has.
        weight: 400 where it is regular, 700 where it is bold.
    """

    path: Path
    family: str
    serif: bool
    breadth: int
    weight: int


_CHOSEN: dict[tuple[str, bool], Font | None] = {}


def fonts_for(signs: Iterable[str], bold: bool = False) -> dict[str, Font | None]:
    """Return for each of some characters the font that draws it best; None where none can."""
    wanted = set(signs)
    missing = {sign for sign in wanted if (sign, bold) not in _CHOSEN}
    for font in _ranked(bold) if missing else ():
        drawn = _drawable(font.path, missing)
        _CHOSEN.update({(sign, bold): font for sign in drawn})
        missing -= drawn
        if not missing:
            break
    _CHOSEN.update({(sign, bold): None for sign in missing})
    return {sign: _CHOSEN[sign, bold] for sign in wanted}


def has(path: Path, sign: str) -> bool:
    """Say whether a font has a character."""
    return ord(sign) in _characters(path)


@cache
def _characters(path: Path) -> frozenset[int]:
    """Return the codes of a font's characters; the font itself could not be kept across a fork."""
    return frozenset(FT2Font(str(path)).get_charmap())


def _drawable(path: Path, signs: Iterable[str]) -> set[str]:
    """Return those of some characters that a font has a glyph for with ink in it.

    Fonts in colour may have glyphs without outlines, which are drawn as nothing.
    """
    try:
        font = FT2Font(str(path))
        return {sign for sign in signs if _inked(font, sign)}
    except (OSError, RuntimeError):
        return set()


def _inked(font: FT2Font, sign: str) -> bool:
    index = font.get_char_index(ord(sign))
    if not index or sign.isspace():
        return bool(index)
    left, bottom, right, top = font.load_glyph(index, LoadFlags.NO_SCALE).bbox
    return right > left and top > bottom


@cache
def _ranked(bold: bool) -> tuple[Font, ...]:
    """Return the machine's fonts, those first that go best with the usual one, which has no serifs."""
    weight = _BOLD if bold else _REGULAR

    def rank(font: Font) -> tuple[bool, int, int, str, str]:
        return font.serif, -font.breadth, abs(font.weight - weight), font.family, str(font.path)

    return tuple(sorted(_installed(), key=rank))


@cache
def _installed() -> tuple[Font, ...]:
    """Return the fonts that can be drawn from: those that matplotlib has listed, and those installed since."""
    paths = {Path(entry.fname) for entry in font_manager.fontManager.ttflist}
    paths |= {Path(name) for name in font_manager.findSystemFonts()}
    return tuple(font for font in map(_opened, sorted(paths)) if font is not None)


def _opened(path: Path) -> Font | None:
    """Return what ranks a font; None of one that has no outlines, or whose outlines are placeholders."""
    try:
        font = FT2Font(str(path))
    except (OSError, RuntimeError):
        return None
    family = font.family_name
    if not font.scalable or family.replace(" ", "").strip(".").startswith("LastResort"):
        return None
    table = font.get_sfnt_table("OS/2")
    weight = table["usWeightClass"] if table else _REGULAR
    # Panose: of a face of Latin text (2) the second number is 2 to 10 where it has serifs.
    kind, ends = table["panose"][:2] if table else (0, 0)
    breadth = sum(bool(font.get_char_index(ord(sign))) for sign in _EAST_ASIAN)
    return Font(path, family, kind == 2 and 2 <= ends <= 10, breadth, weight)
