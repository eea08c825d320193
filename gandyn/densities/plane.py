"""The grid on the plane, and how a density is kept on it: as the mass of every cell, and what lies beyond."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.cells import CellMasses, Partition

__all__ = ["DIRECTIONS", "PlaneGrid", "PlaneMasses"]

DIRECTIONS = 16
"""Directions that the plane is projected on, equally spaced over half a turn."""

# Places on each projection for every cell along a side of the grid: a diagonal is longer than a side.
_FINENESS = 1.5


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

    @property
    def places(self) -> int:
        """Number of places on each projection of the window; the first and the last are its ends."""
        return int(_FINENESS * self.cells) + 1

    @cached_property
    def rulers(self) -> Float[ndarray, "direction 4"]:
        """Of each direction its cosine and sine, the first place on it, and the distance to the next."""
        angles = np.arange(DIRECTIONS) * (np.pi / DIRECTIONS)
        along = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        corners = np.array([[x, y] for x in (self.low[0], self.high[0]) for y in (self.low[1], self.high[1])])
        ends = corners @ along.T
        return np.column_stack([along, ends.min(0), np.ptp(ends, axis=0) / (self.places - 1)])


@dataclass(frozen=True)
class PlaneMasses(CellMasses):
    """Where all the mass of one or many densities is: in cells or beyond the grid.

    Attributes:
        cells: mass of each cell, shape (*batch, x, y).
        outside: mass beyond the grid, shape (*batch,).
        shadow: that mass on the places of each projection, shape (*batch, direction, place).
        excess: its first moments beyond the ends of each projection, shape (*batch, direction, 2).
    """

    axes: ClassVar[int] = 2

    cells: Float[ndarray, "*batch x y"]
    outside: Float[ndarray, "*batch"]
    shadow: Float[ndarray, "*batch direction place"]
    excess: Float[ndarray, "*batch direction 2"]

    @property
    def total(self) -> Float[ndarray, "*batch x y"]:
        """Mass in each cell: what is drawn."""
        return self.cells

    @property
    def beyond(self) -> Float[ndarray, "*batch 1"]:
        """Mass beyond the grid."""
        return self.outside[..., None]

    def spread(self, cells: Float[ndarray, "*batch x y"]) -> PlaneMasses:
        """Return the same mass, differently laid over the cells."""
        return replace(self, cells=cells)

    def partition(self) -> Partition:
        """Return the masses of a partition of the plane: the cells, and all that lies beyond them."""
        inside = self.cells.reshape(*self.cells.shape[:-2], -1)
        return Partition.of(np.concatenate([inside, self.outside[..., None]], axis=-1))
