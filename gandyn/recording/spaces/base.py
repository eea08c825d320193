"""What probes may know besides the two players: where to look, what the data is there, how densities are compared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.cells import CellMasses, Partition
from gandyn.distributions.modes import Modes
from gandyn.divergences.coverage import Coverage
from gandyn.recording.options import RecordOptions

__all__ = ["Coord", "Generate", "LatentMap", "Space"]

M = TypeVar("M", bound=CellMasses)

Coord = tuple[tuple[str, ...], ndarray, dict[str, Any]]
"""Dimensions, values and attributes of something that does not change with the step."""

Generate = Callable[[Any], Float[ndarray, "row point dim"]]
"""G at latent points, the same for all generators or each one's own."""


class LatentMap(NamedTuple):
    """The latent positions whose images are recorded, so that the generator's map can be drawn.

    Attributes:
        points: the positions, shape (point, latent).
        dims: dimensions of what G gives there, after (seed, step).
        shape: their sizes.
        coords: what has to be known to draw it.
    """

    points: Float[ndarray, "point latent"]
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    coords: dict[str, Coord]


class Space(ABC):
    """The fixed surroundings of a recording.

    Attributes:
        kept_bits: bits of the mantissa that stored densities and probabilities keep; all where None. Positions keep
            theirs whole: they are not to be rounded in proportion to their distance from the origin.
        forces: whether where the generator's loss pushes each of them is recorded too.
        options: how often and how finely to record.
    """

    kept_bits: ClassVar[int | None] = None
    forces: ClassVar[bool] = True

    options: RecordOptions

    @property
    @abstractmethod
    def axes(self) -> tuple[str, ...]:
        """The dimensions of the space that is looked at, as the recording names them."""

    @property
    def drawn(self) -> int:
        """Number of generated samples that are recorded at each step, to be drawn as points."""
        return 0

    @property
    def remark(self) -> dict[str, str]:
        """What a reader of divergences has to know, as attributes."""
        return {}

    @property
    @abstractmethod
    def response_kind(self) -> Literal["probability", "critic"] | None:
        """What the discriminator's response is; None where no discriminator is seen."""

    @abstractmethod
    def respond(self, logit: Any) -> Any:
        """Return the response that stands for what a discriminator returns (a tensor)."""

    @property
    def read_as(self) -> dict[str, str]:
        """How its response is to be read, as attributes, where that is not what discriminators usually say."""
        return {}

    @property
    def seen_as(self) -> dict[str, str]:
        """How the discriminator is looked at, as attributes, where the space looked at is not the whole."""
        return {}

    @property
    @abstractmethod
    def points(self) -> Float[ndarray, "point axis"]:
        """The cells' middles, where the discriminator is looked at."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Number of cells along each axis."""

    @property
    @abstractmethod
    def cell(self) -> float:
        """Length (area) of one cell."""

    @property
    @abstractmethod
    def method(self) -> dict[str, str | float | int]:
        """How generator densities are found, as attributes of what is recorded."""

    @property
    @abstractmethod
    def resolution(self) -> float:
        """Mass that the method by which generators' densities are found cannot tell from none; 0 where it is exact."""

    @property
    def data_resolution(self) -> float:
        """The same of the data's density."""
        return 0.0

    @property
    @abstractmethod
    def latent_points(self) -> Any:
        """Where all generators are evaluated for their densities."""

    @property
    @abstractmethod
    def samples(self) -> Any:
        """Fixed independent latents: those of the points drawn, and of the samples that coverage is measured on."""

    @abstractmethod
    def masses(self, generate: Generate) -> CellMasses:
        """Return the generators' masses."""

    @property
    @abstractmethod
    def data_masses(self) -> CellMasses:
        """The data's masses, as they are drawn."""

    @abstractmethod
    def compared(self, masses: M) -> M:
        """Return masses as they enter divergences: where the generators' are smoothed, the data's are as well."""

    @property
    @abstractmethod
    def compared_data(self) -> CellMasses:
        """The data's masses as they enter divergences."""

    @cached_property
    def data_partition(self) -> Partition:
        """The data's masses as divergences take them."""
        return self.compared_data.partition()._replace(resolution=self.data_resolution)

    def partition(self, compared: CellMasses) -> Partition:
        """Return generators' masses, as they enter divergences, as these take them."""
        return compared.partition()._replace(resolution=self.resolution)

    @property
    @abstractmethod
    def transport(self) -> str:
        """Name of the transport distance."""

    @abstractmethod
    def distance(self, masses: Any) -> Float[ndarray, " row"]:
        """Return that distance between data and generators, from masses as they enter divergences."""

    @property
    def modes(self) -> Modes:
        """The data's modes, where they are known."""
        return Modes.none(len(self.axes))

    @property
    def capture_rule(self) -> str:
        """When a mode counts as captured."""
        return ""

    @property
    def least_masses(self) -> Float[ndarray, " mode"]:
        """The same as numbers: the mass of a generator at each mode from which on it does."""
        return np.zeros(len(self.modes.points))

    def coverage(self, masses: Any, samples: Float[ndarray, "row sample dim"]) -> Coverage:
        """Return the coverage of the data's modes (at least one) by the generators' masses, or by their samples."""
        raise NotImplementedError

    @property
    def latent_map(self) -> LatentMap | None:
        """What is recorded of the map from latent to data; None where it cannot be drawn."""
        return None

    @abstractmethod
    def window(self) -> dict[str, Coord]:
        """Return the cells' middles along each axis, with the window's ends, and the sides mass can leave it by."""

    @property
    def per_cell(self) -> str:
        """The unit of a density."""
        return f"1 / {self.axes[0]}" if len(self.axes) == 1 else f"1 / ({' '.join(self.axes)})"

    @cached_property
    def coords(self) -> dict[str, Coord]:
        """Everything that is recorded once."""
        found = self.window()
        found["axis"] = (("axis",), np.arange(len(self.axes)), {"long_name": ", ".join(self.axes)})
        if self.drawn:
            found["point"] = (("point",), np.arange(self.drawn), {"long_name": "generated points"})
        # What is compared, drawn together and made D* of is found in the same way, smoothing and all.
        density = (self.compared_data.total / self.cell).astype(np.float32)
        about: dict[str, Any] = {"long_name": "data density p_data", "units": self.per_cell}
        about |= {key: value for key, value in self.method.items() if key == "smoothing_std"}
        found["data_density"] = (self.axes, density, about)
        if self.latent_map is not None:
            found.update(self.latent_map.coords)
        if len(self.modes.points):
            found["mode"] = (("mode",), np.arange(len(self.modes.points)), {"long_name": "modes of the data"})
            found["mode_position"] = (("mode", "axis"), self.modes.points, {"units": "x"})
            found["mode_std"] = (("mode",), self.modes.stds, {"units": "x"})
            found["mode_least"] = (("mode",), self.least_masses, {"long_name": self.capture_rule})
            found["mode_weight"] = (("mode",), self.modes.weights, {"long_name": "share of the data's mass"})
        return found
