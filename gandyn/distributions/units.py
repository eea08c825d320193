"""The units that data is measured in, and those that networks are trained in: one affine map a coordinate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["OWN", "Units", "unit_of"]

_UNIT = re.compile(r"\[([^\[\]]+)\]\s*$")


@dataclass(frozen=True)
class Units:
    """How standard units, in which networks are trained, become the data's own: x = offset + scale u.

    Divergences between densities are the same in both; lengths are `scale` times as long in the data's own.

    Attributes:
        offset: one number a coordinate; none where both units are the same.
        scale: likewise, each above zero.

    Example:
        >>> Units((172.0,), (8.0,)).own(np.array([[-1.0], [0.0]])).ravel()
        array([164., 172.])
    """

    offset: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    def own(self, standard: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch dim"]:
        """Return points in the data's own units, in double precision unless both units are the same."""
        return np.array(self.offset) + np.array(self.scale) * standard if self.scale else standard

    def standard(self, own: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch dim"]:
        """Return points in standard units."""
        return (own - np.array(self.offset)) / np.array(self.scale) if self.scale else own

    def slope(self, standard: Float[ndarray, "*batch dim"]) -> Float[ndarray, "*batch dim"]:
        """Return gradients with respect to points in the data's own units, given those in standard units."""
        return standard / np.array(self.scale) if self.scale else standard


OWN = Units()
"""Those of data that networks are trained on as it is."""


def unit_of(labels: Iterable[str]) -> str:
    """Return the unit that axes have in common, as their labels end in it; nothing where they have none.

    Example:
        >>> unit_of(["width [cm]", "length [cm]"]), unit_of(["height [cm]", "weight [kg]"])
        ('cm', '')
    """
    found = {match[1].strip() if (match := _UNIT.search(label)) else "" for label in labels}
    return found.pop() if len(found) == 1 else ""
