"""The scalars panel: what somebody's own loop recorded under names of its own."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.curve import FEW, Curve, visible
from gandyn.rendering.marks.guides import AxisTick
from gandyn.rendering.marks.marks import Scale
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.trajectory import Trajectory
from gandyn.rendering.recording_view import OWN_SCALARS, PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Scalars"]

_ROLES = tuple(f"series_{number}" for number in range(1, 7))
"""Of the curves, one after the other: what they mean is not known, so they have no colour of what is."""

_APART = 100.0
"""Greatest value over the least from which values, all above zero, are drawn on a logarithmic axis."""


class Scalars(Trajectory):
    """The user's own scalars, up to six of them, on one axis, each with its name and value at its end.

    Numbers of your own loop, under the names that `recorder.step(name=value)` gave them. The losses have a panel of
    their own.
    """

    name = "scalars"
    called: ClassVar[Said[str]] = Said("scalars", "numbers of this training")
    needs: ClassVar[tuple[str, ...]] = (OWN_SCALARS,)
    images: ClassVar[bool] = True
    absent: ClassVar[str] = "only a loop of your own notes such numbers, by recorder.step(name=value)"

    @classmethod
    def quantities(cls, view: RecordingView, brief: bool = False) -> list[Curve]:
        """Return the first of the user's own scalars, under their names."""
        return [
            Curve(role, name, view.scalars(name), noisy=True)
            for role, name in zip(_ROLES, view.own_scalars, strict=False)
        ]

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        names = view.own_scalars
        curves = self.quantities(view, slot.brief)
        values = [visible(one, curve.values) for one in view.group for curve in self.quantities(one)]
        y = _scale(np.concatenate(values))
        rows = max(int((slot.height - (TITLE + 1.5) * slot.em) / (2.0 * slot.em)), 2)
        at = ticks.decades(y.low, y.high, rows) if y.log else ticks.several(y.low, y.high, min(rows, 6))
        some = f"{len(curves)} of {len(names)}" if len(names) > len(curves) else ""
        mean = "running mean" if view.end - view.begin >= FEW else ""
        notes = ["; ".join(part for part in parts if part) for parts in ((some, mean, self.crowd()), (some, mean))]
        self.frame([*notes, some], y, [AxisTick(v, ticks.clean(v)) for v in at], curves)


def _scale(seen: np.ndarray) -> Scale:
    low, high = (float(v) for v in np.quantile(seen, [0.005, 0.995])) if seen.size else (0.0, 1.0)
    if low > 0 and high > _APART * low:
        return Scale(10.0 ** math.floor(math.log10(low)), 1.3 * high, log=True)
    pad = 0.08 * (high - low) or 0.5
    return Scale(0.0 if 0 <= low < 0.25 * high else low - pad, high + pad)
