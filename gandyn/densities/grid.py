"""The grid on the line, and how a density is kept on it: as the mass of every cell, so that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from gandyn.densities.cells import CellMasses
from gandyn.distributions.base import LineDistribution

TAIL_CELLS = 96
"""Cells beyond either end of a grid, so that divergences see what leaves the picture."""

_TAIL_SCALE = 12

__all__ = ["LineGrid", "Masses", "PointMasses", "data_masses", "point_masses"]


@dataclass(frozen=True)
class LineGrid:
    """Equal cells on [low, high].

    Attributes:
        low: left end.
        high: right end.
        cells: number of cells.
        points: places, in no cell, where the data has mass; what hits one of them is told from what lies beside it.
    """

    low: float
    high: float
    cells: int
    points: tuple[float, ...] = ()

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

    def cell(self, x: Float[ndarray, "*batch"]) -> Int[ndarray, "*batch"]:
        """Return the cell of points within the grid; the one place that says to which an edge between two belongs."""
        return np.minimum(((x - self.low) * (1 / self.width)).astype(np.int64), self.cells - 1)

    def holds(self, x: Float[ndarray, "*batch"]) -> Bool[ndarray, "*batch"]:
        """Say which points are within the grid; its ends belong to what is beyond them."""
        return (self.low < x) & (x < self.high)

    @property
    def tail_edges(self) -> Float[ndarray, " tail"]:
        """Where the cells beyond either end begin, as distances from it; the last has no other end.

        The first is as long as a cell of the grid; from some cells out on they grow by a twelfth each.
        """
        scale = _TAIL_SCALE * self.width
        return scale * np.sinh(np.arange(TAIL_CELLS) / _TAIL_SCALE)

    def tail_coordinate(self, distance: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return where a distance beyond an end falls among the cells there, between 0 and `TAIL_CELLS`."""
        scale = _TAIL_SCALE * self.width
        return np.minimum(_TAIL_SCALE * np.arcsinh(distance / scale), TAIL_CELLS)


@dataclass(frozen=True)
class Masses(CellMasses):
    """Where all the mass of one or many densities is: in cells, beyond the grid, or in points.

    Attributes:
        cells: mass spread within each cell, shape (*batch, cell).
        tails: mass of each cell below and above the grid, by distance from it, shape (*batch, 2, tail).
        atoms: mass of point masses in each cell, shape (*batch, cell), or None where there are none.
        excess: first moments beyond the ends, E[(low - X)+] and E[(X - high)+], shape (*batch, 2).
        offsets: where in its cell each cell's point masses are on average, from 0 to 1, shape (*batch, cell).
        hits: mass of those at each of the grid's own points, shape (*batch, point).
    """

    axes: ClassVar[int] = 1

    cells: Float[ndarray, "*batch cell"]
    tails: Float[ndarray, "*batch 2 tail"]
    excess: Float[ndarray, "*batch 2"]
    atoms: Float[ndarray, "*batch cell"] | None = None
    offsets: Float[ndarray, "*batch cell"] | None = None
    hits: Float[ndarray, "*batch point"] | None = None

    @property
    def total(self) -> Float[ndarray, "*batch cell"]:
        """Mass in each cell, point masses included: what is drawn."""
        return self.cells if self.atoms is None else self.cells + self.atoms

    @property
    def beyond(self) -> Float[ndarray, "*batch 2"]:
        """Mass below and above the grid."""
        return self.tails.sum(-1)

    def spread(self, cells: Float[ndarray, "*batch cell"]) -> Masses:
        """Return the same mass, differently laid over the cells; points have become part of them."""
        return replace(self, cells=cells, atoms=None, offsets=None, hits=None)

    def partition(self) -> Float[ndarray, "*batch part"]:
        """Return the masses of a partition of the line: the cells, those beyond, and all points that carry mass.

        A set of points has no mass under a density, so keeping it apart makes every f-divergence treat a point mass
        as what it is: singular. Those of the data are each a part of their own, for a point is singular to another.
        """
        singular = np.zeros(self.cells.shape[:-1]) if self.atoms is None else self.atoms.sum(-1)
        hits = np.empty((*singular.shape, 0)) if self.hits is None else self.hits
        elsewhere = np.maximum(singular - hits.sum(-1), 0.0)
        beyond = self.tails.reshape(*self.tails.shape[:-2], -1)
        return np.concatenate([self.cells, beyond, hits, elsewhere[..., None]], axis=-1)

    def cdf(self) -> Float[ndarray, "*batch edge"]:
        """Return P(X <= edge) at every edge of the grid."""
        below = self.beyond[..., :1]
        return np.concatenate([below, below + np.cumsum(self.total, axis=-1)], axis=-1)


def data_masses(distribution: LineDistribution, grid: LineGrid) -> Masses:
    """Return the exact masses of a distribution on a grid, from its tail functions."""
    edges = grid.tail_edges
    beyond = np.stack([distribution.cdf(grid.low - edges), distribution.sf(grid.high + edges)])
    points, weights = distribution.atoms()
    # Distribution functions count an atom to the cell that ends at or after it.
    stepped = np.diff((points <= grid.edges).T @ weights)
    laid = point_masses(np.zeros(len(points), np.int64), points[:, 0], weights, grid, 1)
    return Masses(
        cells=np.maximum(distribution.masses(grid.edges) - stepped, 0.0),
        tails=beyond - np.pad(beyond[:, 1:], [(0, 0), (0, 1)]),
        excess=np.array([distribution.excess(grid.low, upper=False), distribution.excess(grid.high, upper=True)]),
        **({} if laid is None else {name: part[0] for name, part in laid._asdict().items()}),
    )


class PointMasses(NamedTuple):
    """Point masses of several densities, as `Masses` keeps them."""

    atoms: Float[ndarray, "batch cell"]
    offsets: Float[ndarray, "batch cell"]
    hits: Float[ndarray, "batch point"]


def point_masses(
    row: Int[ndarray, " atom"], at: Float[ndarray, " atom"], mass: Float[ndarray, " atom"], grid: LineGrid, batch: int
) -> PointMasses | None:
    """Lay point masses on a grid, each in its row; None where there are none, and none are looked for.

    Args:
        row: which density each belongs to.
        at: where it is; those beyond the grid are left out.
        mass: of each.
        grid: where they are wanted.
        batch: number of densities.
    """
    within = grid.holds(at)
    row, at, mass = row[within], at[within], mass[within]
    if not len(at) and not grid.points:
        return None
    cell = grid.cell(at)
    place, size = cell + row * grid.cells, batch * grid.cells
    atoms = np.bincount(place, mass, minlength=size)
    moments = np.bincount(place, mass * np.clip((at - grid.low) / grid.width - cell, 0.0, 1.0), minlength=size)
    offsets = np.divide(moments, atoms, out=np.zeros(size), where=atoms > 0)
    hits = [np.bincount(row, np.where(at == point, mass, 0.0), minlength=batch) for point in grid.points]
    return PointMasses(
        atoms.reshape(batch, -1), offsets.reshape(batch, -1), np.array(hits).reshape(len(hits), batch).T.copy()
    )
