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
    from PIL import Image

    result = np.empty((*pixels.shape[:2], size, size), np.uint8)
    for image, channel in np.ndindex(pixels.shape[:2]):
        plane = Image.fromarray(pixels[image, channel])
        result[image, channel] = np.asarray(plane.resize((size, size), Image.Resampling.BICUBIC))
    return result
