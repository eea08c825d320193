"""A generator that begins far from all data."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gandyn.games.base import Game
from gandyn.scenario.beginnings import beginnings
from gandyn.scenario.pitfalls.base import Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["FarStart"]

_FAR = 1.0
"""Widths of the data's window between it and a generator that is not expected to settle there, by default settings."""

_EDGE = 0.01
"""Part of what is generated that may lie beyond either end of where the generator is said to begin."""


class FarStart(Pitfall):
    """A discriminator that tells all apart at once gives a generator far away next to no slope to come by."""

    type: Literal["far_start"] = "far_start"

    def check(self, scenario: Scenario, game: Game) -> str | None:  # noqa: D102
        made = beginnings(scenario)
        if made is None or not len(made := made[np.isfinite(made).all(axis=1)]):
            return None
        window = scenario.data.extent()  # type: ignore[union-attr]
        low, high = np.quantile(made, (_EDGE, 1 - _EDGE), axis=0)
        gaps = np.maximum(window[:, 0] - high, low - window[:, 1]) / np.ptp(window, axis=1)
        axis = int(gaps.argmax())
        if gaps[axis] <= _FAR:
            return None
        begins, data = float(np.median(made[:, axis])), window[axis]
        return (
            f"the generator begins near {begins:.2g}, {gaps[axis]:.2g} times the data's width away from it "
            f"({data[0]:.3g} to {data[1]:.3g}): {scenario.data.nearer}"
        )
