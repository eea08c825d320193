"""The discriminator panel: what the discriminator takes for data, and what for the generator's."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.density_levels import own_window, peak
from gandyn.rendering.fields import isolines
from gandyn.rendering.marks.guides import Key, LegendEntry, key, legend
from gandyn.rendering.marks.marks import Bands, Line, Mark
from gandyn.rendering.plane import Square, contours
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said, short_name

__all__ = ["FILLS", "Discriminator", "centred", "critic_scale", "tints"]

_EDGES = (0.04, 0.16, 0.4, 0.8)
"""Where bands meet on either side, as parts of the way from undecided to certain: closer where most games are spent."""

_OPACITY = (0.07, 0.17, 0.3, 0.45, 0.62)
FILLS = (*(("generator", o) for o in reversed(_OPACITY)), *(("data", o) for o in _OPACITY))
"""Role and opacity of each band, from what is said to be the generator's to what is said to be data."""


class Discriminator(Square):
    """The response as a diverging map: the data's colour where it says data, the generator's where it does not.

    Over the whole window it is blue where it says data, orange where it says generated, green where it is undecided.

    A probability is cut at 1/2. A critic is cut where the objective's targets meet, or, where it has none and is known
    up to a constant, at its mean over data and generator; its range is fixed by the whole recording.

    Of images it is the response to images on the plane of principal components itself, a slice of their space.

    Attributes:
        field: what is drawn, by its name in the recording.
    """

    name = "discriminator"
    needs: ClassVar[tuple[str, ...]] = ("discriminator",)
    field: ClassVar[str] = "discriminator"
    aside: ClassVar[tuple[str, ...]] = ("slice along the plane", "slice")
    who: ClassVar[Said[Callable[[RecordingView], str]]] = Said(short_name, lambda view: view.player)
    middle: ClassVar[Said[str]] = Said("{who} = {middle}", "undecided")

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        self._contours = contours("plane", view, self.place, em, weight=0.5)
        self._half = critic_scale(view, self.field) if view.critic else 0.5
        steps = [*(-edge for edge in reversed(_EDGES)), 0.0, *_EDGES]
        self._levels = tuple(self._half * step for step in steps)
        if not slot.alone:
            return
        self.background += legend(self.left, self.head, self.entries(), em, self.right)
        self.background += key(self.left, self.foot + 1.35 * em, self.key(), em, self.right)

    def entries(self) -> list[LegendEntry]:
        """Return the names of contours, points and the line between the two answers."""
        group = [self.view] if self.slot.alone else self.view.group
        who = " or ".join(sorted({self.who.to(self.slot)(one) for one in group}))
        middle = self._critic_ends()[1] if self.view.critic else "1/2"
        short = self.middle.to(self.slot).format(who=short_name(self.view), middle=middle)
        return [
            LegendEntry("data", "data", weight=0.7),
            LegendEntry("points", self.points_name.to(self.slot), dot=True),
            LegendEntry("discriminator", f"{who} undecided", short, dashed=False),
        ]

    def remarks(self) -> list[str]:
        """Return ways to say what the colours mean, the longest first."""
        return tints(self.view)

    def key(self) -> Key:
        """Return what the response's colours mean."""
        if self.view.critic:
            edges = [""] * (len(FILLS) + 1)
            edges[0], edges[len(_OPACITY)], edges[-1] = self._critic_ends()
        else:
            edges = ["0", *(f"{0.5 + level:.1g}" for level in self._levels), "1"]
            edges[2 : len(_OPACITY)] = edges[len(_OPACITY) + 1 : -2] = [""] * (len(_OPACITY) - 2)
            edges[len(_OPACITY)] = "1/2"
        high, low = _ends(self.view)
        before = (low, low.partition(" ")[0]) if low else (f"{short_name(self.view)} says generator", "generator")
        after = (high, high.partition(" ")[0]) if high else ("data",)
        return Key(FILLS, tuple(edges), before, after, ("generator", "data"))

    def _critic_ends(self) -> tuple[str, str, str]:
        centre, reach = _target(self.view), self._half
        if centre is None:
            return f"−{ticks.value(reach)}", "mean", f"+{ticks.value(reach)}"
        return ticks.value(centre - reach), ticks.value(centre), ticks.value(centre + reach)

    def marks(self, step_index: int) -> list[Mark]:
        """Return the response, where it is undecided, and the generated points at a step."""
        view, marks = self.view, list[Mark]()
        response = view.field(self.field, step_index)
        if np.isfinite(response).all():
            response = response - self.centre(response, step_index)
            window = own_window(view)
            marks.append(Bands("plane", *window, response, self._levels, FILLS, solid=True))
            marks.append(Line("plane", "discriminator", *isolines(response, *window, 0.0, 2), weight=0.8, dashed=False))
        return [*marks, *self._contours, *self.points(step_index), *self.notes(step_index)]

    def centre(self, response: Float[np.ndarray, "x y"], step_index: int) -> float:
        """Return the response at which neither answer is given."""
        return critic_centre(self.view, response, step_index) if self.view.critic else 0.5


def tints(view: RecordingView) -> list[str]:
    """Return ways to say in plain words what the colours mean, the longest first."""
    high, low = _ends(view)
    return [
        f"blue ground: {high or f'{view.player} says data'}; orange: {low or 'generated'}",
        f"blue: {high or 'says data'}; orange: {low or 'generated'}",
    ]


def _ends(view: RecordingView) -> tuple[str, str]:
    """Return what a high and a low response mean, where the recording says that it is no common one; else nothing."""
    attrs = view.dataset["discriminator"].attrs
    return str(attrs.get("high", "")), str(attrs.get("low", ""))


def centred(view: RecordingView, field: str, step_index: int) -> Float[np.ndarray, "x y"] | None:
    """Return a response about the value at which neither answer is given; None where it is not finite."""
    response = view.field(field, step_index)
    if not np.isfinite(response).all():
        return None
    return response - (critic_centre(view, response, step_index) if view.critic else 0.5)


def critic_centre(view: RecordingView, response: Float[np.ndarray, "x y"], step_index: int) -> float:
    """Return the value at which a critic's response, NaN where there is none, is cut in two."""
    target = _target(view)
    if target is not None:
        return target
    both = view.data + np.nan_to_num(view.field("generator_density", step_index))
    both = np.where(np.isfinite(response), both, 0.0)
    return float((np.nan_to_num(response) * both).sum() / max(float(both.sum()), 1e-300))


def critic_scale(view: RecordingView, field: str = "discriminator") -> float:
    """Return how far from its centre the group's critics go where data or generator lie, but for a few steps."""
    reached = []
    for one in view.group:
        if not one.critic:
            continue
        floor = 1e-3 * peak(one)
        for step in one.sampled:
            response, density = one.field(field, step), one.field("generator_density", step)
            seen = np.isfinite(response) & ((one.data > floor) | (density > floor))
            if seen.any():
                away = np.abs(response - critic_centre(one, response, step))
                reached.append(float(np.quantile(away[seen], 0.95)))
    found = float(np.quantile(reached, 0.9)) if reached else 1.0
    return found if found > 0 else 1.0


def _target(view: RecordingView) -> float | None:
    """Return the value half-way between the objective's targets; None for a critic known up to a constant."""
    objective = view.recording.objective
    real, fake = (getattr(objective, name, None) for name in ("real", "fake"))
    if real is not None and fake is not None:
        return (float(real) + float(fake)) / 2
    return None if view.player == "critic" else 0.0
