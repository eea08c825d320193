"""GANs and their trainers from their parts, for tests that need no scenario."""

from __future__ import annotations

import numpy as np
import torch

from gandyn.core.streams import stream
from gandyn.dynamics.alternating import Alternating
from gandyn.dynamics.simultaneous import Simultaneous
from gandyn.games.gan import Gan
from gandyn.networks.base import WeightedNetwork
from gandyn.networks.player import Player
from gandyn.training.trainer import Trainer

ALTERNATING, SIMULTANEOUS = (kind.between(Gan.players) for kind in (Alternating, Simultaneous))
CPU = torch.device("cpu")


def gan_of(scenario) -> Gan:
    """The game of a scenario."""
    return scenario.played


def alone(network: WeightedNetwork) -> Player:
    """A player of one network."""
    return Player({"network": network})


def trainer_of(game, data, dynamics, optimizers, seeds, batch, device=CPU, *more, **options) -> Trainer:
    """A trainer; the optimizers are the generator's and the discriminator's."""
    named = dict(zip(("generator", "discriminator"), optimizers, strict=True))
    return Trainer(game, data, dynamics, named, seeds, batch, device, *more, **options)


def players_of(game, data, seeds, device=CPU):
    """The generator and the discriminator with first weights of some seeds."""
    players = game.build(data, [stream(seed) for seed in seeds], device)
    return players["generator"], players["discriminator"]


def drawn(seed: int) -> np.random.Generator:
    """A stream of a test's own."""
    return np.random.default_rng(seed)
