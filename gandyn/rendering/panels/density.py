"""The density panel: Goodfellow's Figure 1, exact. Densities, discriminator, and the map from latent to data space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.beyond import beyond
from gandyn.rendering.canvas.typeface import fitting, measure
from gandyn.rendering.curves import thin
from gandyn.rendering.line_turns import LineTurns
from gandyn.rendering.marks.guides import ROW_OF_WORDS, AxisTick, LegendEntry, diverged, legend, wordy, x_axis, y_axis
from gandyn.rendering.marks.marks import Area, Axes, Dots, Line, Mark, Scale, Segments, Text
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.potential import levelled
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import how_real
from gandyn.rendering.turns import Turns

__all__ = ["Density", "density_top", "response_scale"]

_ARROW_GAP = 21.0
"""Pixels between arrows, about: more of them would blur into a moiré, and double the size of a GIF."""


_THERE, _FAINT = 0.01, 0.3
"""Part of the data's peak from which on there is something to be asked about, and the opacity where there is not."""

_PALE = 0.6
"""Opacity of the lines from the latents in a picture for an audience, over that elsewhere: it is not of them."""


class Density(Panel):
    """Data density (filled), generator density, discriminator and its optimum, and the arrows z → x below.

    Spikes of the generator density (folds of the latent line) are cut at twice the data's peak and run off the top.
    They are *caustics*, places where the generator folds its noise over, and they are real.

    The data (blue) are what is to be learnt; the generator's density (orange) is exact. Below both is the generator's
    map: lines from each latent z to G(z). The discriminator D(x) (green, thick) says at every place from 0, surely
    generated, to 1, surely data; at 1/2 it cannot tell. In Wasserstein games it is a critic, whose numbers have no such
    ends. Grey dots are the best response there is to p and q, D* = p/(p+q): where green leaves it, the discriminator
    lags behind.

    Attributes:
        fades: whether an audience sees the discriminator faint where there are neither data nor generated samples:
            what it answers there is heard by nobody.
        fan: whether the latents stand below, with lines to where the generator puts them.

    References:
        Generative Adversarial Nets. I. Goodfellow, J. Pouget-Abadie, M. Mirza, B. Xu, D. Warde-Farley, S. Ozair,
        A. Courville, Y. Bengio, 2014. Figure 1.
    """

    name = "density"
    needs: ClassVar[tuple[str, ...]] = ("generator_density",)
    morphs: ClassVar[tuple[str, ...] | None] = ("generator_map",)
    lead = True
    aspect: ClassVar[float] = 1.25
    dim: ClassVar[int | None] = 1
    turns: ClassVar[type[Turns] | None] = LineTurns
    fades: ClassVar[bool] = True
    fan: ClassVar[bool] = True

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        response = _seen(view, slot.plain)
        responses = _response_ticks(view, response)
        written = [tick.text for one in view.group for tick in _response_ticks(one, _seen(one, slot.plain))]
        plot_right = right - max((measure(text, em) for text in written), default=0) - 0.6 * em
        self.mapped = self.fan and view.has("generator_map") and "z" in view.dataset.coords
        name = view.axis_name(0)
        rise = ROW_OF_WORDS * em if wordy(name, em) else 0.0
        foot, head = 1.35 * em, (0.2 if slot.plain else TITLE) * em
        if slot.bare:
            # The way is what is shown: it takes half of the height.
            plot_right, top, floor = right, top + TITLE * em, bottom + 0.3 * em
            ceiling = base = bottom + 0.55 * slot.height
        elif self.mapped:
            floor = bottom + foot + 0.5 * em
            ceiling = floor + max((0.17 if slot.plain else 0.2) * slot.height, 3.2 * em)
            base = ceiling + 1.75 * em + rise
        else:
            base = bottom + (3.0 if slot.first and self.fan else 1.5) * em + rise
        x = Scale(*view.window(0))
        plot = (left, base, plot_right, top - head)
        peak = density_top(view)
        self._peak = peak / 2
        self.axes["density"] = Axes(plot, x, Scale(-0.012 * peak, peak))
        self.axes["response"] = Axes(plot, x, response)
        if slot.alone:
            self.background += legend(left, top - 0.8 * em, self.entries(), em, right)
        if not slot.last:
            responses = [AxisTick(tick.at, "") for tick in responses]
        self.background += y_axis(self.axes["response"], responses, em, side="right", grid=not slot.plain)
        if slot.plain and responses and not view.critic:
            ends = np.array([x.low, x.high])
            self.background.append(Line("response", "optimum", ends, np.full(2, 0.5), weight=0.6))
        marks = [
            AxisTick(at, ticks.clean(at))
            for at in ticks.nice(x.low, x.high, max(int((plot_right - left) / (3.6 * em)), 2))
        ]
        self.background.append(_data(view, 0.3 if slot.plain else 0.2))
        self.background.append(Line("density", "data", view.x, view.data))
        self.background += x_axis(self.axes["density"], marks, em, label=name, below=True)
        if self.mapped:
            self.axes["map"] = Axes((left, floor, plot_right, ceiling), x, Scale(0.0, 1.0))
            self._lay_latent(bottom, slot.first)
        elif slot.first and self.fan:
            method = fitting(self._methods(), right - left, em)
            self.background.append(Text("", "muted", left, bottom + 0.25 * em, method))
        self._columns = int(plot_right - left)
        if slot.bare:
            self.background = []

    def _lay_latent(self, bottom: float, named: bool) -> None:
        """Choose the latent positions shown and put them under the middle of the x axis."""
        z = np.asarray(self.view.dataset["z"].values, dtype=float)
        stride = max(round((len(z) - 1) / max(self.axes["map"].width / _ARROW_GAP, 9)), 1)
        self._shown = np.arange(((len(z) - 1) % stride) // 2, len(z), stride)
        z = z[self._shown]
        place = self.axes["map"].x
        span = max(float(np.ptp(z)), 1e-12)
        middle, reach = (place.low + place.high) / 2, 0.92 * (place.high - place.low)
        self._z = middle + (z - (z.min() + z.max()) / 2) / span * reach
        density = np.ones_like(z)
        if self.view.has("latent_density"):
            density = np.asarray(self.view.dataset["latent_density"].values, dtype=float)[self._shown]
        share = density / max(float(density.max(initial=0.0)), 1e-300)
        self._opacity = (0.12 + 0.68 * share) * (_PALE if self.slot.plain else 1.0)
        floor = np.zeros_like(self._z)
        for strength in (0.45, 1.0):
            chosen = (share > 0.25) == (strength == 1.0)
            self.background.append(Dots("map", "muted", self._z[chosen], floor[chosen], radius=0.17, opacity=strength))
        label = f"latent {self.view.attribute('latent_label', 'z')}"
        if self.slot.plain:
            label = "noise"
        if named:
            self.background.append(Text("", "muted", self.slot.box[0], bottom + 0.25 * self.slot.em, label))

    def _methods(self) -> list[str]:
        """Return ways to say what there is to say of a latent space that cannot be drawn as a line."""
        if self.slot.plain:
            return ["noise of several dimensions, not drawn", "noise, not drawn"]
        method = (
            str(self.view.dataset["generator_density"].attrs.get("method", ""))
            .replace("_", "-")
            .replace("monte-carlo", "Monte-Carlo")
        )
        latent = self.view.attribute("latent_label", "z")
        density = f"density by {method}" if method and method != "exact" else ""
        return [f"latent {latent}; {density}", density, f"latent {latent}"] if density else [f"latent {latent}"]

    def entries(self) -> list[LegendEntry]:
        """Return the names of the curves."""
        view = self.view
        critic = view.player == "critic"
        if self.slot.plain:
            asked = LegendEntry("discriminator", how_real(view), view.player)
            plain = [LegendEntry("data", "data", filled=True), LegendEntry("generator", "generator", filled=True)]
            return [*plain, asked] if view.has("discriminator") else plain
        names = [
            LegendEntry("data", "data", filled=True),
            LegendEntry("generator", "generator"),
            LegendEntry("discriminator", "critic" if critic else "discriminator D", "critic" if critic else "D"),
        ]
        if view.optimum(np.ones_like(view.x)) is not None:
            names.append(
                LegendEntry("optimum", "optimal critic" if critic else "optimal D*", "optimal" if critic else "D*")
            )
        return names

    def marks(self, step_index: int) -> list[Mark]:
        """Return the curves and arrows at a step."""
        view = self.view
        marks: list[Mark] = []
        generator = view.field("generator_density", step_index)
        top = self.axes["density"].y.high
        x, q = thin(view.x, np.minimum(generator, 1.2 * top), self._columns)
        marks.append(Area("density", "generator", x, np.zeros_like(x), q, opacity=0.22 if self.slot.plain else 0.12))
        marks += self._responses(generator, step_index)
        marks.append(Line("density", "generator", x, q))
        if self.mapped:
            target = view.field("generator_map", step_index)[self._shown]
            place = self.axes["map"].x
            reach = 3 * (place.high - place.low)
            target = np.clip(target, place.low - reach, place.high + reach)
            zero = np.zeros_like(target)
            marks.append(Segments("map", "generator", self._z, zero, target, zero + 1.0, self._opacity, weight=0.55))
        marks += beyond(view, step_index, self.slot, self.axes, [*self.background, *marks])
        at = view.diverged(step_index)
        if at is not None:
            marks.append(diverged(at, self.axes["density"].box, self.slot.em, height=0.78))
        return marks

    def morph(self, step_index: int, t: float) -> list[Mark]:
        """Return the arrows on their way from the latent positions up to the data, which come out as they arrive."""
        view, foot = self.view, np.zeros_like(self._z)
        tip = (1 - t) * self._z + t * view.field("generator_map", step_index)[self._shown]
        top = self.axes["density"].y.high
        x, q = thin(view.x, np.minimum(view.field("generator_density", step_index), 1.2 * top), self._columns)
        arrived = max(2.0 * t - 1.0, 0.0)
        return [
            Dots("map", "muted", self._z, foot, radius=0.17),
            Segments("map", "generator", self._z, foot, tip, foot + t, self._opacity, weight=0.55),
            Dots("map", "generator", tip, foot + t, radius=0.14, opacity=1.0 - arrived),
            Area("density", "data", view.x, np.zeros_like(view.x), view.data, opacity=0.2),
            Area("density", "generator", x, np.zeros_like(x), q, opacity=0.12 * arrived),
            Line("density", "generator", x, q, opacity=arrived),
        ]

    def _responses(self, generator: Float[np.ndarray, " x"], step_index: int) -> list[Mark]:
        marks: list[Mark] = []
        place = self.axes["response"].y
        span = place.high - place.low
        response = self.view.field("discriminator", step_index) if self.view.has("discriminator") else None
        optimum = None if self.slot.plain else self.view.optimum(generator)
        if optimum is not None:
            if self.view.critic and response is not None:
                optimum = levelled(optimum, response, self.view.data)
            optimum = np.clip(optimum, place.low - span, place.high + span)
            marks.append(Line("response", "optimum", *thin(self.view.x, optimum, self._columns)))
            known = np.pad(np.isfinite(optimum), 1)
            lone = known[1:-1] & ~known[:-2] & ~known[2:]  # at point masses, where no line leads to or from
            if lone.any():
                marks.append(Dots("response", "optimum", self.view.x[lone], optimum[lone], radius=0.2))
        if response is not None:
            response = np.clip(response, place.low - span, place.high + span)
            marks += self._answers(response, generator)
        return marks

    def _answers(self, response: Float[np.ndarray, " x"], generator: Float[np.ndarray, " x"]) -> list[Mark]:
        """Return the discriminator's curve; for an audience faint where it is asked about nothing."""
        x = self.view.x
        if not (self.slot.plain and self.fades):
            return [Line("response", "discriminator", *thin(x, response, self._columns))]
        there = (self.view.data > _THERE * self._peak) | (generator > _THERE * self._peak)
        asked = np.where(there, response, np.nan)
        return [
            Line("response", "discriminator", *thin(x, response, self._columns), opacity=_FAINT),
            Line("response", "discriminator", *thin(x, asked, self._columns)),
        ]


def density_top(view: RecordingView) -> float:
    """Return the upper end of the density axis: twice the highest peak of the group's data."""
    peak = max(float(np.nanmax(one.data, initial=0.0)) for one in view.group)
    return 2.0 * peak if peak > 0 else 1.0


def response_scale(
    view: RecordingView, shown: Callable[[RecordingView], Sequence[int]], everywhere: bool = False
) -> Scale:
    """Return the discriminator's scale: 0 to 1, or what the group's critics reach, with their objectives' targets.

    Args:
        view: whose panel it is.
        shown: tells which seeds of a view are to be seen, by index.
        everywhere: whether it holds what critics reach where there are no data, too.
    """
    if not view.critic:
        return Scale(-0.012 * 1.04, 1.04)
    reached: list[float] = []
    for one in view.group:
        if one.critic:
            given = [getattr(one.recording.objective, name, None) for name in ("real", "fake", "target")]
            reached += [
                *one.reached("discriminator", tuple(shown(one)), everywhere),
                *(float(at) for at in given if at is not None),
            ]
    low, high = min(reached), max(reached)
    pad = max(0.12 * (high - low), 1e-3 * max(abs(low), abs(high), 1e-6))
    return Scale(low - pad, high + pad)


def _seen(view: RecordingView, plain: bool) -> Scale:
    """Return the scale of the seed that is shown; an audience would take what runs off it for a gap."""
    return response_scale(view, lambda one: [one.seed_index], everywhere=plain)


def _response_ticks(view: RecordingView, scale: Scale) -> list[AxisTick]:
    if not view.has("discriminator"):
        return []
    if view.critic:
        return [AxisTick(at, ticks.clean(at), "discriminator") for at in ticks.nice(scale.low, scale.high, 4)]
    return [AxisTick(at, text, "discriminator") for at, text in ((0.0, "0"), (0.5, "½"), (1.0, "1"))]


def _data(view: RecordingView, opacity: float) -> Area:
    return Area("density", "data", view.x, np.zeros_like(view.x), view.data, opacity=opacity)
