"""Weight clipping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from gandyn.core.catalog import PositiveFinite
from gandyn.regularizers.base import Regularizer

__all__ = ["WeightClipping"]


class WeightClipping(Regularizer):
    """Clip every weight of the discriminator to [-limit, limit] after each of its steps.

    References:
        Arjovsky, Chintala and Bottou, "Wasserstein Generative Adversarial Networks", 2017.
    """

    type: Literal["weight_clipping"] = "weight_clipping"
    limit: PositiveFinite = 0.1

    @property
    def bounds(self) -> bool:
        """Always."""
        return True

    @property
    def curvature(self) -> float | None:
        """None: where it acts it is a wall."""
        return None

    def project(self, weights: Sequence[Float[Tensor, "seed ..."]]) -> None:
        """Clip in place."""
        with torch.no_grad():
            for weight in weights:
                weight.clamp_(-self.limit, self.limit)
