"""Principal components."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, PositiveInt

from gandyn.core.errors import UsageError
from gandyn.recording.views.base import Projection, View

__all__ = ["PCA"]


class PCA(View):
    """The directions along which the real data varies most; pictures show the first two (of one component, a line).

    References:
        Pearson, "On lines and planes of closest fit to systems of points in space", 1901.

    Example:
        >>> PCA(2).fit(np.random.default_rng(0).normal(size=(100, 5)) * [5, 3, 1, 1, 1]).axes
        ('pc1', 'pc2')
    """

    type: Literal["pca"] = "pca"
    components: PositiveInt = Field(2, le=256, description="directions that are kept; pictures show the first two")

    def __init__(self, components: int = 2, **more: Any) -> None:
        super().__init__(**{"components": components, **more})

    def axes(self, dim: int) -> tuple[str, ...]:  # noqa: D102
        if self.components > dim:
            raise UsageError(f"PCA({self.components}): samples of {dim} coordinates have fewer directions")
        return tuple(f"pc{number + 1}" for number in range(min(self.components, 2)))

    def fit(self, data: Float[ndarray, "sample dim"]) -> Projection:  # noqa: D102
        from sklearn.decomposition import PCA as Fit  # noqa: N811 - one second to import

        if self.components > len(data):
            raise UsageError(f"PCA({self.components}) needs more than {len(data)} samples")
        # Few directions of many are found by iteration, to machine precision, in a fraction of the time of all.
        solver = "arpack" if self.components < min(data.shape) / 4 else "full"
        found = Fit(self.components, svd_solver=solver, random_state=0).fit(data)
        return Projection(
            self.axes(data.shape[1]),
            found.mean_.astype(np.float64),
            found.components_.astype(np.float64),
            found.explained_variance_.astype(np.float64),
            found.explained_variance_ratio_.astype(np.float64),
        )
