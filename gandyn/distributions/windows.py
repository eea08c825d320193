"""Windows that single precision, in which networks are trained, can tell places apart in."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["CURE", "check_window"]

# Windows narrower than this share of their distance from 0 have fewer than a thousand float32 numbers in them.
_LEAST_WINDOW = 1e-4
# Squares of lengths and densities on the plane are far from float32's ends (1e-38 and 3e38) between these.
_SIZES = (1e-14, 1e14)
CURE = "training is in single precision; centre or scale the data"


def check_window(window: Float[ndarray, "dim 2"], what: str) -> None:
    """Check that single precision resolves a window (low, high) of each coordinate.

    Args:
        window: its ends are finite, and in order.
        what: how to name it in complaints.

    Raises:
        ValueError: it is too small for its distance from 0, or has no ordinary size.
    """
    with np.errstate(over="ignore"):
        widths, furthest = np.ptp(window, axis=1), np.abs(window).max()
    if widths.min() < _LEAST_WINDOW * furthest:
        raise ValueError(f"{what} is {widths.min():.3g} wide but lies as far out as {furthest:.3g}: {CURE}")
    for width in widths:
        if not _SIZES[0] < width < _SIZES[1]:
            sizes = f"between {_SIZES[0]:g} and {_SIZES[1]:g}"
            raise ValueError(f"{what} is {width:.3g} wide, which is not {sizes}: {CURE}")
