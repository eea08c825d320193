"""Distributions on the line with one bump: gaussian, uniform, laplace, student_t, exponential."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, FiniteFloat
from scipy import special

from gandyn.core.catalog import PositiveFinite
from gandyn.distributions.base import Interval, LineDistribution
from gandyn.distributions.modes import Modes

__all__ = ["Exponential", "Gaussian", "Laplace", "StudentT", "Uniform"]


def _one_mode(point: float, std: float) -> Modes:
    return Modes(np.array([[point]]), np.array([std]), np.ones(1))


class Gaussian(LineDistribution):
    """The normal distribution N(mean, std^2)."""

    type: Literal["gaussian"] = "gaussian"
    mean: FiniteFloat = 0.0
    std: PositiveFinite = 1.0

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.exp(-0.5 * ((x - self.mean) / self.std) ** 2) / (self.std * np.sqrt(2 * np.pi))

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return special.ndtr((x - self.mean) / self.std)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return special.ndtr((self.mean - x) / self.std)

    def log_pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return -0.5 * ((x - self.mean) / self.std) ** 2 - np.log(self.std * np.sqrt(2 * np.pi))

    def log_cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return special.log_ndtr((x - self.mean) / self.std)

    def log_sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return special.log_ndtr((self.mean - x) / self.std)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self.mean + (-1 if upper else 1) * self.std * special.ndtri(u)

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:  # noqa: D102
        return rng.standard_normal((count, 1), dtype=np.float32) * np.float32(self.std) + np.float32(self.mean)

    def modes(self) -> Modes:
        """Return the mean."""
        return _one_mode(self.mean, self.std)


class Uniform(Interval, LineDistribution):
    """The uniform distribution on [low, high]."""

    type: Literal["uniform"] = "uniform"

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.where((x >= self.low) & (x <= self.high), 1 / (self.high - self.low), 0.0)

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.clip((self.high - x) / (self.high - self.low), 0.0, 1.0)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self.high - (self.high - self.low) * u if upper else self.low + (self.high - self.low) * u

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:  # noqa: D102
        return (self.low + (self.high - self.low) * rng.random((count, 1))).astype(np.float32)

    def support(self) -> Float[ndarray, "1 2"]:
        """Return the interval."""
        return np.array([[self.low, self.high]])

    def modes(self) -> Modes:
        """Return the middle; every point of the support is as high."""
        return _one_mode((self.low + self.high) / 2, (self.high - self.low) / np.sqrt(12))


class Laplace(LineDistribution):
    """The Laplace (double exponential) distribution with density exp(-|x - mean| / scale) / (2 scale)."""

    type: Literal["laplace"] = "laplace"
    mean: FiniteFloat = 0.0
    scale: PositiveFinite = 1.0

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.exp(-np.abs(x - self.mean) / self.scale) / (2 * self.scale)

    def _tail(self, t: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        half = 0.5 * np.exp(-np.abs(t))
        return np.where(t < 0, half, 1 - half)

    def _log_tail(self, t: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        return np.where(t < 0, np.log(0.5) - np.abs(t), np.log1p(-0.5 * np.exp(-np.abs(t))))

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._tail((x - self.mean) / self.scale)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._tail((self.mean - x) / self.scale)

    def log_pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return -np.abs(x - self.mean) / self.scale - np.log(2 * self.scale)

    def log_cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._log_tail((x - self.mean) / self.scale)

    def log_sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._log_tail((self.mean - x) / self.scale)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:  # noqa: D102
        below = np.log(2 * np.minimum(u, 0.5)) - np.log(2 * np.minimum(1 - u, 0.5))
        return self.mean + (-1 if upper else 1) * self.scale * below

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:  # noqa: D102
        return rng.laplace(self.mean, self.scale, (count, 1)).astype(np.float32)

    def modes(self) -> Modes:
        """Return the mean."""
        return _one_mode(self.mean, self.scale * np.sqrt(2))


class StudentT(LineDistribution):
    """Student's t distribution, shifted and scaled; `dof` 1 is Cauchy, whose W1 to anything is infinite."""

    type: Literal["student_t"] = "student_t"
    dof: PositiveFinite = Field(3.0, description="degrees of freedom; fewer means heavier tails")
    mean: FiniteFloat = 0.0
    scale: PositiveFinite = 1.0

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.exp(self.log_pdf(x))

    def log_pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        n = self.dof
        log_norm = special.gammaln((n + 1) / 2) - special.gammaln(n / 2) - 0.5 * np.log(n * np.pi)
        return log_norm - (n + 1) / 2 * np.log1p(((x - self.mean) / self.scale) ** 2 / n) - np.log(self.scale)

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return special.stdtr(self.dof, (x - self.mean) / self.scale)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return special.stdtr(self.dof, (self.mean - x) / self.scale)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self.mean + (-1 if upper else 1) * self.scale * special.stdtrit(self.dof, u)

    def excess(self, x: float, upper: bool) -> float:
        """Return the first moment beyond x; infinite for one degree of freedom or fewer."""
        t = (x - self.mean) / self.scale * (1 if upper else -1)
        n = self.dof
        if n <= 1:
            return float("inf")
        # Power-law tails defeat exponential quadrature; the partial moment has a closed form.
        density = float(StudentT(dof=n).pdf(np.asarray(t)))
        return float(self.scale * ((n + t**2) / (n - 1) * density - t * special.stdtr(n, -t)))

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:  # noqa: D102
        return (self.mean + self.scale * rng.standard_t(self.dof, (count, 1))).astype(np.float32)

    def modes(self) -> Modes:
        """Return the mean, with the scale for a width: the standard deviation need not exist."""
        return _one_mode(self.mean, self.scale)


class Exponential(LineDistribution):
    """The exponential distribution on [low, inf) with mean low + scale."""

    type: Literal["exponential"] = "exponential"
    low: FiniteFloat = 0.0
    scale: PositiveFinite = 1.0

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.where(x >= self.low, self.sf(x) / self.scale, 0.0)

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return -np.expm1(-np.maximum(x - self.low, 0.0) / self.scale)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.exp(self.log_sf(x))

    def log_pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return np.where(x >= self.low, self.log_sf(x) - np.log(self.scale), -np.inf)

    def log_sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return -np.maximum(x - self.low, 0.0) / self.scale

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self.low - self.scale * (np.log(u) if upper else np.log1p(-u))

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:  # noqa: D102
        return (self.low + self.scale * rng.standard_exponential((count, 1))).astype(np.float32)

    def support(self) -> Float[ndarray, "1 2"]:
        """Return the half line."""
        return np.array([[self.low, np.inf]])

    def modes(self) -> Modes:
        """Return the left end, where the density jumps to its maximum."""
        return _one_mode(self.low, self.scale)
