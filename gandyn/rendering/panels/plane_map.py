"""The map: data, generated points and the discriminator's answer in one picture of the plane."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from gandyn.rendering.ground import Ground
from gandyn.rendering.landing import TINTS
from gandyn.rendering.latent_path import LatentPath
from gandyn.rendering.marks.guides import LegendEntry, legend
from gandyn.rendering.marks.marks import Dots, Mark
from gandyn.rendering.modes import reaches
from gandyn.rendering.plane import CONTOURS, RING, Square, drawn_data
from gandyn.rendering.plane_turns import PlaneTurns
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.tints import assigned

__all__ = ["PlaneMap"]

_FULL_SIZE = 24.0
"""Width from which points are drawn in full size, in em."""


class PlaneMap(Square):
    """Where the data lie (filled contours), where generated samples fall (points), and what the discriminator says.

    The ground is tinted in the data's colour where the discriminator says "data" and in the generator's where it says
    "generated"; except in talks a line runs where it is undecided. In talks, beside a panel that gives the data's modes
    tints, the modes are discs in these, the ground is empty, and one latent is followed from mode to mode.

    It is the main picture of a talk: data as contours and tinted regions, 200 generated samples as points (white on
    dark), and in blue and orange where the discriminator answers “data” and where “generated”.
    """

    name = "map"
    needs: ClassVar[tuple[str, ...]] = ("generated",)
    turns = PlaneTurns

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        # Where modes have tints these are what is to be seen, on the picture's own ground.
        self._tinted = slot.plain and slot.tinted and view.has("mode_std")
        self.background += self._tints() if self._tinted else drawn_data("plane", view, self.place, slot.em)
        self._ground = None if self._tinted else Ground(view, slot)
        self._path = LatentPath(view) if self._tinted and view.has("generator_map") else None
        if slot.alone and not slot.bare:
            self.background += legend(self.left, self.head, self.entries(), slot.em, self.right)
            self.background += self.remark(*self.remarks())

    def _tints(self) -> list[Mark]:
        """Return a disc in its tint for every mode, as wide as the data's outermost contour."""
        middles = np.asarray(self.view.dataset["mode_position"].values, dtype=float)
        reach = reaches(self.view, self.place, CONTOURS[0], RING * self.slot.em)
        radii = reach * self.place.width / (self.place.x.high - self.place.x.low) / self.slot.em
        tints = assigned(middles, TINTS)
        # The numbers stand beside them, and are read where points lie there too.
        self._discs = []
        self._numbers = [replace(number, ground=True) for number in self._numbers]
        return [
            Dots("plane", f"tint {tint}", at[:1], at[1:], radius)
            for at, tint, radius in zip(middles, tints.tolist(), radii.tolist(), strict=True)
        ]

    def entries(self) -> list[LegendEntry]:
        """Return the names of data, points and the line between the two answers."""
        points = LegendEntry("points", "generated", dot=True)
        if self._ground is None:
            return [points]
        return [LegendEntry("data", "data", disc=True), points, *self._ground.entries()]

    def remarks(self) -> list[str]:
        """Return ways to say what the tints of the ground mean, the longest first."""
        return [] if self._ground is None else self._ground.remarks()

    def marks(self, step_index: int) -> list[Mark]:
        """Return ground and generated points at a step; the data lie under them, drawn once for all frames."""
        # As many points in a smaller picture are smaller, or they would hide it.
        radius = 0.23 * min(max(self.place.width / (_FULL_SIZE * self.slot.em), 0.55), 1.0)
        points = self.points(step_index, radius=radius, halo=0.4 * radius)
        path = self._path.after("plane", step_index) if self._path else []
        ground = [] if self._ground is None else self._ground.marks(step_index)
        return [*ground, *points, *path, *self.notes(step_index)]
