"""Random Fourier features below a multilayer perceptron: detail is learnt everywhere alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float
from pydantic import Field, PositiveInt
from torch import Tensor

from gandyn.core.catalog import PositiveFinite
from gandyn.networks.mlp import MLP, linear
from gandyn.networks.stacked import Parameter

__all__ = ["Fourier"]


class Fourier(MLP):
    """An `mlp` that sees its input through cosines of random frequencies, which are drawn once and never learnt.

    The bends of a fresh MLP all lie near the origin, and steep ones are learnt last; cosines bend everywhere alike, and
    `frequency` says how finely: about one over the width of the smallest detail of what is to be learnt.

    References:
        Tancik, Srinivasan, Mildenhall, Fridovich-Keil, Raghavan, Singhal, Ramamoorthi, Barron and Ng, "Fourier
        Features Let Networks Learn High Frequency Functions in Low Dimensional Domains", 2020; Rahimi and Recht,
        "Random Features for Large-Scale Kernel Machines", 2007.
    """

    type: Literal["fourier"] = "fourier"  # type: ignore[assignment]
    waves: PositiveInt = Field(64, le=65536, description="number of cosines")
    frequency: PositiveFinite = Field(
        2.0, description="standard deviation of each coordinate's frequencies, in radians per unit of the input"
    )

    def parameters(self, rng: np.random.Generator, inputs: int, outputs: int) -> list[Parameter]:
        """Draw frequencies (inputs, waves) and phases (1, waves), neither trainable, then the weights of the MLP."""
        frequencies = self.frequency * rng.standard_normal((inputs, self.waves))
        phases = rng.uniform(0, 2 * np.pi, (1, self.waves))
        fixed = [Parameter(frequencies, trainable=False), Parameter(phases, trainable=False)]
        return [*fixed, *super().parameters(rng, self.waves, outputs)]

    def __call__(
        self, weights: Sequence[Float[Tensor, "seed ..."]], x: Float[Tensor, "seed batch inputs"]
    ) -> Float[Tensor, "seed batch outputs"]:
        """Apply the cosines, then the layers."""
        return super().__call__(weights[2:], linear(weights[0], weights[1], x).cos())
