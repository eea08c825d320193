"""Latent cells as smooth patches: the generator between the corners of a lattice, and their mass on a grid.

Between corners the generator is the cubic spline through its values there, so that a cell can be cut as finely as its
picture asks for without asking the generator again. Each cell is cut into as many parts as its mass, and what its
density changes by across it, are worth; each part's mass is known and is laid evenly over its image.

References:
    de Boor, "Bicubic spline interpolation", 1962.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.core.jit import compiled
from gandyn.densities.raster import lay_mesh, lay_point

__all__ = ["MOST_PARTS", "bases", "lay_lattice", "spline"]

MOST_PARTS = 12
"""Parts that a cell is cut into along one side, at most."""

# Error allowed in the share of a cell's mass that is laid elsewhere, for a cell of mass one.
_TOLERANCE = 6e-3
# A cell of less mass is laid on one point.
_LIGHT = 1e-6


def bases() -> Float[ndarray, "parts corner 4"]:
    """Return the weights of value and slope at either end of a cell (cubic Hermite) at the corners of its parts."""
    found = np.zeros((MOST_PARTS + 1, MOST_PARTS + 1, 4))
    for parts in range(1, MOST_PARTS + 1):
        t = np.arange(parts + 1) / parts
        hermite = (1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2, t * t * (3 - 2 * t), t * t * (t - 1)
        found[parts, : parts + 1] = np.stack(hermite, axis=1)
    return found


@compiled
def _slopes(values: ndarray, slopes: ndarray) -> None:
    """Find the slopes of cubic splines through equally spaced values, along the first axis (not-a-knot at the ends)."""
    corners, splines = values.shape
    last = corners - 1
    factor = np.empty(corners)
    factor[0] = 2.0
    for k in range(splines):
        slopes[0, k] = (-5 * values[0, k] + 4 * values[1, k] + values[2, k]) / 2
    for i in range(1, last):
        factor[i] = 1 / (4 - factor[i - 1])
        for k in range(splines):
            slopes[i, k] = (3 * (values[i + 1, k] - values[i - 1, k]) - slopes[i - 1, k]) * factor[i]
    share = 1 / (1 - 2 * factor[last - 1])
    for k in range(splines):
        end = (5 * values[last, k] - 4 * values[last - 1, k] - values[last - 2, k]) / 2
        slopes[last, k] = (end - 2 * slopes[last - 1, k]) * share
    for i in range(last - 1, -1, -1):
        for k in range(splines):
            slopes[i, k] -= factor[i] * slopes[i + 1, k]
    for i in range(2, last - 1):
        for k in range(splines):
            before, after = values[i, k] - values[i - 1, k], values[i + 1, k] - values[i, k]
            # Where a map is torn, its steepness within one cell says nothing of the next: a spline would overshoot.
            if abs(before) < abs(after):
                calm = 2 * abs(before) + abs(before - values[i - 1, k] + values[i - 2, k])
            else:
                calm = 2 * abs(after) + abs(after - values[i + 2, k] + values[i + 1, k])
            slopes[i, k] = min(max(slopes[i, k], -calm), calm)


@compiled
def _transposed(values: ndarray, out: ndarray) -> None:
    for axis in range(values.shape[0]):
        for i in range(values.shape[1]):
            for j in range(values.shape[2]):
                out[axis, j, i] = values[axis, i, j]


@compiled
def spline(jets: ndarray) -> None:
    """Fill in what a bicubic spline is made of: jets[0] holds the values (2, corner1, corner2), then come the slopes.

    Slopes are per cell: along the first index, along the second, and both.
    """
    turned, slopes = np.empty_like(jets[0]), np.empty_like(jets[0])
    for axis in range(2):
        _slopes(jets[0, axis], jets[1, axis])
    for known, wanted in ((0, 2), (1, 3)):
        _transposed(jets[known], turned)
        for axis in range(2):
            _slopes(turned[axis], slopes[axis])
        _transposed(slopes, jets[wanted])


@compiled
def _area(jets: ndarray, i: int, j: int) -> float:
    return jets[1, 0, i, j] * jets[2, 1, i, j] - jets[1, 1, i, j] * jets[2, 0, i, j]


@compiled
def _change(jets: ndarray, i: int, j: int) -> tuple[float, float]:
    """Return by what share the density changes, and how much an image bends, across a cell along either index."""
    bend_a = bend_b = side_a = side_b = 0.0
    area00, area01 = _area(jets, i, j), _area(jets, i, j + 1)
    area10, area11 = _area(jets, i + 1, j), _area(jets, i + 1, j + 1)
    top = max(max(abs(area00), abs(area01)), max(abs(area10), abs(area11)))
    for axis in range(2):
        x, along_a, along_b = jets[0, axis], jets[1, axis], jets[2, axis]
        for k in range(2):
            side_a = max(side_a, abs(x[i + 1, j + k] - x[i, j + k]))
            side_b = max(side_b, abs(x[i + k, j + 1] - x[i + k, j]))
            bend_a = max(bend_a, abs(along_a[i + 1, j + k] - along_a[i, j + k]))
            bend_b = max(bend_b, abs(along_b[i + k, j + 1] - along_b[i + k, j]))
    wide = max(side_a, side_b)
    if wide == 0.0 or top == 0.0:
        return 0.0, 0.0
    change_a = max(abs(area10 - area00), abs(area11 - area01)) / top
    change_b = max(abs(area01 - area00), abs(area11 - area10)) / top
    change_a += min(bend_a, 2 * side_b) / side_b if side_b > 0.0 else 2.0
    change_b += min(bend_b, 2 * side_a) / side_a if side_a > 0.0 else 2.0
    # What is smaller than a cell of the grid is not seen.
    seen = min(wide / 2, 1.0)
    return change_a * seen, change_b * seen


@compiled
def _cut(jets: ndarray, i: int, j: int, base_a: ndarray, base_b: ndarray, u: ndarray, v: ndarray) -> None:
    """Find where the corners of a cell's parts are mapped to."""
    for axis in range(2):
        out = u if axis == 0 else v
        value, along_a, along_b, both = jets[0, axis], jets[1, axis], jets[2, axis], jets[3, axis]
        for a in range(len(base_a)):
            w0, w1, w2, w3 = base_a[a, 0], base_a[a, 1], base_a[a, 2], base_a[a, 3]
            start = w0 * value[i, j] + w1 * along_a[i, j] + w2 * value[i + 1, j] + w3 * along_a[i + 1, j]
            leave = w0 * along_b[i, j] + w1 * both[i, j] + w2 * along_b[i + 1, j] + w3 * both[i + 1, j]
            k = j + 1
            end = w0 * value[i, k] + w1 * along_a[i, k] + w2 * value[i + 1, k] + w3 * along_a[i + 1, k]
            arrive = w0 * along_b[i, k] + w1 * both[i, k] + w2 * along_b[i + 1, k] + w3 * both[i + 1, k]
            for b in range(len(base_b)):
                out[a, b] = base_b[b, 0] * start + base_b[b, 1] * leave + base_b[b, 2] * end + base_b[b, 3] * arrive


@compiled
def lay_lattice(
    jets: ndarray,
    shares: ndarray,
    changes: ndarray,
    weights: ndarray,
    chosen: ndarray,
    finely: bool,
    halves: ndarray,
    running: ndarray,
) -> None:
    """Lay the masses of some of a lattice's cells over their images.

    Args:
        jets: of the spline through the images of the corners, in cells of the grid.
        shares: masses along one coordinate of a cell cut into so many parts, shape (parts, cell, part).
        changes: by what share the latent density changes across a cell along one coordinate.
        weights: see `bases`.
        chosen: which cells.
        finely: whether they are cut into parts.
        halves: memory for `lay_mesh`.
        running: what is added to.
    """
    cells = len(changes)
    whole = np.zeros((cells, cells))
    u, v = np.empty((MOST_PARTS + 1, MOST_PARTS + 1)), np.empty((MOST_PARTS + 1, MOST_PARTS + 1))
    masses = np.empty((MOST_PARTS, MOST_PARTS))
    x, y = jets[0, 0], jets[0, 1]
    for i in range(cells):
        for j in range(cells):
            mass = shares[1, i, 0] * shares[1, j, 0]
            if not chosen[i, j] or mass == 0.0:
                continue
            if mass < _LIGHT:
                middle_u = 0.25 * (x[i, j] + x[i + 1, j] + x[i, j + 1] + x[i + 1, j + 1])
                middle_v = 0.25 * (y[i, j] + y[i + 1, j] + y[i, j + 1] + y[i + 1, j + 1])
                lay_point(middle_u, middle_v, mass, running)
                continue
            change_a, change_b = _change(jets, i, j)
            seen = min(change_a + change_b, 1.0)
            change_a = min(change_a + changes[i] * seen, 2.0)
            change_b = min(change_b + changes[j] * seen, 2.0)
            parts_a = parts_b = 1
            if finely and change_a > 0.0 and change_b > 0.0:
                least = _TOLERANCE / math.sqrt(mass) * math.sqrt(math.sqrt(change_a * change_b))
                parts_a = min(int(math.sqrt(change_a / least)) + 1, MOST_PARTS)
                parts_b = min(int(math.sqrt(change_b / least)) + 1, MOST_PARTS)
            if parts_a == 1 and parts_b == 1:
                whole[i, j] = mass
                continue
            _cut(jets, i, j, weights[parts_a, : parts_a + 1], weights[parts_b, : parts_b + 1], u, v)
            for a in range(parts_a):
                for b in range(parts_b):
                    masses[a, b] = shares[parts_a, i, a] * shares[parts_b, j, b]
            lay_mesh(u, v, masses[:parts_a, :parts_b], halves, running)
    lay_mesh(x, y, whole, halves, running)
