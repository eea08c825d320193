"""The losses panel: both players' losses as optimised, and the values they take at equilibrium."""

from __future__ import annotations

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.curves import calm
from gandyn.rendering.decor import AxisTick
from gandyn.rendering.marks import Line, Mark, Scale
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.trajectory import FEW, Curve, Trajectory, visible
from gandyn.rendering.stage import Room, Stage

__all__ = ["Losses"]


class Losses(Trajectory):
    """Losses, raw and thin under a running mean, with equilibrium values (2 ln 2, ln 2) as thin labelled lines."""

    name = "losses"

    @classmethod
    def quantities(cls, stage: Stage, brief: bool = False) -> list[Curve]:
        """Return the two losses."""
        short = "C" if stage.player == "critic" else "D"
        return [
            Curve("discriminator", short, stage.scalars("discriminator_loss"), noisy=True),
            Curve("generator", "G", stage.scalars("generator_loss"), noisy=True),
        ]

    @classmethod
    def silent(cls, stage: Stage) -> bool:
        """Say whether no loss was ever noted, as in a loop that reports none; what diverged at once is no such case."""
        noted = any(visible(stage, curve.values).size for curve in cls.quantities(stage))
        return not noted and stage.diverged(stage.end - 1) is None

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        rules = _equilibria(stage)
        values = [visible(one, calm(curve.values)) for one in stage.company for curve in self.quantities(one)]
        seen = np.concatenate(values)
        low, high = (float(v) for v in np.quantile(seen, [0.005, 0.995])) if seen.size else (0.0, 1.0)
        if stage.end - stage.begin < FEW:
            # No mean is taken over so few steps: single values are what is drawn, and only wild ones may run off.
            single = np.concatenate(
                [visible(one, curve.values) for one in stage.company for curve in self.quantities(one)]
            )
            near = single[np.abs(single - (low + high) / 2) <= high - low]
            low, high = min([low, *near]), max([high, *near])
        known = [at for one in stage.company for at in _equilibria(one)]
        low, high = min([low, *known]), max([high, *known])
        pad = 0.08 * (high - low) or 0.5
        if 0 <= low - pad < 0.25 * (high - low):
            low, pad_low = 0.0, 0.0
        else:
            pad_low = pad
        y = Scale(low - pad_low, high + pad)
        rows = max(int((room.height - (TITLE + 1.5) * room.em) / (2.0 * room.em)), 2)
        marks = [AxisTick(at, text, "ink") for at, text in rules.items()]
        marks += [AxisTick(at, ticks.clean(at)) for at in ticks.several(y.low, y.high, min(rows, 6))]
        crowd = self.crowd()
        means = _means(stage) if not self.silent(stage) else ["none were noted"]
        notes = [f"{mean}; {crowd}" for mean in means if crowd]
        notes += [f"{means[-1]}; {self.main()}", self.main()] if crowd and not self.apart else []
        self.frame("losses", [*notes, *means], y, marks, self.quantities(stage))
        ends = np.array([self.axes[self.name].x.low, self.axes[self.name].x.high])
        rule: list[Mark] = [Line(self.name, "muted", ends, np.full(2, at), weight=0.8, opacity=0.55) for at in rules]
        self.background += rule


def _means(stage: Stage) -> list[str]:
    """Return ways to say over what values are means: of records far apart each may be one already."""
    over = stage.has("discriminator_loss") and stage.dataset["discriminator_loss"].attrs.get("mean_over")
    if over and stage.end - stage.begin < FEW:
        return [f"means over {over}", "means over steps between records", "means between records"]
    return ["running mean"]


def _equilibria(stage: Stage) -> dict[float, str]:
    """Return values at equilibrium and what they are called; equal values share a line."""
    found: dict[float, str] = {}
    given = getattr(stage.recording.objective, "equilibrium", None) or {}
    for key in ("discriminator_loss", "generator_loss"):
        if key in given:
            at, text = given[key]
            if all(abs(at - other) > 1e-9 for other in found):
                found[float(at)] = str(text).replace("-", "−")
    return found
