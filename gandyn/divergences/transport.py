"""Transport distances: Wasserstein-1 on the line, and its mean over directions on the plane."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.grid import LineGrid, Masses
from gandyn.densities.plane import PlaneGrid, PlaneMasses

__all__ = ["DIRECTIONS", "sliced_wasserstein_1", "wasserstein_1"]

DIRECTIONS = 16
"""Directions that the plane is projected on, equally spaced over half a turn."""

# Places on each projection for every cell along a side of the grid: a diagonal is longer than a side.
_FINENESS = 1.5


def wasserstein_1(p: Masses, q: Masses, grid: LineGrid) -> Float[ndarray, "*batch"]:
    """Return W1(p, q) = integral of |F_p - F_q| dx, in the units of x; it may be infinite.

    Between edges both distribution functions are taken as linear; beyond the grid the integral is the difference of
    the first moments there, which is exact unless the two functions cross again outside.

    References:
        Vallender, "Calculation of the Wasserstein Distance Between Probability Distributions on the Line", 1974.
    """
    gap = p.cdf() - q.cdf()
    left, right = gap[..., :-1], gap[..., 1:]
    total = np.abs(left) + np.abs(right)
    # A linear gap that changes sign within a cell leaves two triangles; without the crossing it is a trapezoid.
    crossing = np.divide(left**2 + right**2, total, out=np.zeros_like(total), where=total > 0)
    inside = np.where(left * right < 0, crossing, total).sum(-1) * grid.width / 2
    with np.errstate(invalid="ignore"):
        beyond = np.abs(p.excess - q.excess).sum(-1)
    return inside + beyond


def sliced_wasserstein_1(p: PlaneMasses, q: PlaneMasses, grid: PlaneGrid) -> Float[ndarray, " batch"]:
    """Return the mean over `DIRECTIONS` of W1 between the projections of p and q, in the units of x.

    Each cell's mass is projected from its middle, split between the two nearest places on the line so that its mean
    stays where it is. Mass beyond the grid stands at its centre of mass: exact where it lies on one side of what it
    is compared with, else too small.

    Args:
        p: the data's, without leading shape.
        q: the generator's, leading shape (batch,).
        grid: the grid of both.

    References:
        Bonneel, Rabin, Peyré and Pfister, "Sliced and Radon Wasserstein Barycenters of Measures", 2015.
    """
    operator, first, step, places = _projection(grid)
    gap = (q.cells - p.cells).reshape(len(q.cells), -1)
    change = np.asarray(operator @ gap.T).T.reshape(-1, DIRECTIONS, places)
    beyond = np.zeros(change.shape[:2])
    for masses, sign in ((p, -1.0), (q, 1.0)):
        mass = np.broadcast_to(masses.outside, len(gap))
        place = np.broadcast_to(_along(masses.moment), (len(gap), DIRECTIONS)) / np.maximum(mass, 1e-300)[:, None]
        place = np.where(mass[:, None] > 0, (place - first) / step, 0.0)
        kept = np.clip(place, 0, places - 1 - 1e-9)
        index = np.nan_to_num(kept).astype(np.int64)
        part = kept - index
        rows, columns = np.ogrid[: len(gap), :DIRECTIONS]
        change[rows, columns, index] += sign * mass[:, None] * (1 - part)
        change[rows, columns, index + 1] += sign * mass[:, None] * part
        beyond += sign * mass[:, None] * (place - kept)
    inside = np.abs(np.cumsum(change, axis=-1)[..., :-1]).sum(-1)
    return ((inside + np.abs(beyond)) * step).mean(-1)


def _along(points: Float[ndarray, "*batch 2"]) -> Float[ndarray, "*batch direction"]:
    """Return the projections of points on the directions."""
    angles = np.arange(DIRECTIONS) * (np.pi / DIRECTIONS)
    return points @ np.stack([np.cos(angles), np.sin(angles)])


@lru_cache(maxsize=4)
def _projection(grid: PlaneGrid) -> tuple[Any, Float[ndarray, " direction"], Float[ndarray, " direction"], int]:
    """Return the sparse matrix from cells to places on all directions, each one's first place and step."""
    from scipy import sparse

    corners = np.array([[x, y] for x in (grid.low[0], grid.high[0]) for y in (grid.low[1], grid.high[1])])
    ends = _along(corners)
    places = int(_FINENESS * grid.cells) + 1
    first, step = ends.min(0), np.ptp(ends, axis=0) / (places - 1)
    where = (_along(grid.centres) - first) / step
    index = np.minimum(where.astype(np.int64), places - 2)
    part = where - index
    cells = np.broadcast_to(np.arange(len(where))[:, None], where.shape)
    row = index + places * np.arange(DIRECTIONS)
    entries = np.concatenate([(1 - part).ravel(), part.ravel()])
    position = (np.concatenate([row.ravel(), row.ravel() + 1]), np.concatenate([cells.ravel(), cells.ravel()]))
    return sparse.csr_array((entries, position), shape=(places * DIRECTIONS, len(where))), first, step, places
