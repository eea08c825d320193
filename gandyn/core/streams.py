"""Random streams: each seed has its own for weights, data, latents and whatever else is drawn, whatever it runs beside.

A stream is a function of (seed, purpose, block): nothing is carried from one block of steps to the next, so a run
resumes at any step without the state of a generator, and seed 7 alone draws what seed 7 among 64 draws.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

__all__ = ["BLOCK", "Purpose", "stream"]

BLOCK = 64
"""Steps drawn at once: drawing one at a time would cost more than training a small network."""


class Purpose(IntEnum):
    """What a stream is drawn for."""

    WEIGHTS = 0
    DATA = 1
    LATENT = 2
    MIX = 3
    LOOKING = 4


def stream(seed: int, purpose: Purpose = Purpose.WEIGHTS, block: int = 0) -> np.random.Generator:
    """Return the generator of one seed, purpose and block; by default the one that initial weights are drawn from."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence((seed, int(purpose), block))))
