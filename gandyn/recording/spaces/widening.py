"""How far the window goes beyond the data's own, so that an untrained generator is seen where it begins."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["widened"]

_WORTH = 0.02
"""Part of what is generated that may lie outside before the window is widened."""

_EDGE = 0.01
"""Part that may stay beyond either end of a window that is."""

_MOST = 0.5
"""What is added at both ends together at most, in parts of the data's window: the data must not become small in it."""

_STEP = 0.1
"""Parts of the data's window by which an end is moved: windows do not depend on the last digits of a network."""


def widened(extent: Float[ndarray, "dim 2"], samples: Float[ndarray, "point dim"]) -> Float[ndarray, "dim 2"]:
    """Return a window that holds nearly all of some samples too, within reason; as it is where it does already.

    Args:
        extent: the ends of the data's window along each coordinate.
        samples: what untrained generators make; those that are not finite are left out.
    """
    samples = samples[np.isfinite(samples).all(axis=1)]
    inside = ((samples >= extent[:, 0]) & (samples <= extent[:, 1])).all(axis=1)
    if not len(samples) or 1 - inside.mean() <= _WORTH:
        return extent
    low, high = np.quantile(samples, (_EDGE, 1 - _EDGE), axis=0)
    width = np.ptp(extent, axis=1)
    needed = np.stack([extent[:, 0] - low, high - extent[:, 1]], axis=1) / width[:, None]
    steps = np.ceil(np.clip(needed, 0.0, 1e6) / _STEP)
    whole = round(_MOST / _STEP)
    total = steps.sum(axis=1, keepdims=True)
    # Where both ends ask for more than there is, each has its part of it.
    steps = np.where(total > whole, np.floor(steps * whole / np.maximum(total, 1.0)), steps)
    return extent + width[:, None] * _STEP * steps * np.array([-1.0, 1.0])
