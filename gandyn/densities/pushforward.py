"""The exact pushforward of a one-dimensional latent: each latent cell's mass, laid over the interval it is mapped to.

Between neighbouring edges of the lattice the generator is monotone, and a cell's mass is laid over its image with the
exponential profile that the densities at its two ends ask for. Within that nothing is approximated: folds add up, flat
stretches become point masses, what leaves the grid is counted outside it, the mass is one, and of masses too small for
float64 the logarithms are kept. Beyond its bulk the latent is followed until the generator is affine to all intents.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from gandyn.densities.grid import TAIL_CELLS, LineGrid, Masses, PointMasses, by_distance, point_masses
from gandyn.distributions.latent import Lattice

__all__ = ["ATOM", "pushforward"]

# Lighter flat stretches are float rounding in a nearly flat tail, not a constant generator: they stay in their cell.
ATOM = 1e-6

# Rows handled at once: as many as stay in a processor's cache with all that is made of them.
_ROWS = 16


def pushforward(images: Float[ndarray, "batch edge"], lattice: Lattice, grid: LineGrid) -> Masses:
    """Push a latent's mass through generators known at the edges of its lattice.

    Args:
        images: G at the lattice's edges, shape (batch, edge), in the units of x; NaN rows give NaN masses.
        lattice: the latent cells.
        grid: where the density is wanted.

    Returns:
        Masses with leading shape (batch,); cells, tails and atoms sum to one to 1e-12 in each row.

    Example:
        >>> from gandyn.distributions.latent import UniformLatent
        >>> grid = LineGrid(0.0, 2.0, 2)
        >>> pushforward(np.array([[0.0, 2.0, 0.0]]), UniformLatent().lattice(2), grid).cells  # a fold
        array([[0.5, 0.5]])
    """
    from gandyn.densities.intervals import prepared

    images = np.ascontiguousarray(images, dtype=np.float64)
    blocks = range(0, len(images), _ROWS)
    constants = prepared(lattice)
    found = [_push(images[first : first + _ROWS], lattice, constants, grid) for first in blocks]
    joined = (np.concatenate(parts) for parts in zip(*found, strict=True))
    masses, logs, tilts, cover, folds, past, reach, singular = joined
    atoms = _atoms(images, singular, lattice, grid)
    return Masses(
        cells=masses[:, TAIL_CELLS:-TAIL_CELLS],
        tails=np.stack([masses[:, :TAIL_CELLS][:, ::-1], masses[:, -TAIL_CELLS:]], axis=1),
        reach=reach,
        logs=by_distance(logs),
        tilts=by_distance(tilts),
        cover=by_distance(cover),
        folds=by_distance(folds) if folds.any() else None,
        past=by_distance(past) if folds.any() else None,
        **({} if atoms is None else atoms._asdict()),
    )


def _push(
    images: Float[ndarray, "batch edge"], lattice: Lattice, constants: tuple[ndarray, ndarray, ndarray], grid: LineGrid
) -> tuple[ndarray, ...]:
    """Return what `Masses` holds of a few rows, part by part, and their mass in points."""
    from gandyn.densities.intervals import lay
    from gandyn.densities.profiles import describe

    edges, lost = grid.all_edges, ~np.isfinite(images).all(axis=1)
    shape, inner = (len(images), len(edges) + 1), (len(images), len(edges))
    masses, flat, heights = np.zeros(shape), np.zeros(shape), np.zeros(inner)
    logs, log_heights = np.full(shape, -np.inf), np.full(inner, -np.inf)
    tilts, cover, reach = np.empty(shape), np.empty(shape), np.empty((len(images), 2, TAIL_CELLS))
    folds, past = np.zeros(shape), np.full(shape, -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        lengths = np.abs(np.diff(images))
        slopes = np.where(lengths == 0, -np.inf, np.log(lengths) - np.log(np.diff(lattice.edges)))
    filled = masses, logs, heights, log_heights, cover, folds, reach, flat
    lay(images, slopes, *lattice, *constants, edges, TAIL_CELLS, *filled)
    inside = flat[:, TAIL_CELLS:-TAIL_CELLS]
    singular = inside.sum(1)
    singular[singular < ATOM] = 0.0
    if flat.any():
        inside[singular > 0] = 0.0
        masses += flat
    np.log(heights, out=log_heights, where=heights > 0)
    np.log(masses, out=logs, where=masses > 0)
    describe(masses, logs, log_heights, cover, folds, np.log(np.diff(edges)), tilts, past)
    found = masses, logs, tilts, cover, folds, past, reach, singular
    if lost.any():
        for part in found:
            part[lost] = np.nan
    return found


def _atoms(
    images: Float[ndarray, "batch edge"], singular: Float[ndarray, " batch"], lattice: Lattice, grid: LineGrid
) -> PointMasses | None:
    """Return the point masses: runs of two or more flat cells (one alone is a fold that happens to be symmetric)."""
    rows = np.flatnonzero(singular > 0)
    if not len(rows) and not grid.points:
        return None
    flat = np.diff(images[rows]) == 0
    run = np.zeros_like(flat)
    run[:, 1:] |= flat[:, 1:] & flat[:, :-1]
    run[:, :-1] |= flat[:, :-1] & flat[:, 1:]
    row, cell = np.nonzero(run)
    mass = np.add.reduceat(np.exp(lattice.log_masses), lattice.first[:-1])
    at = images[rows[row], cell]
    # What has come up to an end of the grid lies below it, as `lay` has it.
    ends = _rising(images[rows])[row, cell] & ((at == grid.low) | (at == grid.high))
    return point_masses(rows[row], np.where(ends, np.nextafter(at, -np.inf), at), mass[cell], grid, len(images))


def _rising(images: Float[ndarray, "batch edge"]) -> Bool[ndarray, "batch cell"]:
    """Say of each cell whether the generator has last risen there: of flat ones before it moves at all, will fall."""
    signs = np.sign(np.diff(images))
    cells = np.arange(signs.shape[1])
    last = np.maximum.accumulate(np.where(signs != 0, cells, -1), axis=1)
    start = -np.take_along_axis(signs, (signs != 0).argmax(axis=1)[:, None], 1)
    return np.where(last >= 0, np.take_along_axis(signs, np.maximum(last, 0), 1), start) > 0
