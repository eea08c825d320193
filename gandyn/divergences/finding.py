"""When a mode counts as found: rules that need no more than numbers, for pictures and tables."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["HIGH_QUALITY", "SHARE", "found"]

HIGH_QUALITY = 3.0
"""A point is of high quality within this many standard deviations of its nearest mode."""

SHARE = 0.25
"""A mode is found when the generator puts at least this share of the data's own mass there; on the line, captured."""


def found(mass: Float[ndarray, "*batch mode"], weights: Float[ndarray, " mode"]) -> Float[ndarray, "*batch"]:
    """Return how many modes hold `SHARE` of the data's share or more; NaN where the generator has diverged.

    What pictures and reports count. On the plane `Coverage.modes_captured`, one sample a mode as is published, is more
    than what a reader of a picture calls found.

    Args:
        mass: the generator's at each mode.
        weights: the modes' shares of the data.
    """
    with np.errstate(invalid="ignore"):
        there = (mass >= SHARE * weights).sum(axis=-1).astype(float)
    return np.where(np.isfinite(mass).all(axis=-1), there, np.nan)
