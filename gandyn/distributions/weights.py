"""Weights: how the mass of a distribution is shared among its parts."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from pydantic import Field

from gandyn.core.catalog import PositiveFinite

__all__ = ["Chooser", "Weights", "check_weights", "probabilities"]

Weights = Annotated[list[PositiveFinite] | None, Field(description="one per part, summing to one; equal if left out")]


def check_weights(weights: list[float] | None, count: int) -> None:
    """Raise ValueError unless there are `count` weights that sum to one (or none, for equal ones)."""
    if weights is None:
        return
    if len(weights) != count:
        raise ValueError(f"weights has {len(weights)} entries for {count} parts")
    if abs(sum(weights) - 1) > 1e-6:
        raise ValueError(f"weights must sum to one, not {sum(weights):.6g}")


def probabilities(weights: list[float] | None, count: int) -> Float[ndarray, " part"]:
    """Return the weights normalised in float64; equal ones where none are given."""
    given = np.ones(count) if weights is None else np.array(weights, dtype=np.float64)
    return given / given.sum()


class Chooser:
    """Draws the number of a part, in a time that does not grow with their count: inversion with a guide table.

    References:
        Chen, Asau, "On generating random variates from an empirical distribution", 1974.
    """

    def __init__(self, shares: Float[ndarray, " part"]) -> None:
        """Make the table; shares need not be normalised, and may be zero."""
        self._cdf = np.cumsum(shares) / np.sum(shares)
        self._cdf[self._cdf >= self._cdf[-1]] = np.inf
        self._guide = np.searchsorted(self._cdf, np.linspace(0, 1, 8 * len(shares), endpoint=False), side="right")

    def __call__(self, rng: np.random.Generator, count: int) -> Int[ndarray, " count"]:
        """Return the parts of `count` independent samples."""
        u = rng.random(count)
        part = self._guide.take((u * len(self._guide)).astype(np.intp))
        late = np.flatnonzero(self._cdf.take(part) <= u)
        part[late] = np.searchsorted(self._cdf, u[late], side="right")
        return part
