"""The distance panel: how far the generator's density is from the data's, as one plain number."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.quantities import DISTANCE, Quantity
from gandyn.rendering.readout import Readout

__all__ = ["Distance"]


class Distance(Readout):
    """The Jensen-Shannon divergence on a linear axis, from 0 (identical) to ln 2 (disjoint).

    It is the distance between the two densities; disjoint means nothing of the one where the other is.
    """

    name = "distance"
    needs: ClassVar[tuple[str, ...]] = DISTANCE.needs
    quantity: ClassVar[Quantity] = DISTANCE
