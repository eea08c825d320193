"""The pushforward of a two-dimensional latent: each latent cell's mass, laid over the area it is mapped to.

The latent plane is cut into cells of known mass, each cell into two triangles of half that mass, and the generator is
taken as linear on each. Cells that are torn widest, where that would be furthest from the truth, are cut once more.
Every triangle's mass is spread evenly over its image, folds add up, and what leaves the grid is counted outside it.

The mass of all grid cells is found by Green's theorem, as font rasterizers find the coverage of a pixel: each edge adds
what lies to its right, with the jump of density across it, and a running sum along every row does the rest. So the cost
follows the edges' length, not the area, and neighbours share their edges. Triangles too thin for that are laid on
points along them, and sums below `_ROUNDING` are taken for none.

References:
    Levien, "Inside the fastest font renderer in the world", 2016 (signed areas accumulated along rows).
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.compiled import compiled
from gandyn.densities.plane import DIRECTIONS, PlaneGrid, PlaneMasses
from gandyn.densities.shadow import cast

__all__ = ["push_lattice", "widest"]

# A triangle thinner than this share of its length would lose digits to cancellation.
_THIN = 1e-6
# Below this a cell's mass is the rounding of a running sum, not mass.
_ROUNDING = 1e-12
# Corners that stand for less than this cast no shadow: most of a lattice's corners lie in its tails.
_LIGHT = 1e-8


def widest(
    images: Float[ndarray, "batch corner1 corner2 2"],
    latent_masses: Float[ndarray, "cell1 cell2"],
    grid: PlaneGrid,
    count: int,
) -> Int[ndarray, "batch count"]:
    """Return, for each row, the cells whose mass is spread over the longest distance: mass times extent, in cells.

    Cells are numbered row by row of the latent lattice.
    """
    weight = np.empty((len(images), *latent_masses.shape))
    _extents(images, latent_masses, np.array(grid.widths), float(grid.cells), weight)
    flat = weight.reshape(len(images), -1)
    return np.argpartition(flat, flat.shape[1] - count, axis=1)[:, flat.shape[1] - count :]


def push_lattice(
    images: Float[ndarray, "batch corner1 corner2 2"],
    latent_masses: Float[ndarray, "cell1 cell2"],
    grid: PlaneGrid,
    cut: tuple[Int[ndarray, "batch cut"], Float[ndarray, "batch cut fine fine 2"], Float[ndarray, "batch cut a b"]]
    | None = None,
) -> PlaneMasses:
    """Push the masses of latent cells through generators known at the cells' corners.

    Args:
        images: G at the corners of the latent lattice, in the units of x; a row that holds NaN gives NaN masses.
        latent_masses: mass of each latent cell, summing to one.
        grid: where the density is wanted.
        cut: cells that are cut into smaller ones: their numbers, G at the corners of the smaller ones, their masses.

    Returns:
        Masses with leading shape (batch,); cells and the mass outside sum to one to 1e-12 in each row.

    Example:
        >>> grid = PlaneGrid((0.0, 0.0), (2.0, 2.0), 2)
        >>> corners = np.array([[[[0.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [1.0, 2.0]]]])
        >>> push_lattice(corners, np.ones((1, 1)), grid).cells.tolist()
        [[[0.5, 0.5], [0.0, 0.0]]]
    """
    images = np.ascontiguousarray(images, dtype=np.float64)
    rows = len(images)
    if cut is None:
        cut = np.zeros((rows, 0), np.int64), np.zeros((rows, 0, 2, 2, 2)), np.zeros((rows, 0, 1, 1))
    fine = np.ascontiguousarray(cut[1], dtype=np.float64)
    cells, outside = np.empty((rows, grid.cells, grid.cells)), np.empty(rows)
    shadow, excess = np.empty((rows, DIRECTIONS, grid.places)), np.empty((rows, DIRECTIONS, 2))
    scale = np.array([*grid.low, *grid.widths])
    _push(images, latent_masses, cut[0], fine, cut[2], scale, grid.rulers, cells, outside, shadow, excess)
    return PlaneMasses(cells, outside, shadow, excess)


@compiled
def _extents(images: ndarray, masses: ndarray, widths: ndarray, most: float, weight: ndarray) -> None:
    for row in range(len(images)):
        for i in range(masses.shape[0]):
            for j in range(masses.shape[1]):
                extent = 0.0
                for axis in range(2):
                    across = abs(images[row, i + 1, j + 1, axis] - images[row, i, j, axis])
                    down = abs(images[row, i + 1, j, axis] - images[row, i, j + 1, axis])
                    extent = max(extent, max(across, down) / widths[axis])
                weight[row, i, j] = masses[i, j] * min(extent, most)


@compiled
def _edge(u0: float, v0: float, u1: float, v1: float, jump: float, running: ndarray, n: int) -> None:
    """Add what lies to the right of an edge, row by row and cell by cell, with the jump of density across it."""
    if jump == 0.0 or v0 == v1:
        return
    if v0 > v1:
        u0, v0, u1, v1 = u1, v1, u0, v0
    else:
        jump = -jump
    if v1 <= 0.0 or v0 >= n:
        return
    slope = (u1 - u0) / (v1 - v0)
    if v0 < 0.0:
        u0, v0 = u0 - slope * v0, 0.0
    if v1 > n:
        u1, v1 = u0 + slope * (n - v0), float(n)
    row, last = int(v0), min(math.ceil(v1) - 1, n - 1)
    a, begin = u0, v0
    while row <= last:
        b, end = u1, v1
        if row < last:
            end = float(row + 1)
            b = u0 + slope * (end - v0)
        height, low, high = (end - begin) * jump, min(a, b), max(a, b)
        line = running[row]
        if high <= 0.0:
            line[0] += height
        elif low < n:
            span = high - low
            x, stop = max(low, 0.0), min(high, float(n))
            if low < 0.0:
                line[0] += height * (-low / span)
            cell = int(x)
            while True:
                right = min(float(cell + 1), stop)
                part = height if right - x == span else height * ((right - x) / span)
                covered = part * (cell + 1 - 0.5 * (x + right))
                line[cell] += covered
                line[cell + 1] += part - covered
                x = right
                cell += 1
                if x >= stop:
                    break
        a, begin = b, end
        row += 1


@compiled
def _triangle(
    u0: float, v0: float, u1: float, v1: float, u2: float, v2: float, mass: float, running: ndarray, n: int
) -> float:
    """Return a triangle's mass over its signed area; lay the mass on points along it if it has none to speak of."""
    if mass == 0.0:
        return 0.0
    au, av, bu, bv = u1 - u0, v1 - v0, u2 - u0, v2 - v0
    area = (au * bv - av * bu) / 2
    size = max(abs(au), abs(av), abs(bu), abs(bv))
    if abs(area) > _THIN * size * min(size, 1.0):
        return mass / area
    first, second, third = math.hypot(au, av), math.hypot(bu, bv), math.hypot(bu - au, bv - av)
    length = max(first, second, third)
    if length == first:
        bu, bv = au, av
    elif length == third:
        u0, v0, bu, bv = u1, v1, bu - au, bv - av
    count = 1 + int(min(16.0 * length, 4096.0))
    for k in range(count):
        x, y = u0 + bu * (k + 0.5) / count, v0 + bv * (k + 0.5) / count
        if 0.0 <= x <= n and 0.0 <= y <= n:
            cell, line = min(int(x), n - 1), running[min(int(y), n - 1)]
            line[cell] += mass / count
            line[cell + 1] -= mass / count
    return 0.0


@compiled
def _lay(
    images: ndarray,
    masses: ndarray,
    scale: ndarray,
    rulers: ndarray,
    running: ndarray,
    shadow: ndarray,
    excess: ndarray,
) -> float:
    """Lay one lattice's masses over its images; return what the corners outside the grid stand for."""
    corners1, corners2, _ = images.shape
    n = len(running)
    u, v = np.empty((corners1, corners2)), np.empty((corners1, corners2))
    # Rows of `running` run along y for fixed x, so that the first index of the result is x.
    for i in range(corners1):
        for j in range(corners2):
            u[i, j] = (images[i, j, 1] - scale[1]) / scale[3]
            v[i, j] = (images[i, j, 0] - scale[0]) / scale[2]
    # Signed densities of the two triangles of each latent cell, with a border of nothing around them.
    below, above = np.zeros((corners1 + 1, corners2 + 1)), np.zeros((corners1 + 1, corners2 + 1))
    weight = np.zeros((corners1, corners2))
    for i in range(corners1 - 1):
        for j in range(corners2 - 1):
            half = masses[i, j] / 2
            x, y, xx, yy = u[i, j], v[i, j], u[i + 1, j + 1], v[i + 1, j + 1]
            below[i + 1, j + 1] = _triangle(x, y, u[i + 1, j], v[i + 1, j], xx, yy, half, running, n)
            above[i + 1, j + 1] = _triangle(x, y, u[i, j + 1], v[i, j + 1], xx, yy, half, running, n)
            weight[i, j] += 2 * half / 3
            weight[i + 1, j] += half / 3
            weight[i + 1, j + 1] += 2 * half / 3
            weight[i, j + 1] += half / 3
    away = 0.0
    for i in range(corners1):
        for j in range(corners2):
            if weight[i, j] > _LIGHT and not (0.0 <= u[i, j] <= n and 0.0 <= v[i, j] <= n):
                away += weight[i, j]
                cast(images[i, j, 0], images[i, j, 1], weight[i, j], rulers, shadow, excess)
            x, y, up, right = u[i, j], v[i, j], j < corners2 - 1, i < corners1 - 1
            if up:
                jump = below[i, j + 1] + above[i + 1, j + 1]
                _edge(x, y, u[i, j + 1], v[i, j + 1], jump, running, n)
            if right:
                jump = below[i + 1, j + 1] + above[i + 1, j]
                _edge(x, y, u[i + 1, j], v[i + 1, j], jump, running, n)
            if up and right:
                jump = -above[i + 1, j + 1] - below[i + 1, j + 1]
                _edge(x, y, u[i + 1, j + 1], v[i + 1, j + 1], jump, running, n)
    return away


@compiled
def _push(
    images: ndarray,
    masses: ndarray,
    cut: ndarray,
    fine: ndarray,
    fine_masses: ndarray,
    scale: ndarray,
    rulers: ndarray,
    out: ndarray,
    outside: ndarray,
    shadow: ndarray,
    excess: ndarray,
) -> None:
    n = out.shape[1]
    running = np.empty((n, n + 2))
    for row in range(len(images)):
        if not (np.isfinite(images[row]).all() and np.isfinite(fine[row]).all()):
            out[row], outside[row], shadow[row], excess[row] = np.nan, np.nan, np.nan, np.nan
            continue
        running[:], shadow[row], excess[row] = 0.0, 0.0, 0.0
        kept = masses.copy()
        for cell in cut[row]:
            kept[cell // kept.shape[1], cell % kept.shape[1]] = 0.0
        away = _lay(images[row], kept, scale, rulers, running, shadow[row], excess[row])
        for k in range(cut.shape[1]):
            away += _lay(fine[row, k], fine_masses[row, k], scale, rulers, running, shadow[row], excess[row])
        inside = 0.0
        for a in range(n):
            total = 0.0
            for b in range(n):
                total += running[a, b]
                out[row, a, b] = total if total > _ROUNDING else 0.0
                inside += out[row, a, b]
        outside[row] = max(1.0 - inside, 0.0)
        if outside[row] < _ROUNDING:
            out[row] /= inside
            outside[row] = 0.0
        share = outside[row] / away if away > 0.0 else 0.0
        shadow[row] *= share
        excess[row] *= share
