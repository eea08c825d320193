"""Text measured and drawn as small bitmaps from the DejaVu fonts that matplotlib carries, and others where those end.

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

from gandyn.rendering.canvas.line_breaks import joined, pieces
from gandyn.rendering.canvas.spelling import spell

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


Piece = tuple[Float[np.ndarray, "row column"], int, int, int]
"""Coverage (0..1), pixels right of the pen and rows below the baseline where it begins, and advance."""


class Face:
    """One font at one size, with others for what it has not: widths, and coverage masks of strings."""

    def __init__(self, size: float, bold: bool, mono: bool) -> None:
        self._size, self._bold, self._usual = size, bold, font_path(bold, mono)
        self._fonts: dict[Path, ImageFont.FreeTypeFont] = {}
        self._masks: dict[str, Piece] = {}
        self._widths: dict[str, int] = {}

    def width(self, text: str) -> int:
        """Return the advance of a string in pixels."""
        if text not in self._widths:
            if len(self._widths) > 4096:
                self._widths.clear()
            self._widths[text] = sum(self._advance(piece) for piece in _cut(text))
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

    def _advance(self, piece: str) -> int:
        """Return the advance of a piece, which need not be drawn for it: most of what is measured never is."""
        if piece in self._masks:
            return self._masks[piece][3]
        return sum(round(self._font(path).getlength(text)) for text, path in self._runs(piece))

    def _piece(self, piece: str) -> Piece:
        if piece not in self._masks:
            if len(self._masks) > 1024:
                self._masks.clear()
            self._masks[piece] = _side_by_side([self._run(text, path) for text, path in self._runs(piece)])
        return self._masks[piece]

    def _runs(self, piece: str) -> list[tuple[str, Path]]:
        """Return the parts of a piece with the font that each is drawn in."""
        runs = spell(piece, self._usual, self._bold).runs
        return [(run.text, run.font.path if run.font else self._usual) for run in runs]

    def _font(self, path: Path) -> ImageFont.FreeTypeFont:
        if path not in self._fonts:
            self._fonts[path] = ImageFont.truetype(str(path), self._size, layout_engine=ImageFont.Layout.BASIC)
        return self._fonts[path]

    def _run(self, text: str, path: Path) -> Piece:
        """Draw characters that one font has."""
        core, offset = self._font(path).getmask2(text, mode="L", anchor="ls")
        mask = np.array(core, dtype=np.float32).reshape(core.size[::-1]) / 255.0
        return mask, offset[0], offset[1], round(self._font(path).getlength(text))


def _side_by_side(runs: list[Piece]) -> Piece:
    """Join runs, each of which begins where the one before it ends, in one mask."""
    if len(runs) == 1:
        return runs[0]
    pens = np.cumsum([0, *(advance for *_, advance in runs)]).tolist()
    inked = [(mask, pen + left, top) for (mask, left, top, _), pen in zip(runs, pens, strict=False) if mask.size]
    if not inked:
        return np.zeros((0, 0), np.float32), 0, 0, pens[-1]
    first, upper = min(left for _, left, _ in inked), min(top for *_, top in inked)
    last = max(left + mask.shape[1] for mask, left, _ in inked)
    lower = max(top + mask.shape[0] for mask, _, top in inked)
    whole = np.zeros((lower - upper, last - first), np.float32)
    for mask, left, top in inked:
        part = whole[top - upper : top - upper + mask.shape[0], left - first : left - first + mask.shape[1]]
        np.maximum(part, mask, out=part)
    return whole, first, upper, pens[-1]


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

    Chinese and Japanese, which know no spaces, are broken between characters. The last line is cut with an ellipsis
    where there is more to say, and any line whose single word is too wide.
    """
    return list(_wrapped(text, width, size, most, bold))


@lru_cache(4096)
def _wrapped(text: str, width: float, size: float, most: int, bold: bool) -> tuple[str, ...]:
    words, lines = pieces(text), list[str]()
    while words and len(lines) < most:
        taken = 1
        while taken < len(words) and measure(joined(words[: taken + 1]), size, bold) <= width:
            taken += 1
        last = len(lines) == most - 1
        line = joined(words if last else words[:taken])
        lines.append(ellipsize(line, width, size, bold))
        words = words[taken:]
    return tuple(lines)
