"""Where a line of text may end: between words, and in Chinese and Japanese between characters."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

__all__ = ["joined", "pieces"]

_NEVER_FIRST = frozenset(
    "、。，．：；！？!?,.:;)]}）］｝〕〉》」』】〙〗〟’”»ゝゞ々ーァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎゕゖ・…‥％°℃"
)
"""No line begins with these."""

_NEVER_LAST = frozenset("([{（［｛〔〈《「『【〘〖〝‘“«￥＄")
"""No line ends with these."""


def pieces(text: str) -> list[str]:
    """Return a text in pieces between which a line may end; those that follow a space begin with it.

    Example:
        >>> pieces("GAN training"), pieces("二つの山。")
        (['GAN', ' training'], ['二', 'つ', 'の', '山。'])
    """
    found: list[str] = []
    for word in text.split():
        parts = [word] if word.isascii() else _parts(word)
        found += [f" {parts[0]}" if found else parts[0], *parts[1:]]
    return found


def joined(some: list[str]) -> str:
    """Return pieces as the line they make."""
    return "".join(some).lstrip()


def _parts(word: str) -> list[str]:
    parts = [word[0]]
    for before, sign in pairwise(word):
        if _parted(before, sign):
            parts.append(sign)
        else:
            parts[-1] += sign
    return parts


def _parted(before: str, sign: str) -> bool:
    """Say whether a line may end between two characters that no space parts."""
    if before in _NEVER_LAST or sign in _NEVER_FIRST or _bound(before) or _bound(sign):
        return False
    return _wide(before) or _wide(sign)


def _wide(sign: str) -> bool:
    """Say whether it takes a square: Chinese characters, kana, emoji. Korean has spaces between its words."""
    return unicodedata.east_asian_width(sign) in "WF" and not unicodedata.name(sign, "").startswith("HANGUL")


def _bound(sign: str) -> bool:
    """Say whether it belongs to its neighbours: joiners, marks over letters, and what colours an emoji."""
    return unicodedata.category(sign) in ("Cf", "Mn", "Me") or "\U0001f3fb" <= sign <= "\U0001f3ff"
