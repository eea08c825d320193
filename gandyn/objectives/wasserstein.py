"""The Wasserstein objective."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.objectives.base import Objective

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Wasserstein"]


class Wasserstein(Objective):
    """The critic raises its mean on data over its mean on generated samples, within the 1-Lipschitz functions.

    Keeping it there is a regularizer's work (weight clipping, gradient penalty). The negative critic loss then
    estimates W1, and has no fixed equilibrium but 0.

    References:
        Arjovsky, Chintala and Bottou, "Wasserstein Generative Adversarial Networks", 2017.
    """

    type: Literal["wasserstein"] = "wasserstein"
    response_kind: ClassVar[Literal["probability", "critic"]] = "critic"
    needs_bounds: ClassVar[bool] = True
    equilibrium: ClassVar = {"discriminator_loss": (0.0, "0")}

    def real_loss(self, logit: Tensor) -> Tensor:
        """Return -D."""
        return -logit

    def fake_loss(self, logit: Tensor) -> Tensor:
        """Return D."""
        return logit

    def generator_loss(self, logit: Tensor) -> Tensor:
        """Return -D."""
        return -logit

    def optimal_response(
        self, p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"], width: float = 1.0
    ) -> Float[ndarray, "*batch cell"]:
        """Return the Kantorovich potential: slope sign(F_q - F_p), mean 0 under the data.

        The slope at a cell's middle uses both distribution functions there, so the sum over cells of (p - q) times the
        potential is the discretised W1.
        """
        gap = np.cumsum(q - p, axis=-1) - (q - p) / 2
        # Differences below rounding are no difference: the potential is flat where the two laws agree.
        slope = np.where(np.abs(gap) > 1e-12 * np.maximum(p, q).max(axis=-1, keepdims=True), np.sign(gap), 0.0)
        potential = width * (np.cumsum(slope, axis=-1) - slope / 2)
        mass = np.maximum(p.sum(-1, keepdims=True), 1e-300)
        return potential - (potential * p).sum(-1, keepdims=True) / mass
