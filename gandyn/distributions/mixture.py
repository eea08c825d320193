"""Mixtures: of Gaussians, on the line or on the plane, and of uniform pieces of the line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BeforeValidator, Field, FiniteFloat, model_validator
from scipy.special import logsumexp

from gandyn.core.catalog import PositiveFinite
from gandyn.distributions.base import EitherDistribution, LineDistribution, PlaneDistribution
from gandyn.distributions.gaussian_sum import Bumps
from gandyn.distributions.line import Gaussian, Uniform
from gandyn.distributions.mode_finding import LOG_DROP, climb, groups, joined, joint_std
from gandyn.distributions.modes import Modes
from gandyn.distributions.weights import Chooser, Weights, check_weights, probabilities

__all__ = ["GaussianMixture", "Mixture", "UniformMixture", "mixed_log_masses"]

# How many of them are a mode, and where, takes seconds then; more are rather the data itself, for `empirical`.
_MOST_GAUSSIANS = 5000
_MOST_INTERVALS = 50_000
# Pairs of a point and a part handled at once.
_PAIRS = 1 << 20


def mixed_log_masses(
    parts: LineDistribution, shares: Float[ndarray, " part"], edges: Float[ndarray, " edge"]
) -> Float[ndarray, " cell"]:
    """Return the logarithms of a mixture's masses, part by part: between its modes its own tails are flat to rounding.

    Args:
        parts: the distributions that are mixed, as one whose functions take x of shape (..., 1) to values (..., part).
        shares: their weights.
        edges: of the cells, which may be infinite.
    """
    cells = max(1, _PAIRS // len(shares))
    pieces = [edges[first : first + cells + 1, None] for first in range(0, len(edges) - 1, cells)]
    with np.errstate(divide="ignore"):
        return np.concatenate([logsumexp(parts.log_masses(piece), axis=1, b=shares) for piece in pieces])


class Mixture(LineDistribution):
    """A weighted sum of line distributions of one kind, which the subclass names with the parameters of each."""

    kind: ClassVar[type[LineDistribution]]

    weights: Weights = None

    @property
    @abstractmethod
    def parameters(self) -> dict[str, Float[ndarray, " part"]]:
        """The fields of the distributions that are mixed, by name."""

    @cached_property
    def parts(self) -> LineDistribution:
        """The distributions that are mixed, as one: its functions take x of shape (..., 1) to values (..., part)."""
        fields: dict[str, Any] = {**self.parameters}
        return self.kind.model_construct(None, **fields)

    @cached_property
    def probabilities(self) -> Float[ndarray, " part"]:
        """The weights, normalised in float64."""
        return probabilities(self.weights, len(next(iter(self.parameters.values()))))

    @cached_property
    def _choose(self) -> Chooser:
        return Chooser(self.probabilities)

    def _over_parts(
        self, x: Float[ndarray, "*batch"], function: Callable[[Float[ndarray, "point 1"]], Float[ndarray, " point"]]
    ) -> Float[ndarray, "*batch"]:
        """Return a function of each point and all parts, for as many points at once as there is memory for."""
        flat = np.asarray(x, dtype=np.float64).reshape(-1, 1)
        rows = max(1, _PAIRS // len(self.probabilities))
        found = [function(flat[first : first + rows]) for first in range(0, len(flat), rows)]
        return np.concatenate([np.empty(0), *found]).reshape(np.shape(x))

    def _mean(self, method: str, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        of_parts = getattr(self.parts, method)
        return self._over_parts(x, lambda points: of_parts(points) @ self.probabilities)

    def _log_mean(self, method: str, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        of_parts = getattr(self.parts, method)
        with np.errstate(divide="ignore"):
            return self._over_parts(x, lambda points: logsumexp(of_parts(points), axis=1, b=self.probabilities))

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._mean("pdf", x)

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._mean("cdf", x)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._mean("sf", x)

    def log_pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._log_mean("log_pdf", x)

    def log_cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._log_mean("log_cdf", x)

    def log_sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._log_mean("log_sf", x)

    def log_masses(self, edges: Float[ndarray, " edge"]) -> Float[ndarray, " cell"]:  # noqa: D102
        return mixed_log_masses(self.parts, self.probabilities, edges)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:
        """Return the quantile by bisection between the least and the greatest of the parts' quantiles."""
        ends = self.parts.quantile(np.asarray(u)[..., None], upper)
        return self.bisect(u, upper, ends.min(-1), ends.max(-1))

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:
        """Draw a part for each sample, then the sample from its part."""
        which = self._choose(rng, count)
        chosen: dict[str, Any] = {name: values.take(which)[:, None] for name, values in self.parameters.items()}
        return self.kind.model_construct(None, **chosen).sample(rng, count)


class _LineMixture(Mixture):
    """Gaussians on the line."""

    kind = Gaussian

    means: list[float]
    stds: list[float]

    @cached_property
    def parameters(self) -> dict[str, Float[ndarray, " part"]]:
        return {"mean": np.array(self.means, np.float64), "std": np.array(self.stds, np.float64)}

    def modes(self) -> Modes:
        """Return the maxima of the density; where bumps merge there are fewer than means."""
        return self._found

    @cached_property
    def _found(self) -> Modes:
        found = climb(np.array(self.means)[:, None], np.array(self.stds), self.probabilities)
        order = np.argsort(found.points[:, 0])
        return Modes(*(part[order] for part in found))


class _PlaneMixture(Bumps):
    """Round Gaussians on the plane."""

    means: list[tuple[float, float]]
    stds: list[float]

    @cached_property
    def centres(self) -> Float[ndarray, "gaussian 2"]:
        return np.array(self.means, dtype=np.float64)

    @cached_property
    def spreads(self) -> Float[ndarray, "gaussian 1"]:
        return np.array(self.stds, dtype=np.float64)[:, None]


def _pair(mean: Any) -> Any:
    if isinstance(mean, list | tuple) and len(mean) != 2:
        raise ValueError(f"a mean is a number (on the line) or a pair [x, y] (on the plane), not {list(mean)}")
    return mean


class GaussianMixture(EitherDistribution):
    """A mixture of Gaussians: on the line where the means are numbers, on the plane where they are pairs."""

    type: Literal["gaussian_mixture"] = "gaussian_mixture"
    means: list[Annotated[FiniteFloat | tuple[FiniteFloat, FiniteFloat], BeforeValidator(_pair)]] = Field(
        [-2.0, 2.0],
        min_length=1,
        max_length=_MOST_GAUSSIANS,
        description="numbers (on the line) or pairs [x, y] (on the plane)",
    )
    stds: list[PositiveFinite] | PositiveFinite = Field(
        [0.5, 0.5], description="standard deviations, one per mean, or one number for all; round on the plane"
    )
    weights: Weights = None

    @classmethod
    def with_modes(cls, count: int) -> dict[str, Any]:
        """Return means in a row around 0, eight standard deviations apart."""
        return {"means": [4.0 * k - 2.0 * (count - 1) for k in range(count)], "stds": 0.5}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        pairs = [isinstance(mean, tuple) for mean in self.means]
        if any(pairs) and not all(pairs):
            raise ValueError("means must be all numbers (on the line) or all pairs (on the plane), not some of each")
        if isinstance(self.stds, list) and len(self.stds) != len(self.means):
            raise ValueError(f"stds has {len(self.stds)} entries for {len(self.means)} means")
        check_weights(self.weights, len(self.means))
        return self

    @cached_property
    def law(self) -> LineDistribution | PlaneDistribution:
        """The mixture in the dimension of its means."""
        stds = self.stds if isinstance(self.stds, list) else [self.stds] * len(self.means)
        kind = _PlaneMixture if isinstance(self.means[0], tuple) else _LineMixture
        return kind.model_validate({"means": self.means, "stds": stds, "weights": self.weights})


class UniformMixture(Mixture):
    """A mixture of uniform pieces whose supports do not overlap."""

    kind = Uniform

    type: Literal["uniform_mixture"] = "uniform_mixture"
    intervals: list[tuple[FiniteFloat, FiniteFloat]] = Field(
        [(-2.0, -1.0), (1.0, 2.0)], min_length=1, max_length=_MOST_INTERVALS
    )

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

    @cached_property
    def parameters(self) -> dict[str, Float[ndarray, " part"]]:
        """The ends of the intervals."""
        low, high = np.array(self.intervals, dtype=np.float64).T
        return {"low": low, "high": high}

    @cached_property
    def _pieces(self) -> tuple[Float[ndarray, "interval 2"], Float[ndarray, " interval"], Float[ndarray, " end"]]:
        """The intervals from left to right, their shares, and the mass below each of their ends in turn."""
        ends = np.array(self.intervals, dtype=np.float64)
        order = np.argsort(ends[:, 0])
        shares = self.probabilities[order]
        below = np.stack([np.cumsum(shares) - shares, np.cumsum(shares)], axis=1)
        return ends[order], shares, np.clip(below.ravel(), 0.0, 1.0)

    # As many pieces as there may be are looked up, not added up.
    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        ends, shares, _ = self._pieces
        piece = np.maximum(np.searchsorted(ends[:, 0], x, side="right") - 1, 0)
        inside = (x >= ends[piece, 0]) & (x <= ends[piece, 1])
        return np.where(inside, shares[piece] / (ends[piece, 1] - ends[piece, 0]), 0.0)

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        ends, _, below = self._pieces
        return np.interp(x, ends.ravel(), below, left=0.0, right=1.0)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        ends, shares, _ = self._pieces
        above = np.cumsum(shares[::-1])[::-1]
        left = np.stack([above, above - shares], axis=1).ravel()
        return np.interp(x, ends.ravel(), np.clip(left, 0.0, 1.0), left=1.0, right=0.0)

    def log_pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return LineDistribution.log_pdf(self, x)

    def log_cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return LineDistribution.log_cdf(self, x)

    def log_sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return LineDistribution.log_sf(self, x)

    def log_masses(self, edges: Float[ndarray, " edge"]) -> Float[ndarray, " cell"]:  # noqa: D102
        return LineDistribution.log_masses(self, edges)

    def support(self) -> Float[ndarray, "interval 2"]:
        """Return the intervals."""
        return np.array(self.intervals, dtype=np.float64)

    def modes(self) -> Modes:
        """Return the middle of each piece; pieces are flat, so a lower piece is a mode as well.

        Unless it touches a higher one: it is then a step on the way up, and its mass goes there.
        """
        return self._found

    @cached_property
    def _found(self) -> Modes:
        order = np.argsort([low for low, _ in self.intervals])
        low, high = np.array(self.intervals, dtype=np.float64)[order].T
        shares, widths, middles = self.probabilities[order], high - low, (low + high) / 2
        heights = np.log(shares) - np.log(widths)
        left = np.flatnonzero(high[:-1] == low[1:])
        group_of = joined(heights, np.stack([left, left + 1], axis=1), np.minimum(heights[left], heights[left + 1]))
        points, stds, weights = [], [], []
        for mine in groups(group_of):
            top = mine[heights[mine] >= heights[mine].max() + LOG_DROP]
            points.append(np.average(middles[top], weights=widths[top]))
            stds.append(joint_std(shares[mine], middles[mine, None], widths[mine] / np.sqrt(12)))
            weights.append(shares[mine].sum())
        return Modes(np.array(points)[:, None], np.array(stds), np.array(weights))
