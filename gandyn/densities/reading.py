"""Log masses and tilts of a pushforward's cells: from their mass, or from the map where it is faint."""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from gandyn.core.jit import compiled
from gandyn.densities.continuation import log_mass_of
from gandyn.densities.plane import LEVELS, SIDE

__all__ = ["read_around", "read_cells"]

# A cell around the grid with less mass than this has its logarithm from the map itself.
_SPARSE = 1e-9
# Nor has a cell of the grid more than this where next to nothing was laid.
_FAINT = 1e-5
# A cell with a larger share of mass that is not of the tail is not read off the map.
_MIXED = 0.1


@compiled
def _tilt(logs: ndarray, a: int, b: int, axis: int) -> float:
    """Return by how much log masses change from cell to cell: see `plane.tilts`."""
    n, along, down = len(logs), 1 - axis, axis
    if a < along or a + along >= n or b < down or b + down >= n:
        return 0.0
    before, after = logs[a, b] - logs[a - along, b - down], logs[a + along, b + down] - logs[a, b]
    if not (before * after > 0.0 and abs(before) < np.inf and abs(after) < np.inf):
        return 0.0
    most = 2 * min(abs(before), abs(after))
    return min(max((before + after) / 2, -most), most)


@compiled
def read_cells(cells: ndarray, thin: ndarray, near: ndarray, logs: ndarray, tilts: ndarray) -> None:
    """Find log masses and tilts of the grid's cells, from their masses or from what was followed."""
    n = len(cells)
    for a in range(n):
        for b in range(n):
            mass, log, bend = cells[a, b], near[0, a, b, 0], near[0, a, b, 3]
            # A cell that much of the tail lies in, or something else, is better known from the mass in it.
            if log == -np.inf or (mass > 0.0 and bend > 1.0):
                near[0, a, b, 3] = -1.0
                logs[a, b] = math.log(mass) if mass > 0.0 else -np.inf
                continue
            log = log_mass_of(log, near[0, a, b, 1], near[0, a, b, 2], bend)
            most = math.log(max(2 * mass, _FAINT))
            if log > most:
                # So narrow a ridge that nothing could be told of it from the cell's middle.
                near[0, a, b, 1] = near[0, a, b, 2] = 0.0
                log = most
            rest = mass - thin[a, b]
            if rest > _MIXED * mass:
                near[0, a, b, 3] = -1.0
                log = math.log(mass) if rest > 0.5 * mass else max(log, math.log(mass))
            logs[a, b] = log
    for a in range(n):
        for b in range(n):
            if near[0, a, b, 3] < 0.0:
                tilts[a, b, 0], tilts[a, b, 1] = _tilt(logs, a, b, 0), _tilt(logs, a, b, 1)
            else:
                # The first slope that is followed is along u, and so along y.
                tilts[a, b, 0], tilts[a, b, 1] = near[0, a, b, 2], near[0, a, b, 1]


@compiled
def read_around(
    around: ndarray, far: ndarray, rim: ndarray, outside: float, masses: ndarray, logs: ndarray, tilts: ndarray
) -> None:
    """Find masses, log masses and tilts of the cells around the grid, and of all that lies beyond."""
    part, least, rest = 0, np.inf, outside
    for level in range(LEVELS):
        for a in range(SIDE):
            for b in range(SIDE):
                if not rim[a, b]:
                    continue
                mass, slope_u, slope_v = around[level, a, b], far[level, a, b, 1], far[level, a, b, 2]
                masses[part], rest = mass, rest - mass
                if mass > _SPARSE:
                    logs[part] = math.log(mass)
                elif far[level, a, b, 0] == -np.inf:
                    # Laid there from patches, and missed by the triangles: beside a fold.
                    logs[part] = math.log(mass) if mass > 0.0 else -np.inf
                else:
                    logs[part] = log_mass_of(far[level, a, b, 0], slope_u, slope_v, far[level, a, b, 3])
                    if logs[part] > math.log(_SPARSE):
                        logs[part], slope_u, slope_v = math.log(_SPARSE), 0.0, 0.0
                if level == LEVELS - 1:
                    least = min(least, logs[part])
                tilts[part, 0], tilts[part, 1] = slope_v, slope_u
                part += 1
    masses[part] = rest if rest > _SPARSE else 0.0
    logs[part] = math.log(rest) if rest > _SPARSE else least
    tilts[part] = 0.0
