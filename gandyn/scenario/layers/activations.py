"""Activations and their derivatives, by torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from gandyn.errors import UsageError
from gandyn.networks.mlp import ACTIVATIONS
from gandyn.rendering.explain.activation import Activation
from gandyn.rendering.explain.activation_page import ActivationPage
from gandyn.rendering.explain.explanation import Explanation
from gandyn.rendering.theme import Theme
from gandyn.scenario.layers.base import Layer

__all__ = ["ActivationLayer", "LeakyRelu"]

_REACH = 4.0
"""Activations are shown from minus this to this."""


@dataclass(frozen=True)
class ActivationLayer(Layer):
    """A function that networks apply to every number, and its derivative, by which gradients are multiplied.

    Attributes:
        name: what the catalogue calls it.
    """

    name: str

    @property
    def function(self) -> Callable[[Tensor], Tensor]:
        """The function."""
        return ACTIVATIONS[self.name]

    def picture(self) -> Activation:
        """Return its values and its derivative's, to be drawn."""
        x = torch.linspace(-_REACH, _REACH, 401, dtype=torch.float64, requires_grad=True)
        value = self.function(x)
        (slope,) = torch.autograd.grad(value.sum(), x)
        return Activation(self._title(), x.detach().numpy(), value.detach().numpy(), slope.numpy())

    def _title(self) -> str:
        return self.name

    def page(self, size: tuple[int, int], theme: Theme, big: bool = False) -> Explanation:
        """Return the picture of it."""
        return ActivationPage(self.picture(), size, theme, big)


@dataclass(frozen=True)
class LeakyRelu(ActivationLayer):
    """Max(x, slope · x): left of 0 a part of the gradient passes.

    Attributes:
        slope: left of 0.

    References:
        Rectifier Nonlinearities Improve Neural Network Acoustic Models. A. Maas, A. Hannun, A. Ng, 2013.
    """

    slope: float = 0.2

    def __post_init__(self) -> None:
        if not 0.0 <= self.slope <= 1.0:
            raise UsageError(f"--slope {self.slope:g}: must lie between 0 and 1")

    @property
    def function(self) -> Callable[[Tensor], Tensor]:
        """The function."""
        return partial(functional.leaky_relu, negative_slope=self.slope)

    def _title(self) -> str:
        return f"{self.name}, slope {self.slope:g} left of 0"
