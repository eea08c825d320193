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
from gandyn.densities.plane import DIRECTIONS, PlaneGrid, PlaneMasses
from gandyn.densities.plane_points import quasi_monte_carlo_plane
from gandyn.densities.shadow import plane_masses
from gandyn.distributions.base import PlaneDistribution
from gandyn.divergences.coverage import HIGH_QUALITY, SAMPLES, Coverage, sample_coverage
from gandyn.divergences.transport import sliced_wasserstein_1
from gandyn.recording.scenes.base import Coord, Generate, LatentMap, Scene

__all__ = ["PlaneScene"]

# Corners along each side of the latent lattice that is drawn.
_DRAWN = 25
# Latent cells that are cut again, and the parts along each of their sides.
_CUT, _PARTS = 32, 4
# Lattices of latent cells end at six standard deviations, which leaves this much of one cell's mass in doubt.
_TAIL = 1e-8


@dataclass(frozen=True)
class PlaneScene(Scene):
    """Surroundings on the plane."""

    axes: ClassVar[tuple[str, ...]] = ("x", "y")
    kept_bits: ClassVar[int | None] = 10
    cells: ClassVar[int] = 64
    most_cells: ClassVar[int] = 1024
    latent_cells: ClassVar[int] = 36
    fewest_latent_cells: ClassVar[int] = 8
    drawn: ClassVar[int] = 200
    transport: ClassVar[tuple[str, str]] = (
        "sliced_w1",
        f"sliced Wasserstein-1 distance: mean over {DIRECTIONS} directions",
    )
    capture_rule: ClassVar[str] = (
        f"a mode is captured when one of {SAMPLES} generated samples lies within {HIGH_QUALITY:g} stds of it; "
        "the samples are of the same latents at every step and seed"
    )

    data: PlaneDistribution

    @cached_property
    def grid(self) -> PlaneGrid:
        """The cells; the ends left open by the options are the data's extent."""
        (left, right), (bottom, top) = self.options.grid.window(self.data.extent())
        return PlaneGrid((left, bottom), (right, top), self.options.grid.cells or self.cells)

    @property
    def points(self) -> Float[ndarray, "point 2"]:  # noqa: D102
        return self.grid.centres

    @property
    def shape(self) -> tuple[int, int]:  # noqa: D102
        return (self.grid.cells, self.grid.cells)

    @property
    def cell(self) -> float:  # noqa: D102
        return self.grid.area

    @property
    def estimated(self) -> bool:
        """Unless the latent has two coordinates."""
        return self.latent.dim != 2

    @property
    def _cells(self) -> int:
        return self.options.latent_cells or self.latent_cells

    @property
    def method(self) -> dict[str, str | float | int]:  # noqa: D102
        if not self.estimated:
            return {"method": "pushforward_of_cells", "latent_cells": self._cells**2 + _CUT * (_PARTS**2 - 1)}
        return {
            "method": "quasi_monte_carlo",
            "latent_points": self.options.latent_points,
            "smoothing_std": SMOOTHING * self.grid.widths[0],
        }

    @property
    def negligible(self) -> float:
        """What lies beyond the latent lattice; of points, what less than one of them stands for."""
        return 1 / self.options.latent_points if self.estimated else _TAIL

    @cached_property
    def _lattice(self) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        return self.latent.bulk(self._cells)

    @cached_property
    def latent_points(self) -> Float[ndarray, "point latent"]:
        """The corners of the latent cells, or Sobol points."""
        return self.latent.points(self.options.latent_points) if self.estimated else _pairs(self._lattice[0])

    @cached_property
    def samples(self) -> Float[ndarray, "sample latent"]:  # noqa: D102
        count = SAMPLES if len(self.modes.points) else self.drawn
        return self.latent.sample(np.random.default_rng(0), count)

    def masses(self, generate: Generate) -> PlaneMasses:  # noqa: D102
        images = generate(self.latent_points)
        if self.estimated:
            return quasi_monte_carlo_plane(images, self.grid)
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

    def distance(self, masses: PlaneMasses) -> Float[ndarray, " row"]:  # noqa: D102
        assert isinstance(self.compared_data, PlaneMasses)
        return sliced_wasserstein_1(self.compared_data, masses, self.grid)

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

    def window(self) -> dict[str, Coord]:  # noqa: D102
        found: dict[str, Coord] = {}
        for axis, low, high, middles in zip(self.axes, self.grid.low, self.grid.high, self.grid.middles, strict=True):
            found[axis] = ((axis,), middles, {"long_name": "cell centres", "low": low, "high": high})
        found["side"] = (("side",), np.array([0]), {"long_name": "beyond the grid"})
        return found


def _pairs(z: Float[ndarray, " edge"]) -> Float[ndarray, "corner 2"]:
    return np.stack(np.meshgrid(z, z, indexing="ij"), axis=-1).reshape(-1, 2)
