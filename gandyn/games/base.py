"""What a game is: who plays, what each player minimises, and what can be looked at. No schedule, no files."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from gandyn.core.catalog import Component
from gandyn.core.streams import Purpose
from gandyn.distributions.data import Data
from gandyn.distributions.latent import Latent
from gandyn.networks.base import Apply, Network, Shape
from gandyn.networks.player import Networks, Player
from gandyn.objectives.base import Objective

__all__ = ["Batch", "Draw", "Game", "LossInfo", "NetworkShape", "Terms", "named", "total"]

Batch = Mapping[str, Tensor]
"""What one update is computed on, by name, each of shape (seed, batch, *event): `real` and `label` are the data's,
others are drawn for the game, or made of them by its players."""

Terms = dict[str, Tensor]
"""The terms of a player's loss by name, each of shape (seed,). Their sum is what it minimises."""


class Draw(NamedTuple):
    """Numbers that a game draws for every sample, besides data.

    Attributes:
        purpose: the stream they are drawn from.
        sample: from a generator and a number of samples to (sample, *event).
        certain: whether all of them are the same.
    """

    purpose: Purpose
    sample: Callable[[np.random.Generator, int], ndarray]
    certain: bool = False


class NetworkShape(NamedTuple):
    """A network between events of given shapes.

    Attributes:
        network: the architecture.
        inputs: shape of one event that goes in.
        outputs: shape of one that comes out.
        classes: how many there are, of a network that is told each sample's class; 0 where it is not.
    """

    network: Network
    inputs: Shape
    outputs: Shape
    classes: int = 0


class LossInfo(NamedTuple):
    """What is known of a loss, or of one of its terms, before there is any.

    Attributes:
        about: what it is.
        player: who minimises it.
        equilibrium: its value where the model is perfect and nobody can do better, where that is known.
        written: how that value is written.
    """

    about: str
    player: str
    equilibrium: float | None = None
    written: str = ""


class Game(Component):
    """A game: a new one is a new file in this folder.

    Its fields stand at the top level of a scenario, beside `data`.

    Attributes:
        players: who plays, in the order in which they alternate.
        usual_types: of those of its fields whose type may be left out, the type.
        for_finite: what stands in place of a scenario's defaults where data are finite: images.
    """

    tag: ClassVar[str] = "game"
    players: ClassVar[tuple[str, ...]]
    usual_types: ClassVar[Mapping[str, str]] = {}
    for_finite: ClassVar[Mapping[str, Any]] = {}

    @property
    def averaged(self) -> tuple[str, ...]:
        """The players of whose weights a moving average is what is looked at, where one is asked for."""
        return self.players

    @abstractmethod
    def networks(self, data: Data) -> Mapping[str, Mapping[str, NetworkShape]]:
        """Return each player's networks, in the order in which their first weights are drawn."""

    def draws(self) -> Mapping[str, Draw]:
        """Return what is drawn for every sample besides data, by the name it has in batches."""
        return {}

    @property
    def fed(self) -> Latent | None:
        """What `generate` is fed; None of a game without."""
        return None

    @property
    def judged_by(self) -> Objective | None:
        """What `respond` is trained to say; None of a game without."""
        return None

    def about(self) -> dict[str, Any]:
        """Return what a recording says of the game, as attributes."""
        return {}

    @property
    def told_classes(self) -> bool:
        """Whether players are told each sample's class, as `label`."""
        return False

    def outputs(self, player: str, networks: Networks, batch: Batch) -> Batch:
        """Return what a player makes of a batch that other losses than its own are computed on as well."""
        return {}

    @abstractmethod
    def loss(self, player: str, players: Mapping[str, Networks], batch: Batch) -> Terms:
        """Return the terms of a player's loss.

        Nothing is detached here: whoever moves the players hands out the others as constants, or live.

        Args:
            player: whose.
            players: the networks of all.
            batch: samples, and the `outputs` of all players.
        """

    def project(self, player: str, weights: Sequence[Float[Tensor, "seed ..."]]) -> None:
        """Put a player's weights back in bounds after its step."""

    @abstractmethod
    def maps(self, players: Mapping[str, Networks]) -> Mapping[str, Apply]:
        """Return what may be looked at, by name: `generate` (latent -> sample), `respond` (sample -> logit) ..."""

    @abstractmethod
    def losses(self) -> Mapping[str, LossInfo]:
        """Return what is known of what is recorded of losses, by name: `<player>_loss`, and its terms if it has any."""

    def build(
        self,
        data: Data,
        streams: Sequence[np.random.Generator],
        device: torch.device,
        precision: torch.dtype = torch.float32,
    ) -> dict[str, Player]:
        """Return the players with fresh weights, one set drawn from each seed's own stream."""
        made = {}
        for player, networks in self.networks(data).items():
            made[player] = Player(
                {
                    name: one.network.weighted(
                        streams, one.inputs, one.outputs, device, classes=one.classes, precision=precision
                    )
                    for name, one in networks.items()
                }
            )
        return {player: made[player] for player in self.players}

    @cached_property
    def certain(self) -> bool:
        """Whether every sample of what is drawn is the same."""
        return all(draw.certain for draw in self.draws().values())


def total(terms: Terms) -> Tensor:
    """Return the sum of a loss's terms, which is what is minimised."""
    first, *others = terms.values()
    return sum(others, start=first)


def named(player: str, terms: Terms) -> Terms:
    """Return what is recorded of a player's loss, by name: the sum, and its terms where there are several."""
    parts = {f"{player}_{name}": value for name, value in terms.items()} if len(terms) > 1 else {}
    return {f"{player}_loss": total(terms), **parts}
