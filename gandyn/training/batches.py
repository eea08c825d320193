"""What a game is trained on, step by step: samples of a law for many seeds, or images of a set for one."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from gandyn.datasets.base import ImageDataset
from gandyn.games.gan import Game
from gandyn.training.shuffles import Shuffles
from gandyn.training.streams import Streams

__all__ = ["streams_of"]


def streams_of(
    game: Game,
    seeds: Sequence[int],
    batch_size: int,
    batches: int,
    device: torch.device,
    dtype: torch.dtype,
) -> Streams | Shuffles:
    """Return the streams of a game's data, `batches` batches of `batch_size` a step; images are for one seed.

    Numbers come as `dtype`. The same ones are drawn for all types, so runs differ by their arithmetic alone.

    Raises:
        UsageError: `batch_size` does not suit the images, or the processes that train together.
        DataError: the images cannot be had.
    """
    if not isinstance(game.data, ImageDataset):
        return Streams(game, seeds, batch_size, batches, device, dtype)
    (seed,) = seeds
    return Shuffles(game, game.data.load(), seed, batch_size, batches, device, dtype)
