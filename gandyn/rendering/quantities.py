"""Quantities: the plain numbers of the talk layout, what each is called, and the axis its course is drawn on."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.marks.marks import Scale
from gandyn.rendering.modes import modes_found, shares
from gandyn.rendering.quality_text import floor, interpolated
from gandyn.rendering.recording_view import RecordingView

__all__ = ["DISTANCE", "EARTH_MOVER", "IMAGE_DISTANCE", "MODES_FOUND", "Quantity", "Rule"]

_DISJOINT = math.log(2.0)

Rule = tuple[float, str]
"""A value that a line is drawn at, and what is written there."""


class Quantity(ABC):
    """One number a step, in words that need no explanation.

    Attributes:
        role: its colour.
        name: what it is called.
        needs: what a recording must hold for it.
    """

    role: ClassVar[str]
    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]

    @abstractmethod
    def values(self, view: RecordingView) -> Float[np.ndarray, "seed step"]:
        """Return its values; NaN where it was not measured."""

    @abstractmethod
    def scale(self, views: Sequence[RecordingView]) -> Scale:
        """Return the axis that its values are drawn on, the same for all of some views."""

    @abstractmethod
    def headline(self, view: RecordingView, value: float) -> str:
        """Return name and value in large type."""

    @abstractmethod
    def short(self, view: RecordingView, value: float) -> str:
        """Return the value alone, as it stands at the end of a curve among others."""

    def subline(self, view: RecordingView) -> str:
        """Return what it is to those who know, in small type."""
        return ""

    def rules(self, view: RecordingView) -> list[Rule]:
        """Return the values that mean something, and what: they are the axis's only ticks."""
        return []


class Distance(Quantity):
    """The Jensen-Shannon divergence in nats, from 0 (identical) to ln 2 (disjoint)."""

    role = "js"
    name = "distance"
    needs = ("js",)

    def values(self, view: RecordingView) -> Float[np.ndarray, "seed step"]:
        """Return JS."""
        return view.scalars("js")

    def scale(self, views: Sequence[RecordingView]) -> Scale:
        """Return the axis from 0 to ln 2, whatever was reached."""
        return Scale(0.0, _DISJOINT)

    def headline(self, view: RecordingView, value: float) -> str:
        """Return the distance in large type."""
        return f"distance {self.short(view, value)}"

    def short(self, view: RecordingView, value: float) -> str:
        """Return it in two decimals; where that would be nothing, in as many as it takes."""
        return _in_decimals(value)

    def subline(self, view: RecordingView) -> str:
        """Return "estimated" where the space is one of projections, and nothing elsewhere."""
        return "estimated" if view.projected else ""

    def rules(self, view: RecordingView) -> list[Rule]:
        """Return both ends."""
        return [(0.0, "identical"), (_DISJOINT, "disjoint")]


class EarthMover(Quantity):
    """The earth mover's distance W1, in the data's own units: how far the generator's mass is from where it should be.

    Unlike `Distance` it tells near from far where the two do not overlap.
    """

    role = "w1"
    name = "apart"
    needs = ("w1",)

    def values(self, view: RecordingView) -> Float[np.ndarray, "seed step"]:
        """Return W1."""
        return view.scalars("w1")

    def scale(self, views: Sequence[RecordingView]) -> Scale:
        """Return the axis from 0 to the largest that was reached."""
        seen = np.concatenate([self.values(one)[:, one.begin : one.end].ravel() for one in views])
        return Scale(0.0, 1.05 * float(np.max(seen[np.isfinite(seen)], initial=0.0)) or 1.0)

    def headline(self, view: RecordingView, value: float) -> str:
        """Return how far they are apart."""
        return f"{self.short(view, value)} apart"

    def short(self, view: RecordingView, value: float) -> str:
        """Return it in two decimals, where that would be nothing in as many as it takes, and its unit."""
        return f"{_in_decimals(value)} {view.unit}".rstrip()

    def rules(self, view: RecordingView) -> list[Rule]:
        """Return its least value."""
        return [(0.0, "at the data")]


class ModesFound(Quantity):
    """How many of the data's modes hold a quarter of their share of the samples, or more."""

    role = "generator"
    name = "modes found"
    needs = ("mode_mass",)

    def values(self, view: RecordingView) -> Float[np.ndarray, "seed step"]:
        """Return the modes found."""
        return modes_found(view)

    def scale(self, views: Sequence[RecordingView]) -> Scale:
        """Return the axis from none to all of them."""
        return Scale(0.0, float(max(len(shares(one)) for one in views)))

    def headline(self, view: RecordingView, value: float) -> str:
        """Return how many of how many."""
        return f"{value:.0f} of {len(shares(view))} modes"

    def short(self, view: RecordingView, value: float) -> str:
        """Return how many of how many, without the word."""
        return f"{value:.0f} of {len(shares(view))}"

    def rules(self, view: RecordingView) -> list[Rule]:
        """Return none and all."""
        number = len(shares(view))
        return [(0.0, "none"), (float(number), f"all {number}")]


class ImageDistance(Quantity):
    """The Fréchet distance between features of generated and of real images: how unlike the real ones they are.

    It is measured at some steps; between them it is read off the line that is drawn from one measurement to the next.
    """

    role = "js"
    name = "distance"
    needs = ("frechet_distance",)

    def values(self, view: RecordingView) -> Float[np.ndarray, "seed step"]:
        """Return the Fréchet distance; between measurements, the value on the line that joins them."""
        measured = view.scalars("frechet_distance")
        return np.array([interpolated(view.steps, one) for one in measured]).reshape(measured.shape)

    def scale(self, views: Sequence[RecordingView]) -> Scale:
        """Return an axis that holds all that was measured and ends at what real images have from other real ones.

        It is logarithmic where that spans more than a factor of ten.
        """
        seen = [self.values(one)[:, one.begin : one.end].ravel() for one in views]
        least = [least for one in views if (least := floor(one)) is not None]
        values = np.concatenate([*seen, np.array(least)])
        values = values[np.isfinite(values) & (values > 0)]
        low, high = (float(values.min()), float(values.max())) if values.size else (1.0, 10.0)
        return Scale(low, max(1.2 * high, 2.0 * low), log=high > 10.0 * low)

    def headline(self, view: RecordingView, value: float) -> str:
        """Return the distance."""
        return f"distance {ticks.value(value)}"

    def short(self, view: RecordingView, value: float) -> str:
        """Return its value."""
        return ticks.value(value)

    def subline(self, view: RecordingView) -> str:
        """Return what is compared."""
        return "from real images"

    def rules(self, view: RecordingView) -> list[Rule]:
        """Return what real images have from other real ones, the best to be expected, and the powers of ten above."""
        axis, least = self.scale(view.group), floor(view)
        best = [] if least is None else [(least, "as good as real")]
        return [*best, *((at, ticks.clean(at)) for at in ticks.decades(axis.low, axis.high, 4) if axis.log)]


def _in_decimals(value: float) -> str:
    return f"{value:.2f}" if value >= 0.005 else ticks.value(max(value, 0.0))


DISTANCE, EARTH_MOVER, MODES_FOUND, IMAGE_DISTANCE = Distance(), EarthMover(), ModesFound(), ImageDistance()
