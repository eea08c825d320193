"""Potentials: optimal critics, which are known up to a constant."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

__all__ = ["levelled"]


def levelled(
    optimum: Float[np.ndarray, " x"], critic: Float[np.ndarray, " x"], data: Float[np.ndarray, " x"]
) -> Float[np.ndarray, " x"]:
    """Move a potential, which is given with mean 0 under the data and known up to a constant, to the critic's mean."""
    weights = np.where(np.isfinite(optimum), data, 0.0)
    total = max(float(weights.sum()), 1e-300)
    mean = float(np.nansum(optimum * weights)) / total
    if abs(mean) > 1e-4 * max(float(np.nanmax(np.abs(optimum), initial=0.0)), 1e-300):
        return optimum
    return optimum + float(np.sum(critic * weights)) / total
