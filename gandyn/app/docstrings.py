"""Docstrings as the catalogue shows them: what a class is, without what is only for those who call it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

__all__ = ["first_line", "paragraphs"]

_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Yields|Example|Examples|References):")


def first_line(cls: type) -> str:
    """Return what a class is, in one line."""
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def paragraphs(cls: type) -> list[str]:
    """Return the paragraphs of a class's docstring behind its first line, each unwrapped, and its references last.

    What is said of arguments, attributes and errors is left out: the catalogue has tables for fields.
    """
    return [*_body(cls), *(f"Reference: {one}" for one in _references(cls))]


def _body(cls: type) -> Iterator[str]:
    for block in _blocks(cls)[1:]:
        if not _SECTION.fullmatch(block.splitlines()[0]) and not block.startswith(" "):
            yield _unwrapped(block)


def _references(cls: type) -> Iterator[str]:
    found = [block for block in _blocks(cls) if block.startswith("References:")]
    for block in found:
        # One reference runs on until a line that ends with a full stop.
        yield from map(_unwrapped, re.split(r"(?<=\.)\n", block.partition("\n")[2]))


def _blocks(cls: type) -> list[str]:
    return re.split(r"\n\s*\n", inspect.getdoc(cls) or "")


def _unwrapped(text: str) -> str:
    return " ".join(text.split())
