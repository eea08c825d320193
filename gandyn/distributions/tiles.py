"""Distributions that are constant on each tile of a rectangle: their common ground, and the checkerboard."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field

from gandyn.core.catalog import PositiveFinite
from gandyn.distributions.base import PlaneDistribution
from gandyn.distributions.modes import Modes
from gandyn.distributions.weights import Chooser

__all__ = ["Checkerboard", "Tiles"]


class Tiles(PlaneDistribution):
    """Uniform on each of the equal tiles of a rectangle around the origin."""

    @property
    @abstractmethod
    def shares(self) -> Float[ndarray, "column row"]:
        """The mass of each tile; they sum to one. Row 0 lies at the bottom."""

    @property
    @abstractmethod
    def tile(self) -> float:
        """Side of a tile (they are square)."""

    @cached_property
    def _low(self) -> Float[ndarray, " 2"]:
        return -0.5 * self.tile * np.array(self.shares.shape)

    @cached_property
    def _choose(self) -> Chooser:
        return Chooser(self.shares.ravel())

    def density(self, points: Float[ndarray, "*batch 2"]) -> Float[ndarray, "*batch"]:
        """Return the density of the tile that a point lies on; zero beyond the rectangle."""
        index = np.floor((np.asarray(points, dtype=np.float64) - self._low) / self.tile)
        inside = ((index >= 0) & (index < self.shares.shape)).all(-1)
        column, row = np.where(inside[..., None], index, 0).astype(np.intp).transpose(-1, *range(index.ndim - 1))
        return np.where(inside, self.shares[column, row], 0.0) / self.tile**2

    def masses(
        self, x_edges: Float[ndarray, " x_edge"], y_edges: Float[ndarray, " y_edge"]
    ) -> Float[ndarray, "x_cell y_cell"]:
        """Return the exact mass of each cell: every tile gives what the cell covers of it."""
        return self._covered(x_edges, 0) @ self.shares @ self._covered(y_edges, 1).T

    def _covered(self, edges: Float[ndarray, " edge"], axis: int) -> Float[ndarray, "cell tile"]:
        """Return the share of each tile's length that lies between consecutive edges."""
        position = (np.asarray(edges, dtype=np.float64) - self._low[axis]) / self.tile
        return np.diff(np.clip(position[:, None] - np.arange(self.shares.shape[axis]), 0.0, 1.0), axis=0)

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 2"]:
        """Draw a tile for each sample, then a point of it."""
        rows = self.shares.shape[1]
        which = self._choose(rng, count)
        drawn = rng.random((count, 2), dtype=np.float32)
        drawn[:, 0] += which // rows
        drawn[:, 1] += which % rows
        drawn *= np.float32(self.tile)
        drawn += self._low.astype(np.float32)
        return drawn

    def modes(self) -> Modes:
        """Return none: the density is flat where it is highest."""
        return Modes.none(2)

    def bounds(self) -> Float[ndarray, "2 2"]:
        """Return the box of all tiles with mass."""
        used = np.nonzero(self.shares)
        low, high = np.array([index.min() for index in used]), np.array([index.max() + 1 for index in used])
        return self._low[:, None] + self.tile * np.stack([low, high], axis=1)


class Checkerboard(Tiles):
    """Uniform on every other square of a board."""

    type: Literal["checkerboard"] = "checkerboard"
    squares: int = Field(4, ge=2, le=100, description="squares along each side of the board")
    width: PositiveFinite = Field(4.0, description="side of the board")

    @property
    def tile(self) -> float:  # noqa: D102
        return self.width / self.squares

    @cached_property
    def shares(self) -> Float[ndarray, "column row"]:
        """Equal masses where column + row is even."""
        dark = np.add.outer(np.arange(self.squares), np.arange(self.squares)) % 2 == 0
        return dark / dark.sum()
