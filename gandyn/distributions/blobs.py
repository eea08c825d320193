"""Disjoint blobs: uniform discs that do not touch, between which a density is exactly zero."""

from __future__ import annotations

from functools import cached_property
from itertools import combinations
from typing import Literal, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, FiniteFloat, model_validator

from gandyn.core.catalog import PositiveFinite
from gandyn.distributions.base import PlaneDistribution
from gandyn.distributions.modes import Modes
from gandyn.distributions.weights import Chooser, Weights, check_weights, probabilities

__all__ = ["Blobs"]


class Blobs(PlaneDistribution):
    """Uniform discs with disjoint supports."""

    type: Literal["blobs"] = "blobs"
    centres: list[tuple[FiniteFloat, FiniteFloat]] = Field(
        [(-1.3, -0.9), (1.3, -0.9), (0.0, 1.3)],
        min_length=1,
        max_length=1000,
        description="middles [x, y] of the discs",
    )
    radii: list[PositiveFinite] | PositiveFinite = Field(0.6, description="one per disc, or one number for all")
    weights: Weights = None

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        if isinstance(self.radii, list) and len(self.radii) != len(self.centres):
            raise ValueError(f"radii has {len(self.radii)} entries for {len(self.centres)} centres")
        check_weights(self.weights, len(self.centres))
        for i, j in combinations(range(len(self.centres)), 2):
            apart = np.subtract(self.centres[i], self.centres[j])
            if np.hypot(*apart) - self._reach[i] < self._reach[j]:
                raise ValueError(
                    f"discs must not overlap: those with centres {self.centres[i]} and {self.centres[j]} do"
                )
        return self

    @cached_property
    def _middle(self) -> Float[ndarray, "disc 2"]:
        return np.array(self.centres, dtype=np.float64)

    @cached_property
    def _reach(self) -> Float[ndarray, " disc"]:
        return np.broadcast_to(np.array(self.radii, dtype=np.float64), len(self.centres))

    @cached_property
    def _shares(self) -> Float[ndarray, " disc"]:
        return probabilities(self.weights, len(self.centres))

    @cached_property
    def _choose(self) -> Chooser:
        return Chooser(self._shares)

    def density(self, points: Float[ndarray, "*batch 2"]) -> Float[ndarray, "*batch"]:
        """Return the density of the disc that a point lies in; zero between them."""
        total = np.zeros(np.shape(points)[:-1])
        for middle, radius, share in zip(self._middle, self._reach, self._shares, strict=True):
            total += (np.square(points - middle).sum(-1) <= radius**2) * share / (np.pi * radius**2)
        return total

    def masses(
        self, x_edges: Float[ndarray, " x_edge"], y_edges: Float[ndarray, " y_edge"]
    ) -> Float[ndarray, "x_cell y_cell"]:
        """Return the exact mass of each cell, from the area of a disc below and to the left of each corner."""
        total = np.zeros((len(x_edges) - 1, len(y_edges) - 1))
        for (x, y), radius, share in zip(self._middle, self._reach, self._shares, strict=True):
            a, b = (np.asarray(x_edges) - x) / radius, (np.asarray(y_edges) - y) / radius
            area = np.diff(np.diff(_quadrant(a[:, None], b), axis=0), axis=1)
            nearest = np.add.outer(_distance(a) ** 2, _distance(b) ** 2)
            total += np.where(nearest < 1, np.maximum(area, 0.0), 0.0) * share / np.pi
        return total

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 2"]:
        """Draw a disc for each sample, then a point of it in polar coordinates."""
        which = self._choose(rng, count)
        uniform = rng.random((2, count), dtype=np.float32)
        radius = np.sqrt(uniform[0]) * self._reach.astype(np.float32).take(which)
        angle = np.float32(2 * np.pi) * uniform[1]
        drawn = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        drawn += self._middle.astype(np.float32).take(which, axis=0)
        return drawn

    def modes(self) -> Modes:
        """Return the middle of each disc; discs are flat, so a lower one is a mode as well.

        The stds are a third of the radii, so that of high quality is what lies on a disc, and nothing beside it.
        """
        return Modes(self._middle, self._reach / 3, self._shares)

    def bounds(self) -> Float[ndarray, "2 2"]:
        """Return the box of all discs."""
        reach = self._reach[:, None]
        return np.stack([(self._middle - reach).min(0), (self._middle + reach).max(0)], axis=1)


def _distance(edges: Float[ndarray, " edge"]) -> Float[ndarray, " cell"]:
    """Return the distance of each interval from 0."""
    return np.maximum(np.maximum(edges[:-1], -edges[1:]), 0.0)


def _quadrant(a: Float[ndarray, "*#batch"], b: Float[ndarray, "*#batch"]) -> Float[ndarray, "*batch"]:
    """Return the area of the unit disc where x <= a and y <= b."""
    a, b = np.clip(a, -1.0, 1.0), np.clip(b, -1.0, 1.0)
    corner = np.sqrt(1 - b**2)  # the line y = b meets the circle at -corner and corner
    inner = np.clip(a, -corner, corner)
    area = b * (inner + corner) + _below_arc(inner) - _below_arc(-corner)
    sides = _below_arc(np.minimum(a, -corner)) + np.pi / 4 + _below_arc(np.maximum(a, corner)) - _below_arc(corner)
    return area + np.where(b > 0, 2 * sides, 0.0)


def _below_arc(x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
    """Return the integral of sqrt(1 - x^2) from 0."""
    return (x * np.sqrt(np.maximum(1 - x**2, 0.0)) + np.arcsin(x)) / 2
