"""The grid on the plane, and how a density is kept on it: as the mass of every cell, and what lies beyond."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.distributions.base import PlaneDistribution

__all__ = ["PlaneGrid", "PlaneMasses", "plane_masses"]

# How far beyond the window, in windows, data is looked for when its mass out there is given a place.
_REACH = 4


@dataclass(frozen=True)
class PlaneGrid:
    """Equal cells on a rectangle, as many in x as in y.

    Attributes:
        low: lower left corner.
        high: upper right corner.
        cells: number of cells along each side.
    """

    low: tuple[float, float]
    high: tuple[float, float]
    cells: int

    @cached_property
    def edges(self) -> tuple[Float[ndarray, " edge"], Float[ndarray, " edge"]]:
        """The cells' boundaries along x and along y."""
        x, y = (np.linspace(a, b, self.cells + 1) for a, b in zip(self.low, self.high, strict=True))
        return x, y

    @cached_property
    def middles(self) -> tuple[Float[ndarray, " cell"], Float[ndarray, " cell"]]:
        """The cells' middles along x and along y."""
        x, y = ((edges[:-1] + edges[1:]) / 2 for edges in self.edges)
        return x, y

    @cached_property
    def centres(self) -> Float[ndarray, "cell 2"]:
        """The cells' middles, x by x."""
        return np.stack(np.meshgrid(*self.middles, indexing="ij"), axis=-1).reshape(-1, 2)

    @cached_property
    def widths(self) -> tuple[float, float]:
        """Length of a cell along x and along y."""
        x, y = ((b - a) / self.cells for a, b in zip(self.low, self.high, strict=True))
        return x, y

    @property
    def area(self) -> float:
        """Area of one cell."""
        return self.widths[0] * self.widths[1]


@dataclass(frozen=True)
class PlaneMasses:
    """Where all the mass of one or many densities is: in cells or beyond the grid.

    Attributes:
        cells: mass of each cell, shape (*batch, x, y).
        outside: mass beyond the grid, shape (*batch,).
        moment: first moment of that mass, shape (*batch, 2).
    """

    axes: ClassVar[int] = 2

    cells: Float[ndarray, "*batch x y"]
    outside: Float[ndarray, "*batch"]
    moment: Float[ndarray, "*batch 2"]

    @property
    def total(self) -> Float[ndarray, "*batch x y"]:
        """Mass in each cell: what is drawn."""
        return self.cells

    def spread(self, cells: Float[ndarray, "*batch x y"]) -> PlaneMasses:
        """Return the same mass, differently laid over the cells."""
        return replace(self, cells=cells)

    def partition(self) -> Float[ndarray, "*batch part"]:
        """Return the masses of a partition of the plane: the cells, and all that lies beyond them."""
        inside = self.cells.reshape(*self.cells.shape[:-2], -1)
        return np.concatenate([inside, self.outside[..., None]], axis=-1)


def plane_masses(distribution: PlaneDistribution, grid: PlaneGrid) -> PlaneMasses:
    """Return the masses of a distribution on a grid."""
    cells = distribution.masses(*grid.edges)
    edges, middles, beyond = [], [], []
    for low, high in zip(grid.low, grid.high, strict=True):
        along = np.linspace(low - _REACH * (high - low), high + _REACH * (high - low), 16 * (2 * _REACH + 1) + 1)
        edges.append(along)
        middles.append((along[:-1] + along[1:]) / 2)
        beyond.append((middles[-1] < low) | (middles[-1] > high))
    found = np.where(beyond[0][:, None] | beyond[1], distribution.masses(*edges), 0.0)
    # Added up from what lies around the window: one minus the inside would lose it to rounding.
    around = distribution.masses(*(np.array([-np.inf, a, b, np.inf]) for a, b in zip(grid.low, grid.high, strict=True)))
    around[1, 1] = 0.0
    outside = np.asarray(around.sum())
    # What is further out than was looked for shares the place of what was found.
    scale = outside / max(float(found.sum()), 1e-300)
    moment = scale * np.array([found.sum(1) @ middles[0], found.sum(0) @ middles[1]])
    return PlaneMasses(cells, outside, moment)
