"""What dynamics are: how the two players move on the game's field in one step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from pydantic import Field, PositiveInt

from gandyn.catalog import Component
from gandyn.game import Batch, Game
from gandyn.game import Field as GameField
from gandyn.networks.base import Player

__all__ = ["Dynamics"]


class Dynamics(Component):
    """One training step: some updates of the discriminator and one of the generator."""

    discriminator_steps: PositiveInt = Field(
        1, le=10_000, description="updates of the discriminator for one of the generator"
    )

    @abstractmethod
    def step(self, game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch]) -> GameField:
        """Move both players once.

        Args:
            game: what the losses are.
            generator: the generator; its `move` applies its optimizer.
            discriminator: the discriminator; its `move` applies its optimizer and the regularizers' projections.
            batches: `discriminator_steps` batches, fresh ones for every update of the discriminator; the generator
                learns on the latents of the last.

        Returns:
            The losses as optimised: each before its own player's last update.
        """
