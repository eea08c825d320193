"""The batches of an image data set: every image at most once an epoch, in an order of the seed's own."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakValueDictionary

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from numpy import ndarray
from torch import Tensor

from gandyn.core.errors import UsageError
from gandyn.core.streams import BLOCK, Purpose, stream
from gandyn.datasets.base import ImageDataset
from gandyn.games.base import Batch, Game
from gandyn.training import distributed

__all__ = ["Shuffles", "scaled"]

_RESIDENT = 0.25
"""Part of a GPU's free memory that a data set may take; a larger one stays in pinned memory of the host."""
_placed: WeakValueDictionary[tuple[int, torch.device], Tensor] = WeakValueDictionary()
"""The pixels that somebody trains on now, by the array they were copied from and by device."""


def scaled(pixels: UInt8[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Return pixels 0 to 255 as numbers from -1 to 1, the range of a generator's tanh."""
    return pixels.float().mul_(2 / 255).sub_(1)


class Shuffles:
    """The batches of one seed, step by step; like all streams a function of the step alone."""

    def __init__(
        self,
        game: Game,
        data: ImageDataset,
        seeds: Sequence[int],
        batch_size: int,
        batches: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        """Cut each epoch's order into batches of `batch_size`, `batches` of which make a step; numbers are `dtype`.

        What is left of an epoch and fills no batch is not used in it.

        Raises:
            UsageError: there are fewer images than a batch holds, or fewer samples in it than processes.
            DataError: the images cannot be had.
        """
        (self._seed,), images = seeds, data.load()
        if len(images.pixels) < batch_size:
            raise UsageError(f"train.batch_size: {batch_size} are more than the {len(images.pixels)} images there are")
        if batch_size % distributed.world():
            raise UsageError(
                f"train.batch_size: {batch_size} cannot be split evenly over {distributed.world()} processes"
            )
        self._draws, self._device, self._dtype = game.draws(), device, dtype
        self._batch_size, self._batches = batch_size, batches
        self._images = images  # as long as it is held, no other array has its identity
        self._staged: Tensor | None = None
        self._copied: torch.cuda.Event | None = None
        if device.type == "cuda":
            resident = (id(images.pixels), device) in _placed
            free, _ = torch.cuda.mem_get_info(device)
            if not resident and images.pixels.nbytes > _RESIDENT * free:
                share = (batch_size // distributed.world(), *images.pixels.shape[1:])
                self._staged = torch.empty(share, dtype=torch.uint8, pin_memory=True)
        self._pixels = _on(images.pixels, device if self._staged is None else torch.device("cpu"))
        labels = images.labels if game.told_classes else None
        self._labels = None if labels is None else torch.tensor(labels, device=device)
        self._epoch, self._order = -1, np.empty(0, dtype=np.int64)
        self._block, self._drawn = -1, dict[str, Tensor]()

    def batches(self, step: int) -> list[Batch]:
        """Return the batches of a step; those of one step are always the same."""
        block, place = divmod(step, BLOCK)
        if block != self._block:
            self._draw(block)
        return [
            self._batch(max(step - 1, 0) * self._batches + i)
            | {name: values[place, i][None] for name, values in self._drawn.items()}
            for i in range(self._batches)
        ]

    def _draw(self, block: int) -> None:
        shape = (BLOCK, self._batches, self._batch_size)
        self._block = block
        for name, draw in self._draws.items():
            values = draw.sample(stream(self._seed, draw.purpose, block), int(np.prod(shape)))
            own = distributed.part(torch.from_numpy(values.reshape(*shape, *values.shape[1:])), 2)
            self._drawn[name] = own.to(self._device, self._dtype)

    def _batch(self, number: int) -> dict[str, Tensor]:
        epoch, place = divmod(number, len(self._pixels) // self._batch_size)
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = stream(self._seed, Purpose.DATA, epoch).permutation(len(self._pixels))
        chosen = torch.from_numpy(self._order[place * self._batch_size : (place + 1) * self._batch_size])
        chosen = distributed.part(chosen, 0)
        batch = {"real": scaled(self._gather(chosen))[None].to(self._dtype)}
        if self._labels is not None:
            batch["label"] = self._labels[chosen.to(self._labels.device)][None]
        return batch

    def _gather(self, chosen: Int[Tensor, " batch"]) -> UInt8[Tensor, "batch channel row column"]:
        if self._staged is None:
            return self._pixels[chosen.to(self._pixels.device)]
        if self._copied is not None:  # the batch before has to have left the pinned memory
            self._copied.synchronize()
        torch.index_select(self._pixels, 0, chosen, out=self._staged)
        gathered = self._staged.to(self._device, non_blocking=True)
        self._copied = torch.cuda.current_stream(self._device).record_event()
        return gathered


def _on(pixels: UInt8[ndarray, "image channel row column"], device: torch.device) -> UInt8[Tensor, "image ..."]:
    """Return pixels as a tensor on a device, the same one to all who ask while any of them keeps it."""
    tensor = _placed.get((id(pixels), device))
    if tensor is None:
        tensor = _placed[id(pixels), device] = torch.tensor(pixels, device=device)
    return tensor
