"""The map: data, generated points and the discriminator's answer in one picture of the plane."""

from __future__ import annotations

from typing import ClassVar

from gandyn.rendering.decor import LegendEntry, legend
from gandyn.rendering.ground import Ground
from gandyn.rendering.marks import Mark
from gandyn.rendering.plane import Square, drawn_data
from gandyn.rendering.plane_turns import PlaneTurns
from gandyn.rendering.stage import Room, Stage

__all__ = ["PlaneMap"]

_FULL_SIZE = 24.0
"""Width from which points are drawn in full size, in em."""


class PlaneMap(Square):
    """Where the data lie (filled contours), where generated samples fall (points), and what the discriminator says.

    The ground is tinted in the data's colour where the discriminator says "data" and in the generator's where it says
    "generated"; a line runs where it is undecided.
    """

    name = "map"
    needs: ClassVar[tuple[str, ...]] = ("generated",)
    turns = PlaneTurns

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        self._data = drawn_data("plane", stage, self.place, room.em)
        self._ground = Ground(stage)
        if room.alone and not room.bare:
            self.background += legend(self.left, self.head, self.entries(), room.em, self.right)
            self.background += self.remark(*self.remarks())

    def entries(self) -> list[LegendEntry]:
        """Return the names of data, points and the line between the two answers."""
        found = [LegendEntry("data", "data", disc=True), LegendEntry("points", "generated", dot=True)]
        return [*found, *self._ground.entries()]

    def remarks(self) -> list[str]:
        """Return ways to say what the tints of the ground mean, the longest first."""
        return self._ground.remarks()

    def marks(self, step_index: int) -> list[Mark]:
        """Return ground, data and generated points at a step."""
        ground, undecided = self._ground.marks(step_index)
        # As many points in a smaller picture are smaller, or they would hide it.
        radius = 0.23 * min(max(self.place.width / (_FULL_SIZE * self.room.em), 0.55), 1.0)
        points = self.points(step_index, radius=radius, halo=0.4 * radius)
        return [*ground, *self._data, *undecided, *points, *self.notes(step_index)]
