"""What a probe is: one quantity, measured on one or many generators and discriminators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.catalog import Component
from gandyn.densities.cells import CellMasses
from gandyn.divergences.coverage import Coverage
from gandyn.recording.scenes import Scene

__all__ = ["Probe", "Snapshot", "Variable"]


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


class Snapshot(ABC):
    """Players of several seeds and steps, along one `row` axis, in a fixed scene.

    What several probes need is computed once, when the first asks.

    Attributes:
        scene: the surroundings.
    """

    scene: Scene

    @abstractmethod
    def generate(self, latent: Any) -> Float[ndarray, "row point dim"]:
        """Return where G takes latents, the same in all rows or each row's own, in the space that is looked at."""

    @abstractmethod
    def respond(self, points: Float[ndarray, "point dim"]) -> Float[ndarray, "row point"]:
        """Return the discriminator's response at points of that space."""

    @abstractmethod
    def push(self, points: Float[ndarray, "*row point dim"]) -> Float[ndarray, "row point dim"]:
        """Return minus the gradient, with respect to each point, of the generator's loss there.

        Points are the same in all rows, or each row's own.
        """

    @cached_property
    def sampled(self) -> Float[ndarray, "row sample dim"]:
        """G at the scene's fixed samples of the latent."""
        return self.generate(self.scene.samples)

    @cached_property
    def responses(self) -> Float[ndarray, "row point"]:
        """The discriminator's response in the middle of every cell."""
        return self.respond(self.scene.points)

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
