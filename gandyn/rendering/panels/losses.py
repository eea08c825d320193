"""The losses panel: both players' losses as optimised, and the values they take at equilibrium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.curve import FEW, Curve, visible
from gandyn.rendering.curves import calm
from gandyn.rendering.marks.guides import AxisTick
from gandyn.rendering.marks.marks import Scale
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.trajectory import Trajectory
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Losses"]

_AT_REST = "at equilibrium"

_ABOVE = 2.0
"""Where the axis ends at most in plain words, in parts of the highest value at equilibrium."""

_LAST = 10
"""The last of so many parts of training is its end."""

_WORDS = 1.35
"""Height of words beside a line, in em."""


class Losses(Trajectory):
    """Losses, raw and thin under a running mean, with equilibrium values (2 ln 2, ln 2) as thin labelled lines.

    They are as optimised. At equilibrium the generator is perfect and the discriminator can do no more than guess: 2 ln
    2 for the discriminator (real + fake), ln 2 for a non-saturating generator.
    """

    name = "losses"
    side: ClassVar[float] = 14.0
    called: ClassVar[Said[str]] = Said("losses", "losses")
    names: ClassVar[Mapping[str, str]] = {"discriminator": "{player}", "generator": "generator"}

    @classmethod
    def quantities(cls, view: RecordingView, brief: bool = False) -> list[Curve]:
        """Return the two losses."""
        short = "critic" if view.player == "critic" else "D"
        return [
            Curve("discriminator", short, view.scalars("discriminator_loss"), noisy=True),
            Curve("generator", "G", view.scalars("generator_loss"), noisy=True),
        ]

    @classmethod
    def silent(cls, view: RecordingView) -> bool:
        """Say whether no loss was ever noted, as in a loop that reports none; what diverged at once is no such case."""
        noted = any(visible(view, curve.values).size for curve in cls.quantities(view))
        return not noted and view.diverged(view.end - 1) is None

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        rules = _equilibria(view)
        values = [visible(one, calm(curve.values)) for one in view.group for curve in self.quantities(one)]
        seen = np.concatenate(values)
        low, high = (float(v) for v in np.quantile(seen, [0.005, 0.995])) if seen.size else (0.0, 1.0)
        if view.end - view.begin < FEW:
            # No mean is taken over so few steps: single values are what is drawn, and only wild ones may run off.
            single = np.concatenate(
                [visible(one, curve.values) for one in view.group for curve in self.quantities(one)]
            )
            near = single[np.abs(single - (low + high) / 2) <= high - low]
            low, high = min([low, *near]), max([high, *near])
        known = [at for one in view.group for at in _equilibria(one)]
        low, high = min([low, *known]), max([high, *known])
        if slot.plain and known and max(known) > 0:
            # How both end is what is to be seen, and not how high one of them was on its way.
            last = [one[-max(len(one) // _LAST, 1) :] for one in values if one.size]
            high = min(high, max(_ABOVE * max(known), *(float(one.max()) for one in last)))
        pad = 0.08 * (high - low) or 0.5
        if 0 <= low - pad < 0.25 * (high - low):
            low, pad_low = 0.0, 0.0
        else:
            pad_low = pad
        y = self._with_words(low - pad_low, high + pad, known)
        rows = max(int((slot.height - (TITLE + 1.5) * slot.em) / (2.0 * slot.em)), 2)
        marks = [AxisTick(at, text, "ink") for at, text in rules.items()]
        marks += [AxisTick(at, ticks.clean(at)) for at in ticks.several(y.low, y.high, min(rows, 6))]
        crowd = self.crowd()
        means = _means(view) if not self.silent(view) else ["none were noted"]
        notes = [f"{mean}; {crowd}" for mean in means if crowd]
        notes += [f"{means[-1]}; {self.main()}", self.main()] if crowd and not self.apart else []
        self.frame([*notes, *means], y, marks, self.quantities(view))
        for number, at in enumerate(sorted(rules, reverse=True)):
            self.background += self.rule(at, "" if slot.plain and number else _AT_REST)

    def _with_words(self, low: float, high: float, rules: Sequence[float]) -> Scale:
        """Return a scale with room for words under the lowest of some values and above the highest."""
        rows = max(round((self.slot.height - (TITLE + 1.5) * self.slot.em) / self.slot.em, 3), _WORDS)
        slot = _WORDS / rows * (high - low)
        least, most = min(rules, default=high) - slot, max(rules, default=low) + slot
        return Scale(min(low, least), max(high, most))


def _means(view: RecordingView) -> list[str]:
    """Return ways to say over what values are means: of records far apart each may be one already."""
    over = view.has("discriminator_loss") and view.dataset["discriminator_loss"].attrs.get("mean_over")
    if over and view.end - view.begin < FEW:
        return [f"means over {over}", "means over steps between records", "means between records"]
    return ["running mean"]


def _equilibria(view: RecordingView) -> dict[float, str]:
    """Return values at equilibrium and what they are called; equal values share a line."""
    found: dict[float, str] = {}
    given = getattr(view.recording.objective, "equilibrium", None) or {}
    for key in ("discriminator_loss", "generator_loss"):
        if key in given:
            at, text = given[key]
            if all(abs(at - other) > 1e-9 for other in found):
                found[float(at)] = str(text).replace("-", "−")
    return found
