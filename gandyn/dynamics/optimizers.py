"""Optimizers: torch's own, element-wise, so that stacked seeds never mix."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal

import torch
from pydantic import Field, NonNegativeFloat, PositiveFloat
from torch import Tensor

from gandyn.catalog import Component

__all__ = ["SGD", "Adam", "Optimizer", "RMSprop"]

Decay = Annotated[float, Field(ge=0, lt=1)]


class Optimizer(Component):
    """A rule that turns gradients into steps."""

    lr: PositiveFloat = Field(1e-3, description="learning rate")

    @abstractmethod
    def build(self, parameter: Tensor) -> torch.optim.Optimizer:
        """Return the torch optimizer of one tensor of weights."""


class SGD(Optimizer):
    """Gradient descent, with heavy-ball momentum if asked.

    References:
        Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """

    type: Literal["sgd"] = "sgd"
    lr: PositiveFloat = Field(1e-2, description="learning rate")
    momentum: Decay = 0.0

    def build(self, parameter: Tensor) -> torch.optim.Optimizer:
        """Return torch.optim.SGD."""
        return torch.optim.SGD([parameter], lr=self.lr, momentum=self.momentum, fused=True)

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
    eps: PositiveFloat = 1e-8

    def build(self, parameter: Tensor) -> torch.optim.Optimizer:
        """Return torch.optim.Adam, fused."""
        return torch.optim.Adam([parameter], lr=self.lr, betas=self.betas, eps=self.eps, fused=True)

    def label(self) -> str:
        """Return the name as people write it."""
        return "Adam"


class RMSprop(Optimizer):
    """RMSprop.

    References:
        Tieleman and Hinton, "Lecture 6.5: rmsprop", 2012.
    """

    type: Literal["rmsprop"] = "rmsprop"
    alpha: Decay = 0.99
    eps: PositiveFloat = 1e-8
    momentum: NonNegativeFloat = 0.0

    def build(self, parameter: Tensor) -> torch.optim.Optimizer:
        """Return torch.optim.RMSprop."""
        return torch.optim.RMSprop([parameter], lr=self.lr, alpha=self.alpha, eps=self.eps, momentum=self.momentum)

    def label(self) -> str:
        """Return the name as people write it."""
        return "RMSprop"
