"""Alternating and simultaneous gradient steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch

from gandyn.dynamics.base import Dynamics
from gandyn.game import Batch, Field, Game
from gandyn.networks.base import Player

__all__ = ["Alternating", "Simultaneous"]


def _lead(game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch]) -> None:
    """Make the discriminator's updates that come before the shared one."""
    for batch in batches:
        with torch.no_grad():
            fake = generator(batch.latent, batch.label)
        discriminator.differentiate(game.discriminator_loss(discriminator, batch, fake))
        discriminator.move()


class Alternating(Dynamics):
    """The discriminator moves first, the generator answers the discriminator it then meets: the usual GAN loop.

    References:
        Goodfellow et al., "Generative Adversarial Nets", 2014 (Algorithm 1).
    """

    type: Literal["alternating"] = "alternating"

    def step(self, game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch]) -> Field:
        """Move the discriminator `discriminator_steps` times, then the generator."""
        _lead(game, generator, discriminator, batches[:-1])
        batch = batches[-1]
        fake = generator(
            batch.latent, batch.label
        )  # the generator does not move in between: one pass serves both players
        d_loss = game.discriminator_loss(discriminator, batch, fake)
        discriminator.differentiate(d_loss)
        discriminator.move()
        g_loss = game.generator_loss(discriminator, batch, fake)
        generator.differentiate(g_loss)
        generator.move()
        return Field(d_loss.detach(), g_loss.detach())


class Simultaneous(Dynamics):
    """Both players move at once, each against the other's old weights.

    References:
        Mescheder, Nowozin and Geiger, "The Numerics of GANs", 2017.
    """

    type: Literal["simultaneous"] = "simultaneous"

    def step(self, game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch]) -> Field:
        """Move the discriminator alone `discriminator_steps` - 1 times, then both together."""
        _lead(game, generator, discriminator, batches[:-1])
        losses = game.field(generator, discriminator, batches[-1])
        discriminator.move()
        generator.move()
        return losses
