"""The earth mover's distance on the plane."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.divergence_quantities import SLICED_W1
from gandyn.rendering.quantities import Quantity
from gandyn.rendering.readout import Readout

__all__ = ["SlicedW1"]


class SlicedW1(Readout):
    """The earth mover's distance on the plane, in the units of the axes, and its whole course.

    It is sliced: the mean of W1 over directions.
    """

    name = "sliced_w1"
    needs: ClassVar[tuple[str, ...]] = SLICED_W1.needs
    dim: ClassVar[int | None] = 2
    quantity: ClassVar[Quantity] = SLICED_W1
