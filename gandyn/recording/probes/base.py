"""What a probe is: one quantity, measured on many generators and discriminators at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from gandyn.catalog import Component
from gandyn.densities.grid import Masses
from gandyn.recording.scene import Scene

__all__ = ["Probe", "Snapshot", "Variable"]


@dataclass(frozen=True)
class Variable:
    """A recorded quantity.

    Attributes:
        name: its name in the recording.
        dims: its dimensions after (seed, step).
        dtype: as stored.
        attrs: what a reader should know: long_name, units, method.
    """

    name: str
    dims: tuple[str, ...] = ()
    dtype: str = "float64"
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

    def _apply(self, player: Callable[[Tensor], Tensor], points: ndarray) -> Tensor:
        batch = torch.as_tensor(points, dtype=torch.float32, device=self.device).expand(self.rows, *points.shape)
        return player(batch)

    def generate(self, latent: Float[ndarray, "point latent"]) -> Float[ndarray, "row point"]:
        """Return G at latent points, on the line."""
        return self._apply(self.generator, latent)[..., 0].cpu().numpy()

    def respond(self, points: Float[ndarray, "point dim"]) -> Float[ndarray, "row point"]:
        """Return the discriminator's response at points."""
        logits = self._apply(self.discriminator, points)[..., 0]
        return self.scene.objective.response(logits).cpu().numpy()

    @cached_property
    def masses(self) -> Masses:
        """The generators' masses on the grid."""
        return self.scene.masses(self.generate(self.scene.latent_points))

    @cached_property
    def compared(self) -> Masses:
        """The generators' masses as they enter divergences."""
        return self.scene.compared(self.masses)

    @cached_property
    def density(self) -> Float[ndarray, "row cell"]:
        """The generators' densities on the grid, point masses spread over their cell."""
        return self.compared.total / self.scene.grid.width


class Probe(Component):
    """One quantity; a new probe is a new file in this folder."""

    @abstractmethod
    def variables(self, scene: Scene) -> list[Variable]:
        """Return what will be recorded in this scene; nothing where the quantity makes no sense."""

    @abstractmethod
    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return each variable's values, shape (row, *dims)."""
