"""Time in an animation: which steps are shown, and for how long each.

`shots` gives both; a page hands them out (`Figure.shots`), and every encoder is given its delays by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from gandyn.rendering.change import changes
from gandyn.rendering.notes import Notes
from gandyn.rendering.recording_view import RecordingView

__all__ = ["Pace", "Shot", "Timing", "choose", "held", "shots", "thinned"]

Pace = Literal["change", "even", "log"]

_EVEN = 0.2
"""Part of the frames that goes by time alone, whatever changes: nothing is skipped, the clock never stands still."""


@dataclass(frozen=True)
class Shot:
    """A frame of an animation.

    Attributes:
        frame: its number, which the page it is drawn on understands.
        seconds: how long it is shown.
    """

    frame: int
    seconds: float


@dataclass(frozen=True)
class Timing:
    """What is asked of an animation's time.

    Attributes:
        frames: number of frames, at most.
        fps: frames a second, for those that are not held.
        pace: what frames are spread evenly over: the change they show, the steps, or the steps' logarithm.
        hold_first: seconds the first frame stays.
        hold: seconds the last frame stays.
    """

    frames: int
    fps: float
    pace: Pace = "change"
    hold_first: float = 0.0
    hold: float = 0.0


def shots(views: Sequence[RecordingView], steps: Int[np.ndarray, " frame"], timing: Timing, notes: Notes) -> list[Shot]:
    """Return the frames of a training in order, and for how long each is shown.

    The first and the last step are among them, and every step at which a note comes: where that step was not recorded,
    the next that was. One frame alone is the last.

    Args:
        views: what is shown, side by side; the change is the sum of theirs.
        steps: the step of every frame there is, rising; frames are numbered by their place in it.
        timing: what is asked.
        notes: what is noted, and how long each note takes to be read.
    """
    pauses: dict[int, float] = {}
    for step, seconds in notes.pauses.items():
        frame = int(np.searchsorted(steps, step))
        pauses[frame] = max(seconds, pauses.get(frame, 0.0))
    if timing.frames == 1 or len(steps) == 1:
        return held([len(steps) - 1], timing)
    return held(choose(_weights(views, steps, timing.pace), timing.frames, pauses), timing, pauses)


def held(frames: Sequence[int], timing: Timing, pauses: Mapping[int, float] | None = None) -> list[Shot]:
    """Return frames with the time of each: the first and the last are held, some others pause."""
    times = [max(1.0 / timing.fps, (pauses or {}).get(frame, 0.0)) for frame in frames]
    times[0] = max(times[0], timing.hold_first if len(times) > 1 else 0.0)
    times[-1] = max(times[-1], timing.hold)
    return [Shot(frame, seconds) for frame, seconds in zip(frames, times, strict=True)]


def thinned(given: Sequence[Shot], shortest: float) -> list[Shot]:
    """Return shots none of which is shorter than some seconds, in as much time, without some of the frames.

    The last one stays, and all that are long enough; the others share the time of those left out.
    """
    kept: list[Shot] = []
    for number, shot in enumerate(given):
        before = kept[-1] if kept else None
        if before is None or before.seconds >= shortest * (1 - 1e-9):
            kept.append(shot)
        elif number == len(given) - 1 and shot.seconds < shortest:
            kept[-1] = Shot(shot.frame, before.seconds + shot.seconds)
        elif shot.seconds < shortest:
            kept[-1] = Shot(before.frame, before.seconds + shot.seconds)
        else:
            missing = shortest - before.seconds
            kept[-1:] = [Shot(before.frame, shortest), Shot(shot.frame, shot.seconds - missing)]
    return kept


def choose(weights: Float[np.ndarray, " gap"], count: int, wanted: Iterable[int] = ()) -> list[int]:
    """Return `count` places, rising, so that what lies between two of them weighs about the same.

    Where a single gap weighs more than its share, which no place can divide, the others share what is left.

    Args:
        weights: of the gaps between places 0, 1, ...; all above 0.
        count: how many; fewer where there are fewer, more where more are wanted.
        wanted: places that must be among them, as the first and the last always are.
    """
    last = len(weights)
    stops = sorted({0, last, *wanted})
    gaps = _allotted(weights, stops, min(max(count, len(stops)), last + 1) - 1)
    chosen = [0]
    for (low, high), number in zip(pairwise(stops), gaps, strict=True):
        chosen += [low + int(place) for place in _spread(weights[low:high], number)[1:]]
    return chosen


def _weights(views: Sequence[RecordingView], steps: Int[np.ndarray, " frame"], pace: Pace) -> Float[np.ndarray, " gap"]:
    """Return what each gap between two frames is worth; they come to 1."""
    even = np.diff(steps) / (steps[-1] - steps[0])
    if pace == "even":
        return even
    if pace == "log":
        log = np.diff(np.log1p(steps - steps[0]))
        return log / log.sum()
    change = np.zeros(len(even))
    for view in views:
        change += np.diff(np.interp(steps, view.steps[view.begin : view.end], changes(view)))
    total = change.sum()
    return even if total <= 0 else _EVEN * even + (1 - _EVEN) * change / total


def _allotted(weights: Float[np.ndarray, " gap"], stops: Sequence[int], number: int) -> list[int]:
    """Return how many of some frames' gaps lie between each two stops: one or more, and no more than there are."""
    slot = np.diff(stops)
    share = np.add.reduceat(_levelled(weights, number), stops[:-1])
    found = np.clip(np.round(share).astype(int), 1, slot)
    while (missing := number - int(found.sum())) != 0:
        lack = (share - found) * np.sign(missing)
        lack[found >= slot if missing > 0 else found <= 1] = -np.inf
        found[int(np.argmax(lack))] += np.sign(missing)
    return [int(one) for one in found]


def _levelled(weights: Float[np.ndarray, " gap"], number: int) -> Float[np.ndarray, " gap"]:
    """Return weights scaled to come to `number`, none above 1: what is cut off goes to the others in proportion."""
    shares = np.sort(weights)[::-1]
    rest = np.cumsum(shares[::-1])[::-1]
    # With the k heaviest at 1, the others are scaled by (number - k) / rest; k is the least for which none exceeds 1.
    scales = (number - np.arange(number)) / rest[:number]
    fits = np.flatnonzero(scales * shares[:number] <= 1.0 + 1e-12)
    return np.minimum(weights * scales[fits[0]], 1.0) if len(fits) else np.ones(len(weights))


def _spread(weights: Float[np.ndarray, " gap"], number: int) -> Int[np.ndarray, " place"]:
    """Return `number` + 1 places from the first to the last, distinct, as evenly by weight as that allows."""
    reached = np.concatenate([[0.0], np.cumsum(_levelled(weights, number))])
    middles = (reached[1:] + reached[:-1]) / 2
    order = np.arange(number + 1)
    found = np.searchsorted(middles, order * reached[-1] / number)
    rising = np.maximum.accumulate(found - order) + order
    return np.minimum(rising, len(weights) - number + order)
