"""Turns on the plane: where the best discriminator is undecided, and the samples with the push that each receives."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering.density_levels import own_window
from gandyn.rendering.fields import isolines
from gandyn.rendering.ground import Ground
from gandyn.rendering.marks.marks import Arrows, Dots, Mark
from gandyn.rendering.panels.forces import pushes, spread
from gandyn.rendering.turns import Turns

if TYPE_CHECKING:
    from gandyn.rendering.panels.base import Panel

__all__ = ["PlaneTurns"]

_MOST = 30
"""Samples that have an arrow: more of them are a scribble."""

_PRESENT = 1e-5
"""Part of the data's peak from which on both densities together are something to tell apart."""

_PITCH, _RADIUS = 0.5, 0.17
"""From one dot of a dotted line to the next, and their radius, in em."""

_BEST = ("D*: the best line there is", "D*: the best line", "D*")


class PlaneTurns(Turns):
    """The line on which D is 1/2, that of D*, dotted, and arrows at some of the generated points."""

    needs: ClassVar[tuple[str, ...]] = ("generated", "force", "discriminator", "generator_density")

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel)
        self._ground = Ground(self.view, self.slot)
        self._chosen = spread(self.view, self.axes["plane"], _MOST)

    def aim(self, step_index: int) -> list[Mark]:
        """Return the line where a sample is as likely data as generated, with its name in a corner."""
        if self.view.recording.objective is None:
            return []
        dots = self._undecided(step_index)

        def row(ends: Float[np.ndarray, " end"], y: float) -> Mark:
            return Dots("", "optimum", np.linspace(ends[0], ends[1], 4), np.full(4, y), radius=_RADIUS)

        line = Dots("", "optimum", dots[:, 0], dots[:, 1], radius=_RADIUS)
        undecided = self._ground.undecided(step_index)
        named = self.named(self.axes["plane"], _BEST, row, left=True)
        return [*undecided, line, *named] if len(dots) else undecided

    def _undecided(self, step_index: int) -> Float[np.ndarray, "dot 2"]:
        """Return dots, in pixels, along the line on which both densities are equal, where there is any of either."""
        view, place = self.view, self.axes["plane"]
        density = view.field("generator_density", step_index)
        if not np.isfinite(density).all():
            return np.zeros((0, 2))
        total, window = view.data + density, own_window(view)
        least = _PRESENT * float(view.data.max(initial=0.0))
        # By their logarithms the line is smooth where both are small.
        ratio = np.log(view.data + 0.1 * least) - np.log(density + 0.1 * least)
        x, y = isolines(ratio, *window, 0.0, 2)
        cells = [
            np.clip((at - low) / (high - low) * size, 0, size - 1)
            for at, (low, high), size in zip((x, y), window, total.shape, strict=True)
        ]
        known = np.isfinite(x)
        there = known.copy()
        there[known] = total[tuple(one[known].astype(int) for one in cells)] > least
        line = np.column_stack(place.pixels(x, y))
        pieces = np.split(line[there], np.flatnonzero(np.diff(np.flatnonzero(there)) > 1) + 1) if there.any() else []
        return np.concatenate([np.zeros((0, 2)), *(_dotted(piece, _PITCH * self.slot.em) for piece in pieces)])

    def sizes(self, step_index: int) -> Float[np.ndarray, " sample"]:
        """Return the lengths of the gradients at the points."""
        return np.asarray(np.hypot(*pushes(self.view, step_index).T))

    def push(self, step_index: int, t: float) -> list[Mark]:
        """Return arrows at points that are far from each other, the same at every state."""
        view, place = self.view, self.axes["plane"]
        points, force = (some[self._chosen] for some in (view.field("generated", step_index), pushes(view, step_index)))
        span = place.x.high - place.x.low
        push = force * self.reach * span / self.strong
        length = np.hypot(push[:, 0], push[:, 1])
        push *= (t * np.minimum(1.0, self.longest * span / np.maximum(length, 1e-300)))[:, None]
        seen = np.isfinite(push).all(axis=1) & np.isfinite(points).all(axis=1)
        (x0, y0), (x1, y1) = points[seen].T, (points + push * view.lengths)[seen].T
        return [Arrows("plane", "force", x0, y0, x1, y1, width=0.17), *self.pushes(place, left=True)]


def _dotted(line: Float[np.ndarray, "point 2"], pitch: float) -> Float[np.ndarray, "dot 2"]:
    """Return points on a polyline, equally far apart along it; of one shorter than a few of them nothing."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    count = int(length[-1] / pitch)
    if count < 3:
        return np.zeros((0, 2))
    at = np.linspace(0.0, length[-1], count + 1)[:-1]
    return np.column_stack([np.interp(at, length, line[:, axis]) for axis in range(2)])
