"""The phase panel: the plane of the game itself, where the generator is against how the discriminator tilts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import fitting, measure, wrap
from gandyn.rendering.marks.guides import LegendEntry, diverged, title
from gandyn.rendering.marks.marks import Axes, Dots, Line, Mark, Scale, Text
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Phase", "course"]

_MARGIN = 1.12
"""What the axes reach, as a multiple of what the course does: its dot and its line find room."""

_INNER = 0.82
"""Part of an axis, from the origin on, that is within the widest round: words and values stand there."""

_AGES = ((1.0, 0.25), (0.4, 0.55), (0.12, 1.0))
"""Pieces of the trail: how far back each begins, as a part of the steps shown, and its opacity."""

_POINTS = 1200
"""Points of the whole trail at most."""

_SURE = 1e-4
"""Probabilities nearer to 1 than this say little of their logit, single precision that they were recorded in."""

_BESIDE = 6.2
"""Width of the words at either side, in em: what does not fit in one line goes on in the next."""

_NARROW = 8.0
"""Least width of the axes that have words beside them, in em."""

_LINE, _ROW = 1.25, 1.5
"""From one line of words to the next, and the height of a row of its own, in em."""

Course = tuple[Float[np.ndarray, " step"], Float[np.ndarray, " step"]]


class Phase(Panel):
    """Where the generator is, against the slope of the discriminator there: a dot, and its trail up to now.

    The game's own plane: the generator's mean, from the data's, against how the discriminator tilts there (the slope of
    its logit).

    At the origin both players rest: the generator's mean is that of the data and the discriminator is level. Players
    that never settle go round it, which each picture of one of them alone shows as a pendulum. Of affine players with
    nothing else to learn these two numbers are the whole game.

    References:
        L. Mescheder, A. Geiger, S. Nowozin, "Which Training Methods for GANs do actually Converge?", 2018. Figure 1.
    """

    name = "phase"
    needs: ClassVar[tuple[str, ...]] = ("generator_density", "discriminator")
    lead = True
    aspect: ClassVar[float] = 1.25
    dim: ClassVar[int | None] = 1
    sides: ClassVar[Said[tuple[tuple[str, ...], tuple[str, ...]]]] = Said(
        (("mean of q below p’s", "q below p"), ("mean of q above p’s", "above p’s", "above")),
        (
            ("generator left of the data", "left of the data", "left"),
            ("generator right of the data", "right of the data", "right"),
        ),
    )
    tilts: ClassVar[Said[tuple[str, ...]]] = Said(
        ("slope of the {player} {sign} 0", "slope {sign} 0"),
        ("{player} higher on the {side}", "higher on the {side}"),
    )
    solution: ClassVar[Said[tuple[str, ...]]] = Said(("equilibrium", "eq."), ("the solution", "goal"))

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em, (left, bottom, right, top) = slot.em, slot.box
        self._x, self._y = course(view)
        top -= TITLE * em if slot.alone else 0.0
        beside = [wrap(forms[0], _BESIDE * em, em, 4) for forms in self.sides.to(slot)]
        margin = max(measure(line, em) for lines in beside for line in lines) + 0.5 * em
        # A square in the middle, so that a circle is one: as large as words beside it, or under it, allow.
        by_side = min(right - left - 2 * margin, top - bottom - 2 * _ROW * em)
        by_foot = min(right - left - 1.0 * em, top - bottom - 3 * _ROW * em)
        aside = by_side >= max(by_foot, _NARROW * em)
        side = max(by_side if aside else by_foot, 1.0)
        foot = bottom if aside else bottom + _ROW * em
        u, v = (left + right) / 2, (foot + top) / 2
        box = (u - side / 2, v - side / 2, u + side / 2, v + side / 2)
        self._open = box if aside else (left, box[1], right, box[3])
        across, up = _reach(view)
        self.axes["phase"] = self.place = Axes(box, Scale(-across, across), Scale(-up, up), clip=False)
        self.background += self._cross()
        self.background += self._beside(beside) if aside else self._under()
        for y, side_, sign in ((box[3] + _ROW / 2 * em, "right", ">"), (box[1] - _ROW / 2 * em, "left", "<")):
            given = {"player": view.player, "side": side_, "sign": sign}
            forms = [form.format(**given) for form in self.tilts.to(slot)]
            words = fitting(forms, right - left, em)
            self.background.append(Text("", "muted", u, y, words, align="center", valign="middle"))
        if slot.alone:
            notes = self._notes()
            self.background += title(left, slot.box[3] - 0.8 * em, "phase plane", notes, em, right)

    def entries(self) -> list[LegendEntry]:
        """Return what the dot is."""
        return [LegendEntry("ink", "where both players are", "both players", dot=True)]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the trail up to a step, fainter where it is older, and a dot at its end."""
        view, em = self.view, self.slot.em
        end = step_index - view.begin
        count = view.end - view.begin
        stride = -(-count // _POINTS)
        marks: list[Mark] = []
        begins = [0, *(max(end - round(part * count), 0) // stride * stride for part, _ in _AGES[1:])]
        for begin, (_, opacity), stop in zip(begins, _AGES, [*begins[1:], end], strict=True):
            if stop > begin:
                piece = np.append(np.arange(begin, stop, stride), stop)
                marks.append(Line("phase", "ink", self._x[piece], self._y[piece], weight=3.0, opacity=opacity))
        middle = np.zeros(1)
        marks.append(Dots("phase", "data", middle, middle, radius=0.38, halo=0.1))
        words = fitting(self.solution.to(self.slot), _INNER * self.place.width / 2 - 0.6 * em, em, bold=True)
        marks.append(Text("phase", "data", 0.0, 0.0, words, bold=True, dx=0.6, dy=0.5, ground=True))
        x, y = self._x[end : end + 1], self._y[end : end + 1]
        if np.isfinite(x).all() and np.isfinite(y).all():
            marks.append(Dots("phase", "ink", x, y, radius=0.55, halo=0.12))
        at = view.diverged(step_index)
        if at is not None:
            marks.append(diverged(at, self._open, em, height=self._clear()))
        return marks

    def _cross(self) -> list[Mark]:
        """Return the axes through the origin, for study with values along them."""
        place = self.place
        x, y = np.array([place.x.low, place.x.high]), np.array([place.y.low, place.y.high])
        zero = np.zeros(2)
        marks: list[Mark] = [Line("phase", "muted", x, zero), Line("phase", "muted", zero, y)]
        if self.slot.plain:
            return marks
        marks += [
            Text("phase", "muted", at, 0.0, ticks.clean(at), align="center", valign="top", dy=-0.3)
            for at in self._values(place.x)
        ]
        marks += [
            Text("phase", "muted", 0.0, at, ticks.clean(at), align="right", valign="middle", dx=-0.4)
            for at in self._values(place.y)
        ]
        return marks

    def _beside(self, beside: Sequence[Sequence[str]]) -> list[Mark]:
        """Return the words at the ends of the level axis, in lines."""
        left, bottom, right, top = self.place.box
        marks: list[Mark] = []
        ends: tuple[tuple[float, Literal["left", "right"]], ...] = ((left, "right"), (right, "left"))
        for lines, (x, align) in zip(beside, ends, strict=True):
            dx = -0.5 if align == "right" else 0.5
            for row, line in enumerate(lines):
                y = (bottom + top) / 2 + ((len(lines) - 1) / 2 - row) * _LINE * self.slot.em
                marks.append(Text("", "muted", x, y, line, align=align, valign="middle", dx=dx))
        return marks

    def _under(self) -> list[Mark]:
        """Return the same in a row under everything; the noun is said once where there is no room for it twice."""
        em = self.slot.em
        left, _bottom, right, _top = self.slot.box
        last = self.view.last_step
        if last < self.view.clock[1]:
            # Beside recordings that go on longer, the corner says where this one ended.
            right -= measure(f"ended at step {last}", em) + 1.5 * em
        y = self.place.box[1] - 1.5 * _ROW * em
        low, high = self.sides.to(self.slot)
        pairs = [(f"← {one}", f"{other} →") for one in low for other in high]
        free = right - left - 1.5 * em
        pair = next((pair for pair in pairs if sum(measure(words, em) for words in pair) <= free), ("←", "→"))
        return [
            Text("", "muted", left, y, pair[0], valign="middle"),
            Text("", "muted", right, y, pair[1], align="right", valign="middle"),
        ]

    def _clear(self) -> float:
        """Return the part of the height at which words run over none that are there already."""
        em, side = self.slot.em, self.place.height
        values = [] if self.slot.plain else [float(self.place.y.unit(at)) for at in self._values(self.place.y)]
        free = (at for at in (0.78, 0.7, 0.85, 0.92) if all(abs(at - one) * side > 1.4 * em for one in values))
        return next(free, 0.78)

    def _values(self, scale: Scale) -> list[float]:
        """Return values to be written along an axis: not 0, where the axes cross, nor where the widest round runs."""
        most = max(int(self.place.width / (4.5 * self.slot.em)), 2)
        return [at for at in ticks.nice(scale.low, scale.high, most) if 0 < abs(at) <= _INNER * scale.high]

    def _notes(self) -> Sequence[str]:
        if self.slot.plain:
            return ()
        logit = "the critic" if self.view.critic else "the logit of D"
        return (f"slope of {logit} over q, against mean of q minus mean of p", f"slope of {logit}, against mean of q")


def course(view: RecordingView) -> Course:
    """Return both numbers at the steps shown, in the units of x and in logits (a critic: its own) per unit of x.

    The generator's mean minus the data's, and the slope of the discriminator averaged over the generator's density; NaN
    where a field is not finite.
    """
    steps = range(view.begin, view.end)
    at = np.array([_mean(view, step) for step in steps])
    slope = np.array([_slope(view, step, mean) for step, mean in zip(steps, at, strict=True)])
    known = np.isfinite(at) & np.isfinite(slope)
    x = at - _average(view.x, view.data)
    return np.where(known, x, np.nan), np.where(known, slope, np.nan)


def _mean(view: RecordingView, step_index: int) -> float:
    """Return where the generator is: by its map, where that was recorded, which no cell and no window limits."""
    if view.has("generator_map") and view.has("latent_density"):
        weights = np.asarray(view.dataset["latent_density"].values, dtype=float)
        found = _average(view.field("generator_map", step_index), weights)
        if np.isfinite(found):
            return found
    return _average(view.x, view.field("generator_density", step_index))


def _slope(view: RecordingView, step_index: int, mean: float) -> float:
    """Return the slope of the discriminator where the generator is."""
    response = view.field("discriminator", step_index)
    density = view.field("generator_density", step_index)
    if not (np.isfinite(response).all() and np.isfinite(density).all() and np.isfinite(mean)):
        return np.nan
    if not view.critic:
        known = (response > 1e-30) & (response < 1.0 - _SURE)
        inside = np.clip(response, 1e-30, 1.0 - _SURE)
        response = np.where(known, np.log(inside / (1.0 - inside)), np.nan)
    slopes = np.gradient(response, view.cell)
    there = np.isfinite(slopes)
    if not there.any():
        return np.nan
    # Where it is too sure for a number to tell its slope, it goes on with that of the next cell that tells.
    slopes = np.interp(view.x, view.x[there], slopes[there])
    found = _average(slopes, density)
    return found if np.isfinite(found) else float(np.interp(mean, view.x, slopes))


def _average(values: Float[np.ndarray, " point"], weights: Float[np.ndarray, " point"]) -> float:
    """Return a weighted mean; NaN where the weights have no sum or a value is not finite."""
    total = float(weights.sum())
    return float((values * weights).sum() / total) if np.isfinite(total) and total > 0 else float("nan")


def _reach(view: RecordingView) -> tuple[float, float]:
    """Return where both axes end: what the group's courses reach at any step, and a little more."""
    found = []
    for course_ in zip(*(course(one) for one in view.group), strict=True):
        most = max(float(np.nanmax(np.abs(values), initial=0.0)) for values in course_)
        found.append(_MARGIN * most if most > 0 else 1.0)
    return found[0], found[1]
