"""What a probe is: one quantity, measured on one or many generators and discriminators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.core.catalog import Component
from gandyn.densities.cells import CellMasses
from gandyn.divergences.coverage import Coverage
from gandyn.recording.spaces import Space

__all__ = ["PLACES", "Measure", "Probe", "Snapshot", "Variable"]

PLACES = ("line", "plane", "images")
"""Where measures are recorded: on the line, on the plane, and of images."""


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


@dataclass(frozen=True)
class Measure:
    """What is known of a recorded quantity before there is a recording: what the catalogue lists.

    Attributes:
        name: its name in recordings.
        about: what it is.
        units: its unit; empty for what has none.
        places: where it is recorded (`PLACES`).
    """

    name: str
    about: str
    units: str = ""
    places: tuple[str, ...] = PLACES

    def variable(
        self, dims: tuple[str, ...] = (), dtype: str = "float64", bits: int | None = None, /, **attrs: Any
    ) -> Variable:
        """Return it as it is recorded somewhere, with what a reader should know of it there besides."""
        units = {"units": self.units} if self.units else {}
        return Variable(self.name, dims, dtype, bits, {"long_name": self.about, **units, **attrs})


class Snapshot(ABC):
    """Players of several seeds and steps, along one `row` axis, in a fixed space.

    What several probes need is computed once, when the first asks.

    Attributes:
        space: the surroundings.
    """

    space: Space

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
        """G at the space's fixed samples of the latent."""
        return self.generate(self.space.samples)

    @cached_property
    def responses(self) -> Float[ndarray, "row point"]:
        """The discriminator's response in the middle of every cell."""
        return self.respond(self.space.points)

    @cached_property
    def masses(self) -> CellMasses:
        """The generators' masses on the grid."""
        return self.space.masses(self.generate)

    @cached_property
    def compared(self) -> CellMasses:
        """The generators' masses as they enter divergences."""
        return self.space.compared(self.masses)

    @cached_property
    def coverage(self) -> Coverage:
        """The generators' coverage of the data's modes (at least one)."""
        return self.space.coverage(self.masses, self.sampled)


class Probe(Component):
    """One quantity; a new probe is a new file in this folder.

    The docstring of a probe is what the catalogue says of its measures. A paragraph that begins with names of measures
    and a colon (`` `kl`, `js`: ... ``) is shown for these alone, all others for each of them.

    Attributes:
        measures: all that it may record anywhere.
        field: whether what it measures is for pictures, and left out of recordings of numbers alone.
    """

    measures: ClassVar[tuple[Measure, ...]]
    field: ClassVar[bool] = False

    @abstractmethod
    def variables(self, space: Space) -> list[Variable]:
        """Return what will be recorded in this space; nothing where the quantity makes no sense."""

    @abstractmethod
    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return each variable's values, shape (row, *dims)."""
