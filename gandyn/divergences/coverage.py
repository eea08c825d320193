"""Coverage: how much of the generator's mass lies at the data's modes, how many of them it holds, and how evenly."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy import special

from gandyn.densities.grid import LineGrid, Masses
from gandyn.distributions.modes import Modes
from gandyn.divergences.finding import HIGH_QUALITY, SHARE

__all__ = [
    "SAMPLES",
    "Coverage",
    "coverage",
    "least_masses",
    "mode_windows",
    "sample_coverage",
]

SAMPLES = 2500
"""Generated samples that the rules for the plane are stated for; one of high quality is enough to capture a mode."""


class Coverage(NamedTuple):
    """What coverage is measured as, with the leading shape of what was measured; NaN where that was.

    Attributes:
        modes_captured: number of modes captured, shape (*batch,).
        high_quality_fraction: generator mass within `HIGH_QUALITY` stds of a mode, shape (*batch,).
        mode_mass: generator mass within that distance of each mode and nearer to it than to any other (*batch, mode).
        mode_reverse_kl: KL(generator over modes || data over modes) in nats, of the mass of high quality alone, shape
            (*batch,); NaN where there is none.
    """

    modes_captured: Float[ndarray, "*batch"]
    high_quality_fraction: Float[ndarray, "*batch"]
    mode_mass: Float[ndarray, "*batch mode"]
    mode_reverse_kl: Float[ndarray, "*batch"]


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


def least_masses(data: Masses, modes: Modes, grid: LineGrid) -> Float[ndarray, " mode"]:
    """Return the mass from which on each mode on the line counts as captured: `SHARE` of the data's own there.

    It is infinite where the data has no mass on the grid: what the grid does not reach is not captured.
    """
    own = _inside(data, mode_windows(modes), grid)
    return np.where(own > 0, SHARE * own, np.inf)


def coverage(masses: Masses, least: Float[ndarray, " mode"], modes: Modes, grid: LineGrid) -> Coverage:
    """Return the coverage of the modes by densities on the line, from their distribution functions.

    Args:
        masses: the generator's, leading shape (*batch,).
        least: mass from which on each mode counts as captured.
        modes: the data's modes (at least one).
        grid: the grid of the masses.
    """
    return _coverage(_inside(masses, mode_windows(modes), grid), least, modes)


def sample_coverage(samples: Float[ndarray, "batch sample dim"], modes: Modes) -> Coverage:
    """Return the coverage of the modes by samples, by the rules of the mode-collapse literature.

    A sample is of high quality within `HIGH_QUALITY` stds of its nearest mode, a mode is captured by one such sample.
    Fractions of samples stand for masses; a row that holds NaN gives NaN.

    Args:
        samples: generated samples; published figures are for `SAMPLES` of them.
        modes: the data's modes (at least one).

    References:
        Srivastava, Valkov, Russell, Gutmann and Sutton, "VEEGAN: Reducing Mode Collapse in GANs using Implicit
        Variational Learning", 2017; Lin, Khetan, Fanti and Oh, "PacGAN: The power of two samples in generative
        adversarial networks", 2018.
    """
    from gandyn.divergences.nearest_mode import count_near

    points, reach = modes.points.astype(np.float64), HIGH_QUALITY * modes.stds
    mass = np.empty((len(samples), len(points)))
    count_near(np.ascontiguousarray(samples), points, reach, mass)
    return _coverage(mass / samples.shape[1], np.full(len(points), 0.5 / samples.shape[1]), modes)


def _coverage(mass: Float[ndarray, "*batch mode"], least: Float[ndarray, " mode"], modes: Modes) -> Coverage:
    quality, captured = mass.sum(-1), mass >= least
    with np.errstate(invalid="ignore", divide="ignore"):
        uneven = special.kl_div(mass / quality[..., None], modes.weights).sum(-1)
    return Coverage(np.where(np.isnan(quality), np.nan, captured.sum(-1)), quality, mass, uneven)


def _inside(masses: Masses, windows: Float[ndarray, "mode 2"], grid: LineGrid) -> Float[ndarray, "*batch mode"]:
    """Return the mass in each window: of the grid's points what is exactly there, else the share of the cells."""
    cdf = masses.cdf()
    if masses.hits is None or not grid.points:
        return _between(cdf, windows, grid)
    points = np.array(grid.points)
    cell = np.where(grid.holds(points), grid.cell(points), grid.cells)
    steps = np.arange(grid.cells + 1) > cell[:, None]  # at every edge, what the points have added to the cdf
    within = (windows[:, :1] <= points) & (points <= windows[:, 1:])
    return _between(cdf - masses.hits @ steps, windows, grid) + masses.hits @ within.T


def _between(
    cdf: Float[ndarray, "*batch edge"], windows: Float[ndarray, "mode 2"], grid: LineGrid
) -> Float[ndarray, "*batch mode"]:
    position = np.clip((windows - grid.low) / grid.width, 0, grid.cells)
    cell = np.minimum(position.astype(np.int64), grid.cells - 1)
    part = position - cell
    value = cdf[..., cell] * (1 - part) + cdf[..., cell + 1] * part
    return np.maximum(value[..., 1] - value[..., 0], 0.0)
