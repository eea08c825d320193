"""Turns on the line: the best answer as a dotted curve, and samples that are pushed up the discriminator's slope."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering.curves import thin
from gandyn.rendering.marks.marks import Arrows, Dots, Line, Mark
from gandyn.rendering.potential import levelled
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.turns import Turns

__all__ = ["LineTurns", "quantiles"]

_SAMPLES = 5
"""Samples that stand for all, at equal shares of the generator's mass."""

_BEST = ("D*: the best answer there is", "D*: the best answer", "D*")

_DOTTED = 1.5
"""Width of D*'s curve, in parts of its role's."""


class LineTurns(Turns):
    """D* over the axis of the responses; samples on the discriminator's curve, and arrows along it."""

    needs: ClassVar[tuple[str, ...]] = ("force", "discriminator", "generator_density")

    def aim(self, step_index: int) -> list[Mark]:
        """Return D*, with its name in the corner that it leaves free."""
        view, place = self.view, self.axes["response"]
        optimum = view.optimum(view.field("generator_density", step_index))
        if optimum is None or not np.isfinite(optimum).any():
            return []
        if view.critic:
            optimum = levelled(optimum, view.field("discriminator", step_index), view.data)
        optimum = np.clip(optimum, place.y.low, place.y.high)
        line = Line("response", "optimum", *thin(view.x, optimum, int(place.width)), weight=_DOTTED)

        def piece(ends: Float[np.ndarray, " end"], y: float) -> Mark:
            return Line("", "optimum", ends, np.full(2, y), weight=_DOTTED)

        return [line, *self.named(place, _BEST, piece, self._rises(optimum))]

    def push(self, step_index: int, t: float) -> list[Mark]:
        """Return samples on the discriminator's curve, and arrows that push them up along it."""
        view, place = self.view, self.axes["density"]
        response, force = (view.field(name, step_index) for name in ("discriminator", "force"))
        marks, x = self.pushes(place, self._rises(response)), quantiles(view, step_index, _SAMPLES)
        if not len(x):
            return marks
        span = place.x.high - place.x.low
        push = np.interp(x, view.x, force) * self.reach * span / self.strong
        ends = x + t * np.clip(push, -self.longest * span, self.longest * span)
        heights = np.interp(x, view.x, response)
        return [
            *marks,
            Arrows("response", "force", x, heights, ends, np.interp(ends, view.x, response), width=0.2),
            Dots("response", "generator", x, heights, radius=0.34, halo=0.1),
        ]

    @staticmethod
    def _rises(response: Float[np.ndarray, " x"]) -> bool:
        """Say whether a response is lower at the left than at the right, so that its upper left corner is free."""
        known = response[np.isfinite(response)]
        return bool(known.size == 0 or known[0] <= known[-1])

    def sizes(self, step_index: int) -> Float[np.ndarray, " sample"]:
        """Return the sizes of the gradient at the samples."""
        x = quantiles(self.view, step_index, _SAMPLES)
        return np.abs(np.interp(x, self.view.x, self.view.field("force", step_index)))


def quantiles(view: RecordingView, step_index: int, number: int) -> Float[np.ndarray, " sample"]:
    """Return the places in sight that cut the generator's mass in equal shares, half a share from either end."""
    density = np.nan_to_num(view.field("generator_density", step_index))
    reached = np.cumsum(density)
    if not reached[-1] > 0:
        return np.zeros(0)
    shares = (np.arange(number) + 0.5) / number * reached[-1]
    return np.interp(shares, reached, view.x)
