"""Coverage: how much of the generator's mass lies at the data's modes, and how many of them it holds."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.densities.grid import LineGrid, Masses
from gandyn.distributions.base import Modes

__all__ = ["HIGH_QUALITY", "SHARE", "Coverage", "coverage", "mode_windows"]

HIGH_QUALITY = 3.0
"""A point is of high quality within this many standard deviations of its nearest mode."""

SHARE = 0.25
"""A mode is captured when the generator puts at least this share of the data's own mass there."""


class Coverage(NamedTuple):
    """What `coverage` returns, with the leading shape of the generator's masses.

    Attributes:
        modes_captured: number of modes that hold at least `SHARE` of what the data has there, shape (*batch,).
        high_quality_fraction: generator mass within `HIGH_QUALITY` stds of a mode, shape (*batch,).
        mode_mass: generator mass within that distance of each mode and nearer to it than to any other (*batch, mode).
    """

    modes_captured: Int[ndarray, "*batch"]
    high_quality_fraction: Float[ndarray, "*batch"]
    mode_mass: Float[ndarray, "*batch mode"]


def mode_windows(modes: Modes) -> Float[ndarray, "mode 2"]:
    """Return the interval of each mode: within `HIGH_QUALITY` stds, and nearer to it than to its neighbours."""
    points = modes.points[:, 0]
    reach = HIGH_QUALITY * modes.stds
    windows = np.stack([points - reach, points + reach], axis=1)
    order = np.argsort(points)
    for a, b in pairwise(order):
        middle = (points[a] + points[b]) / 2
        windows[a, 1], windows[b, 0] = min(windows[a, 1], middle), max(windows[b, 0], middle)
    return windows


def coverage(masses: Masses, data: Masses, modes: Modes, grid: LineGrid) -> Coverage:
    """Return the coverage of the modes by densities on the line, from their distribution functions.

    Args:
        masses: the generator's, leading shape (*batch,).
        data: the data's, without leading shape.
        modes: the data's modes (at least one).
        grid: the grid of both.
    """
    windows = mode_windows(modes)
    mass, true = _between(masses.cdf(), windows, grid), _between(data.cdf(), windows, grid)
    captured = ((mass >= SHARE * true) & (true > 0)).sum(-1)
    return Coverage(captured, mass.sum(-1), mass)


def _between(
    cdf: Float[ndarray, "*batch edge"], windows: Float[ndarray, "mode 2"], grid: LineGrid
) -> Float[ndarray, "*batch mode"]:
    position = np.clip((windows - grid.low) / grid.width, 0, grid.cells)
    cell = np.minimum(position.astype(np.int64), grid.cells - 1)
    part = position - cell
    value = cdf[..., cell] * (1 - part) + cdf[..., cell + 1] * part
    return np.maximum(value[..., 1] - value[..., 0], 0.0)
