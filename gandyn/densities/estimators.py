"""Estimated densities, for latents too large to cut into cells: quasi-Monte-Carlo points under a stated smoothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy import ndimage

from gandyn.densities.cells import CellMasses
from gandyn.densities.grid import TAIL_CELLS, LineGrid, Masses

__all__ = ["SMOOTHING", "finite", "kernel_estimate", "quasi_monte_carlo", "smooth"]

# Standard deviation of the smoothing kernel, in cells: with 4,096 points a perfect generator then reads below
# 0.02 nats, and a density two cells wide is still told from one of three.
SMOOTHING = 2.0

M = TypeVar("M", bound=CellMasses)


def smooth(masses: M, stds: float | Sequence[float] = SMOOTHING, reach: float = 4.0) -> M:
    """Spread the mass of every cell by a Gaussian kernel of some cells' std (along each axis), cut at `reach` of them.

    Both densities go through this before they are compared, so equal densities read zero, and any f-divergence between
    the smoothed ones is a lower bound of that between the densities themselves (the kernel is a channel that both pass
    through). Between estimates from finitely many points it is a bound no more: f-divergences are jointly convex, so
    by Jensen's inequality they are on average larger than between the smoothed densities that are estimated.
    """
    # Reflected at the ends, so that mass is kept.
    return masses.spread(_filtered(masses, stds, reach, "reflect"))


def kernel_estimate(masses: M, stds: Sequence[float], reach: float) -> tuple[M, Float[ndarray, ...]]:
    """Return what `smooth` does, and how much of the mass of each cell was reflected into it at the window's ends."""
    smoothed = smooth(masses, stds, reach)
    return smoothed, np.maximum(smoothed.total - _filtered(masses, stds, reach, "constant"), 0.0)


def _filtered(
    masses: CellMasses, stds: float | Sequence[float], reach: float, mode: Literal["reflect", "constant"]
) -> Float[ndarray, ...]:
    axes = tuple(range(-masses.axes, 0))
    return ndimage.gaussian_filter(masses.total, stds, axes=axes, mode=mode, truncate=reach)


def quasi_monte_carlo(images: Float[ndarray, "batch point"], grid: LineGrid) -> Masses:
    """Return the histogram of generated points of equal mass on the line (not yet smoothed).

    Args:
        images: G at low-discrepancy latent points, in the units of x, shape (batch, point); NaN rows give NaN.
        grid: where the density is wanted.
    """
    images, lost = finite(images)
    batch, points = images.shape
    row = np.arange(batch)[:, None]
    inside = (images >= grid.low) & (images < grid.high)
    cell = np.clip((images - grid.low) / grid.width, 0, grid.cells - 1).astype(np.int64)
    counts = np.bincount((cell + row * grid.cells).ravel(), inside.ravel(), minlength=batch * grid.cells)
    tails, reach = np.zeros((batch, 2, TAIL_CELLS)), np.zeros((batch, 2, TAIL_CELLS))
    lengths = np.append(np.diff(grid.tail_edges), 0.0)  # the last is empty beyond itself
    for side, distance, out in (
        (0, grid.low - images, images < grid.low),
        (1, images - grid.high, images >= grid.high),
    ):
        slot = np.searchsorted(grid.tail_edges, distance, side="right") - 1
        index = (np.maximum(slot, 0) + row * TAIL_CELLS).ravel()
        count = np.bincount(index, out.ravel(), minlength=batch * TAIL_CELLS).reshape(batch, TAIL_CELLS)
        within = np.where(out, distance - grid.tail_edges[slot], 0.0)
        moment = np.bincount(index, within.ravel(), minlength=batch * TAIL_CELLS).reshape(batch, TAIL_CELLS)
        further = np.cumsum(count[:, ::-1], axis=1)[:, ::-1] - count
        tails[:, side], reach[:, side] = count / points, (moment + lengths * further) / points
    masses = Masses(cells=counts.reshape(batch, grid.cells) / points, tails=tails, reach=reach)
    for part in (masses.cells, masses.tails, masses.reach):
        part[lost] = np.nan
    return masses


def finite(images: Float[ndarray, "batch ..."]) -> tuple[Float[ndarray, "batch ..."], ndarray]:
    """Return the images with lost rows set to zero, and which rows those are."""
    images = np.asarray(images, dtype=np.float64)
    lost = ~np.isfinite(images).all(axis=tuple(range(1, images.ndim)))
    return (np.where(lost.reshape(-1, *(1,) * (images.ndim - 1)), 0.0, images) if lost.any() else images), lost
