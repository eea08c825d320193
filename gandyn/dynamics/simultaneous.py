"""Simultaneous gradient steps: all players move at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from gandyn.dynamics.base import Dynamics, Losses, Movers, Table, field, moved, nothing
from gandyn.games.base import Batch, Game
from gandyn.networks.player import Player

__all__ = ["Simultaneous"]


class Simultaneous(Dynamics):
    """All players move at once, each against the others' old weights; before that, alone, those that move more often.

    References:
        Mescheder, Nowozin and Geiger, "The Numerics of GANs", 2017.
    """

    type: Literal["simultaneous"] = "simultaneous"

    def updates(self, players: Sequence[str]) -> tuple[Movers, ...]:
        """Those of single players, then one of all."""
        return (*((name,) for name in self._alone(players)), tuple(players))

    def batches(self, players: Sequence[str]) -> int:
        """One an update."""
        return len(self._alone(players)) + 1

    def _alone(self, players: Sequence[str]) -> list[str]:
        return [name for name in players for _ in range(self.steps_of(name) - 1)]

    def step(
        self,
        game: Game,
        players: Mapping[str, Player],
        batches: Sequence[Batch],
        updated: Callable[[], object] = nothing,
    ) -> Losses:
        """Move some players alone, then all together."""
        *fresh, last = batches
        for name, batch in zip(self._alone(list(players)), fresh, strict=True):
            moved(Table(game, players, batch), players[name], name, [one for one in players if one != name])
            updated()
        losses = field(game, players, last)
        for player in players.values():
            player.step()
        updated()
        return losses
