"""A penalty of weight zero."""

from __future__ import annotations

from typing import ClassVar, Literal

from gandyn.games.gan import Gan
from gandyn.scenario.pitfalls.base import GameType, Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["IdlePenalty"]


class IdlePenalty(Pitfall):
    """A penalty of weight zero costs its time and changes nothing."""

    type: Literal["idle_penalty"] = "idle_penalty"
    of: ClassVar[GameType] = Gan

    def check(self, scenario: Scenario, game: Gan) -> str | None:  # noqa: D102
        idle = [number for number, one in enumerate(game.regularizers) if one.idle]
        if not idle:
            return None
        label, place = game.regularizers[idle[0]].label(), f"regularizers.{idle[0]}"
        return f"{place}: {label} of weight 0 has no effect: --set {place}.weight=1"
