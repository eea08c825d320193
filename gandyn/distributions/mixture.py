"""Mixtures on the line: of Gaussians, and of uniform pieces with disjoint supports."""

from __future__ import annotations

from abc import abstractmethod
from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, FiniteFloat, model_validator

from gandyn.catalog import PositiveFinite
from gandyn.distributions.base import LineDistribution, Modes
from gandyn.distributions.line import Gaussian, Uniform

__all__ = ["GaussianMixture", "Mixture", "UniformMixture"]

Weights = Annotated[list[PositiveFinite] | None, Field(description="one per part, summing to one; equal if left out")]


def check_weights(weights: list[float] | None, count: int) -> None:
    """Raise ValueError unless there are `count` weights that sum to one (or none, for equal ones)."""
    if weights is None:
        return
    if len(weights) != count:
        raise ValueError(f"weights has {len(weights)} entries for {count} parts")
    if abs(sum(weights) - 1) > 1e-6:
        raise ValueError(f"weights must sum to one, not {sum(weights):.6g}")


class Mixture(LineDistribution):
    """A weighted sum of line distributions; the subclass says of which."""

    weights: Weights = None

    @property
    @abstractmethod
    def parts(self) -> list[LineDistribution]:
        """The distributions that are mixed."""

    @property
    def probabilities(self) -> Float[ndarray, " part"]:
        """The weights, normalised in float64."""
        weights = np.array(self.weights) if self.weights is not None else np.ones(len(self.parts))
        return weights / weights.sum()

    def _mean(self, method: str, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        return sum(w * getattr(part, method)(x) for w, part in zip(self.probabilities, self.parts, strict=True))

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._mean("pdf", x)

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._mean("cdf", x)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._mean("sf", x)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:
        """Return the quantile by bisection between the least and the greatest of the parts' quantiles."""
        ends = np.stack([part.quantile(u, upper) for part in self.parts])
        return self.bisect(u, upper, ends.min(0), ends.max(0))

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:
        """Draw a part for each sample, then the sample from its part."""
        which = np.searchsorted(np.cumsum(self.probabilities)[:-1], rng.random(count), side="right")
        drawn = np.stack([part.sample(rng, count) for part in self.parts])
        return drawn[which, np.arange(count)]


class GaussianMixture(Mixture):
    """A mixture of Gaussians."""

    type: Literal["gaussian_mixture"] = "gaussian_mixture"
    means: list[FiniteFloat] = Field([-2.0, 2.0], min_length=1)
    stds: list[PositiveFinite] = Field([0.5, 0.5], min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.stds) != len(self.means):
            raise ValueError(f"stds has {len(self.stds)} entries for {len(self.means)} means")
        check_weights(self.weights, len(self.means))
        return self

    @property
    def parts(self) -> list[LineDistribution]:
        """One Gaussian a mean."""
        return [Gaussian(mean=m, std=s) for m, s in zip(self.means, self.stds, strict=True)]

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:
        """Draw one normal a sample, moved and scaled to its part: cheaper than drawing from every part."""
        which = np.searchsorted(np.cumsum(self.probabilities)[:-1], rng.random(count), side="right")
        means, stds = np.array(self.means, np.float32), np.array(self.stds, np.float32)
        return (rng.standard_normal(count, dtype=np.float32) * stds[which] + means[which])[:, None]

    def modes(self) -> Modes:
        """Return the maxima of the density, climbed to from the means; where bumps merge there are fewer than means.

        References:
            Carreira-Perpinan, "Mode-finding for mixtures of Gaussian distributions", 2000.
        """
        means, stds = np.array(self.means), np.array(self.stds)
        climb = means.copy()
        for _ in range(2000):
            bumps = self.probabilities / stds**3 * np.exp(-0.5 * ((climb[:, None] - means) / stds) ** 2)
            climb = (bumps * means).sum(1) / bumps.sum(1)
        order = np.argsort(climb)
        keep = [k for i, k in enumerate(order) if i == 0 or climb[k] - climb[order[i - 1]] > 1e-3 * stds.min()]
        return Modes(climb[keep][:, None], stds[keep])


class UniformMixture(Mixture):
    """A mixture of uniform pieces whose supports do not overlap."""

    type: Literal["uniform_mixture"] = "uniform_mixture"
    intervals: list[tuple[FiniteFloat, FiniteFloat]] = Field([(-2.0, -1.0), (1.0, 2.0)], min_length=1)

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        ordered = sorted(self.intervals)
        for low, high in ordered:
            if not low < high:
                raise ValueError(f"an interval must run from low to high, not from {low} to {high}")
        for (_, high), (low, _) in pairwise(ordered):
            if low < high:
                raise ValueError(f"intervals must not overlap: one ends at {high}, the next begins at {low}")
        check_weights(self.weights, len(self.intervals))
        return self

    @property
    def parts(self) -> list[LineDistribution]:
        """One uniform distribution an interval."""
        return [Uniform(low=low, high=high) for low, high in self.intervals]

    def modes(self) -> Modes:
        """Return the middle of each piece; pieces are flat, so a lower piece is a mode as well."""
        each = [part.modes() for part in self.parts]
        return Modes(np.concatenate([m.points for m in each]), np.concatenate([m.stds for m in each]))
