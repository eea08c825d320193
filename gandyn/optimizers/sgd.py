"""Gradient descent."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from gandyn.core.catalog import PositiveFinite
from gandyn.optimizers.base import Decay, Optimizer, State

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent, with heavy-ball momentum if asked.

    References:
        Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """

    type: Literal["sgd"] = "sgd"
    lr: PositiveFinite = Field(1e-2, description="learning rate")
    momentum: Decay = 0.0

    @property
    def plain_rate(self) -> float | None:
        """The learning rate, unless there is momentum."""
        return None if self.momentum else self.lr

    def state(self, weights: Float[Tensor, "seed parameter"]) -> State:
        """Return the velocity, if there is momentum."""
        return {"velocity": torch.zeros_like(weights)} if self.momentum else {}

    def step(
        self, weights: Float[Tensor, "seed parameter"], gradient: Float[Tensor, "seed parameter"], state: State
    ) -> None:
        """Descend."""
        if self.momentum:
            gradient = state["velocity"].mul_(self.momentum).add_(gradient)
        weights.add_(gradient, alpha=-self.lr)

    def label(self) -> str:
        """Return the name as people write it."""
        return "SGD"
