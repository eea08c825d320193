"""The divergences panel: how far the generator's density is from the data's, in nats, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.curve import Curve, visible
from gandyn.rendering.divergence_quantities import infinite
from gandyn.rendering.marks.guides import AxisTick
from gandyn.rendering.marks.marks import EndLabels, Line, Mark, Scale, Text
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.trajectory import Trajectory
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Divergences"]

_CEILING = math.log(2.0)
_TRANSPORT = {"w1": "W1", "sliced_w1": "sliced W1"}
"""What a recording holds of the transport between the densities (on the line, on the plane), and its name."""
_VIEWS = ("in PCA space: estimates", "PCA: estimates", "estimates")
"""What is said where divergences are those of projections: the first that fits behind the title."""
_REACH = {
    "unreached_mass": ("KL infinite: {} of the data out of reach", "KL infinite: {} out of reach", "{} out of reach"),
    "unresolved_mass": ("KL at least: {} of the data unresolved", "KL at least: {} unresolved", "{} unresolved"),
}
"""What is said of data that the generator does not reach, or is not seen to: the first that fits beside the title."""
_WORTH_SAYING = 0.001


class Divergences(Trajectory):
    """KL, reverse KL, JS with its ceiling ln 2 and the lower bound that the discriminator proves, and W1 (a length).

    JS is at most ln 2. What the discriminator proves of it, by its response alone, is "JS ≥": never above JS, and equal
    to it for D*. On the plane W1 is sliced: its mean over directions. In plain words only Jensen-Shannon and the earth
    mover's distance are drawn; `kl` and `reverse_kl` are panels of their own.

    Of images they are those of their projections to the plane, between kernel estimates: no bounds, for projection and
    smoothing make them smaller than those between the images themselves, and sampling larger.

    Where a KL is infinite at any step, its skew divergence is drawn in its place all along, and named so; the data
    mass out of the generator's reach stands in the heading, where it moves no label. So does that of data where the
    method sees nothing of the generator, and could not: KL is then a lower bound.

    References:
        On the effectiveness of the skew divergence for statistical language analysis. L. Lee, 2001.
    """

    name = "divergences"
    called: ClassVar[Said[str]] = Said("divergences", "distance to the data")
    names: ClassVar[Mapping[str, str]] = {"js": "Jensen–Shannon", "w1": "earth mover’s"}
    ceiling: ClassVar[Said[str]] = Said("ln 2", "disjoint")

    @classmethod
    def quantities(cls, view: RecordingView, brief: bool = False) -> list[Curve]:
        """Return the divergences there are; a skew one where an infinite one is shown by any of the group."""
        reverse = "rev. KL" if brief else "reverse KL"
        curves = [_entropic(view, "kl", "KL", brief), _entropic(view, "reverse_kl", reverse, brief)]
        curves.append(Curve("js", "JS", view.scalars("js")))
        curves += [
            Curve("w1", label, view.scalars(name), unit=view.unit)
            for name, label in _TRANSPORT.items()
            if view.has(name)
        ]
        if view.has("js_bound") and not brief:
            curves.append(Curve("js_bound", "JS ≥", np.maximum(view.scalars("js_bound"), 0.0)))
        return [curve for curve in curves if visible(view, curve.values).size]

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        curves = self.quantities(view, slot.brief)
        y = self._limits()
        rows = max(int((slot.height - (TITLE + 1.5) * slot.em) / (1.6 * slot.em)), 2)
        marks = [AxisTick(_CEILING, self.ceiling.to(slot), "js")] if y.low < _CEILING < y.high else []
        marks += [AxisTick(at, ticks.clean(at)) for at in ticks.decades(y.low, y.high, rows)]
        kind = "unreached_mass" if infinite(view, "kl") or not view.has("unresolved_mass") else "unresolved_mass"
        missing = view.scalars(kind)
        self._not_reached = missing[[view.seed_index]] if self.apart else missing
        # Brief labels do not say that a divergence is the skew one, so the heading always does.
        unit = _skewed(view) if slot.brief else ""
        unit = unit or "nats"
        # Of two quantities it is none, and of one its value has a unit.
        there = [label for name, label in _TRANSPORT.items() if view.has(name) and not view.labels]
        lengths = [f"nats; {label} is a length" for label in there]
        # Whose values these are is said before what is out of reach, and before which of them is a length.
        whose = [] if self.apart or not self.main() else [f"{unit}; {self.main()}"]
        whose += [self.main()] if whose and unit == "nats" else []
        notes = [f"{unit}; {self.crowd()}", *whose] if self.crowd() else []
        notes += lengths if unit == "nats" else [f"nats, {unit}"]
        std = view.dataset["js"].attrs.get("smoothing_std") if view.has("js") else None
        if std is not None:  # side by side with an unsmoothed one it would look better than it is
            notes = [f"{unit}; smoothed, std {ticks.value(float(std))}", "smoothed", *notes]
        heading, least = self.called.to(slot), [unit, *whose][-1]
        short = False
        if view.projected:
            crowded = [f"{unit}; {text}; {crowd}" for crowd in (self.crowd(), self.main()) if crowd for text in _VIEWS]
            least = _VIEWS[1]
            notes = [*crowded, *(f"{unit}; {text}" for text in _VIEWS[:-1]), least]
            free = slot.width - measure(heading, slot.em, bold=True) - 0.7 * slot.em
            if measure(least, slot.em) > free:
                # What they are is said even where there is no room for what they are of.
                short, least, notes = not slot.plain, unit, []
        left, _bottom, right, top = slot.box
        used = measure(heading, slot.em, bold=True) + measure(least, slot.em) + 2.2 * slot.em
        fitting = [form for form in _REACH[kind] if measure(form.format("99.9 %"), slot.em) <= right - left - used]
        worth = bool((visible(view, self._not_reached) >= _WORTH_SAYING).any())
        self._reach = fitting[0] if fitting and worth and not slot.plain else ""
        self._reach_y = top - 0.8 * slot.em
        held = measure(self._reach.format("99.9 %"), slot.em) + 1.5 * slot.em if self._reach else 0.0
        self.frame([*notes, unit], y, marks, curves, held, "PCA estimates" if short else "")
        if marks and marks[0].at == _CEILING:
            place = self.axes[self.name]
            ends = np.array([place.x.low, place.x.high])
            self.background.append(
                Line(self.name, "js", ends, np.full(2, _CEILING), weight=0.3, opacity=0.7, dashed=False)
            )

    def _limits(self) -> Scale:
        values = [
            visible(one, curve.values)
            for one in self.view.group
            for curve in self.quantities(one)
            if curve.role != "js_bound"
        ]
        seen = np.concatenate([*values, np.array([_CEILING])])
        seen = seen[seen > 0]
        high = 10.0 ** math.ceil(math.log10(float(np.quantile(seen, 0.995))) - 1e-9)
        high = max(min(high, 1.35 * float(seen.max())), 1.0)
        low = 10.0 ** math.floor(math.log10(max(float(np.quantile(seen, 0.005)), 1e-12)) + 1e-9)
        return Scale(max(low, 1e-4, high * 1e-5) if low < high / 10 else high / 10, high, log=True)

    def end_labels(self, step_index: int) -> EndLabels:
        """Return the values at the ends of the curves; a bound below the axes keeps its name while it is in sight."""
        found = super().end_labels(step_index)
        low = self.axes[self.name].y.low
        labels = []
        for one in found.labels:
            if one.role != "js_bound" or one.y > low:
                labels.append(one)
            elif self._bound_seen(step_index, low):
                labels.append(replace(one, y=low / 3))
        return replace(found, labels=tuple(labels))

    def _bound_seen(self, step_index: int, low: float) -> bool:
        """Say whether anything of the bound, band and thin line with it, was in sight at any step so far."""
        number = next(k for k, curve in enumerate(self.curves) if curve.role == "js_bound")
        drawn = [course for name, course in self._courses[number].items() if name != "exact"]
        return any(bool((one.mean(step_index - self.view.begin)[1] > low).any()) for one in drawn)

    def marks(self, step_index: int) -> list[Mark]:
        """Return the curves and, in the heading, how much of the data is not reached, where that is worth saying."""
        alive = self._not_reached[:, step_index]
        alive = alive[np.isfinite(alive)]
        mass = float(np.median(alive)) if alive.size else 0.0
        marks = super().marks(step_index)
        if self._reach and mass >= _WORTH_SAYING:
            text = self._reach.format(ticks.percent(mass))
            marks.insert(0, Text("", "muted", self.slot.box[2], self._reach_y, text, align="right"))
        return marks


def _entropic(view: RecordingView, name: str, label: str, brief: bool) -> Curve:
    if infinite(view, name):
        return Curve(name, label if brief else f"{label} (skew)", view.scalars(f"{name}_skew"))
    return Curve(name, label, view.scalars(name))


def _skewed(view: RecordingView) -> str:
    """Say which divergences are drawn skew, if any are."""
    found = [label for name, label in (("kl", "KL"), ("reverse_kl", "rev. KL")) if infinite(view, name)]
    return f"{'both KL' if len(found) == 2 else found[0]} skew" if found else ""
