"""The game: two players, what each minimises, and the gradients that follow. No schedule, no files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gandyn.distributions.base import Distribution
from gandyn.distributions.latent import Latent
from gandyn.networks.base import Network, Parameter, views
from gandyn.objectives.base import Objective
from gandyn.regularizers.base import Regularizer

__all__ = ["Batch", "Field", "Game", "Player"]


class Batch(NamedTuple):
    """What one update of the discriminator, and one of the generator, is computed on.

    Attributes:
        real: data samples, shape (seed, batch, dim).
        latent: latent samples, shape (seed, batch, latent).
        mix: uniform numbers for regularizers that interpolate, shape (seed, batch).
    """

    real: Float[Tensor, "seed batch dim"]
    latent: Float[Tensor, "seed batch latent"]
    mix: Float[Tensor, "seed batch"]


class Player:
    """A network with weights: one flat float32 array (seed, parameter) and the layers' views into it.

    Attributes:
        network: the architecture.
        flat: the weights; update them in place, the views follow.
        gradient: the last gradient of this player's loss in its weights, same shape; zero at first.
        move: makes one step along `gradient`; set by whoever trains.
    """

    def __init__(self, network: Network, initial: Sequence[Sequence[Parameter]], device: torch.device) -> None:
        """Stack the initial weights of each seed."""
        first = initial[0]
        self.network = network
        self.move: Callable[[], object] = lambda: None
        self.shapes = [parameter.value.shape for parameter in first]
        rows = [np.concatenate([parameter.value.ravel() for parameter in seed]) for seed in initial]
        self.flat = torch.tensor(np.stack(rows), dtype=torch.float32, device=device)
        self.gradient = torch.zeros_like(self.flat)
        self.weights = [view.detach().requires_grad_() for view in views(self.flat, self.shapes)]
        self._constants = [weight.detach() for weight in self.weights]
        self.learnt = [w for w, parameter in zip(self.weights, first, strict=True) if parameter.trainable]
        mask = np.concatenate([np.full(parameter.value.size, parameter.trainable) for parameter in first])
        self._mask = None if mask.all() else torch.tensor(mask, dtype=torch.float32, device=device)

    def __call__(self, x: Float[Tensor, "seed batch inputs"]) -> Float[Tensor, "seed batch outputs"]:
        """Apply the network."""
        return self.network(self.weights, x)

    def held(self, x: Float[Tensor, "seed batch inputs"]) -> Float[Tensor, "seed batch outputs"]:
        """Apply the network with its weights as constants: only the input carries a graph."""
        return self.network(self._constants, x)

    def differentiate(self, loss: Float[Tensor, " seed"]) -> None:
        """Set `gradient` to that of each seed's own loss; frozen weights get zero."""
        parts = torch.autograd.grad(loss.sum(), self.weights, materialize_grads=True)
        torch.cat([part.flatten(1) for part in parts], dim=1, out=self.gradient)
        if self._mask is not None:
            self.gradient.mul_(self._mask)


class Field(NamedTuple):
    """Both losses at one point of the game, shape (seed,), each with its penalties: as optimised."""

    discriminator_loss: Float[Tensor, " seed"]
    generator_loss: Float[Tensor, " seed"]


@dataclass(frozen=True)
class Game:
    """Data, latent, two architectures, an objective, regularizers: everything but how the players move."""

    data: Distribution
    latent: Latent
    generator: Network
    discriminator: Network
    objective: Objective
    regularizers: Sequence[Regularizer] = ()

    def players(self, generators: Sequence[np.random.Generator], device: torch.device) -> tuple[Player, Player]:
        """Return generator and discriminator with fresh weights, one set drawn from each seed's own stream."""
        g_weights = [self.generator.parameters(rng, self.latent.dim, self.data.dim) for rng in generators]
        d_weights = [self.discriminator.parameters(rng, self.data.dim, 1) for rng in generators]
        return Player(self.generator, g_weights, device), Player(self.discriminator, d_weights, device)

    def discriminator_loss(
        self,
        discriminator: Player,
        real: Float[Tensor, "seed batch dim"],
        fake: Float[Tensor, "seed batch dim"],
        mix: Float[Tensor, "seed batch"],
    ) -> Float[Tensor, " seed"]:
        """Return the discriminator's loss: real + fake + penalties."""
        fake = fake.detach()
        logits = discriminator(torch.cat([real, fake], dim=1))  # one pass over both halves
        on_real, on_fake = logits[:, : real.shape[1], 0], logits[:, real.shape[1] :, 0]
        loss = self.objective.real_loss(on_real).mean(1) + self.objective.fake_loss(on_fake).mean(1)
        for regularizer in self.regularizers:
            penalty = regularizer.penalty(discriminator, real, fake, mix)
            loss = loss if penalty is None else loss + penalty
        return loss

    def generator_loss(self, discriminator: Player, fake: Float[Tensor, "seed batch dim"]) -> Float[Tensor, " seed"]:
        """Return the generator's loss on samples that carry its graph."""
        return self.objective.generator_loss(discriminator.held(fake)[..., 0]).mean(1)

    def project(self, discriminator: Player) -> None:
        """Let the regularizers put the discriminator back in bounds after its step."""
        for regularizer in self.regularizers:
            regularizer.project(discriminator.learnt)

    def field(self, generator: Player, discriminator: Player, batch: Batch) -> Field:
        """Set both players' gradients at the present point, moving neither, and return the losses."""
        fake = generator(batch.latent)
        d_loss = self.discriminator_loss(discriminator, batch.real, fake, batch.mix)
        discriminator.differentiate(d_loss)
        g_loss = self.generator_loss(discriminator, fake)
        generator.differentiate(g_loss)
        return Field(d_loss.detach(), g_loss.detach())
