"""The density panel on the plane: the data as contours, the generator's density in bands over them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering.decor import LegendEntry, key, legend
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.plane import Square, contours, density_bands, density_levels
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.typeface import measure

__all__ = ["PlaneDensity"]


class PlaneDensity(Square):
    """Data density (contours) and generator density (bands, the darker the denser, as parts of the data's peak)."""

    name = "density"
    needs: ClassVar[tuple[str, ...]] = ("generator_density",)

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        em = room.em
        self._contours, self._levels = contours("plane", stage, self.place, 0.35 * em), density_levels(stage)
        if room.alone:
            self.background += legend(self.left, self.head, self.entries(), em, self.right)
            width = min(0.62 * self.place.width, 15 * em)
            y = self.foot + 1.35 * em
            self.background += key(self.left, y, width, self._levels.fills[1:], [*self._levels.names, ""], em)
            words = [
                w for w in ("of the data’s peak", "× peak") if measure(w, em) <= self.right - self.left - width - em
            ]
            for word in words[:1]:
                self.background.append(Text("", "muted", self.left + width + 0.7 * em, y, word))

    def entries(self) -> list[LegendEntry]:
        """Return the names of the two densities."""
        return [LegendEntry("data", "data", weight=0.8), LegendEntry("generator", "generator", filled=True)]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the densities at a step."""
        values = self.stage.field("generator_density", step_index)
        bands = [density_bands("plane", self.stage, values, self._levels)] if np.isfinite(values).all() else []
        return [*bands, *self._contours, *self.notes(step_index)]
