"""Adam."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from gandyn.core.catalog import PositiveFinite
from gandyn.optimizers.base import Decay, Optimizer, State

__all__ = ["Adam"]


class Adam(Optimizer):
    """Adam.

    References:
        Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
    """

    type: Literal["adam"] = "adam"
    betas: tuple[Decay, Decay] = (0.5, 0.999)
    eps: PositiveFinite = 1e-8

    def state(self, weights: Float[Tensor, "seed parameter"]) -> State:
        """Return both moments and the count of steps."""
        zeros = torch.zeros_like(weights)
        return {"mean": zeros, "square": zeros.clone(), "steps": torch.zeros((), device=weights.device)}

    def step(
        self, weights: Float[Tensor, "seed parameter"], gradient: Float[Tensor, "seed parameter"], state: State
    ) -> None:
        """Descend along the ratio of the bias-corrected moments."""
        beta1, beta2 = self.betas
        state["steps"].add_(1)
        # What torch.optim.Adam(fused=True) calls: one pass over memory, where the formula written out makes seven.
        torch._fused_adam_(
            [weights],
            [gradient],
            [state["mean"]],
            [state["square"]],
            [],
            [state["steps"]],
            lr=self.lr,
            beta1=beta1,
            beta2=beta2,
            weight_decay=0.0,
            eps=self.eps,
            amsgrad=False,
            maximize=False,
        )

    def label(self) -> str:
        """Return the name as people write it."""
        return "Adam"
