"""Estimated densities, for latents too large to cut into cells: quasi-Monte-Carlo points under a stated smoothing."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy import ndimage

from gandyn.densities.grid import LineGrid, Masses

__all__ = ["SMOOTHING", "quasi_monte_carlo", "smooth"]

# Standard deviation of the smoothing kernel, in cells: with 4,096 points a perfect generator then reads below
# 0.02 nats, and a density two cells wide is still told from one of three.
SMOOTHING = 2.0


def smooth(masses: Masses) -> Masses:
    """Spread the mass of every cell by the Gaussian kernel of `SMOOTHING` cells, cut at four of its stds.

    Both densities go through this before they are compared, so equal densities read zero and any divergence between
    the smoothed ones is a lower bound of that between the densities themselves.
    """
    # Reflected at the ends, so that mass is kept.
    cells = ndimage.gaussian_filter1d(masses.total, SMOOTHING, axis=-1, mode="reflect", truncate=4.0)
    return Masses(cells=cells, outside=masses.outside, excess=masses.excess)


def quasi_monte_carlo(images: Float[ndarray, "batch point"], grid: LineGrid) -> Masses:
    """Return the histogram of generated points of equal mass (not yet smoothed).

    Args:
        images: G at low-discrepancy latent points, in the units of x, shape (batch, point); NaN rows give NaN.
        grid: where the density is wanted.
    """
    images = np.asarray(images, dtype=np.float64)
    batch, points = images.shape
    lost = ~np.isfinite(images).all(axis=1)
    if lost.any():
        images = np.where(lost[:, None], 0.0, images)
    slot = np.clip(np.floor((images - grid.low) / grid.width) + 1, 0, grid.cells + 1).astype(np.int64)
    slot += np.arange(batch)[:, None] * (grid.cells + 2)
    counts = np.bincount(slot.ravel(), minlength=batch * (grid.cells + 2)).reshape(batch, -1) / points
    below = np.maximum(grid.low - images, 0.0).mean(1)
    above = np.maximum(images - grid.high, 0.0).mean(1)
    masses = Masses(cells=counts[:, 1:-1].copy(), outside=counts[:, [0, -1]], excess=np.stack([below, above], axis=1))
    if lost.any():
        for part in (masses.cells, masses.outside, masses.excess):
            part[lost] = np.nan
    return masses
