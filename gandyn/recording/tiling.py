"""Images side by side on one sheet."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

__all__ = ["tiled"]


def tiled(
    images: UInt8[ndarray, "sample channel row column"], gap: int, fill: int
) -> UInt8[ndarray, "channel height width"]:
    """Return images in as many columns as rows, or one more, with a thin line between them.

    Args:
        images: what is shown, row by row.
        gap: width of the line in pixels.
        fill: its value, and that of places without an image.
    """
    count, channels, height, width = images.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    size = (channels, rows * (height + gap) - gap, columns * (width + gap) - gap)
    sheet = np.full(size, fill, dtype=np.uint8)
    for number, image in enumerate(images):
        top, left = (number // columns) * (height + gap), (number % columns) * (width + gap)
        sheet[:, top : top + height, left : left + width] = image
    return sheet
