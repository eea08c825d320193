"""The seeds panel on the plane: data and generator density in small, once a seed."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from gandyn.rendering.density_levels import density_bands, density_levels
from gandyn.rendering.marks.guides import Key, LegendEntry, key
from gandyn.rendering.marks.marks import Mark
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.multiples import Multiples
from gandyn.rendering.plane import contours, fit, frame
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["PlaneSeeds"]


class PlaneSeeds(Multiples):
    """Data and generator density of every seed, under one legend and over one key.

    Small multiples, one a seed, each with the number of modes it has captured (one sample is enough; in a talk, those
    found: a quarter of their share).
    """

    name = "seeds"
    dim: ClassVar[int | None] = 2

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        self._levels = density_levels(view, self.shown)
        if slot.alone:
            self.background += self.overview(top - 0.8 * em)
            self.background += key(left, bottom + 1.35 * em, self.key(), em, right)
            bottom, top = bottom + 2.6 * em, top - TITLE * em
        x, y = view.window(0), view.window(1)
        head, gap = 1.4 * em, 0.7 * em
        width, height = right - left, top - bottom
        aspect = view.aspect
        columns, side = _columns(len(self.seeds), width, height, head, gap, aspect)
        rows = math.ceil(len(self.seeds) / columns)
        cell = (side * aspect, side + head)
        shift = left + (width - columns * cell[0] - (columns - 1) * gap) / 2
        if columns > 1:
            # What is left over stands between the columns.
            gap = min((width - columns * cell[0]) / (columns - 1), 3 * gap)
            shift = left + (width - columns * cell[0] - (columns - 1) * gap) / 2
        down = min((height - rows * cell[1]) / max(rows - 1, 1), 1.2 * em)
        for number, seed_index in enumerate(self.seeds):
            row, column = divmod(number, columns)
            x0, y1 = shift + column * (cell[0] + gap), top - row * (cell[1] + down)
            place = fit((x0, y1 - cell[1], x0 + cell[0], y1 - head), x, y, view.lengths)
            self.axes[self._name(seed_index)] = place
            self.background += frame(place)
        self._places = {seed: self.axes[self._name(seed)] for seed in self.seeds}
        self._contours = {
            seed: contours(self._name(seed), view, place, 0.63 * em, weight=0.4) for seed, place in self._places.items()
        }

    def entries(self) -> list[LegendEntry]:
        """Return the names of the two densities."""
        return [LegendEntry("data", "data", weight=0.8), LegendEntry("generator", "generator", filled=True)]

    def remarks(self) -> list[str]:
        """Return ways to say what the bands mean, the longest first."""
        counted = "; number: modes found" if self._total else ""
        return [f"one picture a seed{counted}; darker: more samples", f"one picture a seed{counted}", "one a seed"]

    def key(self) -> Key:
        """Return the levels of density."""
        return self._levels.key()

    @staticmethod
    def _name(seed_index: int) -> str:
        return f"plane {seed_index}"

    def marks(self, step_index: int) -> list[Mark]:
        """Return every seed's densities and heading at a step."""
        marks: list[Mark] = []
        for seed_index in self.seeds:
            name = self._name(seed_index)
            values = self.view.field("generator_density", step_index, seed_index)
            if np.isfinite(values).all():
                marks.append(density_bands(name, self.view, values, self._levels))
            marks += self._contours[seed_index]
        return marks + self.headings(self._places, step_index)


def _columns(number: int, width: float, height: float, head: float, gap: float, aspect: float) -> tuple[int, float]:
    """Return in how many columns the cells are largest, and how high their axes are then."""

    def side(columns: int) -> float:
        rows = math.ceil(number / columns)
        return min(((width + gap) / columns - gap) / aspect, (height + gap) / rows - gap - head)

    best = max(range(1, number + 1), key=side)
    return best, max(side(best), 1.0)
