"""The bandwidth of kernel estimates: as narrow as lets samples of the data itself read as what they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy import ndimage

from gandyn.densities.cells import Partition
from gandyn.divergences.entropic import divergences

__all__ = ["REACH", "Bandwidth", "bandwidth"]

REACH = 12.0
"""Standard deviations at which the kernel is cut: it goes on to where float32 ends, so that a kernel estimate is zero
nowhere near its samples, and KL from it not infinite."""

# Resampling sees too little of the tails: fresh samples read up to 1.5 times as much (of 2,000 Gaussian points), and
# the limit for them is 0.02 nats.
_FLOOR = 0.0125
_DRAWS, _CELLS = 20, 48
_STEP = 1.1
_WIDEST = 2.5
"""Times Scott's bandwidth: of very few samples nothing would be left to be seen."""
# Of data so much more numerous than what is generated, more would add no noise that matters.
_MOST_TIMES = 8


class Bandwidth(NamedTuple):
    """How widely samples are smoothed.

    Attributes:
        std: of the Gaussian kernel.
        floor: the largest KL, in nats and either way, that a perfect generator read in twenty trials.
    """

    std: float
    floor: float


def bandwidth(places: Float[ndarray, "sample axis"], points: int, window: Float[ndarray, "axis 2"]) -> Bandwidth:
    """Return the bandwidth for the densities of data and generator, the same for both.

    Scott's rule is for one density that is looked at. A divergence between two estimates adds up the noise of both,
    most of all in their tails, and a perfect generator would read up to 0.08 nats. So the bandwidth grows from Scott's
    until resampled data, as many samples as there are and as many as are generated, read below 0.0125 nats, or until
    it is 2.5 times as large, as of a few hundred samples.

    Args:
        places: where the real samples lie.
        points: number of generated ones.
        window: what is looked at; what lies beyond it is one cell more.

    References:
        Scott, "Multivariate Density Estimation: Theory, Practice, and Visualization", 1992; Efron, "Bootstrap Methods:
        Another Look at the Jackknife", 1979.

    Example:
        >>> places = np.random.default_rng(0).normal(size=(5000, 2))
        >>> found = bandwidth(places, 1024, np.array([[-4.0, 4.0], [-4.0, 4.0]]))
        >>> found.std < 0.6, found.floor < 0.0125
        (True, True)
    """
    rng, (count, dim) = np.random.default_rng(0), places.shape
    stds = places.std(axis=0)
    # A coordinate in which the data have no spread says nothing of how near the samples lie in the others.
    stds = stds[stds > np.finfo(np.float64).eps * stds.max()] if stds.max() > 0 else np.ones(1)
    spread = float(np.exp(np.log(stds).mean()))
    widths = (window[:, 1] - window[:, 0]) / _CELLS

    def resampled(size: int) -> Float[ndarray, ...]:
        chosen = places[rng.integers(count, size=size)]
        return np.histogramdd(chosen, bins=_CELLS, range=window.tolist())[0] / size

    fewer = min(count, _MOST_TIMES * points)
    real, generated = (np.stack([resampled(size) for _ in range(_DRAWS)]) for size in (fewer, points))

    def worst(std: float) -> float:
        one, other = (Partition.of(_estimates(of, std / widths), 1 / points) for of in (real, generated))
        found = divergences(one, other)
        return float(max(found.kl.max(), found.reverse_kl.max()))

    scott = std = spread * points ** (-1 / (dim + 4))
    while (floor := worst(std)) >= _FLOOR and std * _STEP <= _WIDEST * scott:
        std *= _STEP
    return Bandwidth(std, floor)


def _estimates(shares: Float[ndarray, ...], stds: Float[ndarray, " axis"]) -> Float[ndarray, "trial part"]:
    """Return kernel estimates as masses of the cells, and of what lies beyond them."""
    for axis, std in enumerate(stds, 1):
        kernel = ndimage.gaussian_filter1d(np.eye(_CELLS), std, mode="constant", truncate=REACH)
        shares = np.moveaxis(np.moveaxis(shares, axis, -1) @ kernel, -1, axis)
    inside = shares.reshape(len(shares), -1)
    return np.concatenate([inside, np.maximum(1 - inside.sum(axis=1, keepdims=True), 0.0)], axis=1)
