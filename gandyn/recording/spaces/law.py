"""Scenes of data whose law is known: the density is the data's own, and the latent is one of ours."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, Self, TypeVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.core.errors import UsageError
from gandyn.densities.cells import CellMasses
from gandyn.densities.estimators import smooth
from gandyn.distributions.base import Distribution
from gandyn.distributions.latent import Latent
from gandyn.distributions.modes import Modes
from gandyn.distributions.units import OWN, Units
from gandyn.objectives.base import Objective
from gandyn.recording.options import RecordOptions
from gandyn.recording.spaces.base import Coord, Space
from gandyn.recording.spaces.widening import widened

__all__ = ["DistributionSpace"]

M = TypeVar("M", bound=CellMasses)

_LATENT_POINTS = 4096


@dataclass(frozen=True)
class DistributionSpace(Space):
    """The fixed surroundings of a recording of toy data.

    Attributes:
        most_cells: of the grid, along a side.
        latent_cells: of the latent's lattice, along a side, where the options give none; at least
            `fewest_latent_cells`.
        shown: ends of the window along each coordinate, where it is not the data's own.
        units: those of the data; the players that are looked at live in standard ones.
    """

    most_cells: ClassVar[int]
    latent_cells: ClassVar[int]
    fewest_latent_cells: ClassVar[int]

    data: Distribution
    latent: Latent
    objective: Objective
    options: RecordOptions
    shown: tuple[tuple[float, float], ...] = ()
    units: Units = OWN

    def __post_init__(self) -> None:
        """Refuse options that make no sense here.

        Raises:
            UsageError: a number is too small or too large.
        """
        cells, latent_cells, points = self.options.grid.cells, self.options.latent_cells, self.options.latent_points
        if points is not None and points & (points - 1):
            raise UsageError(f"latent_points: Sobol sets are balanced in powers of two alone, not {points}")
        if latent_cells is not None and not self.fewest_latent_cells <= latent_cells <= self.most_cells:
            ends = f"{self.fewest_latent_cells} to {self.most_cells}"
            raise UsageError(f"latent_cells: {ends} make sense here, not {latent_cells}")
        if cells is not None and cells > self.most_cells:
            raise UsageError(f"grid.cells: at most {self.most_cells} make sense here, not {cells}")
        self.options.grid.window(self.extent())

    def extent(self) -> Float[ndarray, "dim 2"]:
        """Return the window that shows the data with room around it."""
        return np.array(self.shown) if self.shown else self.data.extent()

    def showing(self, samples: Float[ndarray, "point dim"]) -> Self:
        """Return the same surroundings in a window that holds nearly all of some samples too, within reason."""
        extent = widened(self.data.extent(), samples)
        return replace(self, shown=tuple((float(low), float(high)) for low, high in extent))

    @cached_property
    def coords(self) -> dict[str, Coord]:
        """The same, with what counts as equally long along each axis where the data was standardised."""
        found = super().coords
        for axis, scale in zip(self.axes, self.units.scale, strict=False):
            dims, values, about = found[axis]
            found[axis] = (dims, values, {**about, "scale": scale})
        return found

    @property
    def atoms(self) -> Float[ndarray, "atom axis"]:
        """The points of the data that carry mass."""
        return self.data.atoms().points

    @property
    def remark(self) -> dict[str, str]:
        """Say so where modes are narrower than a cell."""
        side = self.cell ** (1 / len(self.axes))
        stds = self.modes.stds
        narrow = float(np.min(stds, initial=np.inf, where=(stds > 0) | (not self.tells_points)))
        if narrow >= side:
            return {}
        # Cells of a plane are as many along each side.
        cells = max(self.shape) * side
        enough = cells <= self.most_cells * narrow  # never of points
        cure = (
            f"--set record.grid.cells={math.ceil(cells / narrow)}"
            if enough
            else "make them wider, or the window smaller"
        )
        return {"lower_bound": f"modes of std {narrow:.3g} are narrower than a cell of {side:.3g}: {cure}"}

    @property
    def response_kind(self) -> Literal["probability", "critic"]:  # noqa: D102
        return self.objective.response_kind

    def respond(self, logit: Any) -> Any:  # noqa: D102
        return self.objective.response(logit)

    @property
    @abstractmethod
    def estimated(self) -> bool:
        """Whether generators' densities are estimated from points, and so have to be smoothed."""

    @property
    def tells_points(self) -> bool:
        """Whether point masses are told from what lies beside them in their cell."""
        return False

    @property
    def sobol_points(self) -> int:
        """Number of latent points that estimates are made from."""
        return self.options.latent_points or _LATENT_POINTS

    @property
    def _cells(self) -> int:
        return self.options.latent_cells or self.latent_cells

    @property
    def samples(self) -> Float[ndarray, "sample latent"]:  # noqa: D102
        return np.zeros((0, self.latent.dim), dtype=np.float32)

    def compared(self, masses: M) -> M:  # noqa: D102
        return smooth(masses) if self.estimated else masses

    @cached_property
    def compared_data(self) -> CellMasses:  # noqa: D102
        return self.compared(self.data_masses)

    @cached_property
    def modes(self) -> Modes:  # noqa: D102
        return self.data.modes()
