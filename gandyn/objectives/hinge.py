"""The hinge objective."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.objectives.base import Objective

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Hinge"]


class Hinge(Objective):
    """D is pushed past +1 on data and past -1 on generated samples; G raises D(G(z)). The best D loss is 2 (1 - TV).

    References:
        Lim and Ye, "Geometric GAN", 2017; Tran, Ranganath and Blei, "Hierarchical Implicit Models", 2017.
    """

    type: Literal["hinge"] = "hinge"
    response_kind: ClassVar[Literal["probability", "critic"]] = "critic"
    equilibrium: ClassVar = {"discriminator_loss": (2.0, "2"), "generator_loss": (0.0, "0")}

    def real_loss(self, logit: Tensor) -> Tensor:
        """Return max(0, 1 - D)."""
        return (1 - logit).relu()

    def fake_loss(self, logit: Tensor) -> Tensor:
        """Return max(0, 1 + D)."""
        return (1 + logit).relu()

    def generator_loss(self, logit: Tensor) -> Tensor:
        """Return -D."""
        return -logit

    def optimal_response(
        self, p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"], width: float = 1.0
    ) -> Float[ndarray, "*batch cell"]:
        """Return D* = sign(p - q)."""
        return np.where(p + q > 0, np.sign(p - q), np.nan)
