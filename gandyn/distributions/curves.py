"""Curves on the plane smeared by a round Gaussian: swiss_roll, two_moons, circles, spiral, line, star."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Literal, Self

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from pydantic import Field, FiniteFloat, PositiveInt, model_validator

from gandyn.core.catalog import PositiveFinite
from gandyn.distributions.modes import Modes
from gandyn.distributions.point_density import Cloud

__all__ = ["Circles", "Curve", "Line", "Spiral", "Star", "SwissRoll", "TwoMoons"]

# A panel of 16 Gauss-Legendre nodes spans at most four standard deviations: errors are then far below 1e-9.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANEL = 4.0
_MOST_NODES = 200_000


class Curve(Cloud):
    """A curve of one or several strands of equal mass, run through uniformly in its parameter, plus Gaussian noise.

    The density is the integral of the Gaussian along the curve, by Gauss-Legendre quadrature; samples are drawn from
    the curve itself.
    """

    std: PositiveFinite = Field(0.08, description="standard deviation of the Gaussian around the curve")

    @property
    @abstractmethod
    def strands(self) -> int:
        """Number of strands."""

    @abstractmethod
    def path(self, strand: Int[ndarray, " point"], t: Float[ndarray, " point"]) -> Float[ndarray, "point 2"]:
        """Return the points of strands at parameters within [0, 1], in the precision of the parameters."""

    @model_validator(mode="after")
    def _not_too_thin(self) -> Self:
        if self.strands * self._panels * len(_NODES) > _MOST_NODES:
            raise ValueError(f"std {self.std:g} is too small for a curve of this length")
        return self

    @cached_property
    def _panels(self) -> int:
        """Panels that each strand is cut into, equal in t."""
        t = np.linspace(0, 1, 513)
        with np.errstate(over="ignore", invalid="ignore"):  # then there are too many of them
            steps = [np.diff(self.path(np.full(513, strand), t), axis=0) for strand in range(self.strands)]
            needed = max(np.hypot(*step.T).max() for step in steps) * (512 / _PANEL) / self.std
        return max(1, int(np.ceil(needed))) if needed < _MOST_NODES else _MOST_NODES

    @cached_property
    def centres(self) -> Float[ndarray, "gaussian 2"]:
        """The nodes of the quadrature on the curve."""
        t = ((np.arange(self._panels)[:, None] + (1 + _NODES) / 2) / self._panels).ravel()
        return self.path(np.repeat(np.arange(self.strands), len(t)), np.tile(t, self.strands))

    @cached_property
    def shares(self) -> Float[ndarray, " gaussian"]:
        """The weights of the quadrature."""
        return np.tile(_WEIGHTS / 2, self.strands * self._panels) / (self.strands * self._panels)

    @cached_property
    def spreads(self) -> Float[ndarray, "1 1"]:
        """The same width everywhere."""
        return np.array([[self.std]])

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 2"]:
        """Draw points of the curve and move each by Gaussian noise."""
        strand = rng.integers(self.strands, size=count) if self.strands > 1 else np.zeros(count, np.intp)
        drawn = rng.standard_normal((count, 2), dtype=np.float32)
        drawn *= np.float32(self.std)
        drawn += self.path(strand, rng.random(count, dtype=np.float32))
        return drawn

    def modes(self) -> Modes:
        """Return none: the density is a ridge, not a bump."""
        return Modes.none(2)


def _polar(radius: Float[ndarray, " point"], angle: Float[ndarray, " point"]) -> Float[ndarray, "point 2"]:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


class SwissRoll(Curve):
    """An Archimedean spiral from a third of its radius outwards, uniform in the angle.

    References:
        Marsland, "Machine Learning: An Algorithmic Perspective", 2009 (the cross section of its swiss roll).
    """

    type: Literal["swiss_roll"] = "swiss_roll"
    radius: PositiveFinite = Field(2.0, description="distance of the outer end from the middle")
    turns: PositiveFinite = Field(1.5, le=20, description="turns from the inner end to the outer")

    @property
    def strands(self) -> int:  # noqa: D102
        return 1

    def path(self, strand: Int[ndarray, " point"], t: Float[ndarray, " point"]) -> Float[ndarray, "point 2"]:  # noqa: D102
        part = (1 + 2 * t) / 3
        return _polar(self.radius * part, 3 * np.pi * self.turns * part)


class TwoMoons(Curve):
    """Two half circles that reach into each other."""

    type: Literal["two_moons"] = "two_moons"
    radius: PositiveFinite = Field(1.2, description="of both half circles")

    @property
    def strands(self) -> int:  # noqa: D102
        return 2

    def path(self, strand: Int[ndarray, " point"], t: Float[ndarray, " point"]) -> Float[ndarray, "point 2"]:  # noqa: D102
        # The second moon is the first turned by half a turn about the origin.
        sign = np.array([1.0, -1.0], t.dtype).take(strand) * self.radius
        return np.stack([sign * (np.cos(np.pi * t) - 0.5), sign * (np.sin(np.pi * t) - 0.25)], axis=1)


class Circles(Curve):
    """Circles around the origin, of equal mass."""

    type: Literal["circles"] = "circles"
    radii: list[PositiveFinite] = Field([0.9, 1.8], min_length=1, description="one per circle")

    @property
    def strands(self) -> int:  # noqa: D102
        return len(self.radii)

    def path(self, strand: Int[ndarray, " point"], t: Float[ndarray, " point"]) -> Float[ndarray, "point 2"]:  # noqa: D102
        return _polar(np.array(self.radii, t.dtype).take(strand), 2 * np.pi * t)


class Spiral(Curve):
    """A pinwheel: arms that wind outwards from around the middle.

    References:
        Johnson, Duvenaud, Wiltschko, Datta, Adams, "Composing graphical models with neural networks for structured
        representations and fast inference", 2016 (the pinwheel; here its arms are curves of one width).
    """

    type: Literal["spiral"] = "spiral"
    arms: PositiveInt = Field(5, le=100, description="number of arms")
    radius: PositiveFinite = Field(2.0, description="distance of the outer ends from the middle")
    inner_radius: PositiveFinite = Field(0.4, description="distance of the inner ends from the middle")
    turns: FiniteFloat = Field(0.3, ge=-20, le=20, description="turns an arm makes; negative ones run clockwise")

    @model_validator(mode="after")
    def _outwards(self) -> Self:
        if not self.inner_radius < self.radius:
            raise ValueError(f"inner_radius must be less than radius, not {self.inner_radius:g} and {self.radius:g}")
        return self

    @property
    def strands(self) -> int:  # noqa: D102
        return self.arms

    def path(self, strand: Int[ndarray, " point"], t: Float[ndarray, " point"]) -> Float[ndarray, "point 2"]:  # noqa: D102
        first = (2 * np.pi * np.arange(self.arms) / self.arms).astype(t.dtype)
        radius = self.inner_radius + (self.radius - self.inner_radius) * t
        return _polar(radius, first.take(strand) + 2 * np.pi * self.turns * t)


class Line(Curve):
    """A segment: the data of one dimension that a generator on the plane has to find."""

    type: Literal["line"] = "line"
    start: tuple[FiniteFloat, FiniteFloat] = Field((-1.5, -1.0), description="one end, [x, y]")
    end: tuple[FiniteFloat, FiniteFloat] = Field((1.5, 1.0), description="the other end, [x, y]")

    @model_validator(mode="after")
    def _two_ends(self) -> Self:
        if self.start == self.end:
            raise ValueError(f"start and end must differ; both are {list(self.start)}")
        return self

    @property
    def strands(self) -> int:  # noqa: D102
        return 1

    def path(self, strand: Int[ndarray, " point"], t: Float[ndarray, " point"]) -> Float[ndarray, "point 2"]:  # noqa: D102
        start, end = np.array(self.start, t.dtype), np.array(self.end, t.dtype)
        return start + t[:, None] * (end - start)


class Star(Curve):
    """The outline of a star, one point upwards."""

    type: Literal["star"] = "star"
    points: int = Field(5, ge=2, le=100, description="number of points")
    radius: PositiveFinite = Field(2.0, description="distance of the points from the middle")
    inner_radius: PositiveFinite = Field(0.8, description="distance of the corners between them from the middle")

    @cached_property
    def _corners(self) -> Float[ndarray, "corner 2"]:
        k = np.arange(2 * self.points + 1)
        return _polar(np.where(k % 2 == 0, self.radius, self.inner_radius), np.pi * (0.5 + k / self.points))

    @property
    def strands(self) -> int:  # noqa: D102
        return 2 * self.points

    def path(self, strand: Int[ndarray, " point"], t: Float[ndarray, " point"]) -> Float[ndarray, "point 2"]:  # noqa: D102
        corners = self._corners.astype(t.dtype)
        first, second = corners.take(strand, axis=0), corners.take(strand + 1, axis=0)
        return first + t[:, None] * (second - first)
