"""The game that a scenario describes."""

from __future__ import annotations

from gandyn.games.gan import Game
from gandyn.scenario.schema import Scenario

__all__ = ["game_of"]


def game_of(scenario: Scenario) -> Game:
    """Return the game that a scenario describes."""
    return Game(
        data=scenario.data.standard,
        latent=scenario.latent,
        generator=scenario.generator,
        discriminator=scenario.discriminator,
        objective=scenario.objective,
        regularizers=scenario.regularizers,
        conditional=scenario.conditional,
    )
