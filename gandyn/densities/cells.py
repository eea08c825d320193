"""What densities on the line and on the plane have in common: mass in cells, and mass beyond them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import ClassVar, Self

from jaxtyping import Float
from numpy import ndarray

__all__ = ["CellMasses"]


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
    def partition(self) -> Float[ndarray, "*batch part"]:
        """Return the masses of a partition of the whole space, which every divergence is taken on."""

    def row(self, index: int) -> Self:
        """Return one density of several, without their axis."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return type(self)(**{name: part if part is None else part[index] for name, part in parts.items()})
