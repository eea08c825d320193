"""What dynamics are: how the players of a game move in one step of training."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Self

import torch
from pydantic import Field, PositiveInt, create_model

from gandyn.core.catalog import Component
from gandyn.games.base import Batch, Game, Terms, total
from gandyn.networks.player import Networks, Player

__all__ = ["Dynamics", "Losses", "Movers", "Table", "field", "moved", "nothing"]

Movers = tuple[str, ...]
"""The players that move in an update."""

Losses = dict[str, Terms]
"""Each player's loss in its terms."""


def nothing() -> None:
    """Do nothing after an update: nobody watches."""


class Table:
    """The players at a batch: what they make of it is made once, for as long as those who made it stay where they are.

    A player's own loss carries the graph of its own networks; the others are constants to it.
    """

    def __init__(self, game: Game, players: Mapping[str, Player], batch: Batch) -> None:
        self._game, self._players, self._batch = game, players, batch
        self._made: dict[str, Batch] = {}

    def loss(self, name: str, *, still: Sequence[str] = ()) -> Terms:
        """Return the terms of a player's loss.

        Args:
            name: whose.
            still: players whose outputs are needed without a graph alone, as they move no more on this batch.
        """
        batch = dict(self._batch)
        for maker in self._players:
            batch.update(self._outputs(maker, name, still))
        seen: dict[str, Networks] = {
            one: player if one == name else player.constant for one, player in self._players.items()
        }
        return self._game.loss(name, seen, batch)

    def _outputs(self, maker: str, name: str, still: Sequence[str]) -> Batch:
        if maker not in self._made:
            player = self._players[maker]
            with torch.set_grad_enabled(maker == name or maker not in still):
                self._made[maker] = self._game.outputs(maker, player, self._batch)
        made = self._made[maker]
        return made if maker == name else {key: value.detach() for key, value in made.items()}

    def moved(self, name: str) -> None:
        """Forget what a player has made, as it moved."""
        self._made.pop(name, None)


class Dynamics(Component):
    """One training step: some updates of each player, in some order.

    Between given players (`between`) it has a field for each of them, as in `discriminator_steps`: how often the player
    moves in one step of training.
    """

    @classmethod
    @cache
    def between(cls, players: tuple[str, ...]) -> type[Self]:
        """Return the same dynamics with the fields that it has for players of these names."""
        made = create_model(cls.__name__, __base__=cls, __doc__=cls.__doc__, **cls._fields(players))
        made.catalogued = False
        return made

    @classmethod
    def _fields(cls, players: tuple[str, ...]) -> dict[str, Any]:
        """Return the fields for players, as pydantic takes them."""
        about = "updates of the {} in one step of training"
        return {f"{name}_steps": (PositiveInt, Field(1, le=10_000, description=about.format(name))) for name in players}

    def steps_of(self, player: str) -> int:
        """Return how often a player moves in one step of training."""
        return int(getattr(self, f"{player}_steps", 1))

    @abstractmethod
    def updates(self, players: Sequence[str]) -> tuple[Movers, ...]:
        """Return who moves in each update of a step, in order; players stand as their game has them alternate."""

    @abstractmethod
    def batches(self, players: Sequence[str]) -> int:
        """Return how many batches one step takes."""

    @abstractmethod
    def step(
        self,
        game: Game,
        players: Mapping[str, Player],
        batches: Sequence[Batch],
        updated: Callable[[], object] = nothing,
    ) -> Losses:
        """Move the players through one step.

        Args:
            game: what the losses are.
            players: by name, in the order in which they alternate; `step` of each applies its optimizer.
            batches: as many as `batches` says.
            updated: called after each of the `updates`, for somebody to look at the players; changes nothing.

        Returns:
            The losses as optimised: each before its own player's last update.
        """


def moved(table: Table, player: Player, name: str, still: Sequence[str] = ()) -> Terms:
    """Move a player along the gradient of its loss at a table, and return the loss that it had before."""
    terms = table.loss(name, still=still)
    player.backward(total(terms))
    player.step()
    table.moved(name)
    return detached(terms)


def field(game: Game, players: Mapping[str, Player], batch: Batch) -> Losses:
    """Set all players' gradients at the present point, moving none, and return the losses."""
    table, losses = Table(game, players, batch), {}
    for name, player in players.items():
        terms = table.loss(name)
        player.backward(total(terms))
        losses[name] = detached(terms)
    return losses


def detached(terms: Terms) -> Terms:
    """Return the terms as numbers."""
    return {name: value.detach() for name, value in terms.items()}
