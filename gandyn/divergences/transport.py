"""Transport distances on the line."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.grid import LineGrid, Masses

__all__ = ["wasserstein_1"]


def wasserstein_1(p: Masses, q: Masses, grid: LineGrid) -> Float[ndarray, "*batch"]:
    """Return W1(p, q) = integral of |F_p - F_q| dx, in the units of x; it may be infinite.

    Between edges both distribution functions are taken as linear; beyond the grid the integral is the difference of
    the first moments there, which is exact unless the two functions cross again outside.

    References:
        Vallender, "Calculation of the Wasserstein Distance Between Probability Distributions on the Line", 1974.
    """
    gap = p.cdf() - q.cdf()
    left, right = gap[..., :-1], gap[..., 1:]
    total = np.abs(left) + np.abs(right)
    # A linear gap that changes sign within a cell leaves two triangles; without the crossing it is a trapezoid.
    crossing = np.divide(left**2 + right**2, total, out=np.zeros_like(total), where=total > 0)
    inside = np.where(left * right < 0, crossing, total).sum(-1) * grid.width / 2
    with np.errstate(invalid="ignore"):
        beyond = np.abs(p.excess - q.excess).sum(-1)
    return inside + beyond
