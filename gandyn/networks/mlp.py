"""The multilayer perceptron, stacked over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field, PositiveInt
from torch import Tensor
from torch.nn import functional

from gandyn.core.catalog import PositiveFinite
from gandyn.networks.stacked import Parameter, StackedNetwork

__all__ = ["ACTIVATIONS", "MLP"]

ACTIVATIONS = {
    "silu": functional.silu,
    "relu": functional.relu,
    "leaky_relu": lambda x: functional.leaky_relu(x, 0.2),
    "tanh": torch.tanh,
    "softplus": functional.softplus,
    "gelu": functional.gelu,
    "elu": functional.elu,
    "sigmoid": torch.sigmoid,
}
"""Activations, by the names that scenarios give them."""

# Where no gradient is wanted, an activation may write over what it is given: less memory to go through.
_IN_PLACE = {
    "silu": lambda x: functional.silu(x, inplace=True),
    "relu": torch.relu_,
    "leaky_relu": lambda x: functional.leaky_relu_(x, 0.2),
    "tanh": torch.tanh_,
    "elu": lambda x: functional.elu(x, inplace=True),
    "sigmoid": torch.sigmoid_,
}


def linear(
    weight: Float[Tensor, "seed inputs outputs"],
    bias: Float[Tensor, "seed 1 outputs"],
    x: Float[Tensor, "seed batch inputs"],
) -> Float[Tensor, "seed batch outputs"]:
    """Apply one dense layer a seed.

    In a stack, matrix products with a side of one are several times slower than the same arithmetic element by element,
    forwards and backwards, and on the line every network begins and ends with one. On the plane they end with two.
    """
    if weight.shape[0] > 1 and weight.shape[1] == 1:
        return torch.addcmul(bias, x, weight)
    if weight.shape[0] > 1 and weight.shape[2] == 1:
        return (x * weight.mT).sum(-1, keepdim=True) + bias
    if weight.shape[0] > 1 and weight.shape[2] < 8:
        return _Narrow.apply(x, weight) + bias
    return torch.baddbmm(bias, x, weight)


class _Narrow(torch.autograd.Function):
    """A stacked product with few columns, its factors laid out as the library multiplies them three times faster."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return torch.bmm(x, weight.mT.contiguous().mT)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        return torch.bmm(gradient, weight.mT), torch.bmm(gradient.mT, x).mT


class MLP(StackedNetwork):
    """Dense layers with an activation between them and a linear output.

    SiLU costs about what ReLU costs and has no corners, so a generator's density has no staircases.

    References:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010 (xavier);
        He et al., "Delving Deep into Rectifiers", 2015 (he); Saxe et al., "Exact solutions to the nonlinear dynamics of
        learning in deep linear neural networks", 2014 (orthogonal); Elfwing et al., "Sigmoid-Weighted Linear Units",
        2018 (SiLU).
    """

    type: Literal["mlp"] = "mlp"
    hidden: list[Annotated[PositiveInt, Field(le=65536)]] = Field(
        [32, 32], max_length=100, description="sizes of the hidden layers"
    )
    activation: Literal["silu", "relu", "leaky_relu", "tanh", "softplus", "gelu", "elu", "sigmoid"] = "silu"
    init: Annotated[
        Literal["uniform", "xavier", "he", "orthogonal", "normal"],
        Field(
            description="uniform is torch's own: weights and biases U(-1, 1) / sqrt(inputs); others have zero biases"
        ),
    ] = "uniform"
    gain: PositiveFinite = Field(1.0, description="factor on the initial weights; for `normal` their std")

    def parameters(self, rng: np.random.Generator, inputs: int, outputs: int) -> list[Parameter]:
        """Draw weights (inputs, outputs) and biases (1, outputs), layer by layer."""
        sizes = [inputs, *self.hidden, outputs]
        drawn = []
        for fan_in, fan_out in pairwise(sizes):
            drawn.append(Parameter(self.gain * self._weights(rng, fan_in, fan_out)))
            limit = fan_in**-0.5 if self.init == "uniform" else 0.0
            drawn.append(Parameter(rng.uniform(-limit, limit, (1, fan_out))))
        return drawn

    def _weights(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        shape = (fan_in, fan_out)
        if self.init == "normal":
            return rng.standard_normal(shape)
        if self.init == "he":
            return rng.standard_normal(shape) * np.sqrt(2 / fan_in)
        if self.init == "orthogonal":
            q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
            q = q * np.sign(np.diag(r))
            return q if fan_in >= fan_out else q.T
        limit = fan_in**-0.5 if self.init == "uniform" else np.sqrt(6 / (fan_in + fan_out))
        return rng.uniform(-limit, limit, shape)

    def __call__(
        self, weights: Sequence[Float[Tensor, "seed ..."]], x: Float[Tensor, "seed batch inputs"]
    ) -> Float[Tensor, "seed batch outputs"]:
        """Apply the layers."""
        activation = ACTIVATIONS[self.activation]
        if not torch.is_grad_enabled():
            activation = _IN_PLACE.get(self.activation, activation)
        for index in range(0, len(weights) - 2, 2):
            x = activation(linear(weights[index], weights[index + 1], x))
        return linear(weights[-2], weights[-1], x)
