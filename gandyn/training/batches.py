"""What a game is trained on, step by step: samples of a distribution for many seeds, or images of a set for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch

from gandyn.distributions.data import Data
from gandyn.games.base import Batch, Game
from gandyn.training.shuffles import Shuffles
from gandyn.training.streams import Streams

__all__ = ["Batches", "batches_of"]


class Batches(Protocol):
    """Batches by step."""

    def batches(self, step: int) -> list[Batch]:
        """Return the batches of a step; those of one step are always the same."""


def batches_of(
    game: Game,
    data: Data,
    seeds: Sequence[int],
    batch_size: int,
    batches: int,
    device: torch.device,
    dtype: torch.dtype,
) -> Batches:
    """Return what a game is trained on, `batches` batches of `batch_size` a step; of finite data for one seed.

    Numbers come as `dtype`. The same ones are drawn for all types, so runs differ by their arithmetic alone.

    Raises:
        UsageError: `batch_size` does not suit the data, or the processes that train together.
        DataError: the data cannot be had.
    """
    kind: Callable[..., Batches] = Shuffles if data.finite else Streams
    return kind(game, data, seeds, batch_size, batches, device, dtype)
