"""Activations and their derivatives, by torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from gandyn.networks.mlp import ACTIVATIONS
from gandyn.rendering.explain.activation import Activation
from gandyn.rendering.explain.activation_page import ActivationFigure
from gandyn.rendering.explain.explanation import Explanation
from gandyn.rendering.theme import Theme
from gandyn.scenario.annotations import type_name
from gandyn.scenario.layers.base import Layer

__all__ = ["ActivationLayer", "Elu", "Gelu", "LeakyRelu", "Relu", "Sigmoid", "Silu", "Softplus", "Tanh"]

_REACH = 4.0
"""Activations are shown from minus this to this."""


class ActivationLayer(Layer):
    """A function that networks apply to every number, and its derivative, by which gradients are multiplied."""

    @property
    def function(self) -> Callable[[Tensor], Tensor]:
        """The function."""
        return ACTIVATIONS[type_name(type(self))]

    @property
    def heading(self) -> str:
        """What it is called."""
        return type_name(type(self))

    def picture(self) -> Activation:
        """Return its values and its derivative's, to be drawn."""
        x = torch.linspace(-_REACH, _REACH, 401, dtype=torch.float64, requires_grad=True)
        value = self.function(x)
        (slope,) = torch.autograd.grad(value.sum(), x)
        return Activation(self.heading, x.detach().numpy(), value.detach().numpy(), slope.numpy())

    def page(self, size: tuple[int, int], theme: Theme, big: bool = False, title: str = "") -> Explanation:
        """Return the picture of it."""
        return ActivationFigure(replace(self.picture(), title=title or self.heading), size, theme, big)


class Elu(ActivationLayer):
    """X, and exp(x) − 1 left of 0: it bends towards −1, and gradients fade there.

    References:
        Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs). D. Clevert and others, 2015.
    """

    type: Literal["elu"] = "elu"


class Gelu(ActivationLayer):
    """X times the chance that a standard normal number lies below x.

    References:
        Gaussian Error Linear Units (GELUs). D. Hendrycks, K. Gimpel, 2016.
    """

    type: Literal["gelu"] = "gelu"


class LeakyRelu(ActivationLayer):
    """Max(x, slope · x): left of 0 a part of the gradient passes.

    References:
        Rectifier Nonlinearities Improve Neural Network Acoustic Models. A. Maas, A. Hannun, A. Ng, 2013.
    """

    type: Literal["leaky_relu"] = "leaky_relu"
    slope: float = Field(0.2, ge=0, le=1, description="left of 0")

    @property
    def function(self) -> Callable[[Tensor], Tensor]:
        """The function."""
        return partial(functional.leaky_relu, negative_slope=self.slope)

    @property
    def heading(self) -> str:
        """What it is called."""
        return f"{super().heading}, slope {self.slope:g} left of 0"


class Relu(ActivationLayer):
    """Max(x, 0): left of 0 no gradient passes.

    References:
        Rectified Linear Units Improve Restricted Boltzmann Machines. V. Nair, G. Hinton, 2010.
    """

    type: Literal["relu"] = "relu"


class Sigmoid(ActivationLayer):
    """1 / (1 + exp(−x)): gradients are a quarter at most, and die at both ends."""

    type: Literal["sigmoid"] = "sigmoid"


class Silu(ActivationLayer):
    """X times its sigmoid, also called swish.

    References:
        Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning. S. Elfwing,
        E. Uchibe, K. Doya, 2017.
    """

    type: Literal["silu"] = "silu"


class Softplus(ActivationLayer):
    """Log(1 + exp(x)): relu without a corner; its derivative is the sigmoid."""

    type: Literal["softplus"] = "softplus"


class Tanh(ActivationLayer):
    """From −1 to 1: gradients pass near 0, and die at both ends."""

    type: Literal["tanh"] = "tanh"
