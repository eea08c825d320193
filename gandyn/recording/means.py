"""Means of numbers that come at every step and are recorded at some: added up where they are, never waited for."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["Means"]

_PREFIX = "means."


class Means:
    """Running sums of named scalars; tensors stay on their device until the mean is taken."""

    def __init__(self, saved: Mapping[str, Tensor] | None = None) -> None:
        """Begin with nothing, or with what `state` returned before."""
        self._sums: dict[str, Tensor | float] = {}
        self._counts: dict[str, int] = {}
        for key, pair in (saved or {}).items():
            if key.startswith(_PREFIX):
                self._sums[key.removeprefix(_PREFIX)] = float(pair[0])
                self._counts[key.removeprefix(_PREFIX)] = int(pair[1])

    def add(self, name: str, value: Tensor | float) -> None:
        """Add one number; a tensor's is copied, so what becomes of it later does not matter."""
        part = _copied(value) if isinstance(value, Tensor) else float(value)
        if name not in self._counts:
            self._sums[name], self._counts[name] = part, 1
            return
        total = self._sums[name]
        if isinstance(total, Tensor) and isinstance(part, Tensor) and total.device != part.device:
            total = total.to(part.device)
        self._sums[name] = total + part
        self._counts[name] += 1

    def take(self) -> dict[str, Float[Tensor, 1]]:
        """Return the mean of each since the last time, in double precision, and forget them."""
        found = {
            name: torch.tensor([float(total) / self._counts[name]], dtype=torch.float64, device="cpu")
            for name, total in self._sums.items()
        }
        self._sums, self._counts = {}, {}
        return found

    def state(self) -> dict[str, Tensor]:
        """Return what has been added since, for a checkpoint."""
        return {
            _PREFIX + name: torch.tensor([float(total), self._counts[name]], dtype=torch.float64)
            for name, total in self._sums.items()
        }


def _copied(value: Tensor) -> Tensor:
    """Return a number in double precision: the sum of thousands in single would lose what a reader compares."""
    # Apple's GPUs know no doubles.
    precision = torch.float32 if value.device.type == "mps" else torch.float64
    return value.detach().to(precision, copy=True).reshape(())
