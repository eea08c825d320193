"""The plane: latent cells laid over their images where the latent has two coordinates, else quasi-Monte-Carlo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.estimators import SMOOTHING
from gandyn.densities.latent_lattice import LatentLattice
from gandyn.densities.lattice import push_lattice
from gandyn.densities.plane import PlaneMasses
from gandyn.densities.plane_data import plane_masses
from gandyn.densities.torn import PARTS, corners_within, widest
from gandyn.distributions.base import PlaneDistribution
from gandyn.divergences.coverage import SAMPLES, Coverage, sample_coverage
from gandyn.divergences.finding import HIGH_QUALITY
from gandyn.recording.spaces.base import Coord, Generate, LatentMap
from gandyn.recording.spaces.grids import PlaneWindow
from gandyn.recording.spaces.law import DistributionSpace

__all__ = ["PlaneSpace"]

# Corners along each side of the latent lattice that is drawn.
_DRAWN = 25
# Latent cells that are cut again.
_CUT = 40


@dataclass(frozen=True)
class PlaneSpace(DistributionSpace, PlaneWindow):
    """Surroundings on the plane."""

    latent_cells: ClassVar[int] = 40
    fewest_latent_cells: ClassVar[int] = 8

    data: PlaneDistribution

    @property
    def capture_rule(self) -> str:  # noqa: D102
        return (
            f"a mode is captured when one of {SAMPLES} generated samples lies within {HIGH_QUALITY:g} stds of it; "
            "the samples are of the same latents at every step and seed"
        )

    @property
    def estimated(self) -> bool:
        """Unless the latent has two coordinates."""
        return self.latent.dim != 2

    @property
    def method(self) -> dict[str, str | float | int]:  # noqa: D102
        if not self.estimated:
            return {"method": "pushforward_of_cells", "latent_cells": self._cells**2 + _CUT * (PARTS**2 - 1)}
        return {
            "method": "quasi_monte_carlo",
            "latent_points": self.sobol_points,
            "smoothing_std": SMOOTHING * self.grid.widths[0],
        }

    @property
    def resolution(self) -> float:
        """Of points, what less than one of them stands for."""
        return 1 / self.sobol_points if self.estimated else 0.0

    @cached_property
    def _lattice(self) -> LatentLattice:
        return LatentLattice(self.latent, self._cells)

    @cached_property
    def latent_points(self) -> Float[ndarray, "point latent"]:
        """The corners of the latent lattice and those around it, or Sobol points."""
        return self.latent.points(self.sobol_points) if self.estimated else self._lattice.points

    @cached_property
    def samples(self) -> Float[ndarray, "sample latent"]:  # noqa: D102
        count = SAMPLES if len(self.modes.points) else self.drawn
        return self.latent.sample(np.random.default_rng(0), count)

    def masses(self, generate: Generate) -> PlaneMasses:  # noqa: D102
        images = generate(self.latent_points)
        if self.estimated:
            return self.histogram(images)
        cells = widest(images, self._lattice, self.grid, min(_CUT, self._cells**2))
        return push_lattice(images, self._lattice, self.grid, (cells, generate(corners_within(cells, self._lattice))))

    @cached_property
    def data_masses(self) -> PlaneMasses:  # noqa: D102
        return plane_masses(self.data, self.grid)

    @property
    def least_masses(self) -> Float[ndarray, " mode"]:
        """Half a sample: one is enough."""
        return np.full(len(self.modes.points), 0.5 / SAMPLES)

    def coverage(self, masses: PlaneMasses, samples: Float[ndarray, "row sample 2"]) -> Coverage:
        """Return the coverage by samples."""
        return sample_coverage(samples, self.modes)

    @cached_property
    def latent_map(self) -> LatentMap | None:
        """The corners of a coarse latent lattice, equally spaced, for a latent of two coordinates."""
        if self.estimated:
            return None
        z = self.latent.arrows(_DRAWN)
        mass = self.latent.pdf((z[:-1] + z[1:]) / 2) * np.diff(z)
        dims, about = ("z1", "z2"), {"long_name": "latent positions of the lattice's corners"}
        coords: dict[str, Coord] = {dim: ((dim,), z, about) for dim in dims}
        cells = ("z1_cell", "z2_cell")
        coords["latent_mass"] = (cells, np.outer(mass, mass).astype(np.float32), {"long_name": "latent mass of a cell"})
        return LatentMap(_pairs(z), (*dims, "axis"), (_DRAWN, _DRAWN, 2), coords)


def _pairs(z: Float[ndarray, " edge"]) -> Float[ndarray, "corner 2"]:
    return np.stack(np.meshgrid(z, z, indexing="ij"), axis=-1).reshape(-1, 2)
