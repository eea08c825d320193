"""Clouds on the plane: weighted sums of Gaussians, the common ground of bumps, smeared curves and kernels."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy import special

from gandyn.distributions.base import PlaneDistribution

__all__ = ["Cloud"]

# Standard deviations beyond which float64 knows no normal density.
_ALL = 39.0
# Gaussians handled at once: so few that those of a curve, one after the other, reach few of the cells.
_BLOCK = 512


class Cloud(PlaneDistribution):
    """A weighted sum of Gaussians with upright axes: a cell's mass is a sum of products of differences of cdfs."""

    @property
    @abstractmethod
    def centres(self) -> Float[ndarray, "gaussian 2"]:
        """Where the Gaussians lie."""

    @property
    @abstractmethod
    def spreads(self) -> Float[ndarray, "#gaussian #2"]:
        """Their standard deviations along x and y; one column where they are round, one row where all are equal."""

    @property
    @abstractmethod
    def shares(self) -> Float[ndarray, " gaussian"]:
        """Their masses, which sum to one."""

    def density(self, points: Float[ndarray, "*batch 2"]) -> Float[ndarray, "*batch"]:
        """Return the sum of the Gaussians' densities."""
        return np.exp(self.log_density(points))

    def log_density(self, points: Float[ndarray, "*batch 2"]) -> Float[ndarray, "*batch"]:
        """Return its logarithm, which is finite at any distance."""
        from gandyn.distributions.log_sums import log_sums

        centres = np.ascontiguousarray(self.centres)
        spreads = np.broadcast_to(self.spreads, centres.shape)
        with np.errstate(divide="ignore"):
            peaks = np.log(self.shares) - np.log(spreads).sum(1) - np.log(2 * np.pi)
        flat = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
        found = np.empty(len(flat))
        log_sums(flat, centres, 1 / spreads, peaks, found)
        return found.reshape(np.shape(points)[:-1])

    def masses(
        self, x_edges: Float[ndarray, " x_edge"], y_edges: Float[ndarray, " y_edge"]
    ) -> Float[ndarray, "x_cell y_cell"]:
        """Return the exact mass of each cell, with all its digits far out in the tails as well."""
        centres, shares = self.centres, self.shares
        spreads = np.broadcast_to(self.spreads, centres.shape)
        total = np.zeros((len(x_edges) - 1, len(y_edges) - 1))
        for first in range(0, len(centres), _BLOCK):
            part = slice(first, first + _BLOCK)
            at_x, at_y = (
                _reached(edges, centres[part, k], spreads[part, k]) for k, edges in enumerate((x_edges, y_edges))
            )
            along_x = _between(x_edges[at_x.start : at_x.stop + 1], centres[part, 0], spreads[part, 0])
            along_y = _between(y_edges[at_y.start : at_y.stop + 1], centres[part, 1], spreads[part, 1])
            total[at_x, at_y] += (along_x * shares[part]) @ along_y.T
        return total

    def bounds(self) -> Float[ndarray, "2 2"]:
        """Return the box of all centres, three standard deviations wider on each side."""
        reach = 3 * self.spreads
        return np.stack([(self.centres - reach).min(0), (self.centres + reach).max(0)], axis=1)


def _reached(
    edges: Float[ndarray, " edge"], centres: Float[ndarray, " gaussian"], spreads: Float[ndarray, " gaussian"]
) -> slice:
    """Return the cells that any of some Gaussians has mass in, as far as float64 tells."""
    low, high = (centres - _ALL * spreads).min(), (centres + _ALL * spreads).max()
    first, last = np.searchsorted(edges, [low, high])
    return slice(max(int(first) - 1, 0), min(int(last), len(edges) - 1))


def _between(
    edges: Float[ndarray, " edge"], centres: Float[ndarray, " gaussian"], spreads: Float[ndarray, " gaussian"]
) -> Float[ndarray, "cell gaussian"]:
    """Return each Gaussian's mass between consecutive edges, from whichever tail is the smaller."""
    t = (np.asarray(edges, dtype=np.float64)[:, None] - centres) / spreads
    below, above = special.ndtr(t), special.ndtr(-t)
    return np.where(t[:-1] > 0, -np.diff(above, axis=0), np.diff(below, axis=0))
