"""Optimizers: element-wise, on the flat weights of all seeds at once, so that stacked seeds never mix.

They are tested to follow torch.optim, whose own classes cost several times the arithmetic on so small tensors, and a
second of imports before the first step.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from gandyn.core.catalog import Component, PositiveFinite

__all__ = ["Decay", "Optimizer", "State"]

Decay = Annotated[float, Field(ge=0, lt=1)]
State = dict[str, Tensor]


class Optimizer(Component):
    """A rule that turns gradients into steps; what it remembers is a dict of tensors."""

    lr: PositiveFinite = Field(1e-3, description="learning rate")

    @property
    def plain_rate(self) -> float | None:
        """What the gradient is multiplied by, where a step is nothing else; None elsewhere."""
        return None

    @abstractmethod
    def state(self, weights: Float[Tensor, "seed parameter"]) -> State:
        """Return what is remembered before the first step."""

    @abstractmethod
    def step(
        self, weights: Float[Tensor, "seed parameter"], gradient: Float[Tensor, "seed parameter"], state: State
    ) -> None:
        """Move the weights in place, and the state with them."""
