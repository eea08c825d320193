"""RMSprop."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from gandyn.core.catalog import PositiveFinite
from gandyn.optimizers.base import Decay, Optimizer, State

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """RMSprop.

    References:
        Tieleman and Hinton, "Lecture 6.5: rmsprop", 2012.
    """

    type: Literal["rmsprop"] = "rmsprop"
    alpha: Decay = Field(0.99, description="decay of the mean square")
    eps: PositiveFinite = 1e-8

    def state(self, weights: Float[Tensor, "seed parameter"]) -> State:
        """Return the mean square."""
        return {"square": torch.zeros_like(weights)}

    def step(
        self, weights: Float[Tensor, "seed parameter"], gradient: Float[Tensor, "seed parameter"], state: State
    ) -> None:
        """Descend along the gradient over its root mean square."""
        square = state["square"].mul_(self.alpha).addcmul_(gradient, gradient, value=1 - self.alpha)
        weights.addcdiv_(gradient, square.sqrt().add_(self.eps), value=-self.lr)

    def label(self) -> str:
        """Return the name as people write it."""
        return "RMSprop"
