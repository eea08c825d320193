"""Text measured and drawn as small bitmaps from the DejaVu fonts that matplotlib carries.

Drawing a label with matplotlib takes longer than drawing a curve, and most labels change in a digit or two from
frame to frame. So a string is cut into digits and the runs between them, and each piece is drawn once and kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import ImageFont

__all__ = ["Face", "ellipsize", "families", "fitting", "font_path", "measure", "wrap"]

_FILES = {
    (False, False): "DejaVuSans.ttf",
    (True, False): "DejaVuSans-Bold.ttf",
    (False, True): "DejaVuSansMono.ttf",
    (True, True): "DejaVuSansMono-Bold.ttf",
}


@cache
def font_path(bold: bool = False, mono: bool = False) -> Path:
    """Return the file of the font."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / _FILES[bold, mono]


def families(mono: bool = False) -> tuple[str, ...]:
    """Return what the font is called, and after it others that are nearly as wide, for where it is not installed."""
    return (
        ("DejaVu Sans Mono", "Menlo", "Consolas", "monospace")
        if mono
        else ("DejaVu Sans", "Bitstream Vera Sans", "Verdana", "sans-serif")
    )


class Face:
    """One font at one size: widths, and coverage masks of strings."""

    def __init__(self, size: float, bold: bool, mono: bool) -> None:
        self._font = ImageFont.truetype(str(font_path(bold, mono)), size, layout_engine=ImageFont.Layout.BASIC)
        self._masks: dict[str, tuple[Float[np.ndarray, "row column"], int, int, int]] = {}
        self._widths: dict[str, int] = {}

    def width(self, text: str) -> int:
        """Return the advance of a string in pixels."""
        if text not in self._widths:
            if len(self._widths) > 4096:
                self._widths.clear()
            self._widths[text] = sum(self._piece(piece)[3] for piece in _cut(text))
        return self._widths[text]

    def masks(self, text: str) -> list[tuple[Float[np.ndarray, "row column"], int, int]]:
        """Return coverage masks (0..1), each with its pixels right of the pen's start and rows below the baseline."""
        pen, found = 0, []
        for piece in _cut(text):
            mask, left, top, advance = self._piece(piece)
            if mask.size:
                found.append((mask, pen + left, top))
            pen += advance
        return found

    def _piece(self, piece: str) -> tuple[Float[np.ndarray, "row column"], int, int, int]:
        if piece not in self._masks:
            if len(self._masks) > 1024:
                self._masks.clear()
            core, offset = self._font.getmask2(piece, mode="L", anchor="ls")
            mask = np.array(core, dtype=np.float32).reshape(core.size[::-1]) / 255.0
            self._masks[piece] = (mask, offset[0], offset[1], round(self._font.getlength(piece)))
        return self._masks[piece]


def _cut(text: str) -> list[str]:
    return re.findall(r"\d|\D+", text)


@cache
def face(size: float, bold: bool = False, mono: bool = False) -> Face:
    """Return the font at a size in pixels (rounded to a quarter, so that few are made)."""
    return Face(max(round(size * 4) / 4, 4.0), bold, mono)


def measure(text: str, size: float, bold: bool = False, mono: bool = False) -> int:
    """Return the width of a string in pixels."""
    return face(round(size * 4) / 4, bold, mono).width(text)


def fitting(texts: Iterable[str], width: float, size: float, bold: bool = False) -> str:
    """Return the first of some texts that is no wider than `width` pixels; nothing if none is."""
    return next((text for text in texts if measure(text, size, bold) <= width), "")


def ellipsize(text: str, width: float, size: float, bold: bool = False) -> str:
    """Return the text, cut with an ellipsis where it is wider than `width` pixels."""
    if measure(text, size, bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle].rstrip() + "…", size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrap(text: str, width: float, size: float, most: int, bold: bool = False) -> list[str]:
    """Return the text in at most `most` lines no wider than `width` pixels, broken between words.

    The last line is cut with an ellipsis where there is more to say, and any line whose single word is too wide.
    """
    return list(_wrapped(text, width, size, most, bold))


@lru_cache(4096)
def _wrapped(text: str, width: float, size: float, most: int, bold: bool) -> tuple[str, ...]:
    words, lines = text.split(), list[str]()
    while words and len(lines) < most:
        taken = 1
        while taken < len(words) and measure(" ".join(words[: taken + 1]), size, bold) <= width:
            taken += 1
        last = len(lines) == most - 1
        line = " ".join(words if last else words[:taken])
        lines.append(ellipsize(line, width, size, bold))
        words = words[taken:]
    return tuple(lines)
