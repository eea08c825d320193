"""Where the mass of a distribution stands out: its modes, and the points that have mass of their own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Atoms", "Modes"]


class Modes(NamedTuple):
    """The places where a density is highest, and how wide it is there.

    Attributes:
        points: positions, shape (mode, dim).
        stds: standard deviation of the bump at each mode, shape (mode,); a sample is of high quality within three. Zero
            where the mode is a point.
        weights: each mode's share of the mass of the data, shape (mode,); they sum to one.
    """

    points: Float[ndarray, "mode dim"]
    stds: Float[ndarray, " mode"]
    weights: Float[ndarray, " mode"]

    @classmethod
    def none(cls, dim: int) -> Modes:
        """Return no modes: for distributions without bumps."""
        return cls(np.empty((0, dim)), np.empty(0), np.empty(0))


class Atoms(NamedTuple):
    """The points that carry mass of their own, where there is no density.

    Attributes:
        points: positions, shape (atom, dim).
        weights: mass of each, shape (atom,); what they leave of one has a density.
    """

    points: Float[ndarray, "atom dim"]
    weights: Float[ndarray, " atom"]
