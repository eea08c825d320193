"""What every data distribution can do: density, sampling, modes, and the window it is looked at through."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, FiniteFloat, StringConstraints, model_validator

from gandyn.core.catalog import Component
from gandyn.distributions.data import Data
from gandyn.distributions.modes import Atoms, Modes
from gandyn.distributions.windows import CURE, check_window

__all__ = [
    "LONGEST_LABEL",
    "Distribution",
    "EitherDistribution",
    "Interval",
    "LineDistribution",
    "PlaneDistribution",
]

# Tail integrals are cut at the quantiles of these shares of the tail's mass, so that every panel has its share of it.
_SHARES = np.concatenate([np.linspace(1.0, 0.02, 50), 10.0 ** -np.arange(2.0, 17.0, 0.5)])
_RESOLUTION = float(np.finfo(np.float32).eps)
# A support that ends this share of a cell before its edge ends at the edge, but for rounding.
_TOUCHED = 1e-9
LONGEST_LABEL = 60
"""Characters in what is measured along an axis."""
_Label = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LABEL, strip_whitespace=True)]
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


class Interval(Component):
    """The two ends of a stretch of the line, in order."""

    low: FiniteFloat = -1.0
    high: FiniteFloat = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low must be less than high, not {self.low} and {self.high}")
        return self


class Distribution(Data):
    """A distribution to be learnt, with a normalised density and true sampling."""

    axis: _Label | tuple[_Label, _Label] | None = Field(
        None,
        exclude_if=lambda given: given is None,
        description="what is measured, with its unit in brackets, as in height [cm]; on the plane one for x, one for y",
    )

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

    @property
    def standard(self) -> Distribution:
        """What networks are trained on: the same in standard units, by default itself."""
        return self

    @property
    def axis_labels(self) -> tuple[str, ...]:
        """What is measured along each axis.

        Raises:
            ValueError: these are not as many as there are axes.
        """
        labels = () if self.axis is None else (self.axis,) if isinstance(self.axis, str) else self.axis
        if labels and len(labels) != self.dim:
            raise ValueError(f"axis must be {'one text' if self.dim == 1 else 'two texts'} here, not {len(labels)}")
        return labels

    @classmethod
    def made_of(cls, path: Path) -> list[dict[str, Any]]:
        """Return the ways in which a user's file is data of this type, as fields; none where it is not.

        Raises:
            ValueError: it should be, and cannot be read.
        """
        return []

    @classmethod
    def with_modes(cls, count: int) -> dict[str, Any] | None:
        """Return fields that give the type so many modes, or None where it has no such choice."""
        return None

    def atoms(self) -> Atoms:
        """Return the points that carry mass; none unless the subclass says otherwise."""
        return Atoms(np.empty((0, self.dim)), np.empty(0))

    @property
    def constant(self) -> bool:
        """Whether all samples are the same: an expectation is then the value at one of them."""
        return bool((self.atoms().weights == 1).any())

    @abstractmethod
    def density(self, points: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch"]:
        """Return the probability density at points, per unit of length (area, ...); infinite at an atom."""

    def log_density(self, points: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch"]:
        """Return the natural logarithm of the density: -inf where there is none, finite wherever there is any.

        Types whose density underflows far out, where a generator may well be, take it from the exponent.
        """
        return _log(self.density(points))

    @abstractmethod
    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:
        """Draw independent samples: in float32, atoms in float64."""

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
                that is no point is narrower than float32 resolves in that window.
        """
        with np.errstate(all="ignore"):
            window = self.extent()
        if not np.isfinite(window).all():
            raise ValueError(f"the data has no finite window to be looked at through: {CURE}")
        check_window(window, "the data")
        stds, furthest = self.modes().stds, np.abs(window).max()
        narrowest = stds.min(initial=np.inf, where=stds > 0)
        if narrowest < _RESOLUTION * furthest:
            raise ValueError(
                f"modes of standard deviation {narrowest:.3g} are points to single precision in data that reaches to "
                f"{furthest:.3g}: make them wider"
            )


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

    def log_pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return the natural logarithm of the density at x, finite however far out in a tail."""
        return _log(self.pdf(x))

    def log_cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return ln P(X <= x), finite however far out in the lower tail."""
        return _log(self.cdf(x))

    def log_sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
        """Return ln P(X > x), finite however far out in the upper tail."""
        return _log(self.sf(x))

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

    def log_density(self, points: Float[ndarray, "*batch 1"]) -> Float[ndarray, "*batch"]:
        """Return the logarithm of the density at points of one coordinate."""
        return self.log_pdf(points[..., 0])

    def masses(self, edges: Float[ndarray, " edge"]) -> Float[ndarray, " cell"]:
        """Return the mass of each cell between consecutive edges, exact in both tails."""
        below, above = self.cdf(edges), self.sf(edges)
        return np.maximum(np.where(below[:-1] < 0.5, np.diff(below), -np.diff(above)), 0.0)

    def log_masses(self, edges: Float[ndarray, " edge"]) -> Float[ndarray, " cell"]:
        """Return the natural logarithm of the mass of each cell between consecutive edges, which may be infinite.

        It is -inf only where there is no mass: the logarithm of a tail's difference knows no underflow.
        """
        below, above = self.log_cdf(edges), self.log_sf(edges)
        lower = below[:-1] < above[:-1]
        larger, smaller = np.where(lower, below[1:], above[:-1]), np.where(lower, below[:-1], above[1:])
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(larger > smaller, larger + np.log(-np.expm1(smaller - larger)), -np.inf)

    def support(self) -> Float[ndarray, "interval 2"]:
        """Return the intervals on which the density is positive, which do not overlap: mostly the whole line."""
        return np.array([[-np.inf, np.inf]])

    def cover(self, edges: Float[ndarray, " edge"]) -> Float[ndarray, " cell"]:
        """Return the share of each cell between consecutive finite edges that the support covers."""
        ends = np.sort(np.clip(self.support(), edges[0], edges[-1]), axis=0)
        lengths = np.concatenate([[0.0], np.cumsum(ends[:, 1] - ends[:, 0])])
        interval = np.searchsorted(ends[:, 0], edges, side="right")
        begun = np.where(interval > 0, np.minimum(edges, ends[interval - 1, 1]) - ends[interval - 1, 0], 0.0)
        covered = np.diff(lengths[np.maximum(interval - 1, 0)] + begun) / np.diff(edges)
        return np.where(covered > 1 - _TOUCHED, 1.0, np.maximum(covered, 0.0))

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

    @property
    def lengths(self) -> tuple[float, float]:
        """What counts as equally long along x and along y; where these are different quantities it is to be said."""
        return 1.0, 1.0

    def extent(self) -> Float[ndarray, "2 2"]:
        """Return the square around the bounds with 30 % of their longer side added at each end.

        A square, as `lengths` has it, so that a picture with equal scales is one as well.
        """
        low, high = self.bounds().T
        half = 0.8 * float(np.max((high - low) / self.lengths)) * np.array(self.lengths)
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

    def log_density(self, points: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self.law.log_density(points)

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count dim"]:  # noqa: D102
        return self.law.sample(rng, count)

    def modes(self) -> Modes:  # noqa: D102
        return self.law.modes()

    def extent(self) -> Float[ndarray, "dim 2"]:  # noqa: D102
        return self.law.extent()

    def atoms(self) -> Atoms:  # noqa: D102
        return self.law.atoms()


def _log(values: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:
    with np.errstate(divide="ignore"):
        return np.log(values)
