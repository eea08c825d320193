"""The point mass, on the line or on the plane: the data of the Dirac-GAN."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BeforeValidator, Field, FiniteFloat

from gandyn.distributions.base import Distribution, EitherDistribution, LineDistribution, PlaneDistribution
from gandyn.distributions.modes import Atoms, Modes

__all__ = ["Dirac"]

_ROOM = 2.0
"""What is shown on either side of a point, which has no width to go by: room for an orbit of radius one."""
_ASIDE = _ROOM / 57
"""How far a point of the plane is from the middle of its window, where four cells meet and rounding would choose."""


class _Point(Distribution):
    """All mass at one point."""

    at: FiniteFloat | tuple[FiniteFloat, FiniteFloat]

    @cached_property
    def place(self) -> Float[ndarray, " dim"]:
        """The point."""
        return np.atleast_1d(np.array(self.at, dtype=np.float64))

    def atoms(self) -> Atoms:
        """Return the point."""
        return Atoms(self.place[None], np.ones(1))

    def density(self, points: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch"]:
        """Return infinity at the point, and zero elsewhere."""
        return np.where((points == self.place).all(-1), np.inf, 0.0)

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:
        """Return the point, so many times."""
        return np.tile(self.place, (count, 1))

    def modes(self) -> Modes:
        """Return the point; of high quality is what hits it."""
        return Modes(self.place[None], np.zeros(1), np.ones(1))

    def extent(self) -> Float[ndarray, "dim 2"]:
        """Return the point with room on all sides."""
        return self.place[:, None] + np.array([-_ROOM, _ROOM])


class _LinePoint(_Point, LineDistribution):
    """A point of the line."""

    at: FiniteFloat

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        return np.where(x == self.at, np.inf, 0.0)

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        return np.where(x >= self.at, 1.0, 0.0)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        return np.where(x < self.at, 1.0, 0.0)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:
        return np.full(np.shape(u), self.at)

    def excess(self, x: float, upper: bool) -> float:
        """Return the distance of the point, if it lies beyond x."""
        return max(self.at - x if upper else x - self.at, 0.0)


class _PlanePoint(_Point, PlaneDistribution):
    """A point of the plane."""

    at: tuple[FiniteFloat, FiniteFloat]

    def masses(
        self, x_edges: Float[ndarray, " x_edge"], y_edges: Float[ndarray, " y_edge"]
    ) -> Float[ndarray, "x_cell y_cell"]:
        """Return one in the cell that holds the point; what lies on an edge belongs to the cell above it."""
        x, y = self.at
        inside_x, inside_y = (x_edges[:-1] <= x) & (x < x_edges[1:]), (y_edges[:-1] <= y) & (y < y_edges[1:])
        return np.outer(inside_x, inside_y).astype(np.float64)

    def bounds(self) -> Float[ndarray, "2 2"]:
        """Return the point, twice."""
        return np.stack([self.place, self.place], axis=1)

    def extent(self) -> Float[ndarray, "2 2"]:
        """Return the point with room on all sides, a little more on the left and below."""
        return super().extent() - _ASIDE


def _pair(at: Any) -> Any:
    if isinstance(at, list | tuple) and len(at) != 2:
        raise ValueError(f"a point is a number (on the line) or a pair [x, y] (on the plane), not {list(at)}")
    return at


class Dirac(EitherDistribution):
    """A point mass: on the line where its place is a number, on the plane where it is a pair.

    References:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018.
    """

    type: Literal["dirac"] = "dirac"
    at: Annotated[FiniteFloat | tuple[FiniteFloat, FiniteFloat], BeforeValidator(_pair)] = Field(
        0.0, description="a number (on the line) or a pair [x, y] (on the plane)"
    )

    @cached_property
    def law(self) -> LineDistribution | PlaneDistribution:
        """The point in the dimension of its place."""
        kind = _PlanePoint if isinstance(self.at, tuple) else _LinePoint
        return kind.model_validate({"at": self.at})
