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
    _push(corners, fine, latent, scale, n, grid.rulers, mass, log_mass, tilt, outside, shadow, excess)
    cells = mass[:, : n * n].reshape(rows, n, n)
    return PlaneMasses(cells, outside, shadow, excess, mass, log_mass, tilt)


@compiled
def _sums(running: ndarray, out: ndarray) -> float:
    """Fill in the running sums along every row, and return the sum of all."""
    whole = 0.0
    for a in range(out.shape[0]):
        total = 0.0
        for b in range(out.shape[1]):
            total += running[a, b]
            out[a, b] = total if total > _ROUNDING else 0.0
            whole += out[a, b]
    return whole


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
def _further_out(
    jets: ndarray, masses: ndarray, splines: ndarray, n: int, level: int, kept: ndarray, running: ndarray
) -> bool:
    """Prepare laying the cells that leave a window for the next one around it; return whether there are any."""
    cells, size = len(masses), n * 2.0 ** (level + 1) / SIDE
    any_left = False
    for kind in range(splines.shape[0]):
        for axis in range(2):
            for i in range(cells + 1):
                for j in range(cells + 1):
                    jets[kind, axis, i, j] = splines[kind, axis, i, j] / size
                    if kind == 0:
                        jets[kind, axis, i, j] += (SIDE - n / size) / 2
    for i in range(cells):
        for j in range(cells):
            furthest = 0.0
            for a in range(2):
                for b in range(2):
                    for axis in range(2):
                        furthest = max(furthest, abs(jets[0, axis, i + a, j + b] - SIDE / 2))
            kept[i, j] = furthest > SIDE / 4 and masses[i, j] > _ROUNDING
            any_left = any_left or kept[i, j]
    for a in range(running.shape[0]):
        for b in range(running.shape[1]):
            running[a, b] = 0.0
    return any_left


@compiled
def _emptied(window: ndarray, found: float) -> float:
    """Take out of a window what the one within it tells; return `found` with what is left added."""
    for a in range(SIDE):
        for b in range(SIDE):
            if SIDE // 4 <= a < SIDE - SIDE // 4 and SIDE // 4 <= b < SIDE - SIDE // 4:
                window[a, b] = 0.0
            found += window[a, b]
    return found


def _surround(
    splines: ndarray,
    masses: ndarray,
    shares: ndarray,
    changes: ndarray,
    n: int,
    outside: float,
    halves: ndarray,
    around: ndarray,
) -> None:
    """Lay the masses of the cells that leave the grid over the windows around it."""
    around[:] = 0.0
    if outside <= _SPARSE:
        return
    jets, running, kept = np.empty_like(splines), np.empty((SIDE, SIDE + 2)), np.empty(masses.shape, np.bool_)
    found = 0.0
    for level in range(LEVELS):
        if not _further_out(jets, masses, splines, n, level, kept, running):
            break
        lay_lattice(jets, shares, changes, _WEIGHTS, kept, True, halves, running)
        _sums(running, around[level])
        found = _emptied(around[level], found)
    # The rims are laid from whole cells, the grid from their parts: both see the same mass leave.
    if found > outside:
        around *= outside / found


@compiled
def _placed(corners: ndarray, scale: ndarray, places: ndarray, jets: ndarray) -> None:
    """Find where corners lie in cells of the grid, and begin the spline through them."""
    # Rows of `running` run along y for fixed x, so that the first index of the result is x.
    for k in range(len(places)):
        places[k, 0] = (corners[k, 1] - scale[1]) / scale[3]
        places[k, 1] = (corners[k, 0] - scale[0]) / scale[2]
    side = jets.shape[2]
    for i in range(side):
        for j in range(side):
            jets[0, 0, i, j], jets[0, 1, i, j] = places[i * side + j, 0], places[i * side + j, 1]


@compiled
def _lay_torn(
    torn: ndarray, within: ndarray, scale: ndarray, shares: ndarray, side: int, halves: ndarray, running: ndarray
) -> None:
    """Lay the parts of the cells on which the generator is known better."""
    u, v = np.empty((PARTS + 1, PARTS + 1)), np.empty((PARTS + 1, PARTS + 1))
    pieces = np.empty((PARTS, PARTS))
    for k in range(len(torn)):
        i, j = torn[k] // side, torn[k] % side
        for a in range(PARTS + 1):
            for b in range(PARTS + 1):
                u[a, b] = (within[k, a, b, 1] - scale[1]) / scale[3]
                v[a, b] = (within[k, a, b, 0] - scale[0]) / scale[2]
                if a < PARTS and b < PARTS:
                    pieces[a, b] = shares[PARTS, i, a] * shares[PARTS, j, b]
        lay_mesh(u, v, pieces, halves, running)


def _push(
    corners: ndarray,
    fine: tuple[ndarray, ndarray],
    latent: tuple[ndarray, ndarray, ndarray, ndarray, ndarray, ndarray, ndarray],
    scale: ndarray,
    n: int,
    rulers: ndarray,
    mass: ndarray,
    log_mass: ndarray,
    tilt: ndarray,
    outside: ndarray,
    shadow: ndarray,
    excess: ndarray,
) -> None:
    # The loops are compiled one by one: as parts of one function they would be compiled again with it, which doubled
    # the wait for the first picture of a plane.
    latents, triangles, block_masses, steep, shares, changes, tail = latent
    torn, within = fine
    side = len(changes)
    masses, body = shares[1, :, :1] * shares[1, :, 0], ~tail
    jets, running, thin = np.empty((4, 2, side + 1, side + 1)), np.empty((n, n + 2)), np.empty((n, n))
    halves = np.empty((2, max(side, MOST_PARTS) + 2, max(side, MOST_PARTS) + 2))
    places, around = np.empty((corners.shape[1], 2)), np.empty((LEVELS, SIDE, SIDE))
    near, far = np.empty((1, n, n, 4)), np.empty((LEVELS, SIDE, SIDE, 4))
    for row in range(len(corners)):
        if not np.isfinite(corners[row, : (side + 1) * (side + 1)]).all() or not np.isfinite(within[row]).all():
            mass[row], log_mass[row], tilt[row] = np.nan, np.nan, np.nan
            outside[row], shadow[row], excess[row] = np.nan, np.nan, np.nan
            continue
        _placed(corners[row], scale, places, jets)
        spline(jets)
        running[:], shadow[row], excess[row] = 0.0, 0.0, 0.0
        cells = mass[row, : n * n].reshape(n, n)
        thick, slight = body.copy(), tail.copy()
        thick.flat[torn[row]] = slight.flat[torn[row]] = False
        lay_lattice(jets, shares, changes, _WEIGHTS, slight, False, halves, running)
        _sums(running, thin)
        lay_lattice(jets, shares, changes, _WEIGHTS, thick, True, halves, running)
        if torn.shape[1]:
            _lay_torn(torn[row], within[row], scale, shares, side, halves, running)
        total = _sums(running, cells)
        outside[row] = max(1.0 - total, 0.0)
        if outside[row] < _ROUNDING:
            cells /= total
            outside[row] = 0.0
        away = _leave(corners[row], jets[0], masses, n, rulers, shadow[row], excess[row])
        share = outside[row] / away if away > 0.0 else 0.0
        shadow[row] *= share
        excess[row] *= share
        _surround(jets, masses, shares, changes, n, outside[row], halves, around)
        follow(places, latents, triangles, block_masses, steep, cells, near, far)
        read_cells(cells, thin, near, log_mass[row, : n * n].reshape(n, n), tilt[row, : n * n].reshape(n, n, 2))
        read_around(around, far, RIM, outside[row], mass[row, n * n :], log_mass[row, n * n :], tilt[row, n * n :])
