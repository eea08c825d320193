"""The earth mover's distance under the name of the field."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.divergence_quantities import W1
from gandyn.rendering.quantities import Quantity
from gandyn.rendering.readout import Readout

__all__ = ["W1Distance"]


class W1Distance(Readout):
    """The earth mover's distance W1, in the units of the axis, and its whole course.

    It is what the earth_mover panel shows, under the name of the field.
    """

    name = "w1"
    needs: ClassVar[tuple[str, ...]] = W1.needs
    dim: ClassVar[int | None] = 1
    quantity: ClassVar[Quantity] = W1
