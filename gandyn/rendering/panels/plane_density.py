"""The density panel on the plane: the data as contours, the generator's density in bands over them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering.density_levels import density_bands, density_levels
from gandyn.rendering.marks.guides import Key, LegendEntry, key, legend
from gandyn.rendering.marks.marks import Mark
from gandyn.rendering.plane import Square, contours
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["PlaneDensity"]


class PlaneDensity(Square):
    """Data density (contours) and generator density (bands, the darker the denser, as parts of the data's peak).

    Data are blue contours, the generator's density lies in orange bands over them. Of images both are kernel estimates
    of the projections to the plane of the first two principal components of the real ones, with the same bandwidth;
    axes name the part of the variance that a component explains.
    """

    name = "density"
    needs: ClassVar[tuple[str, ...]] = ("generator_density",)

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        self._contours = contours("plane", view, self.place, em, weight=0.5)
        self._levels = density_levels(view, lambda one: [one.seed_index])
        if slot.alone:
            self.background += legend(self.left, self.head, self.entries(), em, self.right)
            self.background += key(self.left, self.foot + 1.35 * em, self.key(), em, self.right)

    def entries(self) -> list[LegendEntry]:
        """Return the names of the two densities."""
        return [LegendEntry("data", "data", weight=0.8), LegendEntry("generator", "generator", filled=True)]

    def remarks(self) -> list[str]:
        """Return ways to say what the bands mean, the longest first."""
        return ["the darker, the more samples land there", "darker: more samples"]

    def key(self) -> Key:
        """Return the levels of density."""
        return self._levels.key()

    def marks(self, step_index: int) -> list[Mark]:
        """Return the densities at a step."""
        values = self.view.field("generator_density", step_index)
        bands = [density_bands("plane", self.view, values, self._levels)] if np.isfinite(values).all() else []
        return [*bands, *self._contours, *self.notes(step_index)]
