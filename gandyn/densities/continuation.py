"""Log densities of a generator on the plane where it has next to no mass: read off the triangles that it maps.

In its tails a density is too small, and changes too much across a latent cell, for mass to be laid evenly. There each
cell of the grid looks up the latents of its middle, on every triangle whose image covers it, and takes the density of
the linear map: the standard normal one at the latents over the triangle's magnification. So a density that is positive
has a finite logarithm everywhere, and one that is zero, beyond a fold, has none.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.core.jit import compiled
from gandyn.densities.plane import LEVELS, SIDE

__all__ = ["follow", "log_mass_of", "log_means"]

# Blocks of the lattice that are not in its tails are followed where they are spread as thinly as this: between widely
# torn cells, whose borders are known better than their neighbours', there may be gaps.
_THIN = 1e-5
# What no mass was laid on has less than this.
_LOG_NOTHING = math.log(1e-12)
_LOG_PEAK = -math.log(2 * math.pi)


@compiled
def follow(
    corners: ndarray,
    latents: ndarray,
    triangles: ndarray,
    masses: ndarray,
    tail: ndarray,
    cells: ndarray,
    near: ndarray,
    around: ndarray,
) -> None:
    """Find log density, slope and curvature at the middles of the grid's cells and of those around it.

    Args:
        corners: images of the corners of triangles, in cells of the grid, shape (corner, 2).
        latents: where they come from.
        triangles: numbers of corners, shape (triangle, 3); the first are those of the lattice's blocks, two each.
        masses: of a cell of each block.
        tail: which of them belong to the tails.
        cells: masses of the grid's cells.
        near: filled: log of the density times a cell's area, its change across a cell along u and v, and the squared
            change of the latents across it, shape (1, v, u, 4).
        around: filled likewise for the levels around, shape (level, v, u, 4).
    """
    n = near.shape[1]
    _clear(near)
    _clear(around)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        u, v = corners[a, 0], corners[a, 1]
        bu, bv, cu, cv = corners[b, 0] - u, corners[b, 1] - v, corners[c, 0] - u, corners[c, 1] - v
        area = bu * cv - bv * cu
        if not (0.0 < abs(area) < np.inf):
            continue
        followed = t // 2 >= len(masses) or tail[t // 2] or masses[t // 2] < _THIN * abs(area)
        low_u, high_u = u + min(0.0, min(bu, cu)), u + max(0.0, max(bu, cu))
        low_v, high_v = v + min(0.0, min(bv, cv)), v + max(0.0, max(bv, cv))
        # Others only where their mass turns out not to lie: beside a fold, between the corners that were asked.
        _spread(corners, latents, a, b, c, area, 0.0, 1.0, low_u, high_u, low_v, high_v, near, 0, cells, not followed)
        # What lies within a window is told there.
        low, high = min(low_u, low_v), max(high_u, high_v)
        size, origin = n * 2.0 / SIDE, -n / 2
        for level in range(LEVELS):
            if low >= origin + size * (SIDE // 4) and high <= origin + size * (SIDE - SIDE // 4):
                break
            _spread(
                corners, latents, a, b, c, area, origin, size, low_u, high_u, low_v, high_v, around, level, cells, False
            )
            origin, size = origin - size * (SIDE // 2), 2 * size


@compiled
def _clear(sheets: ndarray) -> None:
    for level in range(sheets.shape[0]):
        for a in range(sheets.shape[1]):
            for b in range(sheets.shape[2]):
                sheets[level, a, b, 0] = -np.inf
                sheets[level, a, b, 1] = sheets[level, a, b, 2] = sheets[level, a, b, 3] = 0.0


@compiled
def _spread(
    corners: ndarray,
    latents: ndarray,
    a: int,
    b: int,
    c: int,
    area: float,
    origin: float,
    size: float,
    low_u: float,
    high_u: float,
    low_v: float,
    high_v: float,
    sheets: ndarray,
    level: int,
    cells: ndarray,
    empty: bool,
) -> None:
    """Add a triangle to the middles of all cells of a sheet that it covers, if there are any."""
    count = float(sheets.shape[1])
    # A row more at either end: whether an end on a row's middle belongs to it is told by the edges alone.
    first = max(math.ceil(max((low_v - origin) / size, 0.0) - 0.5) - 1, 0)
    last = min(math.ceil(min((high_v - origin) / size, count) - 0.5) + 1, sheets.shape[1])
    left = max(math.ceil(max((low_u - origin) / size, 0.0) - 0.5), 0)
    right = math.ceil(min((high_u - origin) / size, count) - 0.5)
    if first < last and left < right:
        _scan(corners, latents, a, b, c, area, origin, size, first, last, sheets, level, cells, empty)


@compiled
def _slope(corners: ndarray, a: int, b: int) -> tuple[float, float, float, float]:
    """Return where an edge begins, from below, where it ends along v, and its slope: the same from both its sides."""
    if corners[a, 1] > corners[b, 1]:
        a, b = b, a
    u, v, end = corners[a, 0], corners[a, 1], corners[b, 1]
    return u, v, end, (corners[b, 0] - u) / (end - v) if end > v else 0.0


@compiled
def _scan(
    corners: ndarray,
    latents: ndarray,
    a: int,
    b: int,
    c: int,
    area: float,
    origin: float,
    size: float,
    first: int,
    last: int,
    sheets: ndarray,
    level: int,
    cells: ndarray,
    empty: bool,
) -> None:
    """Add a triangle to the middles of all cells of a sheet that it covers."""
    u, v, z, w = corners[a, 0], corners[a, 1], latents[a, 0], latents[a, 1]
    bu, bv, cu, cv = corners[b, 0] - u, corners[b, 1] - v, corners[c, 0] - u, corners[c, 1] - v
    bz, bw, cz, cw = latents[b, 0] - z, latents[b, 1] - w, latents[c, 0] - z, latents[c, 1] - w
    z_u, z_v = (bz * cv - cz * bv) / area, (cz * bu - bz * cu) / area
    w_u, w_v = (bw * cv - cw * bv) / area, (cw * bu - bw * cu) / area
    peak = _LOG_PEAK + math.log(abs((bz * cw - bw * cz) / area)) + 2 * math.log(size)
    bend = (z_u * z_u + w_u * w_u + z_v * z_v + w_v * w_v) * size * size
    u0, v0, e0, s0 = _slope(corners, a, b)
    u1, v1, e1, s1 = _slope(corners, b, c)
    u2, v2, e2, s2 = _slope(corners, a, c)
    columns = sheets.shape[1]
    for row in range(first, last):
        middle_v = origin + (row + 0.5) * size
        left, right = np.inf, -np.inf
        if v0 <= middle_v < e0:
            x = u0 + s0 * (middle_v - v0)
            left, right = min(left, x), max(right, x)
        if v1 <= middle_v < e1:
            x = u1 + s1 * (middle_v - v1)
            left, right = min(left, x), max(right, x)
        if v2 <= middle_v < e2:
            x = u2 + s2 * (middle_v - v2)
            left, right = min(left, x), max(right, x)
        if not left < right:
            continue
        start = max((left - origin) / size - 0.5, 0.0)
        stop = min((right - origin) / size - 0.5, float(columns))
        if not start < stop:
            continue
        for column in range(math.ceil(start), math.ceil(stop)):
            if empty and cells[row, column] > 0.0:
                continue
            away_u, away_v = origin + (column + 0.5) * size - u, middle_v - v
            at_z, at_w = z + z_u * away_u + z_v * away_v, w + w_u * away_u + w_v * away_v
            log = peak - 0.5 * (at_z * at_z + at_w * at_w)
            if empty:
                log = min(log, _LOG_NOTHING)
            before = sheets[level, row, column, 0]
            if log > before:
                sheets[level, row, column, 1] = -(at_z * z_u + at_w * w_u) * size
                sheets[level, row, column, 2] = -(at_z * z_v + at_w * w_v) * size
                sheets[level, row, column, 3] = bend
                before, log = log, before
            if log > before - 8.0:
                before += math.log1p(math.exp(log - before))
            sheets[level, row, column, 0] = before


@compiled
def _log_mean(slope: float) -> float:
    """Return the log mean of exp(slope x) for -1/2 < x < 1/2."""
    x = abs(slope) / 2
    if x < 1.0:
        square = x * x
        return square * (1 / 6 - square * (1 / 180 - square * (1 / 2835 - square / 37800)))
    return x - math.log(2 * x) + (math.log1p(-math.exp(-2 * x)) if x < 20.0 else 0.0)


@compiled
def log_mass_of(log: float, slope_u: float, slope_v: float, bend: float) -> float:
    """Return the log mass of a cell of which `follow` has found the density at its middle."""
    # With the bend of a flat law's mean: that is what another density is compared with.
    return log + _log_mean(slope_u) + _log_mean(slope_v) - bend / 24


def log_means(slopes: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
    """Return the log means of exp(slope x) for -1/2 < x < 1/2."""
    return np.vectorize(_log_mean, otypes=[float])(slopes)
