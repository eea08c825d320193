"""Transport distances: Wasserstein-1 on the line, and its mean over directions on the plane."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.grid import LineGrid, Masses
from gandyn.densities.plane import DIRECTIONS, PlaneGrid, PlaneMasses

__all__ = ["projected", "sliced_wasserstein_1", "wasserstein_1"]


def wasserstein_1(p: Masses, q: Masses, grid: LineGrid) -> Float[ndarray, "*batch"]:
    """Return W1(p, q) = integral of |F_p - F_q| dx, in the units of x; it may be infinite.

    Between edges both distribution functions are taken as parabolas, with a jump where there are point masses (at their
    mean place, if there are several in a cell); in each cell beyond the grid the integral is the difference of both
    functions' own, which is exact unless they cross within it.

    References:
        Vallender, "Calculation of the Wasserstein Distance Between Probability Distributions on the Line", 1974.
    """
    from gandyn.divergences.areas import areas

    gap = np.ascontiguousarray(p.cdf() - q.cdf())
    inside = np.empty((*gap.shape[:-1], grid.cells))
    rise = np.ascontiguousarray(np.broadcast_to(p.cells - q.cells, inside.shape))
    areas(gap.reshape(-1, grid.cells + 1), rise.reshape(-1, grid.cells), inside.reshape(-1, grid.cells))
    if p.atoms is not None or q.atoms is not None:
        _jump(inside, gap, p, q)
    with np.errstate(invalid="ignore"):
        beyond = np.abs(p.reach - q.reach).sum((-2, -1))
    return inside.sum(-1) * grid.width + beyond


def _under(left: Float[ndarray, "*batch cell"], right: Float[ndarray, "*batch cell"]) -> Float[ndarray, "*batch cell"]:
    """Return the integral of |gap| over stretches of length one, across each of which the gap is linear."""
    total = np.abs(left) + np.abs(right)
    # Where the sign changes there are two triangles; without the crossing it is a trapezoid.
    crossing = np.divide(left**2 + right**2, total, out=np.zeros_like(total), where=total > 0)
    return np.where(left * right < 0, crossing, total) / 2


def _jump(inside: Float[ndarray, "*batch cell"], gap: Float[ndarray, "*batch edge"], p: Masses, q: Masses) -> None:
    """Put the integral of |gap| in place in the cells that hold point masses: linear up to each of two jumps."""
    jumps = [np.zeros(inside.shape) if one.atoms is None else one.atoms + np.zeros(inside.shape) for one in (p, q)]
    there = np.nonzero(jumps[0] + jumps[1])
    heights = np.stack([jumps[0][there], -jumps[1][there]])
    at = np.stack(
        [
            np.zeros(len(there[0])) if one.offsets is None else np.broadcast_to(one.offsets, inside.shape)[there]
            for one in (p, q)
        ]
    )
    order = np.argsort(at, axis=0)
    at, heights = np.take_along_axis(at, order, 0), np.take_along_axis(heights, order, 0)
    value = gap[..., :-1][there]
    slope = gap[..., 1:][there] - value - heights.sum(0)
    found, before = np.zeros(len(value)), 0.0
    for place, height in zip((*at, 1.0), (*heights, 0.0), strict=True):
        end = value + slope * (place - before)
        found += (place - before) * _under(value, end)
        value, before = end + height, place
    inside[there] = found


def sliced_wasserstein_1(p: PlaneMasses, q: PlaneMasses, grid: PlaneGrid) -> Float[ndarray, " batch"]:
    """Return the mean over `DIRECTIONS` of W1 between the projections of p and q, in the units of x.

    Each cell's mass is projected from its middle, split between the two nearest places on the line so that its mean
    stays where it is: shifts within a cell are not seen. Beyond the ends of a projection the integral is the
    difference of the first moments there, as on the line.

    Args:
        p: the data's, without leading shape.
        q: the generator's, leading shape (batch,).
        grid: the grid of both.

    References:
        Bonneel, Rabin, Peyré and Pfister, "Sliced and Radon Wasserstein Barycenters of Measures", 2015.
    """
    change = projected(q.cells - p.cells, grid) + (q.shadow - p.shadow)
    inside = np.abs(np.cumsum(change, axis=-1)[..., :-1]).sum(-1) * grid.rulers[:, 3]
    return (inside + np.abs(q.excess - p.excess).sum(-1)).mean(-1)


def projected(cells: Float[ndarray, "*batch x y"], grid: PlaneGrid) -> Float[ndarray, "*batch direction place"]:
    """Return masses of cells on the places of each projection."""
    flat = cells.reshape(-1, grid.cells**2)
    return np.asarray(_projection(grid) @ flat.T).T.reshape(*cells.shape[:-2], DIRECTIONS, grid.places)


@lru_cache(maxsize=4)
def _projection(grid: PlaneGrid) -> Any:
    """Return the sparse matrix from cells to the places on all directions."""
    from scipy import sparse

    cosine, sine, first, step = grid.rulers.T
    where = (grid.centres @ np.stack([cosine, sine]) - first) / step
    index = np.minimum(where.astype(np.int64), grid.places - 2)
    part = where - index
    cells = np.broadcast_to(np.arange(len(where))[:, None], where.shape)
    row = index + grid.places * np.arange(DIRECTIONS)
    entries = np.concatenate([(1 - part).ravel(), part.ravel()])
    position = (np.concatenate([row.ravel(), row.ravel() + 1]), np.concatenate([cells.ravel(), cells.ravel()]))
    return sparse.csr_array((entries, position), shape=(grid.places * DIRECTIONS, len(where)))
