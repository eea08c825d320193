"""What a network is: a pure function of weights and inputs, with the seed axis in front of everything."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gandyn.catalog import Component

__all__ = ["Network", "Parameter", "views"]


class Parameter(NamedTuple):
    """One weight array of a network.

    Attributes:
        value: initial value for one seed.
        trainable: whether training may change it.
    """

    value: np.ndarray
    trainable: bool = True


class Network(Component):
    """An architecture without weights; `seed` independent copies run in one call.

    Weights live outside, in one flat array a seed, so that optimizers, snapshots and gradient norms see one tensor.
    """

    @abstractmethod
    def parameters(self, rng: np.random.Generator, inputs: int, outputs: int) -> list[Parameter]:
        """Draw the initial weights of one seed; shapes depend on the sizes alone."""

    @abstractmethod
    def __call__(
        self, weights: Sequence[Float[Tensor, "seed ..."]], x: Float[Tensor, "seed batch inputs"]
    ) -> Float[Tensor, "seed batch outputs"]:
        """Apply the network, weights in the order of `parameters`."""


def views(flat: Float[Tensor, "seed parameter"], shapes: Sequence[tuple[int, ...]]) -> list[Tensor]:
    """Cut flat weights into arrays (seed, *shape) that share their memory."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    return [
        part.unflatten(1, shape) if shape else part[:, 0]
        for part, shape in zip(torch.split(flat, sizes, dim=1), shapes, strict=True)
    ]
