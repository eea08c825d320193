"""The forces panel: where the generator's loss pushes each of its points."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering.decor import LegendEntry, legend
from gandyn.rendering.marks import Arrows, Mark
from gandyn.rendering.plane import Square, contours
from gandyn.rendering.stage import Room, Stage

__all__ = ["Forces", "force_scale"]

_REACH = 0.11
"""Length of a strong arrow, as a part of the window; none is drawn longer than half as much again."""


class Forces(Square):
    """Generated points with arrows: minus the gradient of the generator's loss with respect to each point.

    One constant turns forces into lengths for the whole animation (and for all of the company), so arrows can be
    compared from step to step; the strongest are cut short. Small pictures show fewer arrows.
    """

    name = "forces"
    needs: ClassVar[tuple[str, ...]] = ("generated", "force")

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        em = room.em
        self._contours = contours("plane", stage, self.place, em)
        self._span = self.place.x.high - self.place.x.low
        self._shown = max(int(self.place.width / (0.22 * em)), 30)
        self._scale = _REACH * self._span / force_scale(stage)
        if room.alone:
            self.background += legend(self.left, self.head, self.entries(), em, self.right)
            self.background += self.remark(
                "arrows: minus the gradient of G’s loss at each point",
                "arrows: −∇ of G’s loss at each point",
                "arrows: −∇ of G’s loss",
                "arrows: −∇ loss",
            )

    def entries(self) -> list[LegendEntry]:
        """Return the names of contours and points."""
        return [LegendEntry("data", "data", weight=0.8), LegendEntry("points", "G(z)", dot=True)]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the points and their arrows at a step."""
        return [*self._contours, *self.arrows(step_index), *self.notes(step_index)]

    def arrows(self, step_index: int) -> list[Mark]:
        """Return the generated points in sight and an arrow from each."""
        points = self.stage.field("generated", step_index)
        push = self.stage.field("force", step_index)
        low, high = (np.array([getattr(self.place.x, end), getattr(self.place.y, end)]) for end in ("low", "high"))
        with np.errstate(invalid="ignore"):
            seen = ((points >= low) & (points <= high)).all(axis=1) & np.isfinite(push).all(axis=1)
        points, push = points[seen], push[seen] * self._scale
        length = np.hypot(push[:, 0], push[:, 1])
        most = 1.5 * _REACH * self._span
        push = push * np.minimum(1.0, most / np.maximum(length, 1e-300))[:, None]
        tips = points + push
        (x0, y0), (x1, y1) = points[: self._shown].T, tips[: self._shown].T
        arrows = Arrows("plane", "force", x0, y0, x1, y1, width=0.085, opacity=0.72)
        return [*self.points(step_index, radius=0.17, halo=0.07), arrows]


def force_scale(stage: Stage) -> float:
    """Return the length of a strong force: the median over the steps of each step's nine-tenths quantile."""
    found = []
    for one in stage.company:
        for step in one.sampled:
            force = one.field("force", step)
            length = np.hypot(force[:, 0], force[:, 1])
            length = length[np.isfinite(length)]
            if length.size:
                found.append(float(np.quantile(length, 0.9)))
    scale = float(np.median(found)) if found else 1.0
    return scale if scale > 0 else 1.0
