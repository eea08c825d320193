"""What everything that can be learnt says of itself, distributions and sets of images alike."""

from __future__ import annotations

from typing import ClassVar

from gandyn.core.catalog import Component
from gandyn.distributions.units import OWN, Units

__all__ = ["Data"]


class Data(Component):
    """Something to be learnt.

    Attributes:
        nearer: what to do where generators begin far from it.
    """

    nearer: ClassVar[str] = "move the data towards 0, where they begin"

    @property
    def units(self) -> Units:
        """How it is to be had from what networks are trained on."""
        return OWN

    @property
    def axis_labels(self) -> tuple[str, ...]:
        """What is measured along each axis, as it is written there; none where nothing was said."""
        return ()
