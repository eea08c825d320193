"""Stacked networks: pure functions of weights and inputs, `seed` independent copies of which run in one call."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from gandyn.networks.base import Apply, Network, Shape, WeightedNetwork, weights_in

__all__ = ["Parameter", "StackedNetwork", "StackedWeights", "views"]


class Parameter(NamedTuple):
    """One weight array of a network.

    Attributes:
        value: initial value for one seed.
        trainable: whether training may change it.
    """

    value: np.ndarray
    trainable: bool = True


class StackedNetwork(Network):
    """An architecture whose weights live outside, in one flat array a seed."""

    @abstractmethod
    def parameters(self, rng: np.random.Generator, inputs: int, outputs: int) -> list[Parameter]:
        """Draw the initial weights of one seed; shapes depend on the sizes alone."""

    @abstractmethod
    def __call__(
        self, weights: Sequence[Float[Tensor, "seed ..."]], x: Float[Tensor, "seed batch inputs"]
    ) -> Float[Tensor, "seed batch outputs"]:
        """Apply the network, weights in the order of `parameters`."""

    def weighted(  # noqa: D102 - as in the base
        self,
        streams: Sequence[np.random.Generator],
        inputs: Shape,
        outputs: Shape,
        device: torch.device,
        *,
        classes: int = 0,
        precision: torch.dtype = torch.float32,
    ) -> StackedWeights:
        sizes = int(np.prod(inputs)) + classes, int(np.prod(outputs))
        initial = [self.parameters(rng, *sizes) for rng in streams]
        return StackedWeights(self, initial, device, outputs, classes, weights_in(precision))


class StackedWeights(WeightedNetwork):
    """A stacked network with weights, and the layers' views into them.

    Attributes:
        network: the architecture.
        shapes: of the weight arrays, without the seed axis.
    """

    def __init__(
        self,
        network: StackedNetwork,
        initial: Sequence[Sequence[Parameter]],
        device: torch.device,
        outputs: Shape = (1,),
        classes: int = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Stack the initial weights of each seed."""
        first = initial[0]
        self.network = network
        self.shapes = [parameter.value.shape for parameter in first]
        rows = [np.concatenate([parameter.value.ravel() for parameter in seed]) for seed in initial]
        self._frozen = [not parameter.trainable for parameter in first]
        self._outputs, self._classes = outputs, classes
        mask = np.concatenate([np.full(parameter.value.size, parameter.trainable) for parameter in first])
        self._mask = None if mask.all() else torch.tensor(mask, dtype=dtype, device=device)
        self._cut(torch.tensor(np.stack(rows), dtype=dtype, device=device))

    def _cut(self, flat: Float[Tensor, "seed parameter"]) -> None:
        """Have the layers' weights in a flat array, as they stand there."""
        self.flat = flat
        self._weights = [view.detach().requires_grad_() for view in views(flat, self.shapes)]
        self._constants = [weight.detach() for weight in self._weights]

    def move_to(self, flat: Float[Tensor, "seed parameter"]) -> None:  # noqa: D102
        self._cut(flat.copy_(self.flat))

    @property
    def variables(self) -> Sequence[Tensor]:  # noqa: D102
        return self._weights

    @property
    def trainable(self) -> Sequence[Float[Tensor, "seed ..."]]:  # noqa: D102
        return [weight for weight, frozen in zip(self._weights, self._frozen, strict=True) if not frozen]

    def __call__(  # noqa: D102
        self, x: Float[Tensor, "seed batch *event"], label: Int[Tensor, "seed batch"] | None = None
    ) -> Float[Tensor, "seed batch *event"]:
        return self._applied(self._weights, x, label)

    def constant(  # noqa: D102
        self, x: Float[Tensor, "seed batch *event"], label: Int[Tensor, "seed batch"] | None = None
    ) -> Float[Tensor, "seed batch *event"]:
        return self._applied(self._constants, x, label)

    def at(self, flat: Float[Tensor, "row parameter"]) -> Apply:  # noqa: D102
        return partial(self._applied, views(flat, self.shapes))

    def _applied(self, weights: Sequence[Tensor], x: Tensor, label: Tensor | None = None) -> Tensor:
        x = x.to(self.flat.dtype)
        if x.ndim > 3:
            x = x.flatten(2)
        if label is not None:
            x = torch.cat([x, functional.one_hot(label, self._classes).to(x.dtype)], dim=2)
        out: Tensor = self.network(weights, x)
        # Of images the last layer is squashed to their range.
        return out if len(self._outputs) == 1 else out.tanh().unflatten(2, self._outputs)

    def gather(self, parts: Sequence[Tensor], out: Float[Tensor, "seed parameter"]) -> None:  # noqa: D102
        torch.cat([part.flatten(1) for part in parts], dim=1, out=out)
        if self._mask is not None:
            out.mul_(self._mask)


def views(flat: Float[Tensor, "seed parameter"], shapes: Sequence[tuple[int, ...]]) -> list[Tensor]:
    """Cut flat weights into arrays (seed, *shape) that share their memory."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    return [
        part.unflatten(1, shape) if shape else part[:, 0]
        for part, shape in zip(torch.split(flat, sizes, dim=1), shapes, strict=True)
    ]
