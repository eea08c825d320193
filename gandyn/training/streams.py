"""Random streams: each seed has its own for weights, data, latents and mixing, whatever it is trained beside.

A stream is a function of (seed, purpose, block): nothing is carried from one block of steps to the next, so a run
resumes at any step without the state of a generator, and seed 7 alone draws what seed 7 among 64 draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import torch

from gandyn.distributions.base import Distribution
from gandyn.games.gan import Batch, Game

__all__ = ["BLOCK", "Purpose", "Streams", "stream"]

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


class Streams:
    """The batches of some seeds, step by step."""

    def __init__(
        self,
        game: Game,
        seeds: Sequence[int],
        batch_size: int,
        batches: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        """Draw `batches` batches of `batch_size` a step, as numbers of a type; of one sample if all are the same."""
        assert isinstance(game.data, Distribution)
        self._game, self._data, self._seeds = game, game.data, list(seeds)
        self._device, self._dtype = device, dtype
        mixed = any(regularizer.mixes for regularizer in game.regularizers)
        certain = game.data.constant and game.latent.constant and not mixed
        self._batch_size, self._batches = 1 if certain else batch_size, batches
        self._block, self._drawn = -1, Batch(torch.empty(0), torch.empty(0), torch.empty(0))

    def batches(self, step: int) -> list[Batch]:
        """Return the batches of a step; those of one step are always the same."""
        block, place = divmod(step, BLOCK)
        if block != self._block:
            self._block, self._drawn = block, self._draw(block)
        real, latent, mix, _ = self._drawn
        return [Batch(real[place, i], latent[place, i], mix[place, i]) for i in range(self._batches)]

    def _draw(self, block: int) -> Batch:
        count = BLOCK * self._batches * self._batch_size
        shape = (BLOCK, self._batches, self._batch_size)
        real, latent, mix = [], [], []
        for seed in self._seeds:
            real.append(self._data.sample(stream(seed, Purpose.DATA, block), count).reshape(*shape, -1))
            latent.append(self._game.latent.sample(stream(seed, Purpose.LATENT, block), count).reshape(*shape, -1))
            mix.append(stream(seed, Purpose.MIX, block).random(shape, dtype=np.float32))
        stacked = (torch.from_numpy(np.stack(part, axis=2)) for part in (real, latent, mix))
        return Batch(*(part.to(self._device, self._dtype) for part in stacked))
