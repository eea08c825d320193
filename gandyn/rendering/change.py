"""How much of what a recording shows changes from step to step: what an animation goes slower or faster by."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from gandyn.rendering.recording_view import RecordingView

__all__ = ["changes", "clean"]

_MOST = 400
"""Records that are looked at, evenly apart: the change between two of them is laid evenly on those in between."""

_NODES = {1: 48, 2: 16}
"""Nodes along an axis that a density's mass is laid on, by dimension; on single cells, caustics would tremble."""

_IMAGES = 16
"""Generated images that are looked at."""

_WINDOW = 4
"""Records on either side over which is averaged."""

_AROUND = 8
"""Records on either side over which noise is estimated."""

States = Float[np.ndarray, "record part"]
Sizes = Float[np.ndarray, " gap"]


def changes(view: RecordingView) -> Float[np.ndarray, " step"]:
    """Return by how much the picture changed from the first step shown up to each of them.

    For densities this is the sum of total variations between them, each laid on a few nodes, and what lies outside the
    window on one more; for images the mean change of their pixels; where there are no fields, that of the
    Jensen-Shannon divergence. Densities are freed of noise: what trembles about a mean counts for little, what moves
    counts.

    Returns:
        One number for each step shown; never falling, 0 at the first, all 0 where nothing is known.
    """
    indices = np.arange(view.begin, view.end)
    looked_at = np.unique([*indices[:: -(-len(indices) // _MOST)], view.end - 1])
    measure = next((found for needed, found in _MEASURES if view.has(needed)), None)
    if measure is None or len(looked_at) < 2:
        return np.zeros(len(indices))
    return np.interp(indices, looked_at, np.concatenate([[0.0], np.cumsum(measure(view, looked_at))]))


def clean(states: States) -> Sizes:
    """Return the total variation from each state to the next, without the part that is noise.

    Means over the states before and after take the place of two single states. How much these means still tremble
    follows from how far single states lie off the middle of their neighbours, which a steady movement leaves at zero;
    it is taken off in quadrature. Lost states (NaN) change nothing.
    """
    states = _filled(states)
    count = len(states)
    sums = np.concatenate([np.zeros((1, states.shape[1])), np.cumsum(states, axis=0)])
    middle = np.arange(1, count)
    low, high = np.maximum(middle - _WINDOW, 0), np.minimum(middle + _WINDOW, count)
    before, after = middle - low, high - middle
    gaps = (sums[high] - sums[middle]) / after[:, None] - (sums[middle] - sums[low]) / before[:, None]
    apart = (before + after) / 2
    tremor = _tremor(states)[1:] * np.sqrt(1.0 / before + 1.0 / after)
    return np.sqrt(np.maximum(_variation(gaps) ** 2 - tremor**2, 0.0)) / apart


def _tremor(states: States) -> Float[np.ndarray, " record"]:
    """Return how far states lie off their mean by chance, as total variation; the median over those around each."""
    if len(states) < 3:
        return np.zeros(len(states))
    off = _variation(states[1:-1] - (states[2:] + states[:-2]) / 2) / np.sqrt(1.5)
    wide = min(2 * _AROUND + 1, len(off))
    medians = np.median(np.lib.stride_tricks.sliding_window_view(off, wide), axis=1)
    return medians[np.clip(np.arange(len(states)) - 1 - wide // 2, 0, len(medians) - 1)]


def _variation(gaps: States) -> Float[np.ndarray, " record"]:
    return np.abs(gaps).sum(axis=1) / 2


def _filled(states: States) -> States:
    """Return states in which what is lost is what was there last."""
    good = np.isfinite(states).all(axis=1)
    if good.all() or not good.any():
        return np.where(good[:, None], states, 0.0)
    latest = np.maximum.accumulate(np.where(good, np.arange(len(states)), -1))
    return states[np.where(latest < 0, int(np.argmax(good)), latest)]


def _masses(view: RecordingView, indices: Int[np.ndarray, " record"]) -> States:
    """Return the generator's mass about a few nodes, and outside the window."""
    hats = [_hats(len(view.centres(axis)), _NODES[len(view.dims)]) for axis in range(len(view.dims))]
    rows = []
    for index in indices:
        mass = view.field("generator_density", int(index)) * view.cell
        for hat in hats:
            mass = np.tensordot(mass, hat, axes=(0, 0))
        rows.append(mass.ravel())
    inside = np.array(rows)
    return np.column_stack([inside, 1.0 - inside.sum(axis=1)])


def _hats(cells: int, nodes: int) -> Float[np.ndarray, "cell node"]:
    """Return what part of each cell's mass each node is given: the nearest two share it by their distance."""
    nodes = min(nodes, cells)
    place = np.linspace(0, nodes - 1, cells)
    return np.clip(1.0 - np.abs(place[:, None] - np.arange(nodes)), 0.0, None)


def _of_density(view: RecordingView, indices: Int[np.ndarray, " record"]) -> Sizes:
    """Return the total variation of the generator's density from each record to the next."""
    return clean(_masses(view, indices))


def _of_images(view: RecordingView, indices: Int[np.ndarray, " record"]) -> Sizes:
    """Return the mean change of generated images' pixels from each record to the next, from black to white as 1.

    Images seldom come to rest, and where they change without a direction that is what is to be seen: nothing is noise.
    """
    images = (view.images(int(index))[:_IMAGES].astype(float) / 255.0 for index in indices)
    return np.array([np.abs(after - before).mean() for before, after in pairwise(images)])


def _of_divergence(view: RecordingView, indices: Int[np.ndarray, " record"]) -> Sizes:
    """Return the change of the Jensen-Shannon divergence from each record to the next, in nats."""
    return clean(2.0 * view.scalars("js")[view.seed_index, indices, None])


_MEASURES: tuple[tuple[str, Callable[[RecordingView, Int[np.ndarray, " record"]], Sizes]], ...] = (
    ("samples", _of_images),
    ("generator_density", _of_density),
    ("js", _of_divergence),
)
"""What change is measured by, after what a recording must hold for that; the first that it does."""
