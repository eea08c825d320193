"""Resizing many images at once."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

__all__ = ["resized"]


def resized(
    pixels: UInt8[ndarray, "image channel height width"], size: int
) -> UInt8[ndarray, "image channel {size} {size}"]:
    """Return square images of another size, by antialiased bicubic resampling; the same if they have it already.

    The filter is as wide as the change of scale asks for, so that small images are averages of large ones, not picks
    of their pixels.

    References:
        On Aliased Resizing and Surprising Subtleties in GAN Evaluation (Parmar, Zhang, Zhu, 2022).
    """
    if pixels.shape[2:] == (size, size):
        return pixels
    return _wider(_wider(pixels, size).swapaxes(2, 3), size).swapaxes(2, 3)


def _wider(pixels: UInt8[ndarray, "image channel row column"], width: int) -> UInt8[ndarray, "image channel row width"]:
    # Rows do not mix where only the width changes, so one call does for all images under one another.
    from PIL import Image

    rows = Image.fromarray(np.ascontiguousarray(pixels).reshape(-1, pixels.shape[3]))
    changed = rows.resize((width, rows.height), Image.Resampling.BICUBIC)
    return np.asarray(changed).reshape(*pixels.shape[:3], width)
