"""No view at all: samples of one or two coordinates."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.core.errors import UsageError
from gandyn.recording.views.base import Projection, View

__all__ = ["Identity"]


class Identity(View):
    """Samples of one or two coordinates, as they are."""

    type: Literal["identity"] = "identity"

    def axes(self, dim: int) -> tuple[str, ...]:  # noqa: D102
        if dim > 2:
            raise UsageError(f"samples of {dim} coordinates cannot be looked at as they are: use PCA(2)")
        return ("x", "y")[:dim]

    def fit(self, data: Float[ndarray, "sample dim"]) -> Projection:  # noqa: D102
        dim, variance = data.shape[1], data.var(axis=0)
        return Projection(
            self.axes(dim), np.zeros(dim), np.eye(dim), variance, variance / max(float(variance.sum()), 1e-300)
        )
