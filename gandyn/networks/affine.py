"""The affine player: with it a GAN can be solved on paper, and training compared with the solution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from jaxtyping import Float
from pydantic import Field, FiniteFloat, PositiveInt, model_validator
from torch import Tensor

from gandyn.networks.stacked import Parameter, StackedNetwork

__all__ = ["Affine"]


class Affine(StackedNetwork):
    """x -> scale x + bias from given initial values, alike in every coordinate.

    With `powers` [1, 2] it is a x + b x^2 + bias with `scale` [a, b]: the discriminator that is optimal between two
    Gaussians. A Dirac-GAN is a generator of scale 0 that learns its bias against a discriminator of bias 0 that learns
    its scale.

    References:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018.
    """

    type: Literal["affine"] = "affine"
    scale: FiniteFloat | list[FiniteFloat] = Field(1.0, description="initial slope, or one coefficient a power")
    bias: FiniteFloat = 0.0
    powers: list[Annotated[PositiveInt, Field(le=100)]] = Field(
        [1], min_length=1, max_length=100, description="powers of x that have a coefficient"
    )
    learns: list[Literal["scale", "bias"]] = Field(["scale", "bias"], description="what training may change")

    @model_validator(mode="after")
    def _one_scale_a_power(self) -> Self:
        if isinstance(self.scale, list) and len(self.scale) != len(self.powers):
            raise ValueError(f"scale has {len(self.scale)} coefficients for {len(self.powers)} powers")
        return self

    def parameters(self, rng: np.random.Generator, inputs: int, outputs: int) -> list[Parameter]:
        """Return the coefficients (power * inputs, outputs) and the bias (1, outputs), the same for every seed."""
        scales = np.broadcast_to(np.asarray(self.scale, dtype=np.float64), (len(self.powers),))
        weight = np.concatenate([s * np.eye(inputs, outputs) for s in scales])
        return [
            Parameter(weight, "scale" in self.learns),
            Parameter(np.full((1, outputs), self.bias), "bias" in self.learns),
        ]

    def __call__(
        self, weights: Sequence[Float[Tensor, "seed ..."]], x: Float[Tensor, "seed batch inputs"]
    ) -> Float[Tensor, "seed batch outputs"]:
        """Apply the map."""
        weight, bias = weights
        parts = weight.chunk(len(self.powers), dim=1)
        return sum((x**power @ part for power, part in zip(self.powers, parts, strict=True)), start=bias)
