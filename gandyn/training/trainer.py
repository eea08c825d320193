"""The training loop: some seeds as one batch, one step after another, watched by an observer that cannot touch them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from gandyn.core.streams import stream
from gandyn.distributions.data import Data
from gandyn.dynamics.base import Dynamics, Losses, field, nothing
from gandyn.games.base import Game, named, total
from gandyn.networks.player import Player
from gandyn.optimizers.base import Optimizer
from gandyn.training import distributed
from gandyn.training.batches import batches_of
from gandyn.training.ema import MovingAverage

__all__ = ["Observer", "Trainer", "average_name"]

_PATIENCE = 16
"""Steps between two questions to a GPU, which has to finish all its work before it answers."""


class Observer(Protocol):
    """Somebody who looks at a trainer after every step, and before the first."""

    def observe(self, trainer: Trainer) -> None:
        """Look; change nothing."""


class Trainer:
    """Some seeds of one game in training.

    Attributes:
        players: by name, in the order in which they alternate.
        step: steps of training so far, in each of which all players move.
        losses: the losses of the updates that led here and their terms, by the names they are recorded under, each of
            shape (seed,); at step 0 those of the initial weights, before that empty.
        averages: the moving averages of those players that have one, by name.
        diverged: seed -> the step at which its loss stopped being finite; its weights are NaN from there on (on a GPU,
            from a few steps later on).
        between: called after every update within a step, for an observer to look at the players between two of them;
            set by whoever watches so closely.
    """

    def __init__(
        self,
        game: Game,
        data: Data,
        dynamics: Dynamics,
        optimizers: Mapping[str, Optimizer],
        seeds: Sequence[int],
        batch_size: int,
        device: torch.device,
        precision: torch.dtype = torch.float32,
        average: float | None = None,
    ) -> None:
        """Draw initial weights for every seed.

        Args:
            game: what is played.
            data: what is learnt, in the units that networks are trained in.
            dynamics: who moves when.
            optimizers: one for each player, by name.
            seeds: trained side by side.
            batch_size: samples in one update.
            device: where.
            precision: of the arithmetic.
            average: decay of the moving averages that are kept of some players' weights; None for none.
        """
        self.game, self.dynamics, self.seeds = game, dynamics, list(seeds)
        self.players = game.build(data, [stream(seed) for seed in seeds], device, precision)
        dtype = next(iter(self.players.values())).flat.dtype
        batches = dynamics.batches(game.players)
        self._batches = batches_of(game, data, seeds, batch_size, batches, device, dtype)
        averaged = () if average is None else game.averaged
        self.averages = {name: MovingAverage(self.players[name], average or 0.0) for name in averaged}
        self._states = {name: optimizers[name].state(player.flat) for name, player in self.players.items()}
        for name, player in self.players.items():
            player.step = partial(self._move, name, player, optimizers[name])
        self.step = 0
        self._patience = 1 if device.type == "cpu" else _PATIENCE
        self._lost = torch.full((len(self.seeds),), -1, dtype=torch.int64, device=device)
        self.diverged: dict[int, int] = {}
        self.losses: dict[str, Tensor] = {}
        self.between: Callable[[], object] = nothing

    def begin(self, observer: Observer) -> None:
        """Show the observer the initial weights and their losses, unless that was done, or step 0 is past."""
        if self.step > 0 or self.losses:
            return
        with ExitStack() as stack:
            for player in self.players.values():
                stack.enter_context(player.preserved())
            losses = field(self.game, self.players, self._batches.batches(0)[0])
        self._note(losses)
        observer.observe(self)

    def run(self, steps: int, observer: Observer, stop: threading.Event) -> None:
        """Train up to `steps`, until `stop` is set, or until no seed is left that has not diverged."""
        self.begin(observer)
        while not self.finished(steps) and not distributed.agreed(stop.is_set(), self.step % self._patience == 0):
            self.advance()
            observer.observe(self)
        if self.step >= steps:
            self._give_up_lost()

    def finished(self, steps: int) -> bool:
        """Say whether `steps` are done, or no seed is left to train."""
        return self.step >= steps or len(self.diverged) == len(self.seeds)

    def advance(self) -> None:
        """Make one step."""
        batches = self._batches.batches(self.step + 1)
        self._note(self.dynamics.step(self.game, self.players, batches, self.between))
        self.step += 1
        for average in self.averages.values():
            average.follow(self.step)
        self._stop_diverged(total({name: self.losses[f"{name}_loss"] for name in self.players}))

    def _note(self, losses: Losses) -> None:
        """Keep losses under the names they are recorded by."""
        found: dict[str, Tensor] = {}
        for player, terms in losses.items():
            found |= named(player, terms)
        if distributed.world() > 1:
            found = dict(zip(found, distributed.average(torch.stack(list(found.values()))), strict=True))
        self.losses = found

    def _move(self, name: str, player: Player, optimizer: Optimizer) -> None:
        """Make a player's step along its gradient."""
        distributed.average(player.gradient)
        optimizer.step(player.flat, player.gradient, self._states[name])
        self.game.project(name, [weight for network in player.values() for weight in network.trainable])

    def _stop_diverged(self, loss: Tensor) -> None:
        # One number decides in the usual case; inf - inf is NaN, so nothing hides in the sum.
        if self._patience == 1 and len(self.diverged) == 0 and torch.isfinite(loss.sum()):
            return
        self._lost.masked_fill_((self._lost < 0) & ~torch.isfinite(loss), self.step)
        if self.step % self._patience == 0:
            self._give_up_lost()

    def _give_up_lost(self) -> None:
        for index, step in enumerate(self._lost.tolist()):
            if step >= 0 and self.seeds[index] not in self.diverged:
                self.diverged[self.seeds[index]] = step
                with torch.no_grad():
                    for player in self.players.values():
                        player.flat[index] = torch.nan

    def state(self) -> dict[str, Tensor]:
        """Return everything that the next step depends on; tensors are not copied."""
        return {"step": torch.tensor(self.step), **self._tensors()}

    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """Go back to a `state`; the run then continues bit for bit."""
        for name, tensor in self._tensors().items():
            tensor.copy_(saved[name])
        self._recall(int(saved["step"]))

    def share(self) -> None:
        """Give all processes that train together the state of the first."""
        if distributed.world() > 1:
            step = torch.tensor(self.step)
            distributed.share([step, *self._tensors().values()])
            self._recall(int(step))

    def _recall(self, step: int) -> None:
        """Be at a step, whose tensors are there already."""
        self.step, asked = step, step - step % self._patience
        lost = zip(self.seeds, self._lost.tolist(), strict=True)
        self.diverged = {seed: at for seed, at in lost if 0 <= at <= asked}

    def _tensors(self) -> dict[str, Tensor]:
        tensors = {name: player.flat for name, player in self.players.items()} | {"diverged": self._lost}
        for name, player in self.players.items():
            tensors |= {f"{name}.{key}": tensor for key, tensor in self._states[name].items()}
            tensors |= {f"{name}.buffer.{key}": buffer for key, buffer in player.buffers().items()}
        for name, average in self.averages.items():
            tensors |= average.tensors(average_name(self.game, name))
        return tensors


def average_name(game: Game, player: str) -> str:
    """Return what a player's moving average is called in checkpoints."""
    return "average" if len(game.averaged) == 1 else f"average.{player}"
