"""The density panel on the plane: the data as contours, the generator's density in bands over them."""

from __future__ import annotations

from gandyn.rendering.decor import LegendEntry, key, legend
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.plane import BANDS, Square, contours, density_bands
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.typeface import measure

__all__ = ["PlaneDensity"]

_PARTS = {1 / 16: "1/16", 1 / 8: "1/8", 1 / 4: "1/4", 1 / 2: "1/2", 1.0: "1", 2.0: "2"}


class PlaneDensity(Square):
    """Data density (contours) and generator density (bands, the darker the denser, as parts of the data's peak)."""

    name = "density"

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        em = room.em
        self._contours = contours("plane", stage)
        if room.alone:
            names = [LegendEntry("data", "data", weight=0.8), LegendEntry("generator", "generator", filled=True)]
            self.background += legend(self.left, self.head, names, em, self.right)
            fills = density_bands("plane", stage, stage.data).fills[1:]
            width = min(0.62 * self.place.width, 15 * em)
            y = self.foot + 1.35 * em
            self.background += key(self.left, y, width, fills, [*(_PARTS[part] for part in BANDS), ""], em)
            words = [
                w for w in ("of the data’s peak", "× peak") if measure(w, em) <= self.right - self.left - width - em
            ]
            for word in words[:1]:
                self.background.append(Text("", "muted", self.left + width + 0.7 * em, y, word))

    def marks(self, step_index: int) -> list[Mark]:
        """Return the densities at a step."""
        return [*self.generator(step_index), *self._contours, *self.notes(step_index)]
