"""What a network is: an architecture, and the same with weights for some seeds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gandyn.core.catalog import Component

__all__ = ["Apply", "Network", "Shape", "WeightedNetwork", "weights_in"]

Shape = tuple[int, ...]
"""Sizes of one event, without seed and batch: (dim,) of a point, (channel, height, width) of an image."""


Apply = Callable[..., Tensor]
"""From a batch (seed, batch, *event), and each sample's class where the network takes it, to a batch."""


def weights_in(precision: torch.dtype) -> torch.dtype:
    """Return what weights, and all that is reckoned from them, are kept in: single precision at least."""
    return torch.promote_types(precision, torch.float32)


class WeightedNetwork(ABC):
    """A network with weights, which lie in the flat array of the player that holds it.

    Attributes:
        flat: the weights, in float32 or float64; update them in place, the layers follow.
        batchwise: whether what it says of one sample depends on the others in the batch (batch normalisation): real
            and generated samples must then not be mixed in one batch.
    """

    flat: Float[Tensor, "seed parameter"]
    batchwise: bool = False

    @abstractmethod
    def move_to(self, flat: Float[Tensor, "seed parameter"]) -> None:
        """Copy the weights into another array, or a part of one, and live there from now on."""

    @property
    @abstractmethod
    def variables(self) -> Sequence[Tensor]:
        """The tensors that a loss is differentiated by."""

    @abstractmethod
    def gather(self, parts: Sequence[Tensor], out: Float[Tensor, "seed parameter"]) -> None:
        """Write what belongs to `variables`, one each, into a flat array; what is frozen gets zero."""

    @property
    @abstractmethod
    def trainable(self) -> Sequence[Float[Tensor, "seed ..."]]:
        """The weight arrays that training may change."""

    @abstractmethod
    def __call__(
        self, x: Float[Tensor, "seed batch *event"], label: Int[Tensor, "seed batch"] | None = None
    ) -> Float[Tensor, "seed batch *event"]:
        """Apply the network; a conditional one takes each sample's class as well."""

    def constant(
        self, x: Float[Tensor, "seed batch *event"], label: Int[Tensor, "seed batch"] | None = None
    ) -> Float[Tensor, "seed batch *event"]:
        """Apply the network with its weights as constants: only the input carries a graph."""
        return self(x, label)

    def at(self, flat: Float[Tensor, "row parameter"]) -> Apply:
        """Return the network as a function of inputs, with other weights, of any number of rows.

        Raises:
            NotImplementedError: it cannot be had apart from its weights.
        """
        raise NotImplementedError(f"{type(self).__name__} is not a function of its weights")

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
    def inference(self) -> Iterator[None]:
        """Look at the network without changing it: no gradients, evaluation mode."""
        with torch.no_grad(), self._evaluating():
            yield

    @contextmanager
    def batch_statistics(self) -> Iterator[None]:
        """In inference: normalise each batch by its own statistics, as in training, where the network does."""
        yield

    @contextmanager
    def virtual_batch_norm(
        self, x: Float[Tensor, "seed batch *event"], label: Int[Tensor, "seed batch"] | None = None
    ) -> Iterator[None]:
        """In inference: normalise by the statistics of a given batch, and not by those that lag behind.

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
    def weighted(
        self,
        streams: Sequence[np.random.Generator],
        inputs: Shape,
        outputs: Shape,
        device: torch.device,
        *,
        classes: int = 0,
        precision: torch.dtype = torch.float32,
    ) -> WeightedNetwork:
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
