"""What probes may know besides the two players: where to look, what the data is there, how densities are compared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.cells import CellMasses
from gandyn.densities.estimators import smooth
from gandyn.distributions.base import Distribution, Modes
from gandyn.distributions.latent import Latent
from gandyn.divergences.coverage import Coverage
from gandyn.errors import UsageError
from gandyn.objectives.base import Objective
from gandyn.recording.options import RecordOptions

__all__ = ["Coord", "Generate", "LatentMap", "Scene"]

M = TypeVar("M", bound=CellMasses)

Coord = tuple[tuple[str, ...], ndarray, dict[str, Any]]
"""Dimensions, values and attributes of something that does not change with the step."""

Generate = Callable[[Float[ndarray, "*row point latent"]], Float[ndarray, "row point dim"]]
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


@dataclass(frozen=True)
class Scene(ABC):
    """The fixed surroundings of a recording.

    Attributes:
        axes: the dimensions of the space that is looked at, as the recording names them.
        kept_bits: bits of the mantissa that stored densities and probabilities keep; all where None. Positions keep
            theirs whole: they are not to be rounded in proportion to their distance from the origin.
        drawn: number of generated samples that are recorded at each step, to be drawn as points.
        cells: number of grid cells along a side where the options give none; at most `most_cells`.
        latent_cells: likewise of latent cells, at least `fewest_latent_cells`.
    """

    axes: ClassVar[tuple[str, ...]]
    kept_bits: ClassVar[int | None] = None
    drawn: ClassVar[int] = 0
    cells: ClassVar[int]
    most_cells: ClassVar[int]
    latent_cells: ClassVar[int]
    fewest_latent_cells: ClassVar[int]

    data: Distribution
    latent: Latent
    objective: Objective
    options: RecordOptions

    def __post_init__(self) -> None:
        """Refuse options that make no sense here.

        Raises:
            UsageError: a number is too small or too large.
        """
        cells, latent_cells = self.options.grid.cells, self.options.latent_cells
        if latent_cells is not None and not self.fewest_latent_cells <= latent_cells <= self.most_cells:
            ends = f"{self.fewest_latent_cells} to {self.most_cells}"
            raise UsageError(f"latent_cells: {ends} make sense here, not {latent_cells}")
        if cells is not None and cells > self.most_cells:
            raise UsageError(f"grid.cells: at most {self.most_cells} make sense here, not {cells}")
        self.options.grid.window(self.data.extent())

    @property
    def resolution(self) -> dict[str, str]:
        """What a reader of divergences has to know of modes narrower than a cell, as an attribute."""
        side = self.cell ** (1 / len(self.axes))
        narrow = float(np.min(self.modes.stds, initial=np.inf))
        if narrow >= side:
            return {}
        return {
            "lower_bound": f"modes of std {narrow:.3g} are narrower than a cell of {side:.3g}: see record.grid.cells"
        }

    @property
    @abstractmethod
    def points(self) -> Float[ndarray, "point dim"]:
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
    def negligible(self) -> float:
        """Data mass in one cell that the method cannot tell from none."""

    @property
    @abstractmethod
    def latent_points(self) -> Float[ndarray, "point latent"]:
        """Where all generators are evaluated for their densities."""

    @property
    def samples(self) -> Float[ndarray, "sample latent"]:
        """Fixed independent latents: those of the points drawn, and of the samples that coverage is measured on."""
        return np.zeros((0, self.latent.dim), dtype=np.float32)

    @abstractmethod
    def masses(self, generate: Generate) -> CellMasses:
        """Return the generators' masses."""

    @property
    @abstractmethod
    def data_masses(self) -> CellMasses:
        """The data's masses."""

    @property
    @abstractmethod
    def estimated(self) -> bool:
        """Whether generators' densities are estimated from points, and so have to be smoothed."""

    def compared(self, masses: M) -> M:
        """Return masses as they enter divergences: where the generators' are smoothed, the data's are as well."""
        return smooth(masses) if self.estimated else masses

    @cached_property
    def compared_data(self) -> CellMasses:
        """The data's masses as they enter divergences."""
        return self.compared(self.data_masses)

    @property
    @abstractmethod
    def transport(self) -> tuple[str, str]:
        """Name and description of the transport distance."""

    @abstractmethod
    def distance(self, masses: Any) -> Float[ndarray, " row"]:
        """Return that distance between data and generators, from masses as they enter divergences."""

    @property
    @abstractmethod
    def capture_rule(self) -> str:
        """When a mode counts as captured."""

    @abstractmethod
    def coverage(self, masses: Any, samples: Float[ndarray, "row sample dim"]) -> Coverage:
        """Return the coverage of the data's modes (at least one) by the generators' masses, or by their samples."""

    @property
    @abstractmethod
    def latent_map(self) -> LatentMap | None:
        """What is recorded of the map from latent to data; None where it cannot be drawn."""

    @abstractmethod
    def window(self) -> dict[str, Coord]:
        """Return the cells' middles along each axis, with the window's ends, and the sides mass can leave it by."""

    @property
    def per_cell(self) -> str:
        """The unit of a density."""
        return f"1 / {self.axes[0]}" if len(self.axes) == 1 else f"1 / ({' '.join(self.axes)})"

    @cached_property
    def modes(self) -> Modes:
        """The data's modes."""
        return self.data.modes()

    def coords(self) -> dict[str, Coord]:
        """Return everything that is recorded once."""
        found = self.window()
        found["axis"] = (("axis",), np.arange(len(self.axes)), {"long_name": ", ".join(self.axes)})
        if self.drawn:
            found["point"] = (("point",), np.arange(self.drawn), {"long_name": "generated points"})
        density = (self.data_masses.total / self.cell).astype(np.float32)
        found["data_density"] = (self.axes, density, {"long_name": "data density p_data", "units": self.per_cell})
        if self.latent_map is not None:
            found.update(self.latent_map.coords)
        if len(self.modes.points):
            found["mode"] = (("mode",), np.arange(len(self.modes.points)), {"long_name": "modes of the data"})
            found["mode_position"] = (("mode", "axis"), self.modes.points, {"units": "x"})
            found["mode_std"] = (("mode",), self.modes.stds, {"units": "x"})
            found["mode_weight"] = (("mode",), self.modes.weights, {"long_name": "share of the data's mass"})
        return found
