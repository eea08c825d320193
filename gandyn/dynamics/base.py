"""What dynamics are: how the two players move on the game's field in one step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field, PositiveInt

from gandyn.core.catalog import Component
from gandyn.games.gan import Batch, Game
from gandyn.games.gan import Field as GameField
from gandyn.networks.base import Player

__all__ = ["Dynamics", "Mover", "nothing"]

Mover = Literal["discriminator", "generator", "both"]
"""Who moves in an update."""


def nothing() -> None:
    """Do nothing after an update: nobody watches."""


class Dynamics(Component):
    """One training step: some updates of the discriminator and some of the generator."""

    discriminator_steps: PositiveInt = Field(
        1, le=10_000, description="updates of the discriminator in one step of training"
    )

    @property
    @abstractmethod
    def updates(self) -> tuple[Mover, ...]:
        """Who moves in each update of a step, in order."""

    @property
    def batches(self) -> int:
        """Batches that one step takes."""
        return self.discriminator_steps

    @abstractmethod
    def step(
        self,
        game: Game,
        generator: Player,
        discriminator: Player,
        batches: Sequence[Batch],
        updated: Callable[[], object] = nothing,
    ) -> GameField:
        """Move both players through one step.

        Args:
            game: what the losses are.
            generator: the generator; its `move` applies its optimizer.
            discriminator: the discriminator; its `move` applies its optimizer and the regularizers' projections.
            batches: as many as `batches` says: first a fresh one for every update of the discriminator; the generator
                learns on the latents of the last of these, and in further updates of its own on those of the rest.
            updated: called after each of the `updates`, for somebody to look at the players; changes nothing.

        Returns:
            The losses as optimised: each before its own player's last update.
        """
