"""The forces panel on the line: densities and discriminator, and how strongly the generator's samples are pushed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.line_turns import quantiles
from gandyn.rendering.marks.guides import LegendEntry
from gandyn.rendering.marks.marks import Arrows, Mark, Text
from gandyn.rendering.panels.density import Density
from gandyn.rendering.panels.gradients import strength, typical_gradient
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["LineForces"]

_REACH, _LONGEST = 0.1, 0.16
"""Length of a strong arrow, and of the longest, as parts of the window."""

_POINT = 0.01
"""Part of the window that most of the generator's mass lies within where it is but a point, with a single arrow."""

_SHORTEST = 0.5
"""Length of an arrow in em below which it would be a speck, and is left out."""

_NUMBER = 1.3
"""Type of the number, in em."""

_LEVELS = (0.5, 0.2, 0.8, 0.35, 0.65)
"""Heights of arrows as parts of the density where they start; neighbours lie apart, so that long ones are told apart.

Their number is that of the arrows: each stands for as many samples as every other."""


class LineForces(Density):
    """The density panel, with arrows on the generator's samples: minus the gradient of its loss at each of them.

    The arrows start at quantiles of the generator's density. One constant turns forces into lengths for the whole
    animation and for all of the group, so arrows can be compared: where there are none to be seen, the generator
    learns nothing. The number says how strong the median push over all samples is.

    References:
        Arjovsky and Bottou, "Towards Principled Methods for Training Generative Adversarial Networks", 2017. Figure 2.
    """

    name = "forces"
    needs: ClassVar[tuple[str, ...]] = ("force", "generator_density")
    morphs: ClassVar[tuple[str, ...] | None] = None
    fades: ClassVar[bool] = False
    fan: ClassVar[bool] = False
    absent: ClassVar[str] = "it is made without record.gradients: true (train it with --set record.gradients=true)"
    records: ClassVar[Mapping[str, Any]] = {"gradients": True}
    turns = None

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        place = self.axes["density"]
        span = place.x.high - place.x.low
        self._scale, self._longest = _REACH * span / _typical(view), _LONGEST * span
        forms = ("push on the generator: {}", "push: {}")
        wide = (
            form
            for form in forms
            if measure(form.format(strength(8.8e-8, slot.plain)), _NUMBER * slot.em, bold=True) <= 0.6 * place.width
        )
        self._form = next(wide, forms[-1])

    def entries(self) -> list[LegendEntry]:
        """Return the names of the curves, and of the arrows."""
        return [*super().entries(), LegendEntry("force", "push on the generator", "push", arrow=True)]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the densities at a step, and what pushes the generator's samples there."""
        density = self.view.field("generator_density", step_index)
        force = self.view.field("force", step_index)
        found = typical_gradient(density, force)
        if found is None:
            return super().marks(step_index)
        place, em = self.axes["density"], self.slot.em
        at, levels = quantiles(self.view, step_index, len(_LEVELS)), np.array(_LEVELS)
        if np.ptp(at) < _POINT * (place.x.high - place.x.low):
            at, levels = at[:1], levels[:1]
        over = np.interp(at, self.view.x, density) if len(at) > 1 else np.nanmax(density, keepdims=True)
        height = np.minimum(over, place.y.high) * levels
        push = np.clip(np.interp(at, self.view.x, force) * self._scale, -self._longest, self._longest)
        seen = (np.abs(push) * place.width >= _SHORTEST * em * (place.x.high - place.x.low)) & np.isfinite(height)
        at, height, push = at[seen], height[seen], push[seen]
        x, y = place.box[0] + 0.4 * em, place.box[3] - 1.6 * em
        pushed = self._form.format(strength(found[1], self.slot.plain))
        words = Text("", "force", x, y, pushed, _NUMBER, bold=True, ground=True)
        return [*super().marks(step_index), Arrows("density", "force", at, height, at + push, height, width=0.2), words]


def _typical(view: RecordingView) -> float:
    """Return how strong a strong push on the generator is: the nine-tenths quantile over the group's steps."""
    found = []
    for one in view.group:
        seen = (typical_gradient(one.field("generator_density", k), one.field("force", k)) for k in one.sampled)
        strengths = [strength for _, strength in filter(None, seen)]
        if strengths:
            found.append(float(np.quantile(strengths, 0.9)))
    return max(found, default=1.0) or 1.0
