"""The total variation distance."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.divergence_quantities import TV
from gandyn.rendering.quantities import Quantity
from gandyn.rendering.readout import Readout

__all__ = ["Tv"]


class Tv(Readout):
    """The total variation distance, from 0 (identical) to 1 (disjoint), and its whole course.

    It is half of what the two densities differ by, in all.
    """

    name = "tv"
    needs: ClassVar[tuple[str, ...]] = TV.needs
    quantity: ClassVar[Quantity] = TV
