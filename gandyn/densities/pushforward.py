"""The exact pushforward of a one-dimensional latent: each latent cell's mass, laid over the interval it is mapped to.

The generator is taken as linear between neighbouring lattice edges. Within that, nothing is approximated: folds add up,
flat stretches become point masses, what leaves the grid is counted outside it, and the mass is one.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.densities.grid import TAIL_CELLS, LineGrid, Masses, PointMasses, point_masses

__all__ = ["ATOM", "pushforward"]

# Lighter flat stretches are float rounding in a nearly flat tail, not a constant generator: they stay in their cell.
ATOM = 1e-6


def pushforward(images: Float[ndarray, "batch edge"], latent_masses: Float[ndarray, " cell"], grid: LineGrid) -> Masses:
    """Push the latent masses through generators known at the edges of the latent lattice.

    Args:
        images: G at the lattice's edges, shape (batch, edge), in the units of x; NaN rows give NaN masses.
        latent_masses: mass of each latent cell, shape (edge - 1,), summing to one.
        grid: where the density is wanted.

    Returns:
        Masses with leading shape (batch,); cells, tails and atoms sum to one to 1e-12 in each row.

    Example:
        >>> grid = LineGrid(0.0, 2.0, 2)
        >>> pushforward(np.array([[0.0, 2.0, 0.0]]), np.array([0.5, 0.5]), grid).cells  # a fold
        array([[0.5, 0.5]])
    """
    images = np.asarray(images, dtype=np.float64)
    batch, lost = len(images), ~np.isfinite(images).all(axis=1)
    if lost.any():
        images = np.where(lost[:, None], 0.0, images)
    mass = np.broadcast_to(latent_masses, (batch, len(latent_masses)))
    low = np.minimum(images[:, :-1], images[:, 1:])
    high = np.maximum(images[:, :-1], images[:, 1:])
    length = high - low
    length[length < 1e-290] = 0.0  # too short to divide by
    tails, excess = _beyond(low, high, length, mass, grid)
    low_in, high_in = np.clip(low, grid.low, grid.high), np.clip(high, grid.low, grid.high)
    flat = length == 0
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = np.where(flat, grid.holds(low), (high_in - low_in) / length) * mass
    rows = np.repeat(np.arange(batch), mass.shape[1])
    cells = _deposit(rows, low_in.ravel(), high_in.ravel(), inside.ravel(), grid, batch)
    atoms = _atoms(flat, low, mass, grid)
    if atoms is not None:
        cells = np.maximum(cells - atoms.atoms, 0.0)
    if lost.any():
        for part in (cells, tails, excess, *(atoms or ())):
            part[lost] = np.nan
    return Masses(cells=cells, tails=tails, excess=excess, **({} if atoms is None else atoms._asdict()))


def _deposit(
    row: Int[ndarray, " interval"],
    low: Float[ndarray, " interval"],
    high: Float[ndarray, " interval"],
    mass: Float[ndarray, " interval"],
    grid: LineGrid,
    batch: int,
) -> Float[ndarray, "batch cell"]:
    """Lay each interval's mass evenly over the cells it touches; intervals lie within the grid, each in its row."""
    cells, edges = grid.cells, grid.edges
    first, last = grid.cell(low), grid.cell(high)
    crossing = np.nonzero(first != last)[0]
    head = mass.copy()
    c_row, c_first, c_last = row[crossing], first[crossing], last[crossing]
    slope = mass[crossing] / (high - low)[crossing]
    head[crossing] = slope * (edges[c_first + 1] - low[crossing])
    deposited = np.bincount(first + row * cells, head, minlength=batch * cells)
    tail = slope * (high[crossing] - edges[c_last])
    deposited += np.bincount(c_last + c_row * cells, tail, minlength=batch * cells)
    deposited = deposited.reshape(batch, cells)
    long = np.nonzero(c_last - c_first > 1)[0]
    if len(long):
        # Cells an interval covers entirely get slope x width, by differences; the integer count of covering intervals
        # decides where the sum is truly zero, which cancellation alone would leave at 1e-18.
        wide = cells + 1
        begin, end = (place[long] + c_row[long] * wide for place in (c_first + 1, c_last))
        each = slope[long] * grid.width
        steps = np.bincount(begin, each, minlength=batch * wide) - np.bincount(end, each, minlength=batch * wide)
        counts = np.bincount(begin, minlength=batch * wide) - np.bincount(end, minlength=batch * wide)
        covered = np.cumsum(counts.reshape(batch, wide), axis=1)[:, :cells] > 0
        interior = np.cumsum(steps.reshape(batch, wide), axis=1)[:, :cells]
        deposited += np.where(covered, np.maximum(interior, 0.0), 0.0)
    return np.maximum(deposited, 0.0)  # an end that rounds to the wrong side of an edge leaves -1e-17


def _beyond(
    low: Float[ndarray, "batch interval"],
    high: Float[ndarray, "batch interval"],
    length: Float[ndarray, "batch interval"],
    mass: Float[ndarray, "batch interval"],
    grid: LineGrid,
) -> tuple[Float[ndarray, "batch 2 tail"], Float[ndarray, "batch 2"]]:
    """Return the mass of the cells beyond either end of the grid, and its first moment there.

    Out there an interval's mass is laid evenly in the coordinate of the growing cells.
    """
    batch, ruler = len(low), LineGrid(0.0, float(TAIL_CELLS), TAIL_CELLS)
    tails, excess = np.zeros((batch, 2, TAIL_CELLS)), np.zeros((batch, 2))
    for side, far, near, end in ((0, low, high, grid.low), (1, high, low, grid.high)):
        sign = 1 if side else -1
        reach = sign * (far - end)  # how far the interval goes beyond the end
        rows, columns = np.nonzero((reach >= 0) & ((reach > 0) | (length <= 0)))
        if not len(rows):
            continue
        reach, size, weight = reach[rows, columns], length[rows, columns], mass[rows, columns]
        nearest = np.maximum(sign * (near[rows, columns] - end), 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            weight = weight * np.where(size > 0, (reach - nearest) / size, 1.0)
        begin, stop = grid.tail_coordinate(nearest), grid.tail_coordinate(reach)
        tails[:, side] = _deposit(rows, begin, stop, weight, ruler, batch)
        excess[:, side] = np.bincount(rows, weight * (reach + nearest) / 2, minlength=batch)
    return tails, excess


def _atoms(flat: ndarray, low: ndarray, mass: ndarray, grid: LineGrid) -> PointMasses | None:
    """Return the point masses: runs of two or more flat cells (one alone is a fold that happens to be symmetric)."""
    if not (flat.any() or grid.points):
        return None
    run = flat.copy()
    neighbour = np.zeros_like(flat)
    neighbour[:, 1:] |= flat[:, :-1]
    neighbour[:, :-1] |= flat[:, 1:]
    run &= neighbour & grid.holds(low)
    weight = np.where(run, mass, 0.0)
    weight[weight.sum(1) < ATOM] = 0.0
    rows, columns = np.nonzero(weight)
    return point_masses(rows, low[rows, columns], weight[rows, columns], grid, len(low))
