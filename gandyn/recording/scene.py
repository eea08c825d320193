"""The fixed surroundings of a recording: the data on its grid, the latent lattice, and how one becomes the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.estimators import SMOOTHING, quasi_monte_carlo, smooth
from gandyn.densities.grid import LineGrid, Masses, data_masses
from gandyn.densities.pushforward import pushforward
from gandyn.distributions.base import LineDistribution, Modes
from gandyn.distributions.latent import Latent
from gandyn.errors import UsageError
from gandyn.objectives.base import Objective
from gandyn.recording.options import RecordOptions

__all__ = ["ARROWS", "Scene"]

ARROWS = 41
"""Latent positions whose images are drawn as arrows."""


@dataclass(frozen=True)
class Scene:
    """Everything a probe may know besides the two players."""

    data: LineDistribution
    latent: Latent
    objective: Objective
    options: RecordOptions

    @cached_property
    def grid(self) -> LineGrid:
        """The cells; the ends left open by the options are the data's extent."""
        low, high = self.data.extent()[0]
        low = float(low) if self.options.grid.low is None else self.options.grid.low
        high = float(high) if self.options.grid.high is None else self.options.grid.high
        if not low < high:
            raise UsageError(f"record.grid: low ({low:g}) must be less than high ({high:g}); one of them is the data's")
        return LineGrid(low, high, self.options.grid.cells)

    @property
    def exact(self) -> bool:
        """Whether the pushforward is exact: the latent has one coordinate."""
        return self.latent.dim == 1

    @property
    def method(self) -> dict[str, str | float | int]:
        """How generator densities are found, as attributes of the recorded variable."""
        if self.exact:
            return {"method": "exact", "latent_cells": self.options.latent_cells}
        return {
            "method": "quasi_monte_carlo",
            "latent_points": self.options.latent_points,
            "smoothing_std": SMOOTHING * self.grid.width,
        }

    @cached_property
    def data_masses(self) -> Masses:
        """The data's exact masses on the grid."""
        return data_masses(self.data, self.grid)

    @cached_property
    def modes(self) -> Modes:
        """The data's modes."""
        return self.data.modes()

    @cached_property
    def _lattice(self) -> tuple[Float[ndarray, " edge"], Float[ndarray, " cell"]]:
        return self.latent.lattice(self.options.latent_cells)

    @cached_property
    def latent_points(self) -> Float[ndarray, "point latent"]:
        """Where the generator is evaluated: the lattice's edges, or Sobol points."""
        return self._lattice[0][:, None] if self.exact else self.latent.points(self.options.latent_points)

    def masses(self, images: Float[ndarray, "row point"]) -> Masses:
        """Return the generator's masses from its values at `latent_points`."""
        return pushforward(images, self._lattice[1], self.grid) if self.exact else quasi_monte_carlo(images, self.grid)

    @cached_property
    def compared_data(self) -> Masses:
        """The data's masses as they enter divergences: smoothed exactly when the generator's are."""
        return self.data_masses if self.exact else smooth(self.data_masses)

    def compared(self, masses: Masses) -> Masses:
        """Return the generator's masses as they enter divergences."""
        return masses if self.exact else smooth(masses)

    @cached_property
    def arrows(self) -> Float[ndarray, " z"] | None:
        """Latent positions for the drawing of the map; None for a latent of several coordinates."""
        return self.latent.arrows(ARROWS) if self.exact else None

    @cached_property
    def latent_density(self) -> Float[ndarray, " z"] | None:
        """The latent density at the arrows."""
        return None if self.arrows is None else np.asarray(self.latent.pdf(self.arrows))
