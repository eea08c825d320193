"""The earth mover's distance in plain words: how far the generator's mass is from where it should be."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.quantities import EARTH_MOVER, Quantity
from gandyn.rendering.readout import Readout

__all__ = ["EarthMover"]


class EarthMover(Readout):
    """How far apart data and generator are, in the units of the axis, and its whole course.

    How far, on average, the generator's mass has to be carried to lie as the data do. It tells near from far where the
    densities do not overlap at all.
    """

    name = "earth_mover"
    needs: ClassVar[tuple[str, ...]] = EARTH_MOVER.needs
    dim: ClassVar[int | None] = 1
    quantity: ClassVar[Quantity] = EARTH_MOVER
