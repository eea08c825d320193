"""Alternating and simultaneous gradient steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from pydantic import Field, PositiveInt
from torch import Tensor

from gandyn.dynamics.base import Dynamics, Mover, nothing
from gandyn.games.gan import Batch, Game
from gandyn.games.gan import Field as GameField
from gandyn.networks.base import Player

__all__ = ["Alternating", "Simultaneous"]

Updated = Callable[[], object]

_D: Mover = "discriminator"
_G: Mover = "generator"


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


def _lead(
    game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch], updated: Updated
) -> list[Tensor]:
    """Move the discriminator alone, once a batch, and return the losses."""
    losses = []
    for batch in batches:
        with torch.no_grad():
            fake = generator(batch.latent, batch.label)
        losses.append(_discriminate(game, discriminator, batch, fake))
        updated()
    return losses


def _answer(
    game: Game, generator: Player, discriminator: Player, batches: Sequence[Batch], updated: Updated
) -> list[Tensor]:
    """Move the generator alone, once a batch, and return the losses."""
    losses = []
    for batch in batches:
        fake = generator(batch.latent, batch.label)
        losses.append(_generate(game, generator, discriminator, batch, fake))
        updated()
    return losses


class Alternating(Dynamics):
    """One player moves, the other answers what it then meets: with the discriminator first, the usual GAN loop.

    Several updates of each, one player held while the other moves, make rounds that the eye can follow.

    References:
        Goodfellow et al., "Generative Adversarial Nets", 2014 (Algorithm 1).
    """

    type: Literal["alternating"] = "alternating"
    first: Literal["discriminator", "generator"] = Field("discriminator", description="who opens each step")
    generator_steps: PositiveInt = Field(1, le=10_000, description="updates of the generator in one step of training")

    @property
    def updates(self) -> tuple[Mover, ...]:
        """All those of one player, then all those of the other."""
        leads, answers = (_D,) * self.discriminator_steps, (_G,) * self.generator_steps
        return leads + answers if self.first == "discriminator" else answers + leads

    @property
    def batches(self) -> int:
        """One an update; the generator shares the latents of the discriminator's last."""
        return self.discriminator_steps + self.generator_steps - 1

    def step(
        self,
        game: Game,
        generator: Player,
        discriminator: Player,
        batches: Sequence[Batch],
        updated: Updated = nothing,
    ) -> GameField:
        """Move the discriminator `discriminator_steps` and the generator `generator_steps` times, as ordered."""
        leads, answers = batches[: self.discriminator_steps], batches[self.discriminator_steps - 1 :]
        if self.first == "generator":
            g_losses = _answer(game, generator, discriminator, answers, updated)
            return GameField(_lead(game, generator, discriminator, leads, updated)[-1], g_losses[-1])
        _lead(game, generator, discriminator, leads[:-1], updated)
        last = leads[-1]
        fake = generator(last.latent, last.label)  # the generator stays where it is: one pass serves both players
        d_loss = _discriminate(game, discriminator, last, fake)
        updated()
        g_loss = _generate(game, generator, discriminator, last, fake)
        updated()
        return GameField(d_loss, [g_loss, *_answer(game, generator, discriminator, answers[1:], updated)][-1])

    def label(self) -> str:
        """Return the name, and who is first unless it is as usual."""
        return "alternating" if self.first == "discriminator" else "alternating, generator first"


class Simultaneous(Dynamics):
    """Both players move at once, each against the other's old weights.

    References:
        Mescheder, Nowozin and Geiger, "The Numerics of GANs", 2017.
    """

    type: Literal["simultaneous"] = "simultaneous"

    @property
    def updates(self) -> tuple[Mover, ...]:
        """The discriminator's alone, then one of both."""
        return (*((_D,) * (self.discriminator_steps - 1)), "both")

    def step(
        self,
        game: Game,
        generator: Player,
        discriminator: Player,
        batches: Sequence[Batch],
        updated: Updated = nothing,
    ) -> GameField:
        """Move the discriminator alone `discriminator_steps` - 1 times, then both together."""
        _lead(game, generator, discriminator, batches[:-1], updated)
        losses = game.field(generator, discriminator, batches[-1])
        discriminator.move()
        generator.move()
        updated()
        return losses
