"""Exponential profiles: how mass lies within the image of a latent cell, and within a cell of the line.

A density that changes by a factor exp(tilt) from one end of an interval to the other is taken as exponential between:
exact where the generator is affine and the latent's density exponential, of second order everywhere else, positive
however steep, and the mass is kept.
"""

from __future__ import annotations

import math

from numpy import ndarray

from gandyn.core.jit import compiled

__all__ = ["STRAIGHT", "describe", "lay_profile"]

# Profiles with smaller tilts are drawn as straight lines, half a percent from exponentials.
STRAIGHT = 0.3
# The densities at a cell's edges describe it where they give its mass to this factor, as a logarithm.
_ALIKE = 0.3


@compiled
def lay_profile(
    low: float,
    high: float,
    first: int,
    last: int,
    mass: float,
    tilt: float,
    edges: ndarray,
    tails: int,
    masses: ndarray,
    heights: ndarray,
    moments: ndarray,
) -> None:
    """Lay one mass over [low, high], which begins in part `first` and ends in part `last`.

    Adds to the parts' masses, to the density at the edges between them, and to the first moments, from their nearer
    edge, of the parts beyond the window.
    """
    length, size, parts = high - low, abs(tilt), len(masses)
    per_length, density = 1.0 / length, mass / length
    steep = size >= STRAIGHT
    # What is left of the mass at the heavier end: at the lighter one, differences of what is reached would be lost.
    scale = 1.0 / (1.0 - math.exp(-size)) if steep else 1.0
    begin, left = 0.0, 0.0
    if steep:
        left = scale if tilt < 0 else scale - 1.0
    for part in range(first, last + 1):
        end = 1.0
        if part < last:
            end = min((edges[part] - low) * per_length, 1.0)
        if steep:
            now = scale * math.exp(-size * (end if tilt < 0 else 1.0 - end))
            height = size * now
        else:
            now = end + tilt / 2 * end * (end - 1.0)
            height = 1.0 + tilt * (end - 0.5)
        here = mass * abs(now - left)
        if part < last:
            heights[part] += density * height
        masses[part] += here
        if part < tails or part >= parts - tails:
            middle = low + length * (begin + (end - begin) * _mean(tilt * (end - begin)))
            moments[part] += here * (edges[part] - middle if part < tails else middle - edges[part - 1])
        begin, left = end, now


@compiled
def _mean(tilt: float) -> float:
    """Return the mean position of a profile's mass, as a fraction of its length."""
    size = abs(tilt)
    if size < STRAIGHT:
        return 0.5 + tilt / 12
    shrink = math.exp(-size)
    return 0.5 + math.copysign((1 + shrink) / (1 - shrink) / 2 - 1 / size, tilt)


@compiled
def describe(
    masses: ndarray,
    logs: ndarray,
    log_heights: ndarray,
    cover: ndarray,
    folds: ndarray,
    log_widths: ndarray,
    tilts: ndarray,
    past: ndarray,
) -> None:
    """Fill the tilts of all parts, and the logarithms of masses that are too light, from the densities at the edges.

    Args:
        masses: shape (row, part).
        logs: their logarithms, or a lower bound of those of masses of zero, which are raised to what the edges say.
        log_heights: logarithm of the density at each edge, shape (row, edge).
        cover: share of each part that is covered.
        folds: where in a part the generator turns back: see `lay`.
        log_widths: logarithms of the parts' lengths, but for the two endless ones.
        past: filled, for parts with a fold, with the logarithm of the mass that the part would have if all of it were
            as beyond the fold.
        tilts: filled; zero where the density at the edges does not describe the part: it may have a bump or a jump.
    """
    rows, parts = masses.shape
    for row in range(rows):
        tilts[row, 0] = tilts[row, parts - 1] = 0.0
        for k in range(1, parts - 1):
            low, high = log_heights[row, k - 1], log_heights[row, k]
            if folds[row, k] != 0.0:
                past[row, k] = (high if folds[row, k] > 0.0 else low) + log_widths[k - 1]
            tilt = high - low
            if not math.isfinite(tilt):
                tilts[row, k] = 0.0
                continue
            size = abs(tilt)
            implied = (low + high) / 2 + log_widths[k - 1]
            if size < STRAIGHT:
                implied += size * size / 24
            else:
                implied += size / 2 - math.log(size)
                if size < 40.0:
                    implied += math.log(1.0 - math.exp(-size))
            if masses[row, k] == 0.0:
                logs[row, k] = implied
            known = cover[row, k] == 1.0 and abs(implied - logs[row, k]) < _ALIKE
            tilts[row, k] = tilt if known else 0.0
