"""The line: exact densities where the latent has one coordinate, quasi-Monte-Carlo where it has more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.estimators import SMOOTHING, quasi_monte_carlo
from gandyn.densities.grid import LineGrid, Masses, data_masses
from gandyn.densities.pushforward import pushforward
from gandyn.distributions.base import LineDistribution
from gandyn.divergences.coverage import SHARE, Coverage, coverage
from gandyn.divergences.entropic import NEGLIGIBLE
from gandyn.divergences.transport import wasserstein_1
from gandyn.recording.scenes.base import Coord, Generate, LatentMap, Scene

__all__ = ["LineScene"]

_ARROWS = 41


@dataclass(frozen=True)
class LineScene(Scene):
    """Surroundings on the line."""

    axes: ClassVar[tuple[str, ...]] = ("x",)
    cells: ClassVar[int] = 512
    most_cells: ClassVar[int] = 65536
    latent_cells: ClassVar[int] = 512
    fewest_latent_cells: ClassVar[int] = 96
    transport: ClassVar[tuple[str, str]] = ("w1", "Wasserstein-1 distance")
    capture_rule: ClassVar[str] = f"a mode is captured when it holds at least {SHARE:g} of the data's mass there"

    data: LineDistribution

    @cached_property
    def grid(self) -> LineGrid:
        """The cells; the ends left open by the options are the data's extent."""
        ((low, high),) = self.options.grid.window(self.data.extent())
        return LineGrid(low, high, self.options.grid.cells or self.cells)

    @property
    def points(self) -> Float[ndarray, "point 1"]:  # noqa: D102
        return self.grid.centres[:, None]

    @property
    def shape(self) -> tuple[int]:  # noqa: D102
        return (self.grid.cells,)

    @property
    def cell(self) -> float:  # noqa: D102
        return self.grid.width

    @property
    def estimated(self) -> bool:
        """Unless the latent has one coordinate."""
        return self.latent.dim != 1

    @property
    def method(self) -> dict[str, str | float | int]:  # noqa: D102
        if not self.estimated:
            return {"method": "exact", "latent_cells": self._cells}
        return {
            "method": "quasi_monte_carlo",
            "latent_points": self.options.latent_points,
            "smoothing_std": SMOOTHING * self.grid.width,
        }

    @property
    def negligible(self) -> float:
        """What float64 rounds away; of points, what less than one of them stands for."""
        return 1 / self.options.latent_points if self.estimated else NEGLIGIBLE

    @property
    def _cells(self) -> int:
        return self.options.latent_cells or self.latent_cells

    @cached_property
    def _lattice(self) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        return self.latent.lattice(self._cells)

    @cached_property
    def latent_points(self) -> Float[ndarray, "point latent"]:
        """The lattice's edges, or Sobol points."""
        return self.latent.points(self.options.latent_points) if self.estimated else self._lattice[0][:, None]

    def masses(self, generate: Generate) -> Masses:  # noqa: D102
        images = generate(self.latent_points)[..., 0]
        return (
            quasi_monte_carlo(images, self.grid) if self.estimated else pushforward(images, self._lattice[1], self.grid)
        )

    @cached_property
    def data_masses(self) -> Masses:  # noqa: D102
        return data_masses(self.data, self.grid)

    def distance(self, masses: Masses) -> Float[ndarray, " row"]:  # noqa: D102
        assert isinstance(self.compared_data, Masses)
        return wasserstein_1(self.compared_data, masses, self.grid)

    def coverage(self, masses: Masses, samples: Float[ndarray, "row sample 1"]) -> Coverage:
        """Return the coverage by masses, from distribution functions."""
        return coverage(masses, self.data_masses, self.modes, self.grid)

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

    def window(self) -> dict[str, Coord]:  # noqa: D102
        grid = self.grid
        return {
            "x": (("x",), grid.centres, {"long_name": "cell centres", "low": grid.low, "high": grid.high}),
            "side": (("side",), np.array([0, 1]), {"long_name": "below and above the grid"}),
        }
