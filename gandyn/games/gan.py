"""The game: two players, what each minimises, and the gradients that follow. No schedule, no files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gandyn.datasets.base import ImageDataset
from gandyn.distributions.base import Distribution
from gandyn.distributions.latent import Latent
from gandyn.networks.base import Network, Player
from gandyn.objectives.base import Objective
from gandyn.regularizers.base import Regularizer

__all__ = ["Batch", "Field", "Game"]


class Batch(NamedTuple):
    """What one update of the discriminator, and one of the generator, is computed on.

    Attributes:
        real: data samples, shape (seed, batch, *event).
        latent: latent samples, shape (seed, batch, latent).
        mix: uniform numbers for regularizers that interpolate, shape (seed, batch).
        label: the classes of the data samples, which the generated ones are to have as well; None unless the game is
            conditional.
    """

    real: Float[Tensor, "seed batch *event"]
    latent: Float[Tensor, "seed batch latent"]
    mix: Float[Tensor, "seed batch"]
    label: Int[Tensor, "seed batch"] | None = None


class Field(NamedTuple):
    """Both losses at one point of the game, shape (seed,), each with its penalties: as optimised."""

    discriminator_loss: Float[Tensor, " seed"]
    generator_loss: Float[Tensor, " seed"]


@dataclass(frozen=True)
class Game:
    """Data, latent, two architectures, an objective, regularizers: everything but how the players move.

    Attributes:
        conditional: whether both players are told each sample's class.
    """

    data: Distribution | ImageDataset
    latent: Latent
    generator: Network
    discriminator: Network
    objective: Objective
    regularizers: Sequence[Regularizer] = ()
    conditional: bool = False

    @property
    def classes(self) -> int:
        """How many classes the players are told of; 0 unless the game is conditional."""
        return len(self.data.class_names) if self.conditional and isinstance(self.data, ImageDataset) else 0

    def players(
        self,
        streams: Sequence[np.random.Generator],
        device: torch.device,
        precision: torch.dtype = torch.float32,
    ) -> tuple[Player, Player]:
        """Return generator and discriminator with fresh weights, one set drawn from each seed's own stream."""
        latent, event = (self.latent.dim,), self.data.shape
        generator = partial(self.generator.player, classes=self.classes, precision=precision)
        discriminator = partial(self.discriminator.player, classes=self.classes, precision=precision)
        return generator(streams, latent, event, device), discriminator(streams, event, (1,), device)

    def discriminator_loss(
        self, discriminator: Player, batch: Batch, fake: Float[Tensor, "seed batch *event"]
    ) -> Float[Tensor, " seed"]:
        """Return the discriminator's loss: real + fake + penalties."""
        real, fake, label = batch.real, fake.detach(), batch.label
        if discriminator.batchwise:
            on_real, on_fake = discriminator(real, label)[..., 0], discriminator(fake, label)[..., 0]
        else:  # one pass over both halves
            twice = None if label is None else torch.cat([label, label], dim=1)
            logits = discriminator(torch.cat([real, fake], dim=1), twice)
            on_real, on_fake = logits[:, : real.shape[1], 0], logits[:, real.shape[1] :, 0]
        loss = self.objective.real_loss(on_real).mean(1) + self.objective.fake_loss(on_fake).mean(1)
        judge: Callable[[Tensor], Tensor] = discriminator if label is None else partial(discriminator, label=label)
        for regularizer in self.regularizers:
            penalty = regularizer.penalty(judge, real, fake, batch.mix)
            loss = loss if penalty is None else loss + penalty
        return loss

    def generator_loss(
        self, discriminator: Player, batch: Batch, fake: Float[Tensor, "seed batch *event"]
    ) -> Float[Tensor, " seed"]:
        """Return the generator's loss on samples that carry its graph."""
        return self.objective.generator_loss(discriminator.held(fake, batch.label)[..., 0]).mean(1)

    def project(self, discriminator: Player) -> None:
        """Let the regularizers put the discriminator back in bounds after its step."""
        for regularizer in self.regularizers:
            regularizer.project(discriminator.learnt)

    def field(self, generator: Player, discriminator: Player, batch: Batch) -> Field:
        """Set both players' gradients at the present point, moving neither, and return the losses."""
        fake = generator(batch.latent, batch.label)
        d_loss = self.discriminator_loss(discriminator, batch, fake)
        discriminator.differentiate(d_loss)
        g_loss = self.generator_loss(discriminator, batch, fake)
        generator.differentiate(g_loss)
        return Field(d_loss.detach(), g_loss.detach())
