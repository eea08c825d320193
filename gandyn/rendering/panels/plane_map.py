"""The map: data, generated points and the discriminator's answer in one picture of the plane."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering.decor import LegendEntry, legend
from gandyn.rendering.fields import isolines, region, smooth
from gandyn.rendering.levels import own_window
from gandyn.rendering.marks import Bands, Dots, Line, Mark, Region
from gandyn.rendering.panels.discriminator import centred, critic_scale
from gandyn.rendering.plane import CONTOURS, Square, contours, narrow
from gandyn.rendering.stage import Room, Stage

__all__ = ["PlaneMap"]

_EDGES = (0.1, 0.4, 0.8)
"""Where bands of the ground meet on either side, as parts of the way from undecided to certain."""

_GROUND = (0.02, 0.05, 0.09, 0.13)
"""Opacity of the ground's bands: a tint, so that data and points stand before it."""

_FILLS = (*(("generator", o) for o in reversed(_GROUND)), *(("data", o) for o in _GROUND))

_FULL_SIZE = 24.0
"""Width from which points are drawn in full size, in em."""

_DATA = (0.15, 0.1, 0.1)
"""Opacity within each of the data's contours, from outside in: they add up."""


class PlaneMap(Square):
    """Where the data lie (filled contours), where generated samples fall (points), and what the discriminator says.

    The ground is tinted in the data's colour where the discriminator says "data" and in the generator's where it says
    "generated"; a line runs where it is undecided.
    """

    name = "map"
    needs: ClassVar[tuple[str, ...]] = ("generated",)

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        self._data = self._drawn_data()
        self._half = (critic_scale(stage) if stage.critic else 0.5) if stage.has("discriminator") else 0.5
        edges = [*(-edge for edge in reversed(_EDGES)), 0.0, *_EDGES]
        self._levels = tuple(self._half * edge for edge in edges)
        if room.alone and not room.bare:
            self.background += legend(self.left, self.head, self.entries(), room.em, self.right)
            self.background += self.remark(*self.remarks())

    def _drawn_data(self) -> list[Mark]:
        """Return the data as filled contours; modes narrower than a cell, which show no shape, as discs."""
        stage, em = self.stage, self.room.em
        lines = contours("plane", stage, self.place, em, weight=0.8)
        if narrow(stage):
            middle = np.asarray(stage.dataset["mode_position"].values, dtype=float)
            return [Dots("plane", "data", middle[:, 0], middle[:, 1], radius=0.35, opacity=0.3), *lines]
        top = float(np.nanmax(smooth(stage.data), initial=0.0))
        window = own_window(stage)
        regions = [region(stage.data, *window, part * top) for part in CONTOURS] if top > 0 else []
        filled = [
            Region("plane", "data", x, y, opacity=opacity) for (x, y), opacity in zip(regions, _DATA, strict=False)
        ]
        return [*filled, *lines[:1]]

    def entries(self) -> list[LegendEntry]:
        """Return the names of data, points and the line between the two answers."""
        found = [LegendEntry("data", "data", disc=True), LegendEntry("points", "generated", dot=True)]
        if self.stage.has("discriminator"):
            found.append(LegendEntry("discriminator", f"{self.stage.player} undecided", "undecided", dashed=False))
        return found

    def remarks(self) -> list[str]:
        """Return ways to say what the tints of the ground mean, the longest first."""
        if not self.stage.has("discriminator"):
            return []
        return ["blue ground: says data; orange: says generated", "blue: says data; orange: generated"]

    def marks(self, step_index: int) -> list[Mark]:
        """Return ground, data and generated points at a step."""
        ground, undecided = self._answers(step_index)
        # As many points in a smaller picture are smaller, or they would hide it.
        radius = 0.23 * min(max(self.place.width / (_FULL_SIZE * self.room.em), 0.55), 1.0)
        points = self.points(step_index, radius=radius, halo=0.4 * radius)
        return [*ground, *self._data, *undecided, *points, *self.notes(step_index)]

    def _answers(self, step_index: int) -> tuple[list[Mark], list[Mark]]:
        """Return the ground's tints, and the line where the discriminator is undecided."""
        response = centred(self.stage, "discriminator", step_index) if self.stage.has("discriminator") else None
        if response is None:
            return [], []
        window = own_window(self.stage)
        line = Line("plane", "discriminator", *isolines(response, *window, 0.0, 2), weight=0.8, dashed=False)
        return [Bands("plane", *window, response, self._levels, _FILLS, solid=True)], [line]
