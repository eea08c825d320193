"""The latent cells that a generator tears widest: between their corners it has to be asked again."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.core.jit import compiled
from gandyn.densities.latent_lattice import LatentLattice
from gandyn.densities.plane import PlaneGrid

__all__ = ["PARTS", "corners_within", "widest"]

PARTS = 4
"""Parts along each side of such a cell."""


def widest(
    images: Float[ndarray, "row point 2"], lattice: LatentLattice, grid: PlaneGrid, count: int
) -> Int[ndarray, "row count"]:
    """Return, for each row, the cells whose mass is spread over the longest distance: mass times extent, in cells.

    Cells are numbered row by row of the latent lattice.
    """
    side = lattice.cells
    corners = np.asarray(images[:, : (side + 1) ** 2], dtype=np.float64).reshape(-1, side + 1, side + 1, 2)
    weight = np.empty((len(images), side, side))
    _extents(corners, lattice.shares[1, :, 0], np.array(grid.widths), float(grid.cells), weight)
    flat = weight.reshape(len(images), -1)
    return np.argpartition(flat, flat.shape[1] - count, axis=1)[:, flat.shape[1] - count :]


def corners_within(cells: Int[ndarray, "row cell"], lattice: LatentLattice) -> Float[ndarray, "row point 2"]:
    """Return the corners of the parts of some cells, cell by cell."""
    first, second = np.divmod(cells, lattice.cells)
    ends = lattice.parts_ends(PARTS)
    both = np.broadcast_arrays(ends[first][..., :, None], ends[second][..., None, :])
    return np.stack(both, axis=-1).reshape(len(cells), -1, 2)


@compiled
def _extents(images: ndarray, shares: ndarray, widths: ndarray, most: float, weight: ndarray) -> None:
    for row in range(len(images)):
        for i in range(len(shares)):
            for j in range(len(shares)):
                extent = 0.0
                for axis in range(2):
                    across = abs(images[row, i + 1, j + 1, axis] - images[row, i, j, axis])
                    down = abs(images[row, i + 1, j, axis] - images[row, i, j + 1, axis])
                    extent = max(extent, max(across, down) / widths[axis])
                weight[row, i, j] = shares[i] * shares[j] * min(extent, most)
