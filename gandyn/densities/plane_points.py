"""Generated points on the plane as a density, for latents that are not cut into cells."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.estimators import finite
from gandyn.densities.plane import PlaneGrid, PlaneMasses
from gandyn.densities.projections import shadows

__all__ = ["quasi_monte_carlo_plane"]


def quasi_monte_carlo_plane(images: Float[ndarray, "batch point 2"], grid: PlaneGrid) -> PlaneMasses:
    """Return the histogram of generated points of equal mass on the plane (not yet smoothed).

    Args:
        images: G at low-discrepancy latent points, in the units of x, shape (batch, point, 2); NaN rows give NaN.
        grid: where the density is wanted.
    """
    images, lost = finite(images)
    batch, points, _ = images.shape
    place = (images - np.array(grid.low)) / np.array(grid.widths)
    inside = ((place >= 0) & (place < grid.cells)).all(-1)
    cell = np.clip(place, 0, grid.cells - 1).astype(np.int64)
    flat = (np.arange(batch)[:, None] * grid.cells + cell[..., 0]) * grid.cells + cell[..., 1]
    counts = np.bincount(flat.ravel(), inside.ravel(), minlength=batch * grid.cells**2)
    cells = counts.reshape(batch, grid.cells, grid.cells) / points
    masses = PlaneMasses(cells, 1 - inside.mean(1), *shadows(images, ~inside / points, grid))
    for part in (masses.cells, masses.outside, masses.shadow, masses.excess):
        part[lost] = np.nan
    return masses
