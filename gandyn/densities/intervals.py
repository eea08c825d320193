"""The loop behind the pushforward on the line: the masses of latent cells, laid over the cells of the line."""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from gandyn.core.jit import compiled
from gandyn.densities.profiles import STRAIGHT, lay_profile
from gandyn.distributions.latent import Lattice

__all__ = ["lay", "prepared"]

# Natural logarithm of the smallest mass that is added up as it is; of lighter cells the log density is known instead.
_LIGHT = -650.0
# The generator's slope is taken to change by no more than this factor, as a logarithm, from a cell's middle to its end.
_STEEPEST = 1.0
# Folds of latents with less mass, as a logarithm, are too faint to be seen beside what else lies there.
_SEEN = -20.0
# A density that ends this share of a cell before its edge ends at the edge, but for rounding.
_TOUCHED = 1e-6


@compiled
def _log_add(a: float, b: float) -> float:
    """Return ln(exp(a) + exp(b))."""
    low, high = min(a, b), max(a, b)
    return high if low < high - 40.0 else high + math.log1p(math.exp(low - high))


@compiled
def _find(x: float, part: int, edges: ndarray) -> int:
    """Return the part that holds x, looked for from another one on."""
    while part < len(edges) and x >= edges[part]:
        part += 1
    while part > 0 and x < edges[part - 1]:
        part -= 1
    return part


@compiled
def _towards(cell: int, other: int, lengths: ndarray, slopes: ndarray, shares: ndarray) -> float:
    """Return the change of the log slope from a cell's middle to its end at a neighbour, on the same side of a fold."""
    if lengths[other] * lengths[cell] <= 0.0:
        return 0.0
    change = (slopes[other] - slopes[cell]) * shares[max(cell, other)]
    if other < cell:
        change = slopes[other] - slopes[cell] - change
    return min(max(change, -_STEEPEST), _STEEPEST)


def prepared(lattice: Lattice) -> tuple[ndarray, ndarray, ndarray]:
    """Return what `lay` need not find again for every row.

    Returns:
        How far towards the next cell's middle the end between them lies, counted from the cell before, shape (cell,);
        the parts' masses; and their log densities at the heavier ends, for a generator of slope one, shape (part,).
    """
    widths, lengths, sizes = np.diff(lattice.edges), np.diff(lattice.parts), np.abs(lattice.tilts)
    steep = np.maximum(sizes, STRAIGHT)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.concatenate([[0.0], widths[:-1] / (widths[:-1] + widths[1:])])
        rise = np.where(sizes > STRAIGHT, np.log(steep / -np.expm1(-steep)), sizes / 2)
        return shares, np.exp(lattice.log_masses), lattice.log_masses - np.log(lengths) + rise


@compiled
def lay(
    images: ndarray,
    slopes: ndarray,
    latent_edges: ndarray,
    first: ndarray,
    latents: ndarray,
    log_masses: ndarray,
    latent_tilts: ndarray,
    shares: ndarray,
    whole: ndarray,
    tops: ndarray,
    edges: ndarray,
    tails: int,
    masses: ndarray,
    logs: ndarray,
    heights: ndarray,
    log_heights: ndarray,
    cover: ndarray,
    folds: ndarray,
    reach: ndarray,
    flat: ndarray,
) -> None:
    """Lay the mass of every row's generator over the parts of the line, in order.

    What is filled has to be zero, or -inf where it is a logarithm; rows whose images are not finite are left so.

    Args:
        images: G at `latent_edges`, shape (row, edge).
        slopes: logarithm of the size of its slope in each cell, -inf where it is flat, shape (row, cell).
        latent_edges: see `Lattice`, as `first`, `latents` (its parts), `log_masses` and `latent_tilts`.
        first: where each latent cell's parts begin.
        latents: the ends of those parts.
        log_masses: their masses' logarithms.
        latent_tilts: change of the latent's log density across them.
        shares: see `prepared`, as `whole` and `tops`.
        whole: the parts' masses.
        tops: their log densities at the heavier ends.
        edges: the boundaries between the parts of the line.
        tails: number of parts below and above the window.
        masses: filled, shape (row, part).
        logs: filled with a lower bound of the logarithm of what is too light for `masses`.
        heights: filled with the density at each edge, shape (row, edge).
        log_heights: filled with its logarithm, where that is too light for `heights`.
        cover: filled with the share of each part between the ends of what lies in it, shape (row, part).
        folds: filled with where in a part the generator turns back, as the share of it that is covered: from the left
            or, if negative, from the right; 0 where it does not, or does more than once, shape (row, part).
        reach: filled with the integral over each part beyond the window of the mass further out, shape (row, 2, tail).
        flat: filled with the mass of flat stretches of several cells, which is none of `masses`, shape (row, part).
    """
    parts, cells = len(edges) + 1, len(latent_edges) - 1
    widths, lengths, moment, extent = np.empty(cells), np.empty(cells), np.empty(parts), np.empty((parts, 2))
    for cell in range(cells):
        widths[cell] = latent_edges[cell + 1] - latent_edges[cell]
    for row in range(len(images)):
        image, mass, log, slope = images[row], masses[row], logs[row], slopes[row]
        height, log_height = heights[row], log_heights[row]
        for k in range(parts):
            moment[k], extent[k, 0], extent[k, 1] = 0.0, math.inf, -math.inf
        if not np.isfinite(image).all():
            continue
        for cell in range(cells):
            lengths[cell] = image[cell + 1] - image[cell]
        part, rising = 0, 0.0
        for cell in range(cells):  # what begins flat lies on the side that it is left to
            if lengths[cell] != 0.0:
                rising = -lengths[cell]
                break
        for cell in range(cells):
            start, length = image[cell], lengths[cell]
            begin, stop = first[cell], first[cell + 1]
            part = _find(start, part, edges)
            target = _find(image[cell + 1], part, edges)
            if slope[cell] == -math.inf:
                here = whole[begin:stop].sum()
                alone = (cell == 0 or slope[cell - 1] > -math.inf) and (
                    cell == cells - 1 or slope[cell + 1] > -math.inf
                )
                if rising > 0.0 and part > 0 and start == edges[part - 1]:
                    part -= 1  # it has come from below, and no further than to the edge
                if alone:
                    mass[part] += here
                    log[part] = max(log[part], log_masses[begin])
                else:
                    flat[row, part] += here
                if part < tails:
                    moment[part] += here * (edges[part] - start)
                elif part >= parts - tails:
                    moment[part] += here * (start - edges[part - 1])
                extent[part, 0], extent[part, 1] = min(extent[part, 0], start), max(extent[part, 1], start)
                continue
            bend, rising = 0.0, length
            if stop - begin == 1 and cells > 2:
                if cell > 0:
                    bend -= _towards(cell, cell - 1, lengths, slope, shares)
                if cell < cells - 1:
                    bend += _towards(cell, cell + 1, lengths, slope, shares)
            elif part == target and (part == 0 or part == parts - 1):
                # All of it lies beyond the last edge: its heavier end is as much as need be known.
                nearer = begin if latent_edges[cell] >= 0.0 else stop - 1
                log[part] = max(log[part], log_masses[nearer])
                mass[part] += whole[begin:stop].sum()
                continue
            a = start
            for inner in range(begin, stop):
                b, other = image[cell + 1], target
                if inner + 1 < stop:
                    b = start + length * ((latents[inner + 1] - latent_edges[cell]) / widths[cell])
                    other = _find(b, part, edges)
                tilt = latent_tilts[inner] - bend
                low, high, lower, upper = a, b, part, other
                if length < 0.0:
                    low, high, lower, upper, tilt = b, a, other, part, -tilt
                if upper > lower and high == edges[upper - 1]:
                    upper -= 1
                extent[lower, 0], extent[upper, 1] = min(extent[lower, 0], low), max(extent[upper, 1], high)
                size = abs(tilt)
                if log_masses[inner] > _LIGHT:
                    light = whole[inner]
                    if lower == upper and tails <= lower < parts - tails:
                        mass[lower] += light
                    elif high > low:
                        lay_profile(low, high, lower, upper, light, tilt, edges, tails, mass, height, moment)
                    else:
                        mass[part] += light
                if log_masses[inner] - size < _LIGHT:
                    log[lower] = max(log[lower], log_masses[inner] - size)
                    log[upper] = max(log[upper], log_masses[inner] - size)
                    for edge in range(lower, upper):
                        t = (edges[edge] - low) / (high - low)
                        fall = size * (t if tilt < 0 else 1.0 - t)
                        log_height[edge] = _log_add(log_height[edge], tops[inner] - slope[cell] - fall)
                a, part = b, other
        for cell in range(1, cells):
            if lengths[cell - 1] * lengths[cell] < 0.0 and log_masses[first[cell]] > _SEEN:
                _fold(image[cell], lengths[cell] < 0.0, edges, folds[row])
        for k in range(parts):
            if abs(folds[row, k]) > 1.0:
                folds[row, k] = 0.0
        _cover(extent, height, log_height, edges, cover[row])
        _reach(moment, mass, flat[row], edges, tails, reach[row])


@compiled
def _fold(x: float, above: bool, edges: ndarray, folds: ndarray) -> None:
    """Note that the generator turns back at x, in its part: that all of the fold lies below x, or above it."""
    part = np.searchsorted(edges, x)
    if 0 < part < len(edges):
        share = (x - edges[part - 1]) / (edges[part] - edges[part - 1])
        mine = share if above else share - 1.0
        folds[part] = 2.0 if folds[part] != 0.0 else mine


@compiled
def _cover(extent: ndarray, height: ndarray, log_height: ndarray, edges: ndarray, cover: ndarray) -> None:
    """Fill the share of each part that is covered: all of it where there is density at both of its edges."""
    cover[:] = 1.0
    for k in range(1, len(edges)):
        left = height[k - 1] > 0.0 or log_height[k - 1] > -math.inf
        right = height[k] > 0.0 or log_height[k] > -math.inf
        if not (left and right):
            low, high = edges[k - 1] if left else extent[k, 0], edges[k] if right else extent[k, 1]
            share = (high - low) / (edges[k] - edges[k - 1])
            cover[k] = 1.0 if share > 1 - _TOUCHED else max(share, 0.0)


@compiled
def _reach(moment: ndarray, mass: ndarray, flat: ndarray, edges: ndarray, tails: int, reach: ndarray) -> None:
    """Fill the integral over each part beyond the window of the mass further out."""
    parts = len(mass)
    for side in range(2):
        further = 0.0
        for away in range(tails - 1, -1, -1):
            k = parts - tails + away if side else tails - 1 - away
            width = edges[k] - edges[k - 1] if 0 < k < parts - 1 else 0.0
            reach[side, away] = moment[k] + width * further
            further += mass[k] + flat[k]
