"""Gaussian bumps on the plane: ring and grid, the data of the mode-collapse literature."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, PositiveInt, model_validator

from gandyn.core.catalog import PositiveFinite
from gandyn.distributions.mode_finding import climb
from gandyn.distributions.modes import Modes
from gandyn.distributions.point_density import Cloud
from gandyn.distributions.weights import Chooser, Weights, check_weights, probabilities

__all__ = ["Bumps", "Grid", "Ring"]


class Bumps(Cloud):
    """A few Gaussians, each of them usually a mode."""

    weights: Weights = None

    @cached_property
    def shares(self) -> Float[ndarray, " gaussian"]:
        """The weights, normalised."""
        return probabilities(self.weights, len(self.centres))

    @cached_property
    def _choose(self) -> Chooser:
        return Chooser(self.shares)

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 2"]:
        """Draw a Gaussian for each sample, then the sample from it."""
        which = self._choose(rng, count)
        drawn = rng.standard_normal((count, 2), dtype=np.float32)
        drawn *= self.spreads.astype(np.float32).take(which, axis=0)
        drawn += self.centres.astype(np.float32).take(which, axis=0)
        return drawn

    def modes(self) -> Modes:
        """Return the maxima of the density: the centres, unless bumps overlap so much that they merge.

        A ring whose bumps merge into one ridge has none.
        """
        return self._found

    @cached_property
    def _found(self) -> Modes:
        return climb(self.centres, self.spreads[:, 0], self.shares)


class _EqualBumps(Bumps):
    """Gaussians of one standard deviation at places that the subclass lays out."""

    std: PositiveFinite = Field(0.1, description="standard deviation of each Gaussian")

    @abstractmethod
    def _places(self) -> Float[ndarray, "gaussian 2"]:
        """Return the centres."""

    @model_validator(mode="after")
    def _one_weight_each(self) -> Self:
        check_weights(self.weights, len(self.centres))
        return self

    @cached_property
    def centres(self) -> Float[ndarray, "gaussian 2"]:
        return self._places()

    @cached_property
    def spreads(self) -> Float[ndarray, "gaussian 1"]:
        return np.full((len(self.centres), 1), self.std)


class Ring(_EqualBumps):
    """Gaussians equally spaced on a circle, the first on the right; with std 0.01, the ring of 8 in the literature.

    By default they are wider: those of the literature are narrower than a cell of the grid that densities are recorded
    on.

    References:
        Srivastava, Valkov, Russell, Gutmann, Sutton, "VEEGAN: reducing mode collapse in GANs using implicit
        variational learning", 2017; Lin, Khetan, Fanti, Oh, "PacGAN: the power of two samples in generative
        adversarial networks", 2018.
    """

    type: Literal["ring"] = "ring"
    count: PositiveInt = Field(8, le=200, description="number of Gaussians")
    radius: PositiveFinite = Field(1.0, description="of the circle their centres lie on")

    @classmethod
    def with_modes(cls, count: int) -> dict[str, Any]:
        """Return the number of Gaussians."""
        return {"count": count}

    def _places(self) -> Float[ndarray, "gaussian 2"]:
        angles = 2 * np.pi * np.arange(self.count) / self.count
        return self.radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


class Grid(_EqualBumps):
    """Gaussians on a square lattice around the origin; with std 0.05, the grid of 25 Gaussians in the literature.

    By default they are wider, for the same reason as in `ring`.

    Weights are listed row by row, from the bottom left.

    References:
        Srivastava, Valkov, Russell, Gutmann, Sutton, "VEEGAN: reducing mode collapse in GANs using implicit
        variational learning", 2017.
    """

    type: Literal["grid"] = "grid"
    columns: PositiveInt = Field(5, le=30, description="Gaussians side by side")
    rows: PositiveInt = Field(5, le=30, description="Gaussians one above the other")
    spacing: PositiveFinite = Field(2.0, description="distance between neighbouring centres")
    std: PositiveFinite = Field(0.25, description="standard deviation of each Gaussian")

    @classmethod
    def with_modes(cls, count: int) -> dict[str, Any]:
        """Return the sides of a rectangle of so many Gaussians, as nearly square as there is one."""
        rows = max(side for side in range(1, math.isqrt(max(count, 1)) + 1) if count % side == 0)
        return {"columns": count // rows, "rows": rows}

    def _places(self) -> Float[ndarray, "gaussian 2"]:
        with np.errstate(over="ignore"):  # such a lattice has no finite window, and is refused for it
            x = self.spacing * (np.arange(self.columns) - (self.columns - 1) / 2)
            y = self.spacing * (np.arange(self.rows) - (self.rows - 1) / 2)
        return np.stack([np.tile(x, self.rows), np.repeat(y, self.columns)], axis=1)
