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

    Between edges both distribution functions are taken as parabolas; in each cell beyond the grid the integral is the
    difference of both functions' own, which is exact unless they cross within it.

    References:
        Vallender, "Calculation of the Wasserstein Distance Between Probability Distributions on the Line", 1974.
    """
    gap = p.cdf() - q.cdf()
    left, right = gap[..., :-1], gap[..., 1:]
    total = np.abs(left) + np.abs(right)
    # A linear gap that changes sign within a cell leaves two triangles; without the crossing it is a trapezoid, which a
    # bent gap differs from by a twelfth of the change of its slope, unless that changes in a jump.
    crossing = np.divide(left**2 + right**2, total, out=np.zeros_like(total), where=total > 0)
    bend, change = np.zeros_like(total), np.diff(right - left)
    before, after = change[..., :-1], change[..., 1:]
    bend[..., 1:-1] = np.where(before * after > 0, np.where(np.abs(before) < np.abs(after), before, after), 0.0)
    cells = np.where(left * right < 0, crossing, np.maximum(total - np.sign(left + right) * bend / 6, 0.0))
    inside = cells.sum(-1) * grid.width / 2
    with np.errstate(invalid="ignore"):
        beyond = np.abs(p.reach - q.reach).sum((-2, -1))
    return inside + beyond


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
