"""The original objectives: cross entropy for the discriminator, and the generator's two losses against it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from jaxtyping import Float
from numpy import ndarray

from gandyn.objectives.base import Objective, share, softplus

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["NonSaturating", "Saturating"]

_LN2 = math.log(2.0)


class _CrossEntropy(Objective):
    """Binary cross entropy with logits, real + fake: 2 ln 2 at equilibrium."""

    def real_loss(self, logit: Tensor) -> Tensor:
        """Return -ln D."""
        return softplus(-logit)

    def fake_loss(self, logit: Tensor) -> Tensor:
        """Return -ln(1 - D)."""
        return softplus(logit)

    def optimal_response(
        self, p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"], width: float = 1.0
    ) -> Float[ndarray, "*batch cell"]:
        """Return D* = p / (p + q)."""
        return share(p, q, 1.0, 0.0)


class NonSaturating(_CrossEntropy):
    """The generator minimises -ln D(G(z)): strong gradients while it is losing.

    References:
        Goodfellow et al., "Generative Adversarial Nets", 2014.
    """

    type: Literal["non_saturating"] = "non_saturating"
    equilibrium: ClassVar = {"discriminator_loss": (2 * _LN2, "2 ln 2"), "generator_loss": (_LN2, "ln 2")}

    def generator_loss(self, logit: Tensor) -> Tensor:
        """Return -ln D."""
        return softplus(-logit)


class Saturating(_CrossEntropy):
    """The generator minimises ln(1 - D(G(z))), the zero-sum game: gradients vanish once D is sure.

    References:
        Goodfellow et al., "Generative Adversarial Nets", 2014.
    """

    type: Literal["saturating"] = "saturating"
    equilibrium: ClassVar = {"discriminator_loss": (2 * _LN2, "2 ln 2"), "generator_loss": (-_LN2, "-ln 2")}

    def generator_loss(self, logit: Tensor) -> Tensor:
        """Return ln(1 - D)."""
        return -softplus(logit)
