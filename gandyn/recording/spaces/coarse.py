"""A function over the cells of a window that is asked for at fewer places, and interpolated between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Coarse"]


@dataclass(frozen=True)
class Coarse:
    """Equally spaced places from the first to the last cell along each axis; the cells themselves where they are few.

    Attributes:
        centres: of the cells along each axis, at equal distances.
        most: places along each axis, at most; two or more.

    Example:
        >>> few = Coarse((np.arange(9.0), np.arange(5.0)), 3)
        >>> few.points[:4].tolist()
        [[0.0, 0.0], [0.0, 2.0], [0.0, 4.0], [4.0, 0.0]]
        >>> few.everywhere(few.points.sum(1)[None])[0].reshape(9, 5)[3].tolist()
        [3.0, 4.0, 5.0, 6.0, 7.0]
    """

    centres: tuple[Float[ndarray, " cell"], ...]
    most: int

    @property
    def _places(self) -> list[Float[ndarray, " place"]]:
        return [one if len(one) <= self.most else np.linspace(one[0], one[-1], self.most) for one in self.centres]

    @property
    def points(self) -> Float[ndarray, "place axis"]:
        """The places, in the order of the cells."""
        return np.stack(np.meshgrid(*self._places, indexing="ij"), axis=-1).reshape(-1, len(self.centres))

    def everywhere(self, values: Float[ndarray, "row place"]) -> Float[ndarray, "row cell"]:
        """Return values at the places, interpolated linearly along each axis, at every cell."""
        found = values.reshape(len(values), *(len(one) for one in self._places))
        for axis, (fine, few) in enumerate(zip(self.centres, self._places, strict=True), 1):
            if len(few) == len(fine):  # as it was answered, infinite or not
                continue
            left = np.clip(np.searchsorted(few, fine, side="right") - 1, 0, len(few) - 2)
            share = ((fine - few[left]) / (few[left + 1] - few[left])).reshape(
                -1, *(1 for _ in found.shape[axis + 1 :])
            )
            found = np.take(found, left, axis) * (1 - share) + np.take(found, left + 1, axis) * share
        return found.reshape(len(values), -1)
