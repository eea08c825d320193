"""What lies beyond a window on the plane, as each direction sees it: for transport, which has to know how far it is."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.core.jit import compiled
from gandyn.densities.plane import DIRECTIONS, PlaneGrid

__all__ = ["cast", "shadows"]


@compiled
def cast(x: float, y: float, mass: float, rulers: ndarray, shadow: ndarray, excess: ndarray) -> None:
    """Add a point mass to the shadows of one density: split between two places, or at an end with its moment."""
    last = shadow.shape[1] - 1
    for k in range(len(rulers)):
        at = (x * rulers[k, 0] + y * rulers[k, 1] - rulers[k, 2]) / rulers[k, 3]
        if at <= 0.0:
            shadow[k, 0] += mass
            excess[k, 0] -= mass * at * rulers[k, 3]
        elif at >= last:
            shadow[k, last] += mass
            excess[k, 1] += mass * (at - last) * rulers[k, 3]
        else:
            place = int(at)
            part = at - place
            shadow[k, place] += mass * (1.0 - part)
            shadow[k, place + 1] += mass * part


@compiled
def _cast_all(points: ndarray, masses: ndarray, rulers: ndarray, shadow: ndarray, excess: ndarray) -> None:
    for row in range(len(points)):
        for k in range(points.shape[1]):
            if masses[row, k] > 0.0:
                cast(points[row, k, 0], points[row, k, 1], masses[row, k], rulers, shadow[row], excess[row])


def shadows(
    points: Float[ndarray, "row point 2"], masses: Float[ndarray, "row point"], grid: PlaneGrid
) -> tuple[Float[ndarray, "row direction place"], Float[ndarray, "row direction 2"]]:
    """Return the shadows of point masses, and their first moments beyond the ends of each projection."""
    shadow, excess = np.zeros((len(points), DIRECTIONS, grid.places)), np.zeros((len(points), DIRECTIONS, 2))
    _cast_all(np.asarray(points, dtype=np.float64), np.asarray(masses, dtype=np.float64), grid.rulers, shadow, excess)
    return shadow, excess
