"""The grid on the line, and how a density is kept on it: as the mass of every cell, so that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.distributions.base import LineDistribution

__all__ = ["LineGrid", "Masses", "data_masses"]


@dataclass(frozen=True)
class LineGrid:
    """Equal cells on [low, high]."""

    low: float
    high: float
    cells: int

    @cached_property
    def edges(self) -> Float[ndarray, " edge"]:
        """The cells' boundaries, cells + 1 of them."""
        return np.linspace(self.low, self.high, self.cells + 1)

    @property
    def centres(self) -> Float[ndarray, " cell"]:
        """The cells' middles."""
        return (self.edges[:-1] + self.edges[1:]) / 2

    @property
    def width(self) -> float:
        """Length of one cell."""
        return (self.high - self.low) / self.cells


@dataclass(frozen=True)
class Masses:
    """Where all the mass of one or many densities is: in cells, beyond the grid, or in points.

    Attributes:
        cells: mass spread within each cell, shape (*batch, cell).
        outside: mass below and above the grid, shape (*batch, 2).
        atoms: mass of point masses in each cell, shape (*batch, cell), or None where there are none.
        excess: first moments beyond the ends, E[(low - X)+] and E[(X - high)+], shape (*batch, 2).
    """

    cells: Float[ndarray, "*batch cell"]
    outside: Float[ndarray, "*batch 2"]
    excess: Float[ndarray, "*batch 2"]
    atoms: Float[ndarray, "*batch cell"] | None = None

    @property
    def total(self) -> Float[ndarray, "*batch cell"]:
        """Mass in each cell, point masses included: what is drawn."""
        return self.cells if self.atoms is None else self.cells + self.atoms

    def partition(self) -> Float[ndarray, "*batch cell+3"]:
        """Return the masses of a partition of the line: the cells, below, above, and all points that carry mass.

        A set of points has no mass under a density, so keeping it apart makes every f-divergence treat a point mass
        as what it is: singular.
        """
        singular = np.zeros(self.cells.shape[:-1]) if self.atoms is None else self.atoms.sum(-1)
        return np.concatenate([self.cells, self.outside, singular[..., None]], axis=-1)

    def cdf(self) -> Float[ndarray, "*batch edge"]:
        """Return P(X <= edge) at every edge of the grid."""
        below = self.outside[..., :1]
        return np.concatenate([below, below + np.cumsum(self.total, axis=-1)], axis=-1)


def data_masses(distribution: LineDistribution, grid: LineGrid) -> Masses:
    """Return the exact masses of a distribution on a grid, from its tail functions."""
    ends = np.array([grid.low, grid.high])
    return Masses(
        cells=distribution.masses(grid.edges),
        outside=np.array([distribution.cdf(ends[:1])[0], distribution.sf(ends[1:])[0]]),
        excess=np.array([distribution.excess(grid.low, upper=False), distribution.excess(grid.high, upper=True)]),
    )
