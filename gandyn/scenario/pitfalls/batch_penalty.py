"""A penalty on the gradient at each sample, where a discriminator's answer depends on the whole batch."""

from __future__ import annotations

from typing import ClassVar, Literal

from gandyn.games.gan import Gan
from gandyn.scenario.pitfalls.base import GameType, Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["BatchPenalty"]


class BatchPenalty(Pitfall):
    """With batch normalisation a sample has no gradient of its own: all the other samples of the batch are in it.

    References:
        Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville, "Improved Training of Wasserstein GANs", 2017, section 4.
    """

    type: Literal["batch_penalty"] = "batch_penalty"
    of: ClassVar[GameType] = Gan

    def check(self, scenario: Scenario, game: Gan) -> str | None:  # noqa: D102
        penalties = [one.label() for one in game.regularizers if one.of_each]
        if not penalties or not game.discriminator.batchwise:
            return None
        return (
            f"{penalties[0]} is on each sample's own gradient, and batch normalisation in the discriminator mixes it "
            "with all others: --set discriminator.norm=instance"
        )
