"""What a network and a player are: an architecture, and its weights for some seeds as one flat array."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gandyn.core.catalog import Component

__all__ = ["Network", "Player", "Shape", "weights_in"]

Shape = tuple[int, ...]
"""Sizes of one event, without seed and batch: (dim,) of a point, (channel, height, width) of an image."""


def weights_in(precision: torch.dtype) -> torch.dtype:
    """Return what weights, and all that is reckoned from them, are kept in: single precision at least."""
    return torch.promote_types(precision, torch.float32)


class Player(ABC):
    """A network with weights: one flat array (seed, parameter) that optimizers, checkpoints and norms see.

    Attributes:
        flat: the weights, in float32 or float64; update them in place, the layers follow.
        gradient: the last gradient of this player's loss in its weights, same shape; zero at first.
        move: makes one step along `gradient`; set by whoever trains.
        batchwise: whether what it says of one sample depends on the others in the batch (batch normalisation): real
            and generated samples must then not be mixed in one batch.
    """

    flat: Float[Tensor, "seed parameter"]
    gradient: Float[Tensor, "seed parameter"]
    batchwise: bool = False

    def __init__(self) -> None:
        self.move: Callable[[], object] = lambda: None

    @property
    @abstractmethod
    def learnt(self) -> Sequence[Float[Tensor, "seed ..."]]:
        """The weight arrays that training may change."""

    @abstractmethod
    def __call__(
        self, x: Float[Tensor, "seed batch *event"], label: Int[Tensor, "seed batch"] | None = None
    ) -> Float[Tensor, "seed batch *event"]:
        """Apply the network; a conditional one takes each sample's class as well."""

    def held(
        self, x: Float[Tensor, "seed batch *event"], label: Int[Tensor, "seed batch"] | None = None
    ) -> Float[Tensor, "seed batch *event"]:
        """Apply the network with its weights as constants: only the input carries a graph."""
        return self(x, label)

    @abstractmethod
    def differentiate(self, loss: Float[Tensor, " seed"]) -> None:
        """Set `gradient` to that of each seed's own loss; frozen weights get zero."""

    def buffers(self) -> dict[str, Tensor]:
        """Return what the network carries from step to step besides weights, by name; the tensors themselves."""
        return {}

    @contextmanager
    def preserved(self) -> Iterator[None]:
        """Keep the buffers as they are, whatever the network is applied to for the while."""
        kept = {name: buffer.clone() for name, buffer in self.buffers().items()}
        try:
            yield
        finally:
            for name, buffer in self.buffers().items():
                buffer.copy_(kept[name])

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the network without changing it: no gradients, evaluation mode."""
        with torch.no_grad(), self._evaluating():
            yield

    @contextmanager
    def in_batches(self) -> Iterator[None]:
        """While it is watched: say of samples what it says in training, where that depends on the batch."""
        yield

    @contextmanager
    def settled(
        self, x: Float[Tensor, "seed batch *event"], label: Int[Tensor, "seed batch"] | None = None
    ) -> Iterator[None]:
        """While it is watched: normalise by the statistics of a given batch, and not by those that lag behind.

        References:
            Salimans, Goodfellow, Zaremba, Cheung, Radford and Chen, "Improved Techniques for Training GANs", 2016
            (virtual batch normalisation).
        """
        yield

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        yield


class Network(Component):
    """An architecture without weights."""

    @property
    def bounded(self) -> bool:
        """Whether its slope is bounded whatever its weights are."""
        return False

    @property
    def batchwise(self) -> bool:
        """Whether what it says of one sample depends on the others in the batch."""
        return False

    def fits(self, inputs: Shape, outputs: Shape) -> None:
        """Check that there is such a network between events of these shapes.

        Raises:
            ValueError: there is none, and why.
        """

    @abstractmethod
    def player(
        self,
        streams: Sequence[np.random.Generator],
        inputs: Shape,
        outputs: Shape,
        device: torch.device,
        *,
        classes: int = 0,
        precision: torch.dtype = torch.float32,
    ) -> Player:
        """Return the network with fresh weights, one set drawn from each seed's own stream.

        Args:
            streams: one a seed.
            inputs: of one event that goes in.
            outputs: of one that comes out; where that is an image its values lie in [-1, 1].
            device: where the weights live.
            classes: how many there are, of a network that is told each sample's class; 0 where it is not.
            precision: of the arithmetic; less than single precision holds for layers that allow for it, and never for
                weights.
        """
