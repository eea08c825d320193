"""What every data distribution can do: density, sampling, modes, and the window it is looked at through."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import FiniteFloat, model_validator

from gandyn.catalog import Component

__all__ = [
    "Distribution",
    "EitherDistribution",
    "Interval",
    "LineDistribution",
    "Modes",
    "PlaneDistribution",
    "check_window",
]

# Tail integrals are cut at the quantiles of these shares of the tail's mass, so that every panel has its share of it.
_SHARES = np.concatenate([np.linspace(1.0, 0.02, 50), 10.0 ** -np.arange(2.0, 17.0, 0.5)])
# Windows narrower than this share of their distance from 0 have fewer than a thousand float32 numbers in them.
_LEAST_WINDOW = 1e-4
# Squares of lengths and densities on the plane are far from float32's ends (1e-38 and 3e38) between these.
_SIZES = (1e-14, 1e14)
_CURE = "training is in single precision; centre or scale the data"
_RESOLUTION = float(np.finfo(np.float32).eps)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


class Modes(NamedTuple):
    """The places where a density is highest, and how wide it is there.

    Attributes:
        points: positions, shape (mode, dim).
        stds: standard deviation of the bump at each mode, shape (mode,); a sample is of high quality within three.
        weights: each mode's share of the mass of the data, shape (mode,); they sum to one.
    """

    points: Float[ndarray, "mode dim"]
    stds: Float[ndarray, " mode"]
    weights: Float[ndarray, " mode"]

    @classmethod
    def none(cls, dim: int) -> Modes:
        """Return no modes: for distributions without bumps."""
        return cls(np.empty((0, dim)), np.empty(0), np.empty(0))


class Interval(Component):
    """The two ends of a stretch of the line, in order."""

    low: FiniteFloat = -1.0
    high: FiniteFloat = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low must be less than high, not {self.low} and {self.high}")
        return self


class Distribution(Component):
    """A distribution to be learnt, with a normalised density and true sampling."""

    def __eq__(self, other: object) -> bool:
        """Compare the fields alone: what is derived from them is kept in arrays."""
        return isinstance(other, type(self)) and self.model_dump() == other.model_dump()

    @property
    def law(self) -> Distribution:
        """The same distribution as a `LineDistribution` or a `PlaneDistribution`: itself, unless its fields decide."""
        return self

    @property
    @abstractmethod
    def dim(self) -> int:
        """Dimension of one sample."""

    @property
    def shape(self) -> tuple[int]:
        """Shape of one sample."""
        return (self.dim,)

    @abstractmethod
    def density(self, points: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch"]:
        """Return the probability density at points, per unit of length (area, ...)."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:
        """Draw independent samples, in float32."""

    @abstractmethod
    def modes(self) -> Modes:
        """Return the modes; empty where the notion makes no sense."""

    @abstractmethod
    def extent(self) -> Float[ndarray, "dim 2"]:
        """Return the window (low, high) of each coordinate that shows the data with room around it."""

    def check_resolution(self) -> None:
        """Check that networks, which work in float32, can tell the samples apart.

        Raises:
            ValueError: the window is too small for its distance from 0, or no window of ordinary numbers, or a mode
                is narrower than float32 resolves in that window.
        """
        with np.errstate(all="ignore"):
            window = self.extent()
        if not np.isfinite(window).all():
            raise ValueError(f"the data has no finite window to be looked at through: {_CURE}")
        check_window(window, "the data")
        narrowest, furthest = self.modes().stds.min(initial=np.inf), np.abs(window).max()
        if narrowest < _RESOLUTION * furthest:
            raise ValueError(
                f"modes of standard deviation {narrowest:.3g} are points to single precision in data that reaches to "
                f"{furthest:.3g}: make them wider"
            )


def check_window(window: Float[ndarray, "dim 2"], what: str) -> None:
    """Check that single precision resolves a window (low, high) of each coordinate.

    Args:
        window: its ends are finite, and in order.
        what: how to name it in complaints.

    Raises:
        ValueError: it is too small for its distance from 0, or has no ordinary size.
    """
    with np.errstate(over="ignore"):
        widths, furthest = np.ptp(window, axis=1), np.abs(window).max()
    if widths.min() < _LEAST_WINDOW * furthest:
        raise ValueError(f"{what} is {widths.min():.3g} wide but lies as far out as {furthest:.3g}: {_CURE}")
    for width in widths:
        if not _SIZES[0] < width < _SIZES[1]:
            sizes = f"between {_SIZES[0]:g} and {_SIZES[1]:g}"
            raise ValueError(f"{what} is {width:.3g} wide, which is not {sizes}: {_CURE}")


class LineDistribution(Distribution):
    """A distribution on the line, known by its density and both of its tails.

    Lower and upper tails are separate functions because 1 - cdf loses every digit where it matters: in the tail.
    """

    @property
    def dim(self) -> int:
        """Always 1."""
        return 1

    @abstractmethod
    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return the density at x."""

    @abstractmethod
    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return P(X <= x)."""

    @abstractmethod
    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return P(X > x)."""

    @abstractmethod
    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:
        """Return x with cdf(x) = u, or with sf(x) = u if `upper`."""

    def bisect(
        self,
        u: Float[ndarray, "*batch"],
        upper: bool,
        low: Float[ndarray, "*batch"],
        high: Float[ndarray, "*batch"],
    ) -> Float[ndarray, "*batch"]:
        """Return the quantile between two bounds, for distributions that know it only by their tails."""
        for _ in range(100):
            middle = (low + high) / 2
            right = self.sf(middle) > u if upper else self.cdf(middle) < u
            low, high = np.where(right, middle, low), np.where(right, high, middle)
        return (low + high) / 2

    def density(self, points: Float[ndarray, "*batch 1"]) -> Float[ndarray, "*batch"]:
        """Return the density at points of one coordinate."""
        return self.pdf(points[..., 0])

    def masses(self, edges: Float[ndarray, " edge"]) -> Float[ndarray, " cell"]:
        """Return the mass of each cell between consecutive edges, exact in both tails."""
        below, above = self.cdf(edges), self.sf(edges)
        return np.maximum(np.where(below[:-1] < 0.5, np.diff(below), -np.diff(above)), 0.0)

    def excess(self, x: float, upper: bool) -> float:
        """Return the first moment beyond x: E[(X - x)+] if `upper`, else E[(x - X)+]; it may be infinite.

        The tail function is integrated by Gauss-Legendre quadrature between quantiles.
        """
        tail = self.sf if upper else self.cdf
        mass = float(tail(np.asarray(x, dtype=np.float64)))
        if mass <= 0.0:
            return 0.0
        cuts = self.quantile(mass * _SHARES, upper)
        cuts[0] = x
        half = np.diff(cuts)[:, None] / 2
        return float(np.sum(_WEIGHTS * np.abs(half) * tail(cuts[:-1, None] + half * (1 + _NODES))))

    def extent(self) -> Float[ndarray, "1 2"]:
        """Return the 0.5 % to 99.5 % range, widened by 30 % on each side: room for a generator to wander.

        Three standard deviations around every mode, however light, are in it.
        """
        low, high = self.quantile(np.array([0.005, 0.995]))
        pad = 0.3 * (high - low)
        points, stds, _ = self.modes()
        low = np.min(points[:, 0] - 3 * stds, initial=low - pad)
        return np.array([[low, np.max(points[:, 0] + 3 * stds, initial=high + pad)]])


class PlaneDistribution(Distribution):
    """A distribution on the plane, known by its density and by the masses of rectangles."""

    @property
    def dim(self) -> int:
        """Always 2."""
        return 2

    @abstractmethod
    def masses(
        self, x_edges: Float[ndarray, " x_edge"], y_edges: Float[ndarray, " y_edge"]
    ) -> Float[ndarray, "x_cell y_cell"]:
        """Return the mass of each cell of a grid, to 1e-6 in total or better; the edges may be infinite."""

    @abstractmethod
    def bounds(self) -> Float[ndarray, "2 2"]:
        """Return the box (low, high) of each coordinate that holds nearly all of the data, without room around it."""

    def extent(self) -> Float[ndarray, "2 2"]:
        """Return the square around the bounds with 30 % of their longer side added at each end.

        A square, so that a picture with equal scales is one as well.
        """
        low, high = self.bounds().T
        half = 0.8 * float(np.max(high - low))
        centre = (low + high) / 2
        return np.stack([centre - half, centre + half], axis=1)


class EitherDistribution(Distribution):
    """A type that is a distribution on the line or on the plane as its fields have it: all it does, its law does."""

    @property
    @abstractmethod
    def law(self) -> LineDistribution | PlaneDistribution:
        """The distribution that the fields describe."""

    @property
    def dim(self) -> int:
        """1 on the line, 2 on the plane."""
        return self.law.dim

    def density(self, points: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self.law.density(points)

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:  # noqa: D102
        return self.law.sample(rng, count)

    def modes(self) -> Modes:  # noqa: D102
        return self.law.modes()

    def extent(self) -> Float[ndarray, "dim 2"]:  # noqa: D102
        return self.law.extent()
