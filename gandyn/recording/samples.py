"""Real samples as they were handed over: images as bytes, or numbers of any shape; and the latents to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from gandyn.training.shuffles import scaled

__all__ = ["Latents", "RealSamples", "as_bytes"]


@dataclass(frozen=True)
class RealSamples:
    """Real samples.

    Attributes:
        values: shape (sample, *event); bytes 0 to 255 stand for numbers from -1 to 1.
        labels: class of each sample, shape (sample,); None where there are none.
        conditions: what each sample was made from or goes with, where that is no class: the input of a pair, say; shape
            (sample, ...).
    """

    values: ndarray
    labels: Int[ndarray, " sample"] | None = None
    conditions: ndarray | None = None

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.values)

    @property
    def told(self) -> Int[ndarray, " sample"]:
        """What a discriminator that is told more than the sample is told of each: its class, else its own number."""
        return np.arange(len(self)) if self.labels is None else self.labels

    def tensor(self, chosen: Int[ndarray, " index"] | slice) -> Float[Tensor, " index *event"]:
        """Return some samples as numbers."""
        return _numbers(self.values[chosen])

    def condition(self, chosen: Int[ndarray, " index"] | slice) -> Float[Tensor, "index ..."]:
        """Return what some samples go with, as numbers."""
        assert self.conditions is not None
        return _numbers(self.conditions[chosen])

    def flat(self, chosen: Int[ndarray, " index"] | slice) -> Float[ndarray, "index dim"]:
        """Return some samples as vectors."""
        return self.tensor(chosen).flatten(1).numpy()

    def spread(self, count: int) -> Int[ndarray, " index"]:
        """Return the indices of at most `count` samples, evenly spread: of data sorted by class some of each."""
        return np.linspace(0, len(self) - 1, min(count, len(self))).round().astype(np.int64)


@dataclass(frozen=True)
class Latents:
    """Fixed inputs of a generator.

    Attributes:
        parts: its arguments, each of shape (sample, ...).
        labels: the classes the samples are to have, shape (sample,), where the generator is asked for classes.
        told: what the discriminator is told of each sample, as `RealSamples.told`; None where it is told nothing.
        targets: the real samples that each is to become, by index, where these are known.
    """

    parts: tuple[Tensor, ...]
    labels: Int[Tensor, " sample"] | None = None
    told: Int[Tensor, " sample"] | None = None
    targets: Int[Tensor, " sample"] | None = None

    def __len__(self) -> int:
        """Return how many samples they make."""
        return len(self.parts[0])

    def batches(self, size: int) -> Iterator[tuple[Tensor, ...]]:
        """Yield the arguments for some samples at a time."""
        return zip(*(part.split(size) for part in self.parts), strict=True)


def _numbers(values: ndarray) -> Tensor:
    # Not torch.tensor: somebody may have set another device as the default.
    part = torch.from_numpy(np.array(values))
    return scaled(part) if part.dtype == torch.uint8 else part.float()


def as_bytes(images: Float[Tensor, "*batch"], low: float = -1.0, high: float = 1.0) -> ndarray:
    """Return images with values from `low` to `high` as bytes, cut where they leave that range."""
    part = (images.detach().float() - low) * (255 / (high - low))
    return part.nan_to_num(0.0).round().clamp(0, 255).to(torch.uint8).cpu().numpy()
