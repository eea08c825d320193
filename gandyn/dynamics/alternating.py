"""Alternating and simultaneous gradient steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from gandyn.dynamics.base import Dynamics
from gandyn.game import Batch, Game
from gandyn.game import Field as GameField
from gandyn.networks.base import Player

__all__ = ["Alternating", "Simultaneous"]


def _discriminate(game: Game, discriminator: Player, batch: Batch, fake: Tensor) -> Tensor:
    """Move the discriminator once, and return the loss that it had before."""
    loss = game.discriminator_loss(discriminator, batch, fake)
    discriminator.differentiate(loss)
    discriminator.move()
    return loss.detach()


def _generate(game: Game, generator: Player, discriminator: Player, batch: Batch, fake: Tensor) -> Tensor:
    """Move the generator once, by samples that carry its graph, and return the loss that it had before."""
    loss = game.generator_loss(discriminator, batch, fake)
    generator.differentiate(loss)
    generator.move()
    return loss.detach()


def _lead(game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch]) -> list[Tensor]:
    """Move the discriminator alone, once a batch, and return the losses."""
    losses = []
    for batch in batches:
        with torch.no_grad():
            fake = generator(batch.latent, batch.label)
        losses.append(_discriminate(game, discriminator, batch, fake))
    return losses


class Alternating(Dynamics):
    """One player moves, the other answers what it then meets: with the discriminator first, the usual GAN loop.

    References:
        Goodfellow et al., "Generative Adversarial Nets", 2014 (Algorithm 1).
    """

    type: Literal["alternating"] = "alternating"
    first: Literal["discriminator", "generator"] = Field("discriminator", description="who opens each step")

    def step(self, game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch]) -> GameField:
        """Move the discriminator `discriminator_steps` times and the generator once, in the order asked for."""
        last = batches[-1]
        if self.first == "generator":
            fake = generator(last.latent, last.label)
            g_loss = _generate(game, generator, discriminator, last, fake)
            return GameField(_lead(game, generator, discriminator, batches)[-1], g_loss)
        _lead(game, generator, discriminator, batches[:-1])
        fake = generator(last.latent, last.label)  # the generator stays where it is: one pass serves both players
        d_loss = _discriminate(game, discriminator, last, fake)
        return GameField(d_loss, _generate(game, generator, discriminator, last, fake))

    def label(self) -> str:
        """Return the name, and who is first unless it is as usual."""
        return "alternating" if self.first == "discriminator" else "alternating, generator first"


class Simultaneous(Dynamics):
    """Both players move at once, each against the other's old weights.

    References:
        Mescheder, Nowozin and Geiger, "The Numerics of GANs", 2017.
    """

    type: Literal["simultaneous"] = "simultaneous"

    def step(self, game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch]) -> GameField:
        """Move the discriminator alone `discriminator_steps` - 1 times, then both together."""
        _lead(game, generator, discriminator, batches[:-1])
        losses = game.field(generator, discriminator, batches[-1])
        discriminator.move()
        generator.move()
        return losses
