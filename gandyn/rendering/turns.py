"""Turns: what explains the moves of one player while the other waits, drawn over a panel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering.canvas.typeface import fitting, measure
from gandyn.rendering.marks.marks import Arrows, Axes, Mark, Text

if TYPE_CHECKING:
    from gandyn.rendering.panels.base import Panel

__all__ = ["Turns"]

_SIZE = 1.1
"""Type of names, in em."""

_SIGN = 1.8
"""Width of the sign before a name, in em."""

_PUSH = ("the push on generated samples", "push on samples", "push")


class Turns(ABC):
    """What each player moves by, over the marks of one panel.

    Args:
        panel: of single updates, in a plain room; its axes are drawn in.

    Attributes:
        needs: what a recording must hold for it, by name.
        longest: the longest arrow, as a part of the window; a strong push is `reach` of it long.
    """

    needs: ClassVar[tuple[str, ...]]
    reach: ClassVar[float] = 0.1
    longest: ClassVar[float] = 0.13

    def __init__(self, panel: Panel) -> None:
        self.view, self.slot, self.axes = panel.view, panel.slot, panel.axes
        self._strength: float | None = None

    @abstractmethod
    def aim(self, step_index: int) -> list[Mark]:
        """Return what the discriminator climbs to: D*, named; nothing where no best discriminator is known."""

    @abstractmethod
    def push(self, step_index: int, t: float) -> list[Mark]:
        """Return arrows along the gradient that the generator receives for some samples, which come out by `t`."""

    @abstractmethod
    def sizes(self, step_index: int) -> Float[np.ndarray, " sample"]:
        """Return how strongly each of these samples is pushed at a state."""

    @property
    def strong(self) -> float:
        """A strong push: the nine-tenths quantile over some of the states."""
        if self._strength is None:
            found = np.concatenate([self.sizes(step) for step in self.view.sampled])
            found = found[np.isfinite(found) & (found > 0)]
            self._strength = float(np.quantile(found, 0.9)) if found.size else 1.0
        return self._strength

    def named(
        self, place: Axes, texts: Sequence[str], sign: Callable[[Float[np.ndarray, " end"], float], Mark], left: bool
    ) -> list[Mark]:
        """Return the first of some names that fits, with a sign before it, in an upper corner of the axes.

        Args:
            place: the axes.
            texts: ways to say it, the longest first.
            sign: makes the sign of its two ends and its height, in pixels.
            left: which corner.
        """
        em, (start, _bottom, end, top) = self.slot.em, place.box
        text = fitting(texts, end - start - (_SIGN + 2.0) * em, _SIZE * em, bold=True)
        if not text:
            return []
        wide = measure(text, _SIZE * em, bold=True)
        x = start + 0.8 * em if left else end - 0.8 * em - wide - (_SIGN + 0.5) * em
        y = top - 1.6 * em
        return [
            sign(np.array([x, x + _SIGN * em]), y + 0.4 * em),
            Text("", "muted", x + (_SIGN + 0.5) * em, y, text, _SIZE, bold=True, ground=True),
        ]

    def pushes(self, place: Axes, left: bool) -> list[Mark]:
        """Return the name of the arrows."""

        def arrow(ends: Float[np.ndarray, " end"], y: float) -> Mark:
            level = np.array([y])
            return Arrows("", "force", ends[:1], level, ends[1:], level, width=0.17)

        return self.named(place, _PUSH, arrow, left)
