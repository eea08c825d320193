"""How text from outside stands in messages: short, and without anything that a terminal would obey."""

from __future__ import annotations

import sys
import unicodedata
import warnings
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

__all__ = ["listed", "printable", "shortened", "shown", "warn"]

_LONGEST = 200
_LONGEST_VALUE = 60
_MOST_LISTED = 20
_NOT_THE_USERS = ("gandyn", "torch", "contextlib")
"""Packages whose lines a user cannot change; the others call what is attached to an optimizer, or ends a `with`."""


def printable(text: str) -> str:
    r"""Return text without control characters but for line ends: a title may hold what a terminal takes for orders.

    Those that turn the direction of writing go as well; lone surrogates, which no file can be written with, become
    question marks.

    Example:
        >>> printable("red: \x1b[31m, bell: \a")
        'red: [31m, bell: '
    """
    if text.isascii() and text.isprintable():
        return text
    kept = (sign for sign in text if sign in "\n\u200c\u200d" or unicodedata.category(sign) not in ("Cc", "Cf"))
    return "".join(kept).encode("utf-8", "replace").decode()


def shortened(text: object, most: int = _LONGEST) -> str:
    """Return the beginning and the end of a text on one line, at most so many characters.

    Example:
        >>> shortened("abcdefghijklmnopqrstuvwxyz", 11)
        'abcd...wxyz'
    """
    whole = str(text)
    kept = (most - 3) // 2
    short = whole if len(whole) <= most else f"{whole[:kept]}...{whole[-kept:]}"
    return " ".join(printable(short.replace("\t", " ")).split("\n"))


def shown(value: Any) -> str:
    """Return a value that was read, as it stands in a message: short, whatever it holds.

    Example:
        >>> shown([1, 2]), shown(True), shown({"type": "ring"})
        ('[1, 2]', 'true', 'a mapping')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        value = list(value[:_LONGEST_VALUE])  # the rest would be cut away
    elif isinstance(value, str):
        value = value[: 2 * _LONGEST_VALUE]
    elif isinstance(value, int) and value.bit_length() > 256:
        return f"a whole number of about {int(value.bit_length() * 0.30103):,} digits"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # it holds a number of thousands of digits, or itself
        return f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


def listed(names: Iterable[object]) -> str:
    """Return some names in a row, with dots where there are too many or they are too long."""
    first = [shortened(name, _LONGEST_VALUE) for name in islice(names, _MOST_LISTED + 1)]
    return shortened(", ".join([*first[:_MOST_LISTED], *(["..."] if len(first) > _MOST_LISTED else [])]))


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn of something, at the line of the user's own program that led to it."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _NOT_THE_USERS:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)
