"""Which of the recorded seeds and steps is meant."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from gandyn.core.errors import UsageError

__all__ = ["find_seed", "nearest_steps"]


def find_seed(seeds: list[int], seed: int | None) -> int:
    """Return the index of a seed (the first where none is named).

    Raises:
        UsageError: the recording has no such seed.
    """
    if seed is None:
        return 0
    if seed not in seeds:
        known = ", ".join(map(str, seeds[:12])) + (", ..." if len(seeds) > 12 else "")
        raise UsageError(f"the recording has no seed {seed} (recorded: {known})")
    return seeds.index(seed)


def nearest_steps(recorded: Int[np.ndarray, " step"], wanted: list[int]) -> list[int]:
    """Return the indices of the recorded steps nearest to those wanted."""
    return [int(np.argmin(np.abs(recorded - step))) for step in wanted]
