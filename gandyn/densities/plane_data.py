"""The data's masses on the plane: in the cells of a grid, around it, and where what lies beyond is seen from."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.continuation import log_means
from gandyn.densities.plane import LEVELS, RIM, PlaneGrid, PlaneMasses, tilts
from gandyn.densities.projections import shadows
from gandyn.distributions.base import PlaneDistribution

__all__ = ["plane_masses"]

# How far beyond the window, in windows, data is looked for when its mass out there is given a place.
_REACH = 4
# Of less mass than this the log density in a cell's middle says more: far out, all mass is in a cell's nearest corner.
_LEAST = 1e-12


def plane_masses(distribution: PlaneDistribution, grid: PlaneGrid) -> PlaneMasses:
    """Return the masses of a distribution on a grid, and where those beyond it lie."""
    # Added up from what lies around the window: one minus the inside would lose it to rounding.
    around = distribution.masses(*(np.array([-np.inf, a, b, np.inf]) for a, b in zip(grid.low, grid.high, strict=True)))
    around[1, 1] = 0.0
    outside = float(around.sum())
    cells, *known = _sheet(distribution, grid)
    masses, logs, slopes = [cells], [known[0]], [known[1]]
    for level in range(1, LEVELS + 1):
        for parts, part in zip((masses, logs, slopes), _sheet(distribution, grid.around(level)), strict=True):
            parts.append(part[RIM])
    rest = max(outside - sum(float(around.sum()) for around in masses[1:]), 0.0)
    mass = np.concatenate([*(part.ravel() for part in masses), [rest if rest > _LEAST else 0.0]])
    log_mass = np.concatenate([*(part.ravel() for part in logs), [_log_rest(distribution, grid)]])
    tilt = np.concatenate([*(part.reshape(-1, 2) for part in slopes), np.zeros((1, 2))])
    return PlaneMasses(cells, np.asarray(outside), *_seen(distribution, grid, outside), mass, log_mass, tilt)


def _log_rest(distribution: PlaneDistribution, grid: PlaneGrid) -> float:
    """Return the log mass beyond the last window, as much as the cells on its border would have: never too little."""
    last = grid.around(LEVELS)
    around = np.array([(a, b) for a in (0.0, 0.5, 1.0) for b in (0.0, 0.5, 1.0) if (a, b) != (0.5, 0.5)])
    points = np.array(last.low) + around * np.subtract(last.high, last.low)
    return float(distribution.log_density(points).max() + np.log(last.area))


def _sheet(
    distribution: PlaneDistribution, grid: PlaneGrid
) -> tuple[Float[ndarray, "x y"], Float[ndarray, "x y"], Float[ndarray, "x y 2"]]:
    """Return masses, log masses and tilts of the cells of one grid."""
    # With one more cell at each end: tilts are seen from the neighbours.
    edges = [np.concatenate([[e[0] - w], e, [e[-1] + w]]) for e, w in zip(grid.edges, grid.widths, strict=True)]
    middles = np.stack(np.meshgrid(*((e[:-1] + e[1:]) / 2 for e in edges), indexing="ij"), axis=-1)
    masses = distribution.masses(*edges)
    logs = np.log(np.where(masses > _LEAST, masses, 1.0))
    small = masses <= _LEAST
    logs[small] = distribution.log_density(middles[small]) + np.log(grid.area)
    slopes = tilts(logs)
    logs[small] += log_means(slopes[small]).sum(-1) + _bend(logs)[small] / 24
    inner = slice(1, -1), slice(1, -1)
    return masses[inner], logs[inner], slopes[inner]


def _bend(logs: Float[ndarray, "x y"]) -> Float[ndarray, "x y"]:
    """Return the second differences of log densities, along x and y together; 0 where a neighbour has none."""
    bend = np.zeros_like(logs)
    with np.errstate(invalid="ignore"):
        bend[1:-1] += np.diff(logs, 2, axis=0)
        bend[:, 1:-1] += np.diff(logs, 2, axis=1)
    return np.where(np.isfinite(bend), bend, 0.0)


def _seen(
    distribution: PlaneDistribution, grid: PlaneGrid, outside: float
) -> tuple[Float[ndarray, "direction place"], Float[ndarray, "direction 2"]]:
    """Return the shadow and the excess of the mass beyond the window."""
    edges, middles, beyond = [], [], []
    for low, high in zip(grid.low, grid.high, strict=True):
        along = np.linspace(low - _REACH * (high - low), high + _REACH * (high - low), 16 * (2 * _REACH + 1) + 1)
        edges.append(along)
        middles.append((along[:-1] + along[1:]) / 2)
        beyond.append((middles[-1] < low) | (middles[-1] > high))
    found = np.where(beyond[0][:, None] | beyond[1], distribution.masses(*edges), 0.0)
    # What is further out than was looked for shares the place of what was found.
    scale = outside / max(float(found.sum()), 1e-300)
    points = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1).reshape(1, -1, 2)
    shadow, excess = shadows(points, scale * found.reshape(1, -1), grid)
    return shadow[0], excess[0]
