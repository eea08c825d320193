"""What was measured of generated images now and then: when last, by whom, and its figures as words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.stage import Stage

__all__ = ["JUDGED", "as_of", "figures", "floor", "judge", "latest", "verdicts"]

JUDGED = "FD-LeNet and classes are measured of digits alone (data of type mnist or digits)"
"""Why images may not have been judged: the classifier knows nothing but digits."""

_WORDS = {"precision": ("precision", "prec."), "recall": ("recall", "rec.")}


def judge(stage: Stage, name: str) -> str:
    """Return what a measure is called, after the network whose features it is of: FD-LeNet."""
    network = str(stage.dataset[name].attrs.get("network", ""))
    return f"FD-{network}" if network else "FD"


def floor(stage: Stage) -> float | None:
    """Return the Fréchet distance between real images and others of them, if it was measured."""
    if not stage.has("frechet_distance"):
        return None
    found = stage.dataset["frechet_distance"].attrs.get("floor")
    return None if found is None or not np.isfinite(found) else float(found)


def latest(stage: Stage, name: str, step_index: int) -> int | None:
    """Return the index of the last step, up to one, at which something was measured of the seed in the light."""
    if not stage.has(name):
        return None
    values = stage.scalars(name)[stage.seed_index, : step_index + 1]
    there = np.flatnonzero(np.isfinite(values.reshape(len(values), -1)).any(axis=1))
    return int(there[-1]) if len(there) else None


def figures(stage: Stage, names: Sequence[str], step_index: int | None) -> list[str]:
    """Return ways to write what was measured at a step, the longest first; for None as wide as it can become."""
    held = [name for name in names if stage.has(name)]
    if not held:
        return []
    numbers = {name: 8.88 if step_index is None else _value(stage, name, step_index) for name in held}
    texts = {name: "–" if np.isnan(number) else ticks.value(number) for name, number in numbers.items()}
    return [" · ".join(f"{_WORDS[name][short]} {texts[name]}" for name in held) for short in (0, 1)]


def verdicts(stage: Stage, step_index: int | None) -> list[str]:
    """Return ways to write all that was measured at a step and which step that is, the longest first.

    Args:
        stage: the recording.
        step_index: of the step; None for texts as wide as they can become.
    """
    when = as_of(stage, step_index)
    if not stage.has("frechet_distance"):
        return [when]
    distance = 888.0 if step_index is None else _value(stage, "frechet_distance", step_index)
    least, number = floor(stage), "–" if np.isnan(distance) else ticks.value(distance)
    full = f"{judge(stage, 'frechet_distance')} {number}"
    bound = full if least is None else f"{full} (floor {ticks.value(least)})"
    longer = [f"{bound} · {text}" for text in figures(stage, ("precision", "recall"), step_index)]
    return [f"{text}, {when}" for text in (*longer, bound, full, f"FD {number}")] + [when]


def as_of(stage: Stage, step_index: int | None) -> str:
    """Return of which step something is that was measured then and stays until it is measured again."""
    return f"as of step {stage.steps[-1 if step_index is None else step_index]}"


def _value(stage: Stage, name: str, step_index: int) -> float:
    return float(stage.scalars(name)[stage.seed_index, step_index])
