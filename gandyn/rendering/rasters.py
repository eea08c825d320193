"""Small images made larger: every pixel a crisp square, or, where squares are not of whole pixels, its exact area."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float, UInt8

__all__ = ["resample"]


@lru_cache(maxsize=64)
def _shares(points: int, wanted: int) -> Float[np.ndarray, "wanted point"]:
    """Return what part of each wanted pixel lies on each of the given ones, over the same length."""
    low = np.arange(wanted)[:, None] * (points / wanted)
    near = np.arange(points)
    over = np.minimum(low + points / wanted, near + 1) - np.maximum(low, near)
    return (np.maximum(over, 0.0) * (wanted / points)).astype(np.float32)


def resample(
    pixels: UInt8[np.ndarray, "row column *channel"], rows: int, columns: int
) -> UInt8[np.ndarray, "rows columns *channel"]:
    """Return an image in another number of pixels.

    By whole factors every pixel is repeated; else each new pixel is the mean of what it covers of the old ones, so that
    edges stay within one pixel of where they were and lines as thin as a pixel do not vanish.

    Args:
        pixels: grey or colour.
        rows: how many there are to be instead.
        columns: likewise.
    """
    found = pixels
    for axis, wanted in enumerate((rows, columns)):
        points = found.shape[axis]
        if wanted % points == 0:
            found = np.repeat(found, wanted // points, axis=axis)
        else:
            mixed = np.tensordot(_shares(points, wanted), found.astype(np.float32), axes=(1, axis))
            found = np.moveaxis(mixed, 0, axis)
    return found if found.dtype == np.uint8 else np.round(found).astype(np.uint8)
