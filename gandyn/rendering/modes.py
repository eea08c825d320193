"""The data's modes as pictures see them: their share of the data, and when the generator has or has lost them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from gandyn.divergences.finding import HIGH_QUALITY, SHARE, found
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import Axes, Dots, Mark, Text
from gandyn.rendering.recording_view import RecordingView

__all__ = [
    "BORN",
    "LOST",
    "Life",
    "capture_rule",
    "captured",
    "discs",
    "lives",
    "mode_numbers",
    "modes_found",
    "reaches",
    "shares",
]

BORN, LOST = SHARE, 0.05
"""A mode is born when it holds this part of the data's share, and lost when it holds less than that one again."""


_SIDES = [(np.sin(turn), np.cos(turn)) for turn in np.arange(8) * np.pi / 4]
"""Directions from above on, clockwise."""


@dataclass(frozen=True)
class Life:
    """A time during which the generator has a mode: indices of the first step and of the one at which it is lost."""

    birth: int
    death: int | None


def shares(view: RecordingView) -> Float[np.ndarray, " mode"]:
    """Return each mode's share of the data."""
    return np.asarray(view.dataset["mode_weight"].values, dtype=float)


def captured(view: RecordingView, mass: Float[np.ndarray, " mode"]) -> Bool[np.ndarray, " mode"]:
    """Return which modes are captured, by the rule of the recording."""
    with np.errstate(invalid="ignore"):
        return mass >= np.asarray(view.dataset["mode_least"].values, dtype=float)


def modes_found(view: RecordingView) -> Float[np.ndarray, "seed step"]:
    """Return how many modes hold at least `SHARE` of the data's share; NaN where the generator has diverged.

    Recordings on the plane call a mode captured from one sample on, as is published; that is not what a reader of a
    picture calls found.
    """
    return found(np.asarray(view.scalars("mode_mass"), dtype=float), shares(view))


def capture_rule(view: RecordingView) -> str:
    """Return in a few words when a mode counts as captured."""
    if len(view.dims) > 1:
        return f"captured: one sample within {HIGH_QUALITY:g} stds"
    return f"captured: {SHARE:.0%} of the data’s share".replace("%", " %")


def reaches(view: RecordingView, place: Axes, part: float, least: float) -> Float[np.ndarray, " mode"]:
    """Return how far from each mode's middle a Gaussian of its std falls to a part of its peak, in units of x.

    Args:
        view: the recording.
        place: where it is drawn.
        part: of the peak.
        least: pixels that it is at least.
    """
    stds = np.asarray(view.dataset["mode_std"].values, dtype=float)
    return np.maximum(np.sqrt(-2 * np.log(part)) * stds, least * (place.x.high - place.x.low) / place.width)


def mode_numbers(
    axes: str, place: Axes, middles: Float[np.ndarray, "mode 2"], reach: Float[np.ndarray, " mode"], em: float
) -> list[Text]:
    """Return each mode's number beside its contours; none at all where one of them finds no room.

    Modes that lie around nothing have their numbers outside, others all on the same side.

    Args:
        axes: name of the axes they are written in.
        place: those axes.
        middles: of the modes.
        reach: radius about each that must stay free, in units of x.
        em: base font size in pixels.
    """
    centres = np.column_stack(place.pixels(middles[:, 0], middles[:, 1]))
    radii = reach * place.width / (place.x.high - place.x.low)
    halves = np.array([[measure(str(k + 1), em) / 2 + 0.1 * em, 0.5 * em] for k in range(len(centres))])
    away = centres - centres.mean(axis=0)
    far = np.hypot(*away.T)
    sides = [np.tile(side, (len(centres), 1)) for side in _SIDES]
    if far.min() > 0.5 * far.max():
        sides.insert(0, away / far[:, None])
    for side in sides:
        at = centres + side * (radii + (np.abs(side) * halves).sum(axis=1) + 0.1 * em)[:, None]
        if _free(at, halves, centres, radii, place, 0.1 * em):
            x = place.x.low + (at[:, 0] - place.box[0]) / place.width * (place.x.high - place.x.low)
            y = place.y.low + (at[:, 1] - place.box[1]) / place.height * (place.y.high - place.y.low)
            where = enumerate(zip(x.tolist(), y.tolist(), strict=True), start=1)
            return [Text(axes, "ink", u, v, str(number), align="center", valign="middle") for number, (u, v) in where]
    return []


def discs(numbers: Sequence[Text], tints: Int[np.ndarray, " mode"], em: float) -> list[Mark]:
    """Return a disc in its mode's tint under each number, all of them as large as the widest number asks for."""
    radius = max((0.5 * float(np.hypot(measure(one.text, em), 0.8 * em)) for one in numbers), default=0.0) / em
    return (
        [
            Dots(one.axes, f"tint {tint}", np.array([one.x]), np.array([one.y]), radius)
            for one, tint in zip(numbers, tints.tolist(), strict=True)
        ]
        if numbers
        else []
    )


def _free(
    at: Float[np.ndarray, "text 2"],
    halves: Float[np.ndarray, "text 2"],
    centres: Float[np.ndarray, "mode 2"],
    radii: Float[np.ndarray, " mode"],
    place: Axes,
    margin: float,
) -> bool:
    """Say whether texts lie inside the axes, outside of all circles and apart from each other; all in pixels."""
    inside = (at - halves >= np.array(place.box[:2]) + margin) & (at + halves <= np.array(place.box[2:]) - margin)
    gaps = np.maximum(np.abs(at[:, None] - centres) - halves[:, None], 0.0)
    clear = np.hypot(gaps[..., 0], gaps[..., 1]) >= radii - 1e-6
    apart = (np.abs(at[:, None] - at) >= halves[:, None] + halves).any(axis=-1) | np.eye(len(at), dtype=bool)
    return bool(inside.all() and clear.all() and apart.all())


def lives(mass: Float[np.ndarray, " step"], share: float) -> list[Life]:
    """Return when a mode is born and lost; between the two thresholds nothing changes.

    Args:
        mass: the generator's mass there at each step; NaN, after divergence, changes nothing.
        share: the data's.
    """
    found: list[Life] = []
    birth: int | None = None
    for index in np.flatnonzero((mass >= BORN * share) | (mass < LOST * share)).tolist():
        if birth is None and mass[index] >= BORN * share:
            birth = index
        elif birth is not None and mass[index] < LOST * share:
            found.append(Life(birth, index))
            birth = None
    return found if birth is None else [*found, Life(birth, None)]
