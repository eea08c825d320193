"""The pushforward of a two-dimensional latent: each latent cell's mass, laid over the area it is mapped to.

The latent plane is cut into cells of known mass. Between their corners the generator is a smooth spline, each cell is
cut into parts as its picture asks for, and every part's mass is spread evenly over its image; folds add up, and what
leaves the grid is counted around it. Where a density is too small for that its logarithm is read off the map itself.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.core.jit import compiled
from gandyn.densities.continuation import follow
from gandyn.densities.latent_lattice import LatentLattice
from gandyn.densities.patches import MOST_PARTS, bases, lay_lattice, spline
from gandyn.densities.plane import DIRECTIONS, LEVELS, RIM, SIDE, PlaneGrid, PlaneMasses
from gandyn.densities.projections import cast
from gandyn.densities.raster import lay_mesh
from gandyn.densities.reading import read_around, read_cells
from gandyn.densities.torn import PARTS

__all__ = ["push_lattice"]

# Below this a cell's mass is the rounding of a running sum, not mass.
_ROUNDING = 1e-12
# Corners that stand for less than this cast no shadow: most of a lattice's corners lie in its tails.
_LIGHT = 1e-8
# With less mass outside the grid nothing is laid around it.
_SPARSE = 1e-9
_WEIGHTS = bases()


def push_lattice(
    images: Float[ndarray, "row point 2"],
    lattice: LatentLattice,
    grid: PlaneGrid,
    torn: tuple[Int[ndarray, "row cell"], Float[ndarray, "row part 2"]] | None = None,
) -> PlaneMasses:
    """Push the masses of latent cells through generators known at the lattice's points.

    Args:
        images: G at the lattice's points, in the units of x; a row that is not finite on the lattice gives NaN masses.
        lattice: the latent cells.
        grid: where the density is wanted.
        torn: cells on which the generator is known better, and G at the corners of their parts: see `torn`.

    Returns:
        Masses with leading shape (row,); cells and the mass outside sum to one to 1e-12 in each row.

    Example:
        >>> from gandyn.distributions.latent import UniformLatent
        >>> grid = PlaneGrid((0.0, 0.0), (2.0, 2.0), 2)
        >>> lattice = LatentLattice(UniformLatent(dim=2, low=0.0, high=2.0), 8)
        >>> push_lattice(lattice.points[None] * [0.5, 1.0], lattice, grid).cells.round(12).tolist()
        [[[0.5, 0.5], [0.0, 0.0]]]
    """
    corners = lattice.images(np.ascontiguousarray(images, dtype=np.float64))
    rows, n = len(images), grid.cells
    parts = n * n + LEVELS * int(RIM.sum()) + 1
    mass, log_mass, tilt = np.empty((rows, parts)), np.empty((rows, parts)), np.empty((rows, parts, 2))
    shadow, excess = np.empty((rows, DIRECTIONS, grid.places)), np.empty((rows, DIRECTIONS, 2))
    scale, outside = np.array([*grid.low, *grid.widths]), np.empty(rows)
    latent = lattice.latents, lattice.triangles, *lattice.blocks, lattice.shares, lattice.changes, lattice.tail
    if torn is None:
        torn = np.zeros((rows, 0), np.int64), np.zeros((rows, 0, 2))
    fine = torn[0], np.asarray(torn[1], dtype=np.float64).reshape(*torn[0].shape, PARTS + 1, PARTS + 1, 2)
    _push(corners, fine, latent, scale, n, grid.rulers, _WEIGHTS, RIM, mass, log_mass, tilt, outside, shadow, excess)
    cells = mass[:, : n * n].reshape(rows, n, n)
    return PlaneMasses(cells, outside, shadow, excess, mass, log_mass, tilt)


@compiled
def _sums(running: ndarray, out: ndarray) -> None:
    for a in range(out.shape[0]):
        total = 0.0
        for b in range(out.shape[1]):
            total += running[a, b]
            out[a, b] = total if total > _ROUNDING else 0.0


@compiled
def _leave(
    images: ndarray, at: ndarray, masses: ndarray, n: int, rulers: ndarray, shadow: ndarray, excess: ndarray
) -> float:
    """Cast the shadows of the corners outside the grid; return what they stand for."""
    away = 0.0
    cells = len(masses)
    for i in range(cells + 1):
        for j in range(cells + 1):
            u, v = at[0, i, j], at[1, i, j]
            if 0.0 <= u <= n and 0.0 <= v <= n:
                continue
            weight = 0.0
            for a in range(max(i - 1, 0), min(i + 1, cells)):
                for b in range(max(j - 1, 0), min(j + 1, cells)):
                    # Each cell is two triangles, which meet at two of its corners.
                    weight += masses[a, b] / (3 if (a == i) == (b == j) else 6)
            if weight > _LIGHT:
                away += weight
                corner = images[i * (cells + 1) + j]
                cast(corner[0], corner[1], weight, rulers, shadow, excess)
    return away


@compiled
def _surround(
    splines: ndarray,
    masses: ndarray,
    shares: ndarray,
    changes: ndarray,
    weights: ndarray,
    n: int,
    outside: float,
    halves: ndarray,
    around: ndarray,
) -> None:
    """Lay the masses of the cells that leave the grid over the windows around it."""
    cells = len(masses)
    around[:] = 0.0
    if outside <= _SPARSE:
        return
    jets, running = np.empty_like(splines), np.empty((SIDE, SIDE + 2))
    kept = np.empty((cells, cells), np.bool_)
    found = 0.0
    for level in range(LEVELS):
        size = n * 2.0 ** (level + 1) / SIDE
        for kind in range(splines.shape[0]):
            for axis in range(2):
                for i in range(cells + 1):
                    for j in range(cells + 1):
                        jets[kind, axis, i, j] = splines[kind, axis, i, j] / size
                        if kind == 0:
                            jets[kind, axis, i, j] += (SIDE - n / size) / 2
        any_left = False
        for i in range(cells):
            for j in range(cells):
                furthest = 0.0
                for a in range(2):
                    for b in range(2):
                        for axis in range(2):
                            furthest = max(furthest, abs(jets[0, axis, i + a, j + b] - SIDE / 2))
                kept[i, j] = furthest > SIDE / 4 and masses[i, j] > _ROUNDING
                any_left = any_left or kept[i, j]
        if not any_left:
            break
        running[:] = 0.0
        lay_lattice(jets, shares, changes, weights, kept, True, halves, running)
        _sums(running, around[level])
        for a in range(SIDE):
            for b in range(SIDE):
                if SIDE // 4 <= a < SIDE - SIDE // 4 and SIDE // 4 <= b < SIDE - SIDE // 4:
                    around[level, a, b] = 0.0
                found += around[level, a, b]
    # The rims are laid from whole cells, the grid from their parts: both see the same mass leave.
    if found > outside:
        around *= outside / found


@compiled
def _push(
    corners: ndarray,
    fine: tuple[ndarray, ndarray],
    latent: tuple[ndarray, ndarray, ndarray, ndarray, ndarray, ndarray, ndarray],
    scale: ndarray,
    n: int,
    rulers: ndarray,
    weights: ndarray,
    rim: ndarray,
    mass: ndarray,
    log_mass: ndarray,
    tilt: ndarray,
    outside: ndarray,
    shadow: ndarray,
    excess: ndarray,
) -> None:
    latents, triangles, block_masses, steep, shares, changes, tail = latent
    torn, within = fine
    side = len(changes)
    masses, body = np.empty((side, side)), np.empty((side, side), np.bool_)
    for i in range(side):
        for j in range(side):
            masses[i, j] = shares[1, i, 0] * shares[1, j, 0]
            body[i, j] = not tail[i, j]
    jets, running, thin = np.empty((4, 2, side + 1, side + 1)), np.empty((n, n + 2)), np.empty((n, n))
    thick, slight, pieces = np.empty_like(body), np.empty_like(body), np.empty((PARTS, PARTS))
    u, v = np.empty((PARTS + 1, PARTS + 1)), np.empty((PARTS + 1, PARTS + 1))
    halves = np.empty((2, max(side, MOST_PARTS) + 2, max(side, MOST_PARTS) + 2))
    places, around = np.empty((corners.shape[1], 2)), np.empty((LEVELS, SIDE, SIDE))
    near, far = np.empty((1, n, n, 4)), np.empty((LEVELS, SIDE, SIDE, 4))
    for row in range(len(corners)):
        if not np.isfinite(corners[row, : (side + 1) * (side + 1)]).all() or not np.isfinite(within[row]).all():
            mass[row], log_mass[row], tilt[row] = np.nan, np.nan, np.nan
            outside[row], shadow[row], excess[row] = np.nan, np.nan, np.nan
            continue
        # Rows of `running` run along y for fixed x, so that the first index of the result is x.
        for k in range(len(places)):
            places[k, 0] = (corners[row, k, 1] - scale[1]) / scale[3]
            places[k, 1] = (corners[row, k, 0] - scale[0]) / scale[2]
        for i in range(side + 1):
            for j in range(side + 1):
                jets[0, 0, i, j], jets[0, 1, i, j] = places[i * (side + 1) + j]
        spline(jets)
        running[:], shadow[row], excess[row] = 0.0, 0.0, 0.0
        cells = mass[row, : n * n].reshape(n, n)
        for i in range(side):
            for j in range(side):
                thick[i, j], slight[i, j] = body[i, j], tail[i, j]
        for cell in torn[row]:
            thick[cell // side, cell % side] = slight[cell // side, cell % side] = False
        lay_lattice(jets, shares, changes, weights, slight, False, halves, running)
        _sums(running, thin)
        lay_lattice(jets, shares, changes, weights, thick, True, halves, running)
        for k in range(torn.shape[1]):
            i, j = torn[row, k] // side, torn[row, k] % side
            for a in range(PARTS + 1):
                for b in range(PARTS + 1):
                    u[a, b] = (within[row, k, a, b, 1] - scale[1]) / scale[3]
                    v[a, b] = (within[row, k, a, b, 0] - scale[0]) / scale[2]
                    if a < PARTS and b < PARTS:
                        pieces[a, b] = shares[PARTS, i, a] * shares[PARTS, j, b]
            lay_mesh(u, v, pieces, halves, running)
        _sums(running, cells)
        total = cells.sum()
        outside[row] = max(1.0 - total, 0.0)
        if outside[row] < _ROUNDING:
            cells /= total
            outside[row] = 0.0
        away = _leave(corners[row], jets[0], masses, n, rulers, shadow[row], excess[row])
        share = outside[row] / away if away > 0.0 else 0.0
        shadow[row] *= share
        excess[row] *= share
        _surround(jets, masses, shares, changes, weights, n, outside[row], halves, around)
        follow(places, latents, triangles, block_masses, steep, cells, near, far)
        read_cells(cells, thin, near, log_mass[row, : n * n].reshape(n, n), tilt[row, : n * n].reshape(n, n, 2))
        read_around(around, far, rim, outside[row], mass[row, n * n :], log_mass[row, n * n :], tilt[row, n * n :])
