"""The image distance panel: how far generated images are from real ones, as one plain number."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.marks.marks import Axes, Dots
from gandyn.rendering.quality_text import JUDGED
from gandyn.rendering.quantities import IMAGE_DISTANCE, Quantity, Rule
from gandyn.rendering.readout import Readout

__all__ = ["ImageDistance"]


class ImageDistance(Readout):
    """The Fréchet distance, down to the one between real images and other real ones, which ends the axis.

    How unlike real images the generated ones are to the classifier (FD-LeNet); “as good as real” is what other real
    images have.

    Small dots are measurements. At steps between two of them number and dot are on the line that joins them. Besides
    the ticks of the quantity the curve's first value stands at the axis.
    """

    name = "image_distance"
    needs: ClassVar[tuple[str, ...]] = IMAGE_DISTANCE.needs
    absent: ClassVar[str] = JUDGED
    images: ClassVar[bool] = True
    quantity: ClassVar[Quantity] = IMAGE_DISTANCE

    def _rules(self) -> list[Rule]:
        seen = self._values[self.view.begin : self.view.end]
        seen = seen[np.isfinite(seen)]
        first = [(float(seen[0]), ticks.value(float(seen[0])))] if seen.size else []
        return [*first, *super()._rules()]

    def _lay_course(self, place: Axes) -> None:
        super()._lay_course(place)
        shown = slice(self.view.begin, self.view.end)
        measured = self.view.scalars("frechet_distance")[self.view.seed_index, shown]
        there = np.isfinite(measured)
        x, y = self.view.steps[shown][there].astype(float), self._inside(measured[there], place)
        self.background.append(Dots(self.name, self.quantity.role, x, y, radius=0.2, opacity=0.45))
