"""Snapshots of stacked networks: many seeds and steps evaluated as if they were seeds of one network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from gandyn.networks.base import Apply
from gandyn.recording.probes.base import Snapshot
from gandyn.recording.spaces.law import DistributionSpace

__all__ = ["StackedSnapshot"]

# Points evaluated at once: enough to pay for the calls, few enough to stay in the processor's cache.
_POINTS_AT_ONCE = 16384


@dataclass
class StackedSnapshot(Snapshot):
    """Stacked players of several seeds and steps: what they do in standard units is told in the data's own.

    Attributes:
        space: the surroundings.
        maps: what the game has to be looked at, by name: `generate` takes z (row, batch, latent) to x (row, batch,
            dim), `respond` takes x to a logit (row, batch, 1).
        rows: how many there are.
        device: where the players are.
        dtype: of their weights.
    """

    space: DistributionSpace
    maps: Mapping[str, Apply]
    rows: int
    device: torch.device
    dtype: torch.dtype = torch.float32

    def _batch(self, points: ndarray) -> Tensor:
        return torch.as_tensor(points, dtype=self.dtype, device=self.device).expand(self.rows, *points.shape[-2:])

    def _apply(self, function: Callable[[Tensor], Tensor], points: ndarray) -> ndarray:
        batch, length = self._batch(points), max(_POINTS_AT_ONCE // self.rows, 1)
        parts = [function(part) for part in batch.split(length, dim=1)]
        return (parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)).cpu().numpy()

    def generate(self, latent: Float[ndarray, "*row point latent"]) -> Float[ndarray, "row point dim"]:  # noqa: D102
        return self.space.units.own(self._apply(self.maps["generate"], latent))

    def respond(self, points: Float[ndarray, "point dim"]) -> Float[ndarray, "row point"]:  # noqa: D102
        standard = self.space.units.standard(points)
        return self._apply(lambda batch: self.space.respond(self.maps["respond"](batch)[..., 0]), standard)

    def push(self, points: Float[ndarray, "*row point dim"]) -> Float[ndarray, "row point dim"]:  # noqa: D102
        batch, length = self._batch(self.space.units.standard(points)), max(_POINTS_AT_ONCE // self.rows, 1)
        return self.space.units.slope(
            np.concatenate([self._pushed(part) for part in batch.split(length, dim=1)], axis=1)
        )

    @torch.enable_grad()
    def _pushed(self, batch: Float[Tensor, "row point dim"]) -> Float[ndarray, "row point dim"]:
        """Return minus the gradient of the generator's loss, as that of the loss in the logit times that of the logit.

        A sure discriminator leaves the first tiny: in double precision it keeps its digits down to 1e-308.
        """
        batch = batch.detach().requires_grad_()
        logit = self.maps["respond"](batch)[..., 0]
        (slope,) = torch.autograd.grad(logit.sum(), batch)
        logit = logit.detach().double().requires_grad_()
        (weight,) = torch.autograd.grad(self.space.objective.generator_loss(logit).sum(), logit)
        found: ndarray = (-weight[..., None] * slope).cpu().numpy()
        return found
