"""The image distance panel: how far generated images are from real ones, as one plain number."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.judged import JUDGED
from gandyn.rendering.quantities import IMAGE_DISTANCE, Quantity
from gandyn.rendering.readout import Readout

__all__ = ["ImageDistance"]


class ImageDistance(Readout):
    """The Fréchet distance on a logarithmic axis, above the one between real images and other real ones."""

    name = "image_distance"
    needs: ClassVar[tuple[str, ...]] = IMAGE_DISTANCE.needs
    absent: ClassVar[str] = JUDGED
    images: ClassVar[bool] = True
    quantity: ClassVar[Quantity] = IMAGE_DISTANCE
