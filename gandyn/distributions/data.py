"""What everything that can be learnt says of itself, distributions and sets of images alike."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from gandyn.core.catalog import Component
from gandyn.distributions.units import OWN, Units

__all__ = ["Data"]


class Data(Component):
    """Something to be learnt.

    Attributes:
        nearer: what to do where generators begin far from it.
        finite: whether it is a set that is gone through epoch by epoch, one seed at a time, and no distribution.
    """

    nearer: ClassVar[str] = "move the data towards 0, where they begin"
    finite: ClassVar[bool] = False

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample: (dim,) of a point, (channel, height, width) of an image."""

    @property
    @abstractmethod
    def standard(self) -> Data:
        """What networks are trained on."""

    def check_batch(self, size: int) -> None:
        """Check that there are as many samples as a batch holds, where that is known without loading them.

        Raises:
            ValueError: there are fewer.
        """

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the labels; empty where there are no labels."""
        return ()

    @property
    def units(self) -> Units:
        """How it is to be had from what networks are trained on."""
        return OWN

    @property
    def axis_labels(self) -> tuple[str, ...]:
        """What is measured along each axis, as it is written there; none where nothing was said."""
        return ()
