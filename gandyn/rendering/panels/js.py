"""The Jensen-Shannon divergence under its own name."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.divergence_quantities import JS
from gandyn.rendering.quantities import Quantity
from gandyn.rendering.readout import Readout

__all__ = ["Js"]


class Js(Readout):
    """The Jensen-Shannon divergence, from 0 (identical) to ln 2 (disjoint), and its whole course.

    It is what the distance panel shows, under the name of the field.
    """

    name = "js"
    needs: ClassVar[tuple[str, ...]] = JS.needs
    quantity: ClassVar[Quantity] = JS
