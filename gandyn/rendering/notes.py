"""Notes: captions that come at a step of training and stay until the next."""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

__all__ = ["END", "MOST_LETTERS", "MOST_NOTES", "NoteTexts", "Notes"]

END = "end"
"""The key of the note that comes with the last step shown, whichever that is."""

MOST_LETTERS = 160
"""Of one note: two lines across a slide."""

MOST_NOTES = 40

_SHORTEST, _LONGEST, _PER_LETTER = 0.8, 1.2, 0.02
"""Seconds that a step with a note stays, at least and at most, and for each letter there is to read."""


class Notes:
    """Which caption stands at which step.

    Args:
        texts: captions by step, and that of the last step shown by `END`. An empty one ends the one before it.
        first: the first step shown.
        last: the last step shown.

    Example:
        >>> notes = Notes({0: "a blob", 170: "both modes are covered"}, first=0, last=2000)
        >>> notes.at(169), notes.at(170), notes.pauses
        ('a blob', 'both modes are covered', {170: 0.8})
    """

    def __init__(self, texts: Mapping[Any, str] | None = None, first: int = 0, last: int = 0) -> None:
        given = {last if key == END else int(key): text for key, text in (texts or {}).items()}
        self._steps = sorted(given)
        self._texts = [given[step] for step in self._steps]
        self.first, self.last = first, last

    def at(self, step: int) -> str:
        """Return the note that stands at a step: the latest that has come by then; nothing before the first."""
        index = bisect.bisect_right(self._steps, step) - 1
        return self._texts[index] if index >= 0 else ""

    @property
    def pauses(self) -> dict[int, float]:
        """Seconds for which the steps stay at which a note comes, by step; the longer the more there is to read.

        The first and the last step shown are held anyhow.
        """
        coming = zip(self._steps, self._texts, strict=True)
        return {
            step: round(min(max(_PER_LETTER * len(text), _SHORTEST), _LONGEST), 2)
            for step, text in coming
            if text and self.first < step < self.last
        }

    @property
    def unseen(self) -> list[int]:
        """Steps of notes that never come, because they lie beyond the last step shown."""
        return [step for step in self._steps if step > self.last]

    @property
    def longest(self) -> str:
        """The longest of the notes, for a layout that finds room for each of them; nothing where there are none."""
        return max(self._texts, key=len, default="")


def _step(key: Any) -> Any:
    if isinstance(key, int) and not isinstance(key, bool):
        key = str(key)
    if not isinstance(key, str) or re.fullmatch(r"end|0|[1-9][0-9]{0,8}", key) is None:
        raise ValueError("a note comes at a step, a whole number such as 170, or at the end: end")
    return key


def _brief(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > MOST_LETTERS:
        raise ValueError(f"{len(text)} characters are too long for a note; there is room for {MOST_LETTERS}")
    return text


def _in_order(texts: dict[str, str]) -> dict[str, str]:
    return dict(sorted(texts.items(), key=lambda item: float("inf") if item[0] == END else int(item[0])))


NoteTexts = Annotated[
    dict[
        Annotated[str, BeforeValidator(_step), Field(json_schema_extra={"pattern": "^(end|0|[1-9][0-9]{0,8})$"})],
        Annotated[str, AfterValidator(_brief), Field(json_schema_extra={"maxLength": MOST_LETTERS})],
    ],
    Field(max_length=MOST_NOTES),
    AfterValidator(_in_order),
]
"""Notes as a scenario gives them: texts by step, or by `end`."""
