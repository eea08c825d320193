"""The training loop: some seeds as one batch, one step after another, watched by an observer that cannot touch them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from gandyn.dynamics.base import Dynamics, nothing
from gandyn.dynamics.optimizers import Optimizer
from gandyn.games.gan import Field as GameField
from gandyn.games.gan import Game
from gandyn.training import distributed
from gandyn.training.batches import streams_of
from gandyn.training.ema import MovingAverage
from gandyn.training.streams import stream

__all__ = ["Observer", "Trainer"]

_PATIENCE = 16
"""Steps between two questions to a GPU, which has to finish all its work before it answers."""


class Observer(Protocol):
    """Somebody who looks at a trainer after every step, and before the first."""

    def observe(self, trainer: Trainer) -> None:
        """Look; change nothing."""


class Trainer:
    """Some seeds of one game in training.

    Attributes:
        step: steps of training so far, in each of which the generator moves.
        losses: the losses of the updates that led here; at step 0, those of the initial weights.
        average: the moving average of the generator, where one is kept.
        diverged: seed -> the step at which its loss stopped being finite; its weights are NaN from there on (on a GPU,
            from a few steps later on).
        between: called after every update within a step, for an observer to look at the players between two of them;
            set by whoever watches so closely.
    """

    def __init__(
        self,
        game: Game,
        dynamics: Dynamics,
        optimizers: tuple[Optimizer, Optimizer],
        seeds: Sequence[int],
        batch_size: int,
        device: torch.device,
        precision: torch.dtype = torch.float32,
        average: float | None = None,
    ) -> None:
        """Draw initial weights for every seed; `optimizers` are the generator's and the discriminator's."""
        self.game, self.dynamics, self.seeds = game, dynamics, list(seeds)
        self.generator, self.discriminator = game.players([stream(seed) for seed in seeds], device, precision)
        self._streams = streams_of(game, seeds, batch_size, dynamics.batches, device, self.generator.flat.dtype)
        self.average = None if average is None else MovingAverage(self.generator, average)
        self._g_optimizer, self._d_optimizer = optimizers
        self._g_state = self._g_optimizer.state(self.generator.flat)
        self._d_state = self._d_optimizer.state(self.discriminator.flat)
        self.generator.move, self.discriminator.move = self._move_generator, self._move_discriminator
        self.step = 0
        self._patience = 1 if device.type == "cpu" else _PATIENCE
        self._lost = torch.full((len(self.seeds),), -1, dtype=torch.int64, device=device)
        self.diverged: dict[int, int] = {}
        self.losses: GameField | None = None
        self.between: Callable[[], object] = nothing

    def begin(self, observer: Observer) -> None:
        """Show the observer the initial weights and their losses, unless that was done, or step 0 is past."""
        if self.step > 0 or self.losses is not None:
            return
        with self.generator.preserved(), self.discriminator.preserved():
            field = self.game.field(self.generator, self.discriminator, self._streams.batches(0)[0])
        self.losses = self._shared(field)
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
        batches = self._streams.batches(self.step + 1)
        field = self.dynamics.step(self.game, self.generator, self.discriminator, batches, self.between)
        self.losses = self._shared(field)
        self.step += 1
        if self.average is not None:
            self.average.follow(self.step)
        self._stop_diverged(self.losses.discriminator_loss + self.losses.generator_loss)

    @staticmethod
    def _shared(losses: GameField) -> GameField:
        return losses if distributed.world() == 1 else GameField(*distributed.average(torch.stack(losses)))

    def _move_generator(self) -> None:
        distributed.average(self.generator.gradient)
        self._g_optimizer.step(self.generator.flat, self.generator.gradient, self._g_state)

    def _move_discriminator(self) -> None:
        distributed.average(self.discriminator.gradient)
        self._d_optimizer.step(self.discriminator.flat, self.discriminator.gradient, self._d_state)
        self.game.project(self.discriminator)

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
                    self.generator.flat[index] = torch.nan
                    self.discriminator.flat[index] = torch.nan

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
        tensors = {"generator": self.generator.flat, "discriminator": self.discriminator.flat, "diverged": self._lost}
        tensors.update({f"generator.{name}": tensor for name, tensor in self._g_state.items()})
        tensors.update({f"discriminator.{name}": tensor for name, tensor in self._d_state.items()})
        for name, player in (("generator", self.generator), ("discriminator", self.discriminator)):
            tensors.update({f"{name}.buffer.{key}": buffer for key, buffer in player.buffers().items()})
        if self.average is not None:
            tensors.update(self.average.tensors())
        return tensors
