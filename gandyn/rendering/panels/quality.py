"""The quality panel: how far a classifier's view of generated images is from its view of real ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.curve import Curve, visible
from gandyn.rendering.marks.guides import AxisTick
from gandyn.rendering.marks.marks import Mark, Scale, Text
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.trajectory import Trajectory
from gandyn.rendering.quality_text import JUDGED, as_of, figures, floor, judge, latest
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Quality"]


class Quality(Trajectory):
    """Fréchet distance between features of generated and real images, and the one between real images and others.

    The distance is FD-LeNet, of digits; "prec." and "rec." are precision and recall.

    The latter, the floor, is as low as that many images can go. Dots are measurements.

    References:
        GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium. M. Heusel, H. Ramsauer,
        T. Unterthiner, B. Nessler, S. Hochreiter, 2017.
    """

    name = "quality"
    called: ClassVar[Said[str]] = Said("quality", "distance to real images")
    names: ClassVar[Mapping[str, str]] = {"generator": "generated", "data": "real images"}
    needs: ClassVar[tuple[str, ...]] = ("frechet_distance",)
    absent: ClassVar[str] = JUDGED
    images: ClassVar[bool] = True

    @classmethod
    def quantities(cls, view: RecordingView, brief: bool = False) -> list[Curve]:
        """Return the distance and, where it is known, its floor."""
        distance = view.scalars("frechet_distance")
        curves = [Curve("generator", "FD", distance, dotted=True)]
        least = floor(view)
        if least is not None:
            curves.append(Curve("data", "floor", np.full(distance.shape, least), under=False, weight=0.8))
        return curves

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        seen = np.concatenate([visible(one, curve.values) for one in view.group for curve in self.quantities(one)])
        seen = seen[seen > 0]
        low, high = (float(seen.min()), float(seen.max())) if seen.size else (1.0, 10.0)
        y = Scale(0.7 * low, max(1.3 * high, 2.0 * low), log=True)
        rows = max(int((slot.height - (TITLE + 1.5) * em) / (1.6 * em)), 2)
        marks = [AxisTick(at, ticks.clean(at)) for at in ticks.decades(y.low, y.high, rows)]
        who = judge(view, "frechet_distance")
        notes = [f"{who} to real images; floor: between real ones", f"{who}; floor: real images", who]
        notes = [*(f"{note}; {self.crowd()}" for note in notes if self.crowd()), *notes]
        left, _bottom, right, top = slot.box
        free = right - left - measure("quality", em, bold=True) - measure(notes[-1], em) - 2.2 * em
        widest = [] if slot.plain else [f"{text}, {as_of(view, None)}" for text in _figures(view, None)]
        self._figures = next((number for number, text in enumerate(widest) if measure(text, em) <= free), None)
        held = measure(widest[self._figures], em) + 1.5 * em if self._figures is not None else 0.0
        self.frame(notes, y, marks, self.quantities(view), held)
        self._heading = top - 0.8 * em

    def marks(self, step_index: int) -> list[Mark]:
        """Return the distance up to a step and, in the heading, precision and recall as they were measured last."""
        marks = super().marks(step_index)
        at = latest(self.view, "precision", step_index) if self._figures is not None else None
        if at is not None and self._figures is not None:
            text = f"{_figures(self.view, at)[self._figures]}, {as_of(self.view, at)}"
            marks.insert(0, Text("", "muted", self.slot.box[2], self._heading, text, align="right"))
        return marks


def _figures(view: RecordingView, step_index: int | None) -> list[str]:
    return figures(view, ("precision", "recall"), step_index)
