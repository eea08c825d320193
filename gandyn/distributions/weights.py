"""Weights: how the mass of a distribution is shared among its parts."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field

from gandyn.catalog import PositiveFinite

__all__ = ["Weights", "check_weights", "pick", "probabilities"]

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


def pick(rng: np.random.Generator, shares: Float[ndarray, " part"], count: int) -> ndarray:
    """Draw the part of each of `count` samples, shape (count,)."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(count), side="right")
