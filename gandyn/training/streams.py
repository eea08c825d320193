"""The batches of distributions: fresh samples for some seeds at every step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gandyn.core.streams import BLOCK, Purpose, stream
from gandyn.distributions.base import Distribution
from gandyn.games.base import Batch, Draw, Game

__all__ = ["Streams"]


class Streams:
    """The batches of some seeds, step by step."""

    def __init__(
        self,
        game: Game,
        data: Distribution,
        seeds: Sequence[int],
        batch_size: int,
        batches: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        """Draw `batches` batches of `batch_size` a step, as numbers of a type; of one sample if all are the same."""
        self._draws = {"real": Draw(Purpose.DATA, data.sample), **game.draws()}
        self._seeds, self._device, self._dtype = list(seeds), device, dtype
        self._batch_size, self._batches = 1 if data.constant and game.certain else batch_size, batches
        self._block, self._drawn = -1, dict[str, Tensor]()

    def batches(self, step: int) -> list[Batch]:
        """Return the batches of a step; those of one step are always the same."""
        block, place = divmod(step, BLOCK)
        if block != self._block:
            self._block, self._drawn = block, self._draw(block)
        return [{name: values[place, i] for name, values in self._drawn.items()} for i in range(self._batches)]

    def _draw(self, block: int) -> dict[str, Tensor]:
        shape = (BLOCK, self._batches, self._batch_size)
        count, drawn = int(np.prod(shape)), {}
        for name, draw in self._draws.items():
            parts = [draw.sample(stream(seed, draw.purpose, block), count) for seed in self._seeds]
            stacked = np.stack([part.reshape(*shape, *part.shape[1:]) for part in parts], axis=2)
            drawn[name] = torch.from_numpy(stacked).to(self._device, self._dtype)
        return drawn
