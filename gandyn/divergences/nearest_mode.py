"""The loop behind coverage: each sample's nearest mode, and whether the sample is near enough."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from gandyn.core.jit import compiled

__all__ = ["count_near"]


@compiled
def count_near(samples: ndarray, points: ndarray, reach: ndarray, counts: ndarray) -> None:
    """Count, for each row and mode, the samples whose nearest mode it is and that lie within its reach.

    Args:
        samples: shape (row, sample, dim); a row that holds NaN is counted as NaN.
        points: the modes, shape (mode, dim).
        reach: one distance a mode.
        counts: filled, shape (row, mode).
    """
    rows, number, dim = samples.shape
    for row in range(rows):
        counts[row] = 0.0
        for sample in range(number):
            least, which = np.inf, -1
            for mode in range(len(points)):
                distance = 0.0
                for axis in range(dim):
                    gap = samples[row, sample, axis] - points[mode, axis]
                    distance += gap * gap
                if distance < least:
                    least, which = distance, mode
            if which < 0:
                counts[row] = np.nan
                break
            if least <= reach[which] * reach[which]:
                counts[row, which] += 1.0
