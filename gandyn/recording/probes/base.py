"""What a probe is: one quantity, measured on many generators and discriminators at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from gandyn.catalog import Component
from gandyn.densities.cells import CellMasses
from gandyn.divergences.coverage import Coverage
from gandyn.recording.scenes import Scene

__all__ = ["Probe", "Snapshot", "Variable"]

# Points evaluated at once: enough to pay for the calls, few enough to stay in the processor's cache.
_POINTS_AT_ONCE = 16384


@dataclass(frozen=True)
class Variable:
    """A recorded quantity.

    Attributes:
        name: its name in the recording.
        dims: its dimensions after (seed, step).
        dtype: as stored.
        bits: of the mantissa that are kept: what a picture needs; the zeros behind them cost nothing on disk.
        attrs: what a reader should know: long_name, units, method.
    """

    name: str
    dims: tuple[str, ...] = ()
    dtype: str = "float64"
    bits: int | None = None
    attrs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Snapshot:
    """Players of several seeds and steps, stacked along one `row` axis, in a fixed scene.

    What several probes need is computed once, when the first asks.

    Attributes:
        scene: the surroundings.
        generator: z (row, batch, latent) -> x (row, batch, dim).
        discriminator: x (row, batch, dim) -> logit (row, batch, 1).
        rows: how many there are.
        device: where the players are.
    """

    scene: Scene
    generator: Callable[[Tensor], Tensor]
    discriminator: Callable[[Tensor], Tensor]
    rows: int
    device: torch.device

    def _batch(self, points: ndarray) -> Tensor:
        return torch.as_tensor(points, dtype=torch.float32, device=self.device).expand(self.rows, *points.shape[-2:])

    def _apply(self, function: Callable[[Tensor], Tensor], points: ndarray) -> ndarray:
        batch, length = self._batch(points), max(_POINTS_AT_ONCE // self.rows, 1)
        parts = [function(part) for part in batch.split(length, dim=1)]
        return (parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)).cpu().numpy()

    def generate(self, latent: Float[ndarray, "*row point latent"]) -> Float[ndarray, "row point dim"]:
        """Return G at latent points, the same in all rows or each row's own."""
        return self._apply(self.generator, latent)

    def respond(self, points: Float[ndarray, "point dim"]) -> Float[ndarray, "row point"]:
        """Return the discriminator's response at points."""
        return self._apply(lambda batch: self.scene.objective.response(self.discriminator(batch)[..., 0]), points)

    def push(self, points: Float[ndarray, "row point dim"]) -> Float[ndarray, "row point dim"]:
        """Return minus the gradient, with respect to each point, of the generator's loss there."""
        with torch.enable_grad():
            batch = self._batch(points).detach().requires_grad_()
            loss = self.scene.objective.generator_loss(self.discriminator(batch)[..., 0])
            (gradient,) = torch.autograd.grad(loss.sum(), batch)
        return -gradient.cpu().numpy()

    @cached_property
    def sampled(self) -> Float[ndarray, "row sample dim"]:
        """G at the scene's fixed samples of the latent."""
        return self.generate(self.scene.samples)

    @cached_property
    def masses(self) -> CellMasses:
        """The generators' masses on the grid."""
        return self.scene.masses(self.generate)

    @cached_property
    def compared(self) -> CellMasses:
        """The generators' masses as they enter divergences."""
        return self.scene.compared(self.masses)

    @cached_property
    def coverage(self) -> Coverage:
        """The generators' coverage of the data's modes (at least one)."""
        return self.scene.coverage(self.masses, self.sampled)


class Probe(Component):
    """One quantity; a new probe is a new file in this folder.

    Attributes:
        field: whether what it measures is for pictures, and left out of recordings of numbers alone.
    """

    field: ClassVar[bool] = False

    @abstractmethod
    def variables(self, scene: Scene) -> list[Variable]:
        """Return what will be recorded in this scene; nothing where the quantity makes no sense."""

    @abstractmethod
    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return each variable's values, shape (row, *dims)."""
