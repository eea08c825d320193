"""The gradients panel: how strongly, and which way, the generator is pushed at every place of the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.curves import thin
from gandyn.rendering.marks.guides import AxisTick, LegendEntry, diverged, legend, x_axis, y_axis
from gandyn.rendering.marks.marks import Area, Arrows, Axes, Dots, Line, Mark, Scale, Text
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.panels.density import density_top
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["Gradients", "gradient_scale", "power", "strength", "typical_gradient"]

_FEWEST_DECADES, _MOST_DECADES = 3, 8
"""Powers of ten that the axis shows at least and at most; what is weaker lies at its foot."""

_BACK = 1.6
"""The densities' axis over that of the density panel: they stand behind, in the lower part."""

_APART, _LONG = 3.6, 2.0
"""From one arrow to the next, and its length, in em."""

_THERE = 0.02
"""Part of its peak from which on a density counts as being somewhere."""

Field = Float[np.ndarray, " x"]


class Gradients(Panel):
    """The gradient that the generator receives for a sample at each x, on a logarithmic axis; arrows tell which way.

    The curve is thick where generated samples are, and a dot marks the median over them: where that sinks to the foot
    of the axis the generator learns nothing, however wrong it is. Side by side with another objective it is seen to
    vanish where the samples are.

    References:
        Arjovsky and Bottou, "Towards Principled Methods for Training Generative Adversarial Networks", 2017. Figure 2.
    """

    name = "gradients"
    needs: ClassVar[tuple[str, ...]] = ("force", "generator_density")
    absent: ClassVar[str] = "it is made without record.gradients: true (train it with --set record.gradients=true)"
    records: ClassVar[Mapping[str, Any]] = {"gradients": True}
    lead = True
    aspect: ClassVar[float] = 1.25
    dim: ClassVar[int | None] = 1

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        y = gradient_scale(view)
        height = top - bottom - 2.0 * em
        strengths = [AxisTick(at, power(at)) for at in ticks.decades(y.low, y.high, max(int(height / (2.6 * em)), 2))]
        start = left + max(measure(tick.text, em) for tick in strengths) + 0.6 * em
        plot = (start, bottom + 1.7 * em, right - 0.9 * em, top - (0.5 if slot.plain else TITLE) * em)
        x, peak = Scale(*view.window(0)), _BACK * density_top(view)
        self.axes["density"] = Axes(plot, x, Scale(0.0, peak))
        self.axes["gradients"] = place = Axes(plot, x, y)
        if slot.alone:
            self.background += legend(left, top - 0.8 * em, self.entries(), em, right)
        self.background += y_axis(place, strengths, em, grid=True)
        across = ticks.nice(x.low, x.high, max(int(place.width / (3.6 * em)), 2))
        self.background += x_axis(place, [AxisTick(at, ticks.clean(at)) for at in across], em, view.axis_name(0))
        self.background.append(Area("density", "data", view.x, np.zeros_like(view.x), view.data, opacity=0.16))
        self.background.append(Line("density", "data", view.x, view.data, weight=0.5, opacity=0.5))
        self._columns = int(place.width)
        self._half = _LONG * em / 2 * (x.high - x.low) / place.width
        count = max(int(place.width / (_APART * em)), 3)
        self._places = x.low + (np.arange(count) + 0.5) / count * (x.high - x.low)
        forms = ("typical push on generated samples: {}", "push on generated samples: {}", "push on samples: {}")
        widest = power(8.8e-8)
        free = place.width - 1.0 * em
        fitting = (form for form in forms if measure(form.format(widest), em, bold=True) <= free)
        self._words = next(fitting, "push: {}")

    def entries(self) -> list[LegendEntry]:
        """Return the names of the curves."""
        return [
            LegendEntry("data", "data", filled=True),
            LegendEntry("generator", "generator", filled=True),
            LegendEntry("force", "gradient the generator receives", "gradient", weight=2.0),
        ]

    def remarks(self) -> list[str]:
        """Return ways to say how the curve is read."""
        return ["each line up: ten times stronger; arrows: which way", "up: stronger; arrows: which way"]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the gradient over the densities at a step."""
        view, place = self.view, self.axes["gradients"]
        density, force = view.field("generator_density", step_index), view.field("force", step_index)
        x, q = thin(view.x, np.minimum(density, 1.2 * self.axes["density"].y.high), self._columns)
        marks: list[Mark] = [
            Area("density", "generator", x, np.zeros_like(x), q, opacity=0.16),
            Line("density", "generator", x, q, weight=0.5, opacity=0.6),
        ]
        size = np.where(np.isfinite(force), np.maximum(np.abs(force), place.y.low), np.nan)
        marks.append(Line("gradients", "force", *thin(view.x, size, self._columns), weight=1.6, opacity=0.45))
        there = np.where(_present(density), size, np.nan)
        marks.append(Line("gradients", "force", view.x, there, weight=3.2))
        marks += self._arrows(force)
        marks += self._typical(density, force)
        at = view.diverged(step_index)
        if at is not None:
            marks.append(diverged(at, place.box, self.slot.em))
        return marks

    def _arrows(self, force: Field) -> list[Mark]:
        """Return arrows along the curve, all of one length: its height says how strong the push is."""
        y = self.axes["gradients"].y
        at = np.interp(self._places, self.view.x, force)
        shown = (np.abs(at) > y.low) & (np.abs(at) <= y.high)
        if not shown.any():
            return []
        x, at = self._places[shown], at[shown]
        aside = self._half * np.sign(at)
        return [Arrows("gradients", "force", x - aside, np.abs(at), x + aside, np.abs(at), width=0.17)]

    def _typical(self, density: Field, force: Field) -> list[Mark]:
        """Return a dot at the median over generated samples, and its value in words."""
        place, em = self.axes["gradients"], self.slot.em
        found = typical_gradient(density, force)
        if found is None:
            return []
        at, strength = found
        x, y = np.array([self.view.x[at]]), np.array([np.clip(strength, place.y.low, place.y.high)])
        words = self._words.format(power(strength))
        left, top = place.box[0] + 0.5 * em, place.box[3] - 1.2 * em
        return [
            Line("gradients", "generator", np.array([place.x.low, x[0]]), np.repeat(y, 2), weight=0.5),
            Dots("gradients", "generator", x, y, radius=0.5, halo=0.12),
            Text("", "generator", left, top, words, bold=True, ground=True),
        ]


def typical_gradient(density: Field, force: Field) -> tuple[int, float] | None:
    """Return the cell in the middle of the generator's mass in sight, and the median |gradient| over that mass.

    None where there is no mass in sight, or nothing is known.
    """
    mass = np.where(np.isfinite(force) & np.isfinite(density), density, 0.0)
    total = float(mass.sum())
    if not total > 0:
        return None
    order = np.argsort(np.abs(force))
    reached = np.searchsorted(np.cumsum(mass[order]), total / 2)
    return int(np.searchsorted(np.cumsum(mass), total / 2)), float(np.abs(force[order[reached]]))


def gradient_scale(view: RecordingView) -> Scale:
    """Return the logarithmic axis, in whole decades, that holds what the group's gradients reach.

    Above, where data or generated samples are, but for the wildest steps; below, down to the weakest typical one.
    """
    most, least = [], []
    for one in view.group:
        data = _present(one.data)
        for step in one.sampled:
            density, force = one.field("generator_density", step), one.field("force", step)
            seen = np.abs(force[(data | _present(density)) & np.isfinite(force)])
            typical = typical_gradient(density, force)
            if seen.size and typical is not None:
                most.append(float(seen.max()))
                least.append(typical[1])
    high = float(np.quantile(most, 0.98)) if most and max(most) > 0 else 1.0
    high = 10.0 ** np.ceil(np.log10(max(high, 1e-30)))
    low = 10.0 ** np.floor(np.log10(max(min(least, default=high), high * 1e-30)))
    return Scale(float(np.clip(low, high / 10.0**_MOST_DECADES, high / 10.0**_FEWEST_DECADES)), float(high), log=True)


def power(number: float) -> str:
    """Write a strength: 2.3, 0.02, 4·10⁻⁵; what single precision hardly holds is 0."""
    if number < 1e-37:
        return "0"
    if 1e-3 * (1 - 1e-9) <= number < 1e4:
        return f"{number:.1g}" if number < 0.95 else f"{number:.2g}"
    digits, exponent = f"{number:.0e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if digits == "1" else f"{digits}·10{raised}"


def strength(number: float, plain: bool) -> str:
    """Write a strength as `power` does, or for an audience without powers of ten: 2.3, 0.0008, under 0.001."""
    if not plain or number >= 1e4:
        return power(number)
    return f"{number:.4f}" if 5e-4 <= number < 1e-3 else power(number) if number >= 1e-3 else "under 0.001"


def _present(density: Field) -> np.ndarray:
    peak = float(np.max(density[np.isfinite(density)], initial=0.0))
    return np.asarray(density > _THERE * peak)
