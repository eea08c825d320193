"""The KL divergence: what of the data the generator misses, as one plain number."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.divergence_quantities import KL
from gandyn.rendering.quantities import Quantity
from gandyn.rendering.readout import Readout

__all__ = ["Kl"]


class Kl(Readout):
    """KL(data, generator) in nats, and its whole course: large where there are data and the generator makes none.

    Where it is infinite at any step, the skew divergence is drawn in its place all along, and named so.

    References:
        On the effectiveness of the skew divergence for statistical language analysis. L. Lee, 2001.
    """

    name = "kl"
    needs: ClassVar[tuple[str, ...]] = KL.needs
    side: ClassVar[float] = 10.0
    quantity: ClassVar[Quantity] = KL
