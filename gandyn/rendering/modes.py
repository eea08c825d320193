"""The data's modes as pictures see them: their share of the data, and when the generator has or has lost them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from gandyn.rendering.stage import Stage

__all__ = ["BORN", "LOST", "Life", "captured", "lives", "shares"]

BORN, LOST = 0.25, 0.05
"""A mode is born when it holds this part of the data's share, and lost when it holds less than that one again."""


@dataclass(frozen=True)
class Life:
    """A time during which the generator has a mode: indices of the first step and of the one at which it is lost."""

    birth: int
    death: int | None


def shares(stage: Stage) -> Float[np.ndarray, " mode"]:
    """Return the data's own mass at each mode."""
    return np.asarray(stage.dataset["mode_weight"].values, dtype=float)


def captured(stage: Stage, mass: Float[np.ndarray, " mode"]) -> Bool[np.ndarray, " mode"]:
    """Return which modes are captured, by the rule of the recording: on the plane one sample is enough."""
    with np.errstate(invalid="ignore"):
        return mass > 0 if len(stage.dims) > 1 else mass >= 0.25 * shares(stage)


def lives(mass: Float[np.ndarray, " step"], share: float) -> list[Life]:
    """Return when a mode is born and lost; between the two thresholds nothing changes, so noise makes no flicker.

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
