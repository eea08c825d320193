"""The loop behind log densities of many Gaussians: logarithms of sums that may underflow."""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from gandyn.core.jit import compiled

__all__ = ["log_sums"]

# A Gaussian this much lighter than the heaviest, as a logarithm, is below the sum's last digit.
_LOST = 40.0


@compiled
def log_sums(points: ndarray, centres: ndarray, sharpness: ndarray, peaks: ndarray, found: ndarray) -> None:
    """Fill the logarithm of the sum of Gaussians at each point.

    Args:
        points: shape (point, 2).
        centres: of the Gaussians, shape (gaussian, 2).
        sharpness: one over their standard deviations along both axes, shape (gaussian, 2).
        peaks: logarithms of their heights.
        found: filled, shape (point,).
    """
    logs = np.empty(len(centres))
    for k in range(len(points)):
        most = -math.inf
        for g in range(len(centres)):
            dx = (points[k, 0] - centres[g, 0]) * sharpness[g, 0]
            dy = (points[k, 1] - centres[g, 1]) * sharpness[g, 1]
            logs[g] = peaks[g] - 0.5 * (dx * dx + dy * dy)
            most = max(most, logs[g])
        total = 0.0
        for g in range(len(centres)):
            if logs[g] > most - _LOST:
                total += math.exp(logs[g] - most)
        found[k] = most + math.log(total)
