"""Pitfalls: settings that are known to fail, one file each, said before training begins."""

from __future__ import annotations

from gandyn.core.catalog import members
from gandyn.scenario.pitfalls.base import Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["pitfalls"]


def pitfalls(scenario: Scenario) -> list[str]:
    """Return a sentence about each setting that is known to fail, with what cures it."""
    game = scenario.played
    about = [pitfall for pitfall in members(Pitfall).values() if isinstance(game, pitfall.of)]
    return list(filter(None, (pitfall().check(scenario, game) for pitfall in about)))
