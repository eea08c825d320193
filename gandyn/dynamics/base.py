"""What dynamics are: how the two players move on the game's field in one step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

from pydantic import Field, PositiveInt

from gandyn.catalog import Component
from gandyn.game import Batch, Game, Player
from gandyn.game import Field as GameField

__all__ = ["Dynamics"]


class Dynamics(Component):
    """One training step: some updates of the discriminator and one of the generator."""

    discriminator_steps: PositiveInt = Field(1, description="updates of the discriminator for one of the generator")

    @abstractmethod
    def step(
        self,
        game: Game,
        generator: Player,
        discriminator: Player,
        batches: Sequence[Batch],
        move_generator: Callable[[], object],
        move_discriminator: Callable[[], object],
    ) -> GameField:
        """Move both players once.

        Args:
            game: what the losses are.
            generator: the generator, moved along its `gradient` by `move_generator`.
            discriminator: likewise.
            batches: `discriminator_steps` batches, fresh ones for every update of the discriminator; the generator
                learns on the latents of the last.
            move_generator: apply the generator's optimizer.
            move_discriminator: apply the discriminator's optimizer and projections.

        Returns:
            The losses as optimised: each before its own player's last update.
        """
