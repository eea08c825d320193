"""Latent distributions: what the generator is fed; samples, a lattice of known mass, low-discrepancy points."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from pydantic import Field, FiniteFloat, PositiveInt
from scipy import special

from gandyn.core.catalog import Component
from gandyn.distributions.base import Interval
from gandyn.distributions.line import Gaussian

# Cells of the normal lattice on either side of its bulk, a quarter of them where networks are affine to all intents;
# where these and the others end; and the ratio of the ends of the parts they are cut into.
_TAIL = 32
_BULK, _BENT, _END = 8.0, 300.0, 1e8
_RATIO = 1.04

__all__ = ["DiracLatent", "Latent", "Lattice", "NormalLatent", "UniformLatent"]


class Lattice(NamedTuple):
    """One latent coordinate cut into cells, and these into parts on which the generator is taken as linear.

    Attributes:
        edges: the cells' ends, where the generator is evaluated, shape (cell + 1,).
        first: index of each cell's first part, and the number of parts, shape (cell + 1,).
        parts: the parts' ends, shape (part + 1,).
        log_masses: natural logarithms of the parts' masses, which sum to one, shape (part,).
        tilts: change of the latent's log density across each part, shape (part,).
    """

    edges: Float[ndarray, " edge"]
    first: Int[ndarray, " edge"]
    parts: Float[ndarray, " end"]
    log_masses: Float[ndarray, " part"]
    tilts: Float[ndarray, " part"]


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
    def lattice(self, cells: int) -> Lattice:
        """Cut one coordinate into cells."""

    @abstractmethod
    def bulk(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut one coordinate into few cells, for lattices of several; return their edges and masses."""

    @property
    def rings(self) -> tuple[float, ...]:
        """How many times as far out as the bulk its surroundings are looked at; nowhere, where nothing lies there."""
        return ()

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

    def lattice(self, cells: int) -> Lattice:
        """Cut [-1e8, 1e8]: wherever data may lie, a generator that is not bounded gets there.

        All but 1.2e-15 of the mass lies within 8, in cells four times as long at the ends as in the middle. The long
        cells further out decide how a log density falls in the tail, and where it is truly none; they are cut into
        parts so short that it falls linearly on each.
        """
        half = (cells - 2 * _TAIL) / 2
        bulk = 2 * np.sinh(np.arange(-half, half + 1) / half * np.arcsinh(4.0))
        few = _TAIL // 4
        near = _BULK * (_BENT / _BULK) ** (np.arange(1, _TAIL - few + 1) / (_TAIL - few))
        far = _BENT * (_END / _BENT) ** (np.arange(1, few + 1) / few)
        away = np.concatenate([[_BULK], near, far])
        cuts = np.ceil(np.log(away[1:] / away[:-1]) / np.log(_RATIO)).astype(np.int64)
        pieces = zip(away[:-1], away[1:], cuts, strict=True)
        tail = np.concatenate([low * (high / low) ** (np.arange(1, n + 1) / n) for low, high, n in pieces])
        edges = np.concatenate([-away[:0:-1], bulk, away[1:]])
        first = np.concatenate([[0], np.cumsum(np.concatenate([cuts[::-1], np.ones(len(bulk) - 1, np.int64), cuts]))])
        parts = np.concatenate([-tail[::-1], bulk, tail])
        parts[first] = edges  # to the last bit
        masses = Gaussian().log_masses(np.concatenate([[-np.inf], parts[1:-1], [np.inf]]))
        return Lattice(edges, first, parts, masses, -np.diff(parts**2) / 2)

    def bulk(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut [-6, 6], in cells five times as long at the ends as in the middle.

        The 2e-9 of mass beyond is counted to the outermost cells.
        """
        end = np.arccosh(5.0)
        edges = 6 * np.sinh(np.linspace(-end, end, cells + 1)) / np.sinh(end)
        below, above = special.ndtr(edges), special.ndtr(-edges)
        below[0] = above[-1] = 0.0
        return edges, np.where(below[:-1] < 0.5, np.diff(below), -np.diff(above))

    @property
    def rings(self) -> tuple[float, ...]:
        """Out to 36 standard deviations, where a network has long become a straight line."""
        return 1.5, 3.0, 6.0

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

    def lattice(self, cells: int) -> Lattice:
        """Cut the support."""
        edges = np.linspace(self.low, self.high, cells + 1)
        return Lattice(edges, np.arange(cells + 1), edges, np.full(cells, -np.log(cells)), np.zeros(cells))

    def bulk(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Cut the support, as `lattice` does."""
        return np.linspace(self.low, self.high, cells + 1), np.full(cells, 1 / cells)

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

    def lattice(self, cells: int) -> Lattice:
        """Return two cells of no length at the point, however many are asked for: their images are a point mass."""
        edges = np.full(3, self.at)
        return Lattice(edges, np.arange(3), edges, np.log([0.5, 0.5]), np.zeros(2))

    def bulk(self, cells: int) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        """Return such cells, as `lattice` does."""
        return np.full(cells + 1, self.at), np.full(cells, 1 / cells)

    def arrows(self, count: int) -> Float[ndarray, " count"]:
        """Return the point, so many times."""
        return np.full(count, self.at)

    def label(self) -> str:
        """Return the value as it is written under the axis."""
        return f"z = {self.at:g}" + (f", {self.dim}-D" if self.dim > 1 else "")
