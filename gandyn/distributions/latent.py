"""Latent distributions: what the generator is fed; samples, a lattice of known mass, low-discrepancy points."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, FiniteFloat, PositiveInt
from scipy import special

from gandyn.catalog import Component
from gandyn.distributions.base import Interval

# Cells of the normal lattice on either side of its bulk.
_TAIL = 32

__all__ = ["DiracLatent", "Latent", "NormalLatent", "UniformLatent"]


@lru_cache(maxsize=4)
def _sobol(dim: int, count: int) -> Float[ndarray, "count dim"]:
    from scipy.stats import qmc

    return qmc.Sobol(dim, scramble=True, rng=np.random.default_rng(0)).random(count)


class Latent(Component):
    """A product distribution over `dim` independent, equal coordinates.

    Attributes:
        constant: whether all samples are the same: an expectation is then the value at one of them.
    """

    constant: ClassVar[bool] = False

    dim: PositiveInt = Field(
        1, le=21201, description="number of coordinates, in a scenario that of the data unless given: the exact density"
    )

    @abstractmethod
    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:
        """Draw independent samples: in float32, a point in float64."""

    @abstractmethod
    def quantile(self, u: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return one coordinate's quantile."""

    @abstractmethod
    def pdf(self, z: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return one coordinate's density."""

    @abstractmethod
    def lattice(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut one coordinate into cells; return their edges and masses, which sum to one."""

    @abstractmethod
    def bulk(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut one coordinate into few cells, for lattices of several; return their edges and masses as `lattice`."""

    @abstractmethod
    def arrows(self, count: int) -> Float[ndarray, " count"]:
        """Return equally spaced positions on one coordinate, for drawing the generator's map."""

    def points(self, count: int) -> Float[ndarray, "count dim"]:
        """Return a scrambled Sobol set mapped to this distribution; every point stands for the mass 1 / count.

        References:
            Sobol, "On the distribution of points in a cube and the approximate evaluation of integrals", 1967;
            Owen, "Scrambling Sobol' and Niederreiter-Xing points", 1998.
        """
        return self.quantile(_sobol(self.dim, count))


class NormalLatent(Latent):
    """Standard normal coordinates, z ~ N(0, I)."""

    type: Literal["normal"] = "normal"

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:  # noqa: D102
        return rng.standard_normal((count, self.dim), dtype=np.float32)

    def quantile(self, u: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return special.ndtri(u)

    def pdf(self, z: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)

    def lattice(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut [-37.5, 37.5], beyond which float64 knows no mass.

        All but 1.2e-15 of the mass lies within 8, in cells four times as long at the ends as in the middle. The
        long cells further out decide nothing but where the density is truly zero, and so where KL is infinite.
        """
        half = (cells - 2 * _TAIL) / 2
        bulk = 2 * np.sinh(np.arange(-half, half + 1) / half * np.arcsinh(4.0))
        tail = 8 * (37.5 / 8) ** (np.arange(1, _TAIL + 1) / _TAIL)
        edges = np.concatenate([-tail[::-1], bulk, tail])
        below, above = special.ndtr(edges), special.ndtr(-edges)
        below[0] = above[-1] = 0.0
        return edges, np.where(below[:-1] < 0.5, np.diff(below), -np.diff(above))

    def bulk(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut [-6, 6], in cells four times as long at the ends as in the middle.

        The 2e-9 of mass beyond is counted to the outermost cells.
        """
        edges = 1.5 * np.sinh(np.linspace(-1.0, 1.0, cells + 1) * np.arcsinh(4.0))
        below, above = special.ndtr(edges), special.ndtr(-edges)
        below[0] = above[-1] = 0.0
        return edges, np.where(below[:-1] < 0.5, np.diff(below), -np.diff(above))

    def arrows(self, count: int) -> Float[ndarray, " count"]:
        """Return positions from -3 to 3: all but 0.3 % of the mass."""
        return np.linspace(-3.0, 3.0, count)

    def label(self) -> str:
        """Return the law as it is written under the axis."""
        return "z ~ N(0, 1)" if self.dim == 1 else f"z ~ N(0, I), {self.dim}-D"


class UniformLatent(Interval, Latent):
    """Uniform coordinates on [low, high]."""

    type: Literal["uniform"] = "uniform"

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:  # noqa: D102
        scale = np.float32(self.high - self.low)
        return rng.random((count, self.dim), dtype=np.float32) * scale + np.float32(self.low)

    def quantile(self, u: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self.low + (self.high - self.low) * u

    def pdf(self, z: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.where((z >= self.low) & (z <= self.high), 1 / (self.high - self.low), 0.0)

    def lattice(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut the support."""
        return np.linspace(self.low, self.high, cells + 1), np.full(cells, 1 / cells)

    def bulk(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut the support, as `lattice` does."""
        return self.lattice(cells)

    def arrows(self, count: int) -> Float[ndarray, " count"]:
        """Return positions from end to end."""
        return np.linspace(self.low, self.high, count)

    def label(self) -> str:
        """Return the law as it is written under the axis."""
        return f"z ~ U({self.low:g}, {self.high:g})" + (f", {self.dim}-D" if self.dim > 1 else "")


class DiracLatent(Latent):
    """A point, every coordinate `at`: the generator is one sample that moves.

    References:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018.
    """

    type: Literal["dirac"] = "dirac"
    constant: ClassVar[bool] = True
    at: FiniteFloat = Field(1.0, description="value of every coordinate")

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:  # noqa: D102
        return np.full((count, self.dim), self.at)

    def quantile(self, u: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.full(np.shape(u), self.at)

    def pdf(self, z: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return one at the point and zero elsewhere: the density by the measure that counts points."""
        return np.where(z == self.at, 1.0, 0.0)

    def lattice(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Return cells of no length, all at the point: their images are a point mass."""
        return np.full(cells + 1, self.at), np.full(cells, 1 / cells)

    def bulk(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Return such cells, as `lattice` does."""
        return self.lattice(cells)

    def arrows(self, count: int) -> Float[ndarray, " count"]:
        """Return the point, so many times."""
        return np.full(count, self.at)

    def label(self) -> str:
        """Return the value as it is written under the axis."""
        return f"z = {self.at:g}" + (f", {self.dim}-D" if self.dim > 1 else "")
