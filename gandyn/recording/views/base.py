"""Views: how samples of many coordinates are looked at, fitted once on real data and then fixed."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from jaxtyping import Float
from numpy import ndarray

from gandyn.core.catalog import Component

__all__ = ["Projection", "View"]


@dataclass(frozen=True)
class Projection:
    """An affine map onto a few coordinates, and the one back.

    Attributes:
        axes: what the coordinates that are looked at are called; one on a line, two on a plane.
        mean: the point that is projected to the origin, shape (dim,).
        basis: orthonormal directions, shape (component, dim); the first ones are the coordinates looked at.
        variance: of the data along each, shape (component,).
        ratio: the part of the data's variance along each, shape (component,).
    """

    axes: tuple[str, ...]
    mean: Float[ndarray, " dim"]
    basis: Float[ndarray, "component dim"]
    variance: Float[ndarray, " component"]
    ratio: Float[ndarray, " component"]

    @property
    def whole(self) -> bool:
        """Whether nothing is lost: as many coordinates as the samples have."""
        return len(self.axes) == len(self.mean)

    def project(self, x: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch axis"]:
        """Return the coordinates of samples that are looked at."""
        return (x - self.mean) @ self.basis[: len(self.axes)].T

    def lift(self, points: Float[ndarray, "*batch axis"]) -> Float[ndarray, "*batch dim"]:
        """Return the samples in the plane (on the line) of the view that have these coordinates."""
        return self.mean + points @ self.basis[: len(self.axes)]


class View(Component):
    """A way to look at samples."""

    @abstractmethod
    def axes(self, dim: int) -> tuple[str, ...]:
        """Return what the coordinates are called that samples of `dim` are looked at in.

        Raises:
            UsageError: such samples cannot be looked at so.
        """

    @abstractmethod
    def fit(self, data: Float[ndarray, "sample dim"]) -> Projection:
        """Fit the view to real data.

        Raises:
            UsageError: this data cannot be looked at so.
        """
