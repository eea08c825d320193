"""Alternating gradient steps: one player moves, the others answer what they then meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from gandyn.dynamics.base import Dynamics, Losses, Movers, Table, moved, nothing
from gandyn.games.base import Batch, Game
from gandyn.networks.player import Player

__all__ = ["Alternating"]


class Alternating(Dynamics):
    """One player moves, the other answers what it then meets: with the discriminator first, the usual GAN loop.

    Several updates of each, the others held while one moves, make rounds that the eye can follow. Each update has a
    fresh batch, but that a player's first is on the last of the player before it.

    References:
        Goodfellow et al., "Generative Adversarial Nets", 2014 (Algorithm 1).
    """

    type: Literal["alternating"] = "alternating"

    @classmethod
    def _fields(cls, players: tuple[str, ...]) -> dict[str, Any]:
        """Add who opens each step."""
        first = (Literal[players], Field(players[0], description="who opens each step"))
        return {**super()._fields(players), "first": first}

    def updates(self, players: Sequence[str]) -> tuple[Movers, ...]:
        """All those of one player, then all those of the next."""
        return tuple((name,) for name, _ in self._turns(players))

    def batches(self, players: Sequence[str]) -> int:
        """One an update; from player to player one is shared."""
        return sum(self.steps_of(name) for name in players) - len(players) + 1

    def _turns(self, players: Sequence[str]) -> list[tuple[str, int]]:
        """Return who moves, and on which batch, update by update."""
        begins, found = 0, {}
        for name in players:
            count = self.steps_of(name)
            found[name] = [(name, begins + number) for number in range(count)]
            begins += count - 1
        first = players.index(getattr(self, "first", players[0]))
        return [turn for name in (*players[first:], *players[:first]) for turn in found[name]]

    def step(
        self,
        game: Game,
        players: Mapping[str, Player],
        batches: Sequence[Batch],
        updated: Callable[[], object] = nothing,
    ) -> Losses:
        """Move every player as often as its `steps` say, in order."""
        turns, losses = self._turns(list(players)), {}
        tables = [Table(game, players, batch) for batch in batches]
        for number, (name, place) in enumerate(turns):
            coming = [one for one, other in turns[number + 1 :] if other == place]
            losses[name] = moved(tables[place], players[name], name, [one for one in players if one not in coming])
            updated()
        return losses

    def label(self) -> str:
        """Return the name, and who is first unless it is as usual."""
        first, usual = getattr(self, "first", None), type(self).model_fields.get("first")
        return "alternating" if usual is None or first == usual.default else f"alternating, {first} first"
