"""A readout: one plain number in large type, and its whole course behind a dot that moves along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering.canvas.typeface import fitting, measure
from gandyn.rendering.curves import thin
from gandyn.rendering.marks.guides import AxisTick, thousands, y_axis
from gandyn.rendering.marks.marks import Axes, Dots, Line, Mark, Scale, Text
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.quantities import Quantity, Rule
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["HEADLINE", "Readout", "beside", "headline_size"]

HEADLINE = 1.8
"""Type of the number, in em, where there is width for it."""

_WIDE = 4.6
"""Width over height from which the number stands beside its course and not above it."""


def beside(slot: PanelSlot) -> bool:
    """Say whether a readout's words stand left of its picture rather than above it."""
    return slot.width > _WIDE * slot.height


def headline_size(texts: Iterable[str], slot: PanelSlot) -> float:
    """Return the type of a number in em: as large as all of some texts leave it in a room's width."""
    wide = max(measure(text, HEADLINE * slot.em, bold=True) for text in texts)
    return max(HEADLINE * min(0.98 * slot.width / max(wide, 1), 1.0), 1.0)


class Readout(Panel):
    """A quantity's value now, and its course: faint from the first frame on, and solid up to the dot.

    Attributes:
        quantity: what is read.
    """

    quantity: ClassVar[Quantity]
    readout: ClassVar[float] = 7.6
    aspect: ClassVar[float] = 3.0

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em, quantity = slot.em, self.quantity
        left, bottom, right, top = slot.box
        self._values = quantity.values(view)[view.seed_index]
        self._size = headline_size(self._headlines(), slot)
        rules = self._rules()
        start, ceiling = left, top - 3.0 * em
        sub = quantity.subline(view)
        self._x, self._y = left, top - 1.65 * em
        if beside(slot):
            start, ceiling = left + max(self._widest(), measure(sub, em)) + 1.2 * em, top - 0.6 * em
            middle = (ceiling + bottom + 1.6 * em) / 2
            self._y = middle - (0.0 if sub else 0.6) * em
            if sub:
                self.background.append(Text("", "muted", left, self._y - 1.45 * em, sub))
        elif sub and measure(sub, em) + 1.0 * em + self._widest() <= right - left:
            self.background.append(Text("", "muted", right, self._y, sub, align="right"))
        start += max((measure(text, em) for _, text in rules), default=0.0) + 0.6 * em
        first, last = view.clock
        steps = Scale(float(first), float(last if last > first else first + 1))
        place = Axes(
            (start, bottom + 1.6 * em, right - 0.35 * em, ceiling), steps, quantity.scale(view.group), clip=False
        )
        self.axes[self.name] = place
        self._lay_axis(place, first, last, rules)
        self._lay_course(place)

    def _rules(self) -> list[Rule]:
        """Return the ticks of the axis, and what is written at each."""
        return self.quantity.rules(self.view)

    def _headlines(self) -> list[str]:
        """Return some of the headlines there will be, the widest among them."""
        seen = self._values[np.isfinite(self._values)]
        shown = np.unique(np.quantile(seen, np.linspace(0, 1, 41))) if seen.size else np.zeros(1)
        return [self.quantity.headline(self.view, float(one)) for one in shown]

    def _widest(self) -> float:
        """Return how wide the headline becomes at most, in pixels."""
        return max(measure(text, self._size * self.slot.em, bold=True) for text in self._headlines())

    def _lay_axis(self, place: Axes, first: int, last: int, rules: list[Rule]) -> None:
        em, (left, bottom, right, _top) = self.slot.em, place.box
        self.background += y_axis(place, [AxisTick(at, text) for at, text in rules], em, grid=True)
        self.background.append(Line("", "muted", np.array([left, right]), np.full(2, bottom), weight=0.8))
        end = fitting((f"{thousands(last)} steps", thousands(last)), right - left, em)
        self.background.append(Text("", "muted", right, bottom, end, align="right", valign="top", dy=-0.35))
        if right - left > measure(end, em) + 4 * em:
            self.background.append(Text("", "muted", left, bottom, thousands(first), valign="top", dy=-0.35))

    def _lay_course(self, place: Axes) -> None:
        view = self.view
        shown = slice(view.begin, view.end)
        steps, values = view.steps[shown].astype(float), self._values[shown]
        there = np.isfinite(values)
        if there.sum() < 0.5 * len(values):  # measured now and then: one measurement is joined to the next
            steps, values = steps[there], values[there]
        self._steps, self._course = steps, self._inside(values, place)
        self._columns = max(int(place.width), 1)
        x, y = thin(self._steps, self._course, self._columns)
        self.background.append(Line(self.name, self.quantity.role, x, y, weight=0.7, opacity=0.3, dashed=False))

    @staticmethod
    def _inside(values: Float[np.ndarray, " step"], place: Axes) -> Float[np.ndarray, " step"]:
        return np.asarray(np.clip(values, place.y.low, place.y.high))

    def marks(self, step_index: int) -> list[Mark]:
        """Return the number at a step, and its course up to there."""
        role = self.quantity.role
        done = int(np.searchsorted(self._steps, self.view.steps[step_index], side="right"))
        known = self._values[self.view.begin : step_index + 1]
        known = known[np.isfinite(known)]
        if not known.size:
            return []
        x, y = thin(self._steps[:done], self._course[:done], self._columns)
        marks: list[Mark] = [Line(self.name, role, x, y, weight=1.1, dashed=False)]
        last = np.flatnonzero(np.isfinite(self._course[:done]))
        if last.size:
            at = last[-1:]
            marks.append(Dots(self.name, role, self._steps[at], self._course[at], radius=0.42, halo=0.1))
        words = self.quantity.headline(self.view, float(known[-1]))
        return [*marks, Text("", role, self._x, self._y, words, self._size, bold=True)]
