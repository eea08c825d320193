"""Small images made larger: every pixel a crisp square, or, where squares are not of whole pixels, its exact area."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8

__all__ = ["resample"]


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
            found = np.moveaxis(_means(np.moveaxis(found, axis, 0).astype(np.float32), wanted), 0, axis)
    return found if found.dtype == np.uint8 else (found + np.float32(0.5)).astype(np.uint8)


def _means(values: Float[np.ndarray, "point ..."], wanted: int) -> Float[np.ndarray, "wanted ..."]:
    """Return means over equal parts of the first axis: differences of its integral at their ends."""
    points = len(values)
    edges = np.arange(wanted + 1) * (points / wanted)
    whole = np.minimum(edges.astype(np.intp), points - 1)
    integral = np.zeros((points + 1, *values.shape[1:]), np.float32)
    np.cumsum(values, axis=0, out=integral[1:])
    part = (edges - whole).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(np.diff(integral[whole] + part * values[whole], axis=0) * np.float32(wanted / points))
