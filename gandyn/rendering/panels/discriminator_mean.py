"""The discriminator_mean panel: what the discriminator says of the very images that lie in each part of the plane."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering.density_levels import own_window
from gandyn.rendering.marks.guides import LegendEntry
from gandyn.rendering.marks.marks import Cells, Mark
from gandyn.rendering.panels.discriminator import FILLS, Discriminator

__all__ = ["DiscriminatorMean"]


class DiscriminatorMean(Discriminator):
    """The average response to the images, real and generated, that fall in a cell; cells without any are left empty.

    Unlike the discriminator panel, which asks of images that lie on the plane itself and look like none of either.
    """

    name = "discriminator_mean"
    needs: ClassVar[tuple[str, ...]] = ("discriminator_mean",)
    images: ClassVar[bool] = True
    field: ClassVar[str] = "discriminator_mean"
    aside: ClassVar[tuple[str, ...]] = ("mean of each cell’s samples", "mean of samples", "mean")

    def entries(self) -> list[LegendEntry]:
        """Return the name of the contours."""
        return [LegendEntry("data", "data", weight=0.7)]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the average response at a step."""
        values = self.view.field(self.field, step_index)
        cells = Cells("plane", *own_window(self.view), values - self.centre(values, step_index), self._levels, FILLS)
        return [*([cells] if np.isfinite(values).any() else []), *self._contours, *self.notes(step_index)]
