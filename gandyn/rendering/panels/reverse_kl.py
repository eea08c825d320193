"""The reverse KL divergence: what the generator makes up, as one plain number."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.divergence_quantities import REVERSE_KL
from gandyn.rendering.quantities import Quantity
from gandyn.rendering.readout import Readout

__all__ = ["ReverseKl"]


class ReverseKl(Readout):
    """KL(generator, data) in nats, and its whole course: large where samples are generated and there are no data.

    Where it is infinite at any step, the skew divergence is drawn in its place all along, and named so.

    References:
        On the effectiveness of the skew divergence for statistical language analysis. L. Lee, 2001.
    """

    name = "reverse_kl"
    needs: ClassVar[tuple[str, ...]] = REVERSE_KL.needs
    side: ClassVar[float] = 10.0
    quantity: ClassVar[Quantity] = REVERSE_KL
