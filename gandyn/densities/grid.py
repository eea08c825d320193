"""The grid on the line, and how a density is kept on it: as the mass of every cell, so that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from gandyn.densities.cells import CellMasses, Partition
from gandyn.distributions.base import LineDistribution

TAIL_CELLS = 150
"""Cells beyond either end of a grid, so that divergences see what leaves the picture."""

_TAIL_SCALE = 14
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)

__all__ = ["TAIL_CELLS", "LineGrid", "Masses", "PointMasses", "by_distance", "data_masses", "point_masses"]


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
        """Return the cell of points within the grid."""
        return np.minimum(((x - self.low) * (1 / self.width)).astype(np.int64), self.cells - 1)

    def holds(self, x: Float[ndarray, "*batch"]) -> Bool[ndarray, "*batch"]:
        """Say which points are within the grid; its upper end belongs to what is beyond."""
        return (self.low <= x) & (x < self.high)

    @cached_property
    def tail_edges(self) -> Float[ndarray, " tail"]:
        """Where the cells beyond either end begin, as distances from it; the last has no other end.

        The first is as long as a cell of the grid; from some cells out on they grow by a fourteenth each, to some
        hundreds of windows.
        """
        scale = _TAIL_SCALE * self.width
        return scale * np.sinh(np.arange(TAIL_CELLS) / _TAIL_SCALE)

    @cached_property
    def all_edges(self) -> Float[ndarray, " edge"]:
        """The boundaries of all cells in order: those below the grid, on it, and above it."""
        away = self.tail_edges[1:]
        return np.concatenate([self.low - away[::-1], self.edges, self.high + away])


@dataclass(frozen=True)
class Masses(CellMasses):
    """Where all the mass of one or many densities is: in cells, beyond the grid, or in points.

    Attributes:
        cells: mass spread within each cell, shape (*batch, cell).
        tails: mass of each cell below and above the grid, by distance from it, shape (*batch, 2, tail).
        reach: integral over each of these cells of the mass further out than x, in units of x, shape (*batch, 2, tail).
        atoms: mass of point masses in each cell, shape (*batch, cell), or None where there are none.
        offsets: where in its cell each cell's point masses are on average, from 0 to 1, shape (*batch, cell).
        hits: mass of those at each of the grid's own points, shape (*batch, point).
        logs: natural logarithms of all masses but those of points, shape (*batch, cell + 2 tail): exact where a mass
            underflows. None where they are not known but from the masses.
        tilts: change of the log density across each of those cells; None where it is not known.
        cover: the share of each of those cells that the density covers, where it ends within one; None stands for one.
        folds: the share of each of those cells up to a caustic, where a generator turns back: from the left or, if
            negative, from the right; 0 where there is none.
        past: logarithm of the mass that such a cell would have if all of it were as beyond the caustic.
    """

    axes: ClassVar[int] = 1

    cells: Float[ndarray, "*batch cell"]
    tails: Float[ndarray, "*batch 2 tail"]
    reach: Float[ndarray, "*batch 2 tail"]
    atoms: Float[ndarray, "*batch cell"] | None = None
    offsets: Float[ndarray, "*batch cell"] | None = None
    hits: Float[ndarray, "*batch point"] | None = None
    logs: Float[ndarray, "*batch part"] | None = None
    tilts: Float[ndarray, "*batch part"] | None = None
    cover: Float[ndarray, "*batch part"] | None = None
    folds: Float[ndarray, "*batch part"] | None = None
    past: Float[ndarray, "*batch part"] | None = None

    @property
    def total(self) -> Float[ndarray, "*batch cell"]:
        """Mass in each cell, point masses included: what is drawn."""
        return self.cells if self.atoms is None else self.cells + self.atoms

    @property
    def beyond(self) -> Float[ndarray, "*batch 2"]:
        """Mass below and above the grid."""
        return self.tails.sum(-1)

    def spread(self, cells: Float[ndarray, "*batch cell"]) -> Masses:
        """Return the same mass, differently laid over the cells; points have become part of them.

        Where that leaves nothing a logarithm stays what it was: the spread's own underflow is no absence of mass.
        """
        logs = _log(np.concatenate([cells, self._tails], axis=-1))
        if self.logs is not None:
            logs = np.where(logs > -np.inf, logs, self.logs)
        return Masses(cells=cells, tails=self.tails, reach=self.reach, logs=logs)

    def partition(self) -> Partition:
        """Return the masses of a partition of the line: the cells, those beyond, and the points that carry mass.

        Each of the grid's own points is one of these, for a point is singular to another; all others are one together.
        """
        mass = np.concatenate([self.cells, self._tails], axis=-1)
        logs = _log(mass) if self.logs is None else self.logs
        first, count = self.cells.shape[-1], self.tails.shape[-1]
        return Partition(
            mass=mass,
            log_mass=logs,
            tilt=None if self.tilts is None else self.tilts[..., None],
            cover=self.cover,
            folds=self.folds,
            past=self.past,
            atoms=self._points,
            endless=((first, first + count), (first + count, first + 2 * count)),
        )

    @property
    def _points(self) -> Float[ndarray, "*batch place"] | None:
        if self.atoms is None:
            return None
        singular = self.atoms.sum(-1, keepdims=True)
        hits = np.empty((*singular.shape[:-1], 0)) if self.hits is None else self.hits
        return np.concatenate([hits, np.maximum(singular - hits.sum(-1, keepdims=True), 0.0)], axis=-1)

    @property
    def _tails(self) -> Float[ndarray, "*batch tails"]:
        return self.tails.reshape(*self.tails.shape[:-2], -1)

    def cdf(self) -> Float[ndarray, "*batch edge"]:
        """Return P(X <= edge) at every edge of the grid."""
        below = self.beyond[..., :1]
        return np.concatenate([below, below + np.cumsum(self.total, axis=-1)], axis=-1)


def data_masses(distribution: LineDistribution, grid: LineGrid) -> Masses:
    """Return the exact masses of a distribution on a grid, from its tail functions."""
    inner = grid.all_edges
    edges = np.concatenate([[-np.inf], inner, [np.inf]])
    masses, logs, heights = distribution.masses(edges), distribution.log_masses(edges), distribution.log_pdf(inner)
    with np.errstate(invalid="ignore"):
        change = np.diff(heights)
    tilts = np.pad(np.where(np.isfinite(change), change, 0.0), 1)
    cover = np.pad(distribution.cover(inner), 1, constant_values=1.0)
    points, weights = distribution.atoms()
    # Distribution functions count an atom to the cell that ends at or after it.
    stepped = np.diff((points <= edges).T @ weights)
    stepped[:TAIL_CELLS] = stepped[-TAIL_CELLS:] = 0.0
    masses = np.maximum(masses - stepped, 0.0)
    logs = np.where(stepped > 0, _log(masses), logs)
    laid = point_masses(np.zeros(len(points), np.int64), points[:, 0], weights, grid, 1)
    return Masses(
        cells=masses[TAIL_CELLS:-TAIL_CELLS],
        tails=np.stack([masses[:TAIL_CELLS][::-1], masses[-TAIL_CELLS:]]),
        reach=np.stack([_reach(distribution, grid, upper) for upper in (False, True)]),
        logs=by_distance(logs),
        tilts=by_distance(np.where(cover < 1, 0.0, tilts)),
        cover=by_distance(cover),
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


def by_distance(parts: Float[ndarray, "*batch part"]) -> Float[ndarray, "*batch part"]:
    """Return values of all cells in order as those on the grid, then those below and those above by distance."""
    below, cells, above = np.split(parts, [TAIL_CELLS, parts.shape[-1] - TAIL_CELLS], axis=-1)
    return np.concatenate([cells, below[..., ::-1], above], axis=-1)


def _reach(distribution: LineDistribution, grid: LineGrid, upper: bool) -> Float[ndarray, " tail"]:
    """Return the integral of a tail function over each cell beyond an end, by Gauss-Legendre quadrature.

    That of the atoms, which have no smooth tail, is added exactly.
    """
    end, sign, tail = (grid.high, 1, distribution.sf) if upper else (grid.low, -1, distribution.cdf)
    points, weights = distribution.atoms()
    away, beyond = grid.tail_edges, sign * (points[:, 0] - end)
    lengths = np.diff(away)
    at = away[:-1, None] + lengths[:, None] / 2 * (1 + _NODES)
    smooth = tail(end + sign * at) - (beyond > at[..., None]) @ weights
    inner = np.sum(_WEIGHTS * lengths[:, None] / 2 * smooth, axis=1)
    inner += np.clip(beyond - away[:-1, None], 0.0, lengths[:, None]) @ weights
    return np.append(inner, distribution.excess(float(end + sign * away[-1]), upper))


def _log(masses: Float[ndarray, "*batch part"]) -> Float[ndarray, "*batch part"]:
    with np.errstate(divide="ignore"):
        return np.log(masses)
