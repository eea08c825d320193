"""Precision and recall of generated images: how many of each kind lie among the other."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from gandyn.core.errors import UsageError

__all__ = ["NEIGHBOURS", "Manifold", "precision_recall"]

NEIGHBOURS = 5
"""The ball about each image reaches to this neighbour of it."""

ROWS = 500
"""Rows of the matrix of distances that are held at a time."""

ROUNDING = 1e-12
"""What squared distances may be wrong by, as a share of the mean squared length: equal features are to touch."""


def precision_recall(
    real: Float[ndarray, "image feature"], generated: Float[ndarray, "other feature"], k: int = NEIGHBOURS
) -> tuple[float, float]:
    """Return the share of generated images among the real ones, and of real images among the generated ones.

    Args:
        real: features of real images.
        generated: features of generated images, best as many: with more images balls shrink.
        k: neighbours that the balls reach to.

    Raises:
        UsageError: there are not more than k images of each kind.

    References:
        Kynkäänniemi, Karras, Laine, Lehtinen and Aila, "Improved Precision and Recall Metric for Assessing Generative
        Models", 2019.

    Example:
        >>> line = np.linspace(0.0, 1.0, 100)[:, None]
        >>> precision_recall(line, line[:50])
        (1.0, 0.55)
    """
    return Manifold(real, k).share(generated), Manifold(generated, k).share(real)


class Manifold:
    """Where images lie: within the balls about known ones that reach to their k-th nearest neighbours.

    Distances are taken in float64, in memory of `ROWS` rows.
    """

    def __init__(self, features: Float[ndarray, "image feature"], k: int = NEIGHBOURS) -> None:
        """Take the features of the images that are known.

        Raises:
            UsageError: there are not more than k of them.
        """
        if len(features) <= k:
            raise UsageError(f"balls that reach to {k} neighbours need more than {k} images, not {len(features)}")
        self.k = k
        self._middle = features.mean(0)
        self._points = self._tensor(features)
        self._rounding = ROUNDING * float(self._points.square().sum(1).mean())

    def share(self, features: Float[ndarray, "other feature"]) -> float:
        """Return the share of other images that lie in at least one ball."""
        blocks = self._tensor(features).split(ROWS)
        inside = sum(int((self._squared(block) <= self._squared_radii).any(1).sum()) for block in blocks)
        return inside / len(features)

    @cached_property
    def _squared_radii(self) -> Float[Tensor, " image"]:
        # Each image is its own nearest neighbour, so one more is asked for.
        nearest = [
            self._squared(block).topk(self.k + 1, dim=1, largest=False, sorted=False).values.amax(1)
            for block in self._points.split(ROWS)
        ]
        return torch.cat(nearest) + self._rounding

    def _squared(self, points: Float[Tensor, "other feature"]) -> Float[Tensor, "other image"]:
        mine, theirs = self._points.square().sum(1), points.square().sum(1, keepdim=True)
        return torch.addmm(mine + theirs, points, self._points.T, alpha=-2)

    def _tensor(self, features: Float[ndarray, "any feature"]) -> Float[Tensor, "any feature"]:
        # Lengths are taken from the middle: the difference of two long vectors has fewer right digits.
        return torch.from_numpy(np.asarray(features, np.float64) - self._middle)
