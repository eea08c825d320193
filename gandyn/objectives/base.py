"""What an objective is: three functions of a logit, and the discriminator they make optimal.

Losses are written with methods of the tensor alone, so this floor can be read without torch: pictures of a recording
need D*, and are drawn on machines that have none.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.core.catalog import Component

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Objective", "softplus"]


def softplus(x: Tensor) -> Tensor:
    """Return ln(1 + e^x), without overflow, and its derivative to the last digit."""
    from torch.nn import functional

    # torch takes it for x from 20 on, where the derivative is still 2e-9 from one; in float64 that is a million ulps.
    return functional.softplus(x, threshold=40.0)


class Objective(Component):
    """The pair of losses.

    The discriminator minimises the mean of `real_loss`(D(x)) over the data plus the mean of `fake_loss`(D(G(z))) over
    the latent, the generator the mean of `generator_loss`(D(G(z))); D gives the logit (the critic's value).
    """

    response_kind: ClassVar[Literal["probability", "critic"]] = "probability"
    needs_bounds: ClassVar[bool] = False
    """Whether the discriminator's loss has no least value unless something bounds its slope."""
    equilibrium: ClassVar[dict[str, tuple[float, str]]] = {}
    """Published values of the losses where p_gen = p_data, and how they are written."""

    @abstractmethod
    def real_loss(self, logit: Tensor) -> Tensor:
        """Return the discriminator's loss on real samples, element by element."""

    @abstractmethod
    def fake_loss(self, logit: Tensor) -> Tensor:
        """Return the discriminator's loss on generated samples, element by element."""

    @abstractmethod
    def generator_loss(self, logit: Tensor) -> Tensor:
        """Return the generator's loss on generated samples, element by element."""

    def response(self, logit: Tensor) -> Tensor:
        """Return what is drawn: the probability of being real, or the critic's value itself."""
        return logit.sigmoid() if self.response_kind == "probability" else logit

    @abstractmethod
    def optimal_response(
        self, p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"], width: float = 1.0
    ) -> Float[ndarray, "*batch cell"]:
        """Return the response of the best discriminator between densities p (data) and q (generator).

        Args:
            p: data density on a uniform grid.
            q: generator density on the same grid.
            width: length of a cell, in the units of x.

        Returns:
            The response, in the terms of `response`; NaN where neither density has mass and any value is as good.
        """


def share(p: ndarray, q: ndarray, real: float, fake: float) -> ndarray:
    """Return (real p + fake q) / (p + q), NaN where both are zero."""
    total = p + q
    with np.errstate(invalid="ignore", over="ignore"):
        mixed = real * p + fake * q
        return np.divide(mixed, total, out=np.full(np.shape(mixed), np.nan), where=total > 0)
