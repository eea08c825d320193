"""A Wasserstein critic that nothing keeps Lipschitz."""

from __future__ import annotations

from typing import ClassVar, Literal

from gandyn.games.gan import Gan
from gandyn.scenario.pitfalls.base import GameType, Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["UnboundedCritic"]


class UnboundedCritic(Pitfall):
    """The critic's loss has no least value unless its slope is bounded: it grows steeper for ever.

    References:
        Arjovsky, Chintala and Bottou, "Wasserstein Generative Adversarial Networks", 2017.
    """

    type: Literal["unbounded_critic"] = "unbounded_critic"
    of: ClassVar[GameType] = Gan

    def check(self, scenario: Scenario, game: Gan) -> str | None:  # noqa: D102
        bounded = game.discriminator.bounded or any(one.bounds for one in game.regularizers)
        if bounded or not game.objective.needs_bounds:
            return None
        return (
            f"nothing bounds the critic's slope, and the {game.objective.label()} objective asks it to be ever "
            "steeper: --set 'regularizers=[{type: gradient_penalty}]'"
        )
