"""The forces panel: where the generator's loss pushes each of its points."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from gandyn.rendering.ground import Ground
from gandyn.rendering.marks.guides import LegendEntry, legend
from gandyn.rendering.marks.marks import Arrows, Axes, Mark
from gandyn.rendering.plane import Square, contours
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Forces", "force_scale", "pushes", "spread"]

_REACH, _LONGEST = 0.09, 0.12
"""Length of a strong arrow, and of the longest, as parts of the window."""

_MOST, _PITCH = 30, 0.75
"""Arrows at most, and the width of the picture that each takes, about, in em: more of them are a scribble."""


class Forces(Square):
    """Generated points, and for some of them an arrow: minus the gradient of the generator's loss with respect to it.

    The points with arrows are spread evenly and stay the same from step to step. One constant turns forces into lengths
    for the whole animation (and for all of the group), so arrows can be compared; the strongest are cut short. Behind
    them lies what the discriminator answers, which is what pushes.

    Some thirty points have arrows; they point where training pushes.
    """

    name = "forces"
    needs: ClassVar[tuple[str, ...]] = ("generated", "force")
    words: ClassVar[Said[tuple[str, ...]]] = Said(
        (
            "arrows: minus the gradient of G’s loss at each point",
            "arrows: −∇ of G’s loss at each point",
            "arrows: −∇ of G’s loss",
            "arrows: −∇ loss",
        ),
        ("arrows: where training pushes the samples", "arrows: where training pushes"),
    )

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        self.background += contours("plane", view, self.place, em)
        self._ground = Ground(view, slot)
        self._span = self.place.x.high - self.place.x.low
        self._chosen = spread(view, self.place, min(max(int(self.place.width / (_PITCH * em)), 8), _MOST))
        self._scale = _REACH * self._span / force_scale(view)
        if slot.alone:
            self.background += legend(self.left, self.head, self.entries(), em, self.right)
            self.background += self.remark(*self.remarks())

    def entries(self) -> list[LegendEntry]:
        """Return the names of contours, points and the line between the two answers."""
        points = LegendEntry("points", self.points_name.to(self.slot), dot=True)
        return [LegendEntry("data", "data", weight=0.8), points, *self._ground.entries()]

    def remarks(self) -> list[str]:
        """Return ways to say what the arrows are."""
        return list(self.words.to(self.slot))

    def marks(self, step_index: int) -> list[Mark]:
        """Return ground, points and their arrows at a step; the data lie under them, drawn once."""
        return [*self._ground.marks(step_index), *self.arrows(step_index), *self.notes(step_index)]

    def arrows(self, step_index: int) -> list[Mark]:
        """Return the generated points in sight, and the arrows of those that have one."""
        points = self.view.field("generated", step_index)[self._chosen]
        push = pushes(self.view, step_index)[self._chosen]
        seen = self._in_sight(points) & np.isfinite(push).all(axis=1)
        points, push = points[seen], push[seen] * self._scale
        length = np.hypot(push[:, 0], push[:, 1])
        push = push * np.minimum(1.0, _LONGEST * self._span / np.maximum(length, 1e-300))[:, None]
        (x0, y0), (x1, y1) = points.T, (points + push * self.view.lengths).T
        return [*self.points(step_index, radius=0.17, halo=0.07), Arrows("plane", "force", x0, y0, x1, y1, width=0.12)]

    def _in_sight(self, points: Float[np.ndarray, "point 2"]) -> np.ndarray:
        low, high = (np.array([getattr(self.place.x, end), getattr(self.place.y, end)]) for end in ("low", "high"))
        with np.errstate(invalid="ignore"):
            return np.asarray(((points >= low) & (points <= high)).all(axis=1))


def pushes(view: RecordingView, step_index: int) -> Float[np.ndarray, "point 2"]:
    """Return the forces on the generated points as lengths are drawn: per length that counts as one, along x and y."""
    return view.field("force", step_index) * view.lengths


def spread(view: RecordingView, place: Axes, number: int) -> Int[np.ndarray, " chosen"]:
    """Return the indices of points that are far from each other at the first, the middle and the last step.

    Each is the one farthest from all that were chosen before it; the first is the one nearest to the middle.
    """
    steps = (view.begin, (view.begin + view.end) // 2, view.end - 1)
    low, high = (np.array([getattr(place.x, end), getattr(place.y, end)]) for end in ("low", "high"))
    seen = [np.clip(view.field("generated", step), low, high) for step in steps]
    at = np.nan_to_num(np.concatenate([one / view.lengths for one in seen], axis=1))
    chosen = [int(np.hypot(*(at - at.mean(axis=0)).T[:2]).argmin())]
    away = np.full(len(at), np.inf)
    while len(chosen) < min(number, len(at)):
        away = np.minimum(away, ((at - at[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(away.argmax()))
    return np.array(sorted(chosen))


def force_scale(view: RecordingView) -> float:
    """Return the length of a strong force: the median over the steps of each step's nine-tenths quantile."""
    found = []
    for one in view.group:
        for step in one.sampled:
            force = pushes(one, step)
            length = np.hypot(force[:, 0], force[:, 1])
            length = length[np.isfinite(length)]
            if length.size:
                found.append(float(np.quantile(length, 0.9)))
    scale = float(np.median(found)) if found else 1.0
    return scale if scale > 0 else 1.0
