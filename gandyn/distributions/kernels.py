"""Kernel densities of given numbers, on the line and on the plane; samples are drawn from exactly that density."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import ConfigDict
from scipy import special

from gandyn.distributions.base import LineDistribution
from gandyn.distributions.line import Gaussian
from gandyn.distributions.mixture import mixed_log_masses
from gandyn.distributions.modes import Modes
from gandyn.distributions.point_density import Cloud

__all__ = ["LineKernels", "PlaneKernels", "robust_spread"]

# Kernel centres after binning: fine enough that moving a point to its bin shifts it by at most a tenth of a bandwidth.
_BINS_PER_BANDWIDTH = 5


def robust_spread(values: Float[ndarray, " sample"]) -> float:
    """Return the lesser of the standard deviation and the interquartile range of a normal law with that range.

    References:
        Silverman, "Density Estimation for Statistics and Data Analysis", 1986, section 3.4.2.
    """
    quartiles = np.subtract(*np.quantile(values, [0.75, 0.25])) / 1.349
    return float(min(values.std(), quartiles) if quartiles > 0 else values.std())


def _binned(
    values: Float[ndarray, "sample ..."], stds: float | Float[ndarray, " axis"]
) -> Float[ndarray, "sample ..."]:
    """Return the values moved to bins around their mean, which are no narrower than float64 tells them apart.

    So they are the same bins in whatever units the values are.
    """
    width, middle = np.maximum(np.asarray(stds) / _BINS_PER_BANDWIDTH, np.spacing(np.abs(values).max())), values.mean(0)
    return middle + np.round((values - middle) / width) * width


class LineKernels(LineDistribution):
    """Numbers, each spread by a Gaussian kernel.

    Attributes:
        values: the numbers, shape (sample,).
        kernel_std: the bandwidth, in their units.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    values: ndarray
    kernel_std: float

    @cached_property
    def _kernels(self) -> tuple[Float[ndarray, " kernel"], Float[ndarray, " kernel"]]:
        centres, counts = np.unique(self._binned, return_counts=True)
        return centres, counts / len(self.values)

    @cached_property
    def _binned(self) -> Float[ndarray, " sample"]:
        return _binned(self.values, self.kernel_std)

    def _sum(
        self, function: Callable[[ndarray], ndarray], x: Float[ndarray, "*batch"], sign: int = 1
    ) -> Float[ndarray, "*batch"]:
        centres, weights = self._kernels
        t = sign * (np.asarray(x)[..., None] - centres) / self.kernel_std
        return function(t) @ weights

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        norm = self.kernel_std * np.sqrt(2 * np.pi)
        return self._sum(lambda t: np.exp(-0.5 * t**2), x) / norm

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._sum(special.ndtr, x)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._sum(special.ndtr, x, sign=-1)

    def _log_sum(
        self, function: Callable[[ndarray], ndarray], x: Float[ndarray, "*batch"], sign: int = 1
    ) -> Float[ndarray, "*batch"]:
        centres, weights = self._kernels
        t = sign * (np.asarray(x)[..., None] - centres) / self.kernel_std
        return special.logsumexp(function(t), axis=-1, b=weights)

    def log_pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        norm = np.log(self.kernel_std * np.sqrt(2 * np.pi))
        return self._log_sum(lambda t: -0.5 * t**2, x) - norm

    def log_cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._log_sum(special.log_ndtr, x)

    def log_sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._log_sum(special.log_ndtr, x, sign=-1)

    def log_masses(self, edges: Float[ndarray, " edge"]) -> Float[ndarray, " cell"]:  # noqa: D102
        centres, weights = self._kernels
        each: dict[str, Any] = {"mean": centres, "std": self.kernel_std}
        return mixed_log_masses(Gaussian.model_construct(None, **each), weights, edges)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:
        """Return the quantile by bisection."""
        centres, _ = self._kernels
        reach = 40 * self.kernel_std  # float64's normal tail ends before 38.5
        low, high = np.full_like(u, centres.min() - reach), np.full_like(u, centres.max() + reach)
        return self.bisect(u, upper, low, high)

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:
        """Draw numbers with replacement, with the kernel's noise added."""
        picked = self._binned[rng.integers(len(self._binned), size=count)]
        return (picked + self.kernel_std * rng.standard_normal(count)).astype(np.float32)[:, None]

    def modes(self) -> Modes:
        """Return none: the bumps of an estimate depend on its bandwidth."""
        return Modes.none(1)


class PlaneKernels(Cloud):
    """Points, each spread by a Gaussian kernel.

    Attributes:
        values: the points, shape (sample, 2).
        kernel_stds: the bandwidths along x and y, in their units.
        scales: what counts as equally long along x and y.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    values: ndarray
    kernel_stds: tuple[float, float]
    scales: tuple[float, float] = (1.0, 1.0)

    @property
    def lengths(self) -> tuple[float, float]:
        """The scales."""
        return self.scales

    @cached_property
    def _binned(self) -> Float[ndarray, "sample 2"]:
        return _binned(self.values, np.array(self.kernel_stds))

    @cached_property
    def _kernels(self) -> tuple[Float[ndarray, "kernel 2"], Float[ndarray, " kernel"]]:
        centres, counts = np.unique(self._binned, axis=0, return_counts=True)
        return centres, counts / len(self.values)

    @property
    def centres(self) -> Float[ndarray, "kernel 2"]:  # noqa: D102
        return self._kernels[0]

    @property
    def shares(self) -> Float[ndarray, " kernel"]:  # noqa: D102
        return self._kernels[1]

    @property
    def spreads(self) -> Float[ndarray, "1 2"]:  # noqa: D102
        return np.array([self.kernel_stds])

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 2"]:
        """Draw points with replacement, with the kernel's noise added."""
        drawn = rng.standard_normal((count, 2), dtype=np.float32)
        drawn *= self.spreads.astype(np.float32)
        drawn += self._binned32.take(rng.integers(len(self.values), size=count), axis=0)
        return drawn

    @cached_property
    def _binned32(self) -> Float[ndarray, "sample 2"]:
        return self._binned.astype(np.float32)

    def modes(self) -> Modes:
        """Return none: the bumps of an estimate depend on its bandwidth."""
        return Modes.none(2)

    def bounds(self) -> Float[ndarray, "2 2"]:
        """Return the box of the 0.5 % to 99.5 % range of each coordinate: one outlier does not shrink the rest."""
        low, high = np.quantile(self.values, [0.005, 0.995], axis=0)
        return np.stack([low - self.spreads[0], high + self.spreads[0]], axis=1)
