"""The plane: latent cells laid over their images where the latent has two coordinates, else quasi-Monte-Carlo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.estimators import SMOOTHING
from gandyn.densities.lattice import push_lattice, widest
from gandyn.densities.plane import PlaneMasses
from gandyn.densities.shadow import plane_masses
from gandyn.distributions.base import PlaneDistribution
from gandyn.divergences.coverage import HIGH_QUALITY, SAMPLES, Coverage, sample_coverage
from gandyn.recording.scenes.base import Coord, Generate, LatentMap
from gandyn.recording.scenes.law import LawScene
from gandyn.recording.scenes.spaces import OnPlane

__all__ = ["PlaneScene"]

# Corners along each side of the latent lattice that is drawn.
_DRAWN = 25
# Latent cells that are cut again, and the parts along each of their sides.
_CUT, _PARTS = 32, 4
# Lattices of latent cells end at six standard deviations, which leaves this much of one cell's mass in doubt.
_TAIL = 1e-8


@dataclass(frozen=True)
class PlaneScene(LawScene, OnPlane):
    """Surroundings on the plane."""

    latent_cells: ClassVar[int] = 36
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
            return {"method": "pushforward_of_cells", "latent_cells": self._cells**2 + _CUT * (_PARTS**2 - 1)}
        return {
            "method": "quasi_monte_carlo",
            "latent_points": self.sobol_points,
            "smoothing_std": SMOOTHING * self.grid.widths[0],
        }

    @property
    def resolution(self) -> float:
        """What lies beyond the latent lattice; of points, what less than one of them stands for."""
        return 1 / self.sobol_points if self.estimated else _TAIL

    @cached_property
    def _lattice(self) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        return self.latent.bulk(self._cells)

    @cached_property
    def latent_points(self) -> Float[ndarray, "point latent"]:
        """The corners of the latent cells, or Sobol points."""
        return self.latent.points(self.sobol_points) if self.estimated else _pairs(self._lattice[0])

    @cached_property
    def samples(self) -> Float[ndarray, "sample latent"]:  # noqa: D102
        count = SAMPLES if len(self.modes.points) else self.drawn
        return self.latent.sample(np.random.default_rng(0), count)

    def masses(self, generate: Generate) -> PlaneMasses:  # noqa: D102
        images = generate(self.latent_points)
        if self.estimated:
            return self.histogram(images)
        images = images.reshape(-1, self._cells + 1, self._cells + 1, 2)
        masses = np.outer(self._lattice[1], self._lattice[1])
        cells = widest(images, masses, self.grid, min(_CUT, masses.size))
        # The corners of the parts of each of these cells, and the parts' masses.
        first, second = np.divmod(cells, self._cells)
        ends, shares = self._parts
        latents = np.stack(
            np.broadcast_arrays(ends[first][..., :, None], ends[second][..., None, :]), axis=-1
        )  # (row, cell, part1, part2, 2)
        fine = generate(latents.reshape(len(images), -1, 2)).reshape(latents.shape)
        parts = shares[first][..., :, None] * shares[second][..., None, :]
        return push_lattice(images, masses, self.grid, (cells, fine, parts))

    @cached_property
    def _parts(self) -> tuple[Float[ndarray, "cell edge"], Float[ndarray, "cell part"]]:
        """The ends of the parts of each latent cell along one coordinate, and their masses."""
        edges, masses = self._lattice
        ends = edges[:-1, None] + np.diff(edges)[:, None] * np.linspace(0, 1, _PARTS + 1)
        weights = self.latent.pdf((ends[:, :-1] + ends[:, 1:]) / 2)
        return ends, masses[:, None] * weights / weights.sum(1, keepdims=True)

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
