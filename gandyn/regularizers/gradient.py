"""Penalties on the discriminator's gradient in its input."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from gandyn.core.catalog import NonNegativeFinite
from gandyn.regularizers.base import Regularizer, input_gradient

__all__ = ["R1", "R2", "GradientPenalty"]


class _Penalty(Regularizer):
    """A weighted mean over samples of something that grows with |grad D|."""

    weight: NonNegativeFinite

    @property
    def idle(self) -> bool:
        """Whether its weight is zero."""
        return self.weight == 0

    @property
    def bounds(self) -> bool:
        """Unless its weight is zero."""
        return not self.idle


class GradientPenalty(_Penalty):
    """WGAN-GP: weight * E (|grad D| - target)^2 at random points between real and generated samples.

    References:
        Gulrajani et al., "Improved Training of Wasserstein GANs", 2017.
    """

    type: Literal["gradient_penalty"] = "gradient_penalty"
    mixes: ClassVar[bool] = True
    of_each: ClassVar[bool] = True
    weight: NonNegativeFinite = 10.0
    target: NonNegativeFinite = 1.0

    @property
    def curvature(self) -> float | None:
        """Of a target above zero there is none: slopes are driven away from 0, to either side."""
        return 2 * self.weight if self.target == 0 or self.idle else None

    def penalty(
        self,
        discriminator: Callable[[Tensor], Tensor],
        real: Float[Tensor, "seed batch *event"],
        fake: Float[Tensor, "seed batch *event"],
        mix: Float[Tensor, "seed batch"] | None,
    ) -> Float[Tensor, " seed"]:
        """Return the penalty of each seed."""
        assert mix is not None
        between = torch.lerp(fake, real, mix.reshape(mix.shape + (1,) * (real.ndim - 2)))
        gradient = input_gradient(discriminator, between)
        # The norm has no derivative at zero; a gradient that is exactly zero must not make the weights NaN.
        norm = (gradient.square().sum(-1) + 1e-24).sqrt()
        return self.weight * (norm - self.target).square().mean(1)


class _ZeroCentred(_Penalty):
    """weight / 2 * E |grad D|^2, on one side of the game."""

    at_data: ClassVar[bool]
    weight: NonNegativeFinite = Field(1.0, description="gamma in the paper; the penalty is gamma / 2 E |grad D|^2")

    @property
    def curvature(self) -> float | None:
        """The weight."""
        return self.weight

    def penalty(
        self,
        discriminator: Callable[[Tensor], Tensor],
        real: Float[Tensor, "seed batch *event"],
        fake: Float[Tensor, "seed batch *event"],
        mix: Float[Tensor, "seed batch"] | None,
    ) -> Float[Tensor, " seed"]:
        """Return the penalty of each seed."""
        gradient = input_gradient(discriminator, real if self.at_data else fake)
        return self.weight / 2 * gradient.square().sum(-1).mean(1)


class R1(_ZeroCentred):
    """The zero-centred penalty on real samples: weight / 2 * E_data |grad D|^2.

    References:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018.
    """

    type: Literal["r1"] = "r1"
    at_data: ClassVar[bool] = True


class R2(_ZeroCentred):
    """The zero-centred penalty on generated samples: weight / 2 * E_gen |grad D|^2.

    References:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018.
    """

    type: Literal["r2"] = "r2"
    at_data: ClassVar[bool] = False
