"""Optimizers: element-wise, on the flat weights of all seeds at once, so that stacked seeds never mix.

They are tested to follow torch.optim, whose own classes cost several times the arithmetic on so small tensors, and a
second of imports before the first step.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from gandyn.core.catalog import Component, PositiveFinite

__all__ = ["SGD", "Adam", "Optimizer", "RMSprop"]

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
