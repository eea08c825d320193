"""The grid on the plane, and how a density is kept on it: as the mass of every cell, and what lies beyond."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.cells import CellMasses, Partition

__all__ = ["DIRECTIONS", "LEVELS", "RIM", "SIDE", "PlaneGrid", "PlaneMasses", "tilts"]

DIRECTIONS = 16
"""Directions that the plane is projected on, equally spaced over half a turn."""

LEVELS = 5
"""Windows around the window that divergences see, each twice as wide as the one before."""

SIDE = 16
"""Cells along each side of such a window; the middle ones are the window before."""

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

    def around(self, level: int) -> PlaneGrid:
        """Return the coarse grid on the window that is 2^level as wide, about the same middle."""
        ends = np.array([self.low, self.high])
        (left, bottom), (right, top) = (ends.mean(0) + 2.0**level * (ends - ends.mean(0))).tolist()
        return PlaneGrid((left, bottom), (right, top), SIDE)

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


RIM = np.ones((SIDE, SIDE), dtype=bool)
"""Of such a window the cells that are not in the window before."""
RIM[SIDE // 4 : -SIDE // 4, SIDE // 4 : -SIDE // 4] = False


@dataclass(frozen=True)
class PlaneMasses(CellMasses):
    """Where all the mass of one or many densities is: in cells or beyond the grid.

    A partition's parts are the cells, x by x; then those of the rims of the windows around the grid, from the inside
    out; and one part for all that lies beyond.

    Attributes:
        cells: mass of each cell, shape (*batch, x, y).
        outside: mass beyond the grid, shape (*batch,).
        shadow: that mass on the places of each projection, shape (*batch, direction, place).
        excess: its first moments beyond the ends of each projection, shape (*batch, direction, 2).
        mass: mass of each part, shape (*batch, part); None where all that lies beyond the cells is one part, and
            nothing is known but masses.
        log_mass: its logarithm, shape (*batch, part).
        tilt: change of the log density across each part along x and y, shape (*batch, part, 2).
    """

    axes: ClassVar[int] = 2

    cells: Float[ndarray, "*batch x y"]
    outside: Float[ndarray, "*batch"]
    shadow: Float[ndarray, "*batch direction place"]
    excess: Float[ndarray, "*batch direction 2"]
    mass: Float[ndarray, "*batch part"] | None = None
    log_mass: Float[ndarray, "*batch part"] | None = None
    tilt: Float[ndarray, "*batch part 2"] | None = None

    @property
    def total(self) -> Float[ndarray, "*batch x y"]:
        """Mass in each cell: what is drawn."""
        return self.cells

    @property
    def beyond(self) -> Float[ndarray, "*batch 1"]:
        """Mass beyond the grid."""
        return self.outside[..., None]

    def spread(self, cells: Float[ndarray, "*batch x y"]) -> PlaneMasses:
        """Return the same mass, differently laid over the cells; all that lies beyond them has become one part."""
        return PlaneMasses(cells, self.outside, self.shadow, self.excess)

    def partition(self) -> Partition:
        """Return the masses of a partition of the plane: the cells, those around them, and all that lies beyond."""
        if self.mass is not None and self.log_mass is not None:
            return Partition(self.mass, self.log_mass, self.tilt)
        inside = self.cells.reshape(*self.cells.shape[:-2], -1)
        return Partition.of(np.concatenate([inside, self.outside[..., None]], axis=-1))


def tilts(logs: Float[ndarray, "*batch x y"]) -> Float[ndarray, "*batch x y 2"]:
    """Return by how much log masses change from cell to cell along x and y; 0 where a neighbour has none.

    Half the difference of both neighbours, but at most twice the lesser of the steps to them: at the edge of a density
    its slope is that of the inside.

    References:
        van Leer, "Towards the ultimate conservative difference scheme IV", 1977.
    """
    found = np.zeros((*logs.shape, 2))
    for axis in range(2):
        values = np.moveaxis(logs, axis - 2, -1)
        with np.errstate(invalid="ignore"):
            step = np.diff(values)
        before, after = step[..., :-1], step[..., 1:]
        known = np.isfinite(before) & np.isfinite(after)
        before, after = np.where(known, before, 0.0), np.where(known, after, 0.0)
        most = np.where(before * after > 0, 2 * np.minimum(np.abs(before), np.abs(after)), 0.0)
        np.moveaxis(found[..., axis], axis - 2, -1)[..., 1:-1] = np.clip((before + after) / 2, -most, most)
    return found
