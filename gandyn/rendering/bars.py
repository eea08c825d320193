"""Bars: how many of some things are found, in large type, and for each its share of what is generated."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import Area, Axes, Line, Mark, Scale, Segments, Text
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.readout import beside, headline_size
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["Bars", "bars_top"]

_HIGH = 2.2
"""Where the axis ends, in parts of the data's largest share."""


def bars_top(share: float) -> float:
    """Return where an axis of shares ends, from the data's largest one.

    Taller bars run off, so that no brief peak, and no mode that takes everything, lowers all the others to nothing.
    """
    return min(_HIGH * share, 1.0)


class Bars(Panel):
    """How many of how many are found, what may be said of all samples, and a bar for each.

    The line across a bar is the data's own share. What has hardly a sample has no bar.

    Attributes:
        words: ways to say what bars and line are, the longest first.
        forms: ways to say what part of all samples is good, the longest first; the last one says nothing.
    """

    readout: ClassVar[float] = 7.2
    aspect: ClassVar[float] = 3.0
    words: ClassVar[tuple[str, ...]]
    forms: ClassVar[tuple[str, ...]] = ("",)

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        share = self.data_shares()
        number, start, ceiling = len(share), left, top - 2.6 * em
        self._x, self._y = left, top - 1.65 * em
        self._size = headline_size([self.headline(number)], slot)
        wide = measure(self.headline(number), self._size * em, bold=True)
        self._beside, free = beside(slot), right - left - wide - 1.2 * em
        if self._beside:
            longest = max((measure(form.format("100 %"), em) for form in self.forms[1:2]), default=0)
            start, ceiling = left + max(wide, longest) + 1.2 * em, top - 0.4 * em
            self._y = (ceiling + bottom + 1.5 * em) / 2
            free = start - left - 1.2 * em
        self._form = next(form for form in self.forms if measure(form.format("100 %"), em) <= free or not form)
        axis = Scale(0.0, bars_top(float(share.max())))
        place = Axes((start, bottom + 1.5 * em, right, ceiling), Scale(0.0, float(number)), axis)
        self.axes[self.name] = place
        self.background.append(Line("", "muted", np.array([start, right]), np.full(2, place.box[1]), weight=0.8))
        fitting = [words for words in self.words if measure(words, em) <= right - start]
        for words in fitting[:1]:
            self.background.append(Text("", "muted", start, place.box[1], words, valign="top", dy=-0.35))
        self._half = 0.36 if number < 16 else 0.42
        self._middle = middle = np.arange(number) + 0.5
        one = np.ones(number)
        self._lines = Segments(self.name, "data", middle - 0.5, share, middle + 0.5, share, one, weight=1.1)

    @abstractmethod
    def data_shares(self) -> Float[np.ndarray, " bar"]:
        """Return the data's shares."""

    @abstractmethod
    def shares(self, step_index: int) -> Float[np.ndarray, " bar"]:
        """Return the shares of what is generated at a step; NaN where they are not known."""

    @abstractmethod
    def found(self, step_index: int) -> float:
        """Return how many are found at a step; NaN where that is not known."""

    @abstractmethod
    def headline(self, found: float) -> str:
        """Return that in words."""

    def good(self, step_index: int) -> float:
        """Return the part of all samples that `forms` speak of."""
        return float("nan")

    def marks(self, step_index: int) -> list[Mark]:
        """Return the count and the bars at a step."""
        em = self.slot.em
        high = np.nan_to_num(self.shares(step_index))
        # All bars are one outline, which goes along the axis between them: a path each would take most of the time.
        sides = (self._middle[:, None] + self._half * np.array([-1.0, -1.0, 1.0, 1.0])).ravel()
        tops = (high[:, None] * np.array([0.0, 1.0, 1.0, 0.0])).ravel()
        bars = Area(self.name, "generator", sides, np.zeros_like(tops), tops, opacity=0.85)
        marks: list[Mark] = [bars, self._lines] if high.any() else [self._lines]
        found, good = self.found(step_index), self.good(step_index)
        if not np.isfinite(found):
            return marks
        role = "ink" if found >= len(self._middle) else "generator"
        marks.append(Text("", role, self._x, self._y, self.headline(found), self._size, bold=True))
        if self._form and np.isfinite(good):
            x, y = (self._x, self._y - 1.45 * em) if self._beside else (self.slot.box[2], self._y)
            text = self._form.format(ticks.whole_percent(good))
            marks.append(Text("", "muted", x, y, text, align="left" if self._beside else "right"))
        return marks
