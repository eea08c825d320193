"""What densities on the line and on the plane have in common: mass in cells, and mass beyond them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import ClassVar, NamedTuple, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["CellMasses", "Partition"]


class Partition(NamedTuple):
    """Densities as every divergence sees them: cut into parts that fill the whole space, the same for all compared.

    Attributes:
        mass: of each part, shape (*batch, part), summing to one.
        log_mass: its natural logarithm, exact where the mass itself underflows; -inf where there is none at all.
        tilt: change of the log density from one end of a part to the other along each axis, shape
            (*batch, part, axis); 0 where it is not known. None stands for zeros.
        cover: the share of each part that the density covers where it ends within one, shape (*batch, part); None
            stands for one.
        folds: the share of each part up to a caustic, at which the density is in proportion to one over the root of the
            distance, shape (*batch, part); 0 where there is none. None stands for zeros.
        past: logarithm of the mass that such a part would have if all of it were as beyond the caustic.
        atoms: mass in points, place by place, shape (*batch, place). A set of points has no mass under a density, so
            every divergence treats a point mass as what it is: singular. None where there is none.
        endless: the parts (first, stop) that follow each other out to infinity, the last of them without an end, for
            every direction in which there are such.
        resolution: mass that the method which found the density cannot tell from none; 0 where it is exact.
    """

    mass: Float[ndarray, "*batch part"]
    log_mass: Float[ndarray, "*batch part"]
    tilt: Float[ndarray, "*batch part axis"] | None = None
    cover: Float[ndarray, "*batch part"] | None = None
    folds: Float[ndarray, "*batch part"] | None = None
    past: Float[ndarray, "*batch part"] | None = None
    atoms: Float[ndarray, "*batch place"] | None = None
    endless: tuple[tuple[int, int], ...] = ()
    resolution: float = 0.0

    @classmethod
    def of(cls, mass: Float[ndarray, "*batch part"], resolution: float = 0.0) -> Partition:
        """Return a partition of which nothing is known but the masses."""
        with np.errstate(divide="ignore"):
            return cls(mass, np.log(mass), resolution=resolution)


class CellMasses(ABC):
    """Where all the mass of one or many densities is.

    Attributes:
        axes: dimension of the space; the last so many axes of `total` are the cells.
    """

    axes: ClassVar[int]

    @property
    @abstractmethod
    def beyond(self) -> Float[ndarray, "*batch side"]:
        """Mass beyond the grid, side by side."""

    @property
    @abstractmethod
    def total(self) -> Float[ndarray, ...]:
        """Mass in each cell: what is drawn."""

    @abstractmethod
    def spread(self, cells: Float[ndarray, ...]) -> Self:
        """Return the same mass, differently laid over the cells."""

    @abstractmethod
    def partition(self) -> Partition:
        """Return the same mass as a partition of the whole space."""

    def row(self, index: int) -> Self:
        """Return one density of several, without their axis."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return type(self)(**{name: part if part is None else part[index] for name, part in parts.items()})
