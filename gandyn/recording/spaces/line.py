"""The line: exact densities where the latent has one coordinate, quasi-Monte-Carlo where it has more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.estimators import SMOOTHING
from gandyn.densities.grid import Masses, data_masses
from gandyn.densities.pushforward import pushforward
from gandyn.distributions.base import LineDistribution
from gandyn.distributions.latent import Lattice
from gandyn.divergences.coverage import Coverage, coverage, least_masses
from gandyn.divergences.finding import SHARE
from gandyn.recording.spaces.base import Coord, Generate, LatentMap
from gandyn.recording.spaces.grids import LineWindow
from gandyn.recording.spaces.law import DistributionSpace

__all__ = ["LineSpace"]

_ARROWS = 41


@dataclass(frozen=True)
class LineSpace(DistributionSpace, LineWindow):
    """Surroundings on the line."""

    latent_cells: ClassVar[int] = 384
    fewest_latent_cells: ClassVar[int] = 96

    data: LineDistribution

    @property
    def capture_rule(self) -> str:  # noqa: D102
        return f"a mode is captured when it holds at least {SHARE:g} of the data's mass there"

    @property
    def estimated(self) -> bool:
        """Unless the latent has one coordinate."""
        return self.latent.dim != 1

    @property
    def tells_points(self) -> bool:
        """Unless they are smoothed."""
        return not self.estimated

    @property
    def method(self) -> dict[str, str | float | int]:  # noqa: D102
        if not self.estimated:
            return {"method": "exact", "latent_cells": self._cells}
        return {
            "method": "quasi_monte_carlo",
            "latent_points": self.sobol_points,
            "smoothing_std": SMOOTHING * self.grid.width,
        }

    @property
    def resolution(self) -> float:
        """Of points, what less than one of them stands for."""
        return 1 / self.sobol_points if self.estimated else 0.0

    @cached_property
    def _lattice(self) -> Lattice:
        return self.latent.lattice(self._cells)

    @cached_property
    def latent_points(self) -> Float[ndarray, "point latent"]:
        """The lattice's edges, or Sobol points."""
        return self.latent.points(self.sobol_points) if self.estimated else self._lattice.edges[:, None]

    def masses(self, generate: Generate) -> Masses:  # noqa: D102
        images = generate(self.latent_points)
        return self.histogram(images) if self.estimated else pushforward(images[..., 0], self._lattice, self.grid)

    @cached_property
    def data_masses(self) -> Masses:  # noqa: D102
        return data_masses(self.data, self.grid)

    @cached_property
    def least_masses(self) -> Float[ndarray, " mode"]:
        """A quarter of the data's own mass at each mode."""
        return least_masses(self.data_masses, self.modes, self.grid)

    def coverage(self, masses: Masses, samples: Float[ndarray, "row sample 1"]) -> Coverage:
        """Return the coverage by masses, from distribution functions."""
        return coverage(masses, self.least_masses, self.modes, self.grid)

    @cached_property
    def latent_map(self) -> LatentMap | None:
        """The arrows below the axis, for a latent of one coordinate."""
        if self.estimated:
            return None
        z = self.latent.arrows(_ARROWS)
        coords: dict[str, Coord] = {
            "z": (("z",), z, {"long_name": "latent positions of the arrows"}),
            "latent_density": (("z",), np.asarray(self.latent.pdf(z), dtype=np.float32), {"units": "1 / z"}),
        }
        return LatentMap(z[:, None], ("z",), (_ARROWS,), coords)
