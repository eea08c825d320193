"""The responses panel: what the discriminator says of real images and of generated ones, on average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.curve import Curve, visible
from gandyn.rendering.marks.guides import AxisTick
from gandyn.rendering.marks.marks import Line, Scale
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.trajectory import Trajectory
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Responses"]


class Responses(Trajectory):
    """Mean response to real and to generated images; at 1/2 both, a discriminator cannot tell one from the other.

    A critic has no such value: there the two are to come together, wherever that is.
    """

    name = "responses"
    called: ClassVar[Said[str]] = Said("responses", "what the {player} says")
    names: ClassVar[Mapping[str, str]] = {"data": "real", "generator": "generated"}
    answers: ClassVar[Said[tuple[str, str, str]]] = Said(("0", "1/2", "1"), ("generated", "undecided", "real"))
    needs: ClassVar[tuple[str, ...]] = ("real_response", "generated_response")
    images: ClassVar[bool] = True

    @classmethod
    def quantities(cls, view: RecordingView, brief: bool = False) -> list[Curve]:
        """Return the two means."""
        return [
            Curve("data", "real", view.scalars("real_response"), noisy=True),
            Curve("generator", "gen." if brief else "generated", view.scalars("generated_response"), noisy=True),
        ]

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        sure = not view.critic
        if sure:
            low, middle, high = self.answers.to(slot)
            y, marks = Scale(-0.02, 1.02), [AxisTick(0.5, middle, "ink"), AxisTick(0.0, low), AxisTick(1.0, high)]
        else:
            seen = np.concatenate([visible(one, curve.values) for one in view.group for curve in self.quantities(one)])
            least, most = (float(v) for v in np.quantile(seen, [0.005, 0.995])) if seen.size else (-1.0, 1.0)
            pad = 0.08 * (most - least) or 0.5
            y = Scale(least - pad, most + pad)
            rows = max(int((slot.height - (TITLE + 1.5) * slot.em) / (2.0 * slot.em)), 2)
            marks = [AxisTick(at, ticks.clean(at)) for at in ticks.several(y.low, y.high, min(rows, 6))]
        who = "the critic" if view.player == "critic" else "D"
        notes = [f"mean of {who} on samples; 1/2 on both: {who} cannot tell"] if sure else []
        notes += [f"mean of {who} on samples", f"mean of {who}"]
        crowd = self.crowd()
        notes = [*([f"mean of {who}; {crowd}", crowd] if crowd else []), *notes]
        self.frame(notes, y, marks, self.quantities(view))
        if sure:
            ends = np.array([self.axes[self.name].x.low, self.axes[self.name].x.high])
            self.background.append(Line(self.name, "muted", ends, np.full(2, 0.5), weight=0.8, opacity=0.55))
