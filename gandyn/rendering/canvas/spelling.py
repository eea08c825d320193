"""In which fonts a text is written: the usual one, and others for characters that it has not.

Text that the usual font writes alone costs nothing; the machine's fonts are looked at when some other is first met.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from gandyn.core.messages import warn

if TYPE_CHECKING:
    from gandyn.rendering.canvas.machine_fonts import Font

__all__ = ["Run", "Spelling", "note", "spell", "telling_of_boxes"]

_BOX = "□"
"""Stands where no font has a character."""

_UNSEEN = frozenset(
    chr(code) for codes in (range(0xFE00, 0xFE10), range(0x1F3FB, 0x1F400), range(0xE0100, 0xE01F0)) for code in codes
)
"""Signs that choose among the looks of the one before them, of which fonts without colour have but one."""

_MOST_NAMED = 24


@dataclass(frozen=True)
class Run:
    """Characters in a row that one font writes; the usual one where `font` is None."""

    text: str
    font: Font | None = None


@dataclass(frozen=True)
class Spelling:
    """How a text is written: in which runs, and without which of its characters, for which boxes stand."""

    runs: tuple[Run, ...]
    lacking: str = ""


@lru_cache(4096)
def spell(text: str, usual: Path, bold: bool = False) -> Spelling:
    """Return in which fonts a text is written, where one font is the usual one."""
    if text.isascii():
        return Spelling((Run(text),))
    seen = [sign for sign in text if not _unseen(sign)]
    strange = {sign for sign in seen if not _had(sign, usual)}
    if not strange:
        return Spelling((Run("".join(seen)),))
    from gandyn.rendering.canvas.machine_fonts import fonts_for

    chosen = fonts_for(strange, bold)
    lacking = "".join(dict.fromkeys(sign for sign in seen if sign in strange and chosen[sign] is None))
    signs = [(_BOX if sign in lacking else sign, chosen.get(sign)) for sign in seen]
    runs = [Run("".join(sign for sign, _ in some), font) for font, some in groupby(signs, key=lambda pair: pair[1])]
    return Spelling(tuple(runs), lacking)


_LACKING: ContextVar[dict[str, None] | None] = ContextVar("_LACKING", default=None)


def note(text: str, usual: Path, bold: bool = False) -> None:
    """Keep in mind for which characters of a text that is being drawn boxes stand."""
    lacking = _LACKING.get()
    if lacking is not None and not text.isascii():
        lacking.update(dict.fromkeys(spell(text, usual, bold).lacking))


@contextmanager
def telling_of_boxes() -> Iterator[None]:
    """Warn at the end, once, of all characters for which boxes were drawn meanwhile."""
    lacking: dict[str, None] = {}
    before = _LACKING.set(lacking)
    try:
        yield
    finally:
        _LACKING.reset(before)
    if lacking:
        named = "".join(list(lacking)[:_MOST_NAMED]) + ("..." if len(lacking) > _MOST_NAMED else "")
        warn(
            f"no font on this machine has {named}, so boxes stand there: install one that has, such as"
            " Noto Sans CJK for Chinese, Japanese and Korean, or Noto Emoji or Symbola for emoji"
        )


def _unseen(sign: str) -> bool:
    return sign in _UNSEEN or unicodedata.category(sign) == "Cf"


@lru_cache(4096)
def _had(sign: str, usual: Path) -> bool:
    """Say whether the usual font has a character, or none can have it."""
    if sign.isascii():
        return True
    from gandyn.rendering.canvas.machine_fonts import has

    return has(usual, sign) or unicodedata.category(sign) in ("Cc", "Cs")
