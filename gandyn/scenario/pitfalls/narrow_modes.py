"""Modes that are narrower than a cell of the grid."""

from __future__ import annotations

from typing import Literal

from gandyn.games.base import Game
from gandyn.scenario.pitfalls.base import Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["NarrowModes"]


class NarrowModes(Pitfall):
    """What happens within a cell is not seen: divergences are lower bounds, and modes are drawn as single cells."""

    type: Literal["narrow_modes"] = "narrow_modes"

    def check(self, scenario: Scenario, game: Game) -> str | None:  # noqa: D102
        space = scenario.space(pretended=True)
        # Points are meant to be points, and no grid on the plane tells them apart.
        return space.remark.get("lower_bound") if space.modes.stds.all() else None
