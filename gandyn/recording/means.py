"""Means of numbers that come at every step and are recorded at some: added up where they are, never waited for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

__all__ = ["Means"]

_PREFIX = "means."


class Means:
    """Running sums of named scalars; tensors stay on their device until the mean is taken."""

    def __init__(self, saved: Mapping[str, Tensor] | None = None) -> None:
        """Begin with nothing, or with what `state` returned before."""
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}
        for key, pair in (saved or {}).items():
            if key.startswith(_PREFIX):
                self._sums[key.removeprefix(_PREFIX)] = pair[0].clone()
                self._counts[key.removeprefix(_PREFIX)] = int(pair[1])

    def add(self, name: str, value: Tensor | float) -> None:
        """Add one number."""
        # In double precision: the sum of thousands of losses in single would lose what a reader compares.
        part = value.detach().double().reshape(()) if isinstance(value, Tensor) else torch.tensor(float(value)).double()
        if name in self._sums:
            self._sums[name] = self._sums[name].to(part.device) + part
            self._counts[name] += 1
        else:
            self._sums[name], self._counts[name] = part.clone(), 1

    def take(self) -> dict[str, Float[ndarray, 1]]:
        """Return the mean of each since the last time, and forget them."""
        found = {name: np.array([float(total) / self._counts[name]]) for name, total in self._sums.items()}
        self._sums, self._counts = {}, {}
        return found

    def state(self) -> dict[str, Tensor]:
        """Return what has been added since, for a checkpoint."""
        return {
            _PREFIX + name: torch.stack([total.cpu(), torch.tensor(float(self._counts[name]), dtype=torch.float64)])
            for name, total in self._sums.items()
        }
