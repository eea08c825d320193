"""A penalty of weight zero."""

from __future__ import annotations

from typing import Literal

from gandyn.scenario.pitfalls.base import Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["IdlePenalty"]


class IdlePenalty(Pitfall):
    """A penalty of weight zero costs its time and changes nothing."""

    type: Literal["idle_penalty"] = "idle_penalty"

    def check(self, scenario: Scenario) -> str | None:  # noqa: D102
        idle = [number for number, one in enumerate(scenario.regularizers) if one.idle]
        if not idle:
            return None
        label, place = scenario.regularizers[idle[0]].label(), f"regularizers.{idle[0]}"
        return f"{place}: {label} of weight 0 has no effect: --set {place}.weight=1"
