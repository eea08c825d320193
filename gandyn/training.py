"""The training loop: some seeds as one batch, one step after another, watched by an observer that cannot touch them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Protocol

import torch
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, PositiveInt
from torch import Tensor

from gandyn.dynamics.base import Dynamics
from gandyn.dynamics.optimizers import Optimizer
from gandyn.game import Field as GameField
from gandyn.game import Game
from gandyn.streams import Streams, stream

__all__ = ["Observer", "TrainOptions", "Trainer"]


MOST_SEEDS = 4096


def _count_or_list(value: object) -> object:
    count = len(value) if isinstance(value, list) else value if type(value) is int else 0
    if count > MOST_SEEDS:
        raise ValueError(f"seeds: {count:,} are too many (at most {MOST_SEEDS:,}); train them in several runs")
    if type(value) is int and value < 1:
        raise ValueError(f"must be at least 1, got {value}")
    return list(range(value)) if type(value) is int else value


class TrainOptions(BaseModel):
    """How long, on what, and for which seeds to train."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: NonNegativeInt = Field(2000, description="updates of the generator; 0 records the initial state alone")
    batch_size: PositiveInt = Field(256, description="samples of each kind in one update")
    seeds: Annotated[
        list[NonNegativeInt],
        BeforeValidator(_count_or_list, json_schema_input_type=list[NonNegativeInt] | PositiveInt),
    ] = Field(
        [0], min_length=1, max_length=MOST_SEEDS, description="a list of seeds, or their number n for seeds 0 to n - 1"
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: the CPU, faster than a GPU on toys")


class Observer(Protocol):
    """Somebody who looks at a trainer after every step, and before the first."""

    def observe(self, trainer: Trainer) -> None:
        """Look; change nothing."""


class Trainer:
    """Some seeds of one game in training.

    Attributes:
        step: updates of the generator so far.
        losses: the losses of the update that led here; at step 0, those of the initial weights.
        diverged: seed -> the step at which its loss stopped being finite; its weights are NaN from there on.
    """

    def __init__(
        self,
        game: Game,
        dynamics: Dynamics,
        optimizers: tuple[Optimizer, Optimizer],
        seeds: Sequence[int],
        batch_size: int,
        device: torch.device,
    ) -> None:
        """Draw initial weights for every seed; `optimizers` are the generator's and the discriminator's."""
        self.game, self.dynamics, self.seeds = game, dynamics, list(seeds)
        self.generator, self.discriminator = game.players([stream(seed) for seed in seeds], device)
        self._streams = Streams(game, seeds, batch_size, dynamics.discriminator_steps, device)
        self._g_optimizer, self._d_optimizer = optimizers
        self._g_state = self._g_optimizer.state(self.generator.flat)
        self._d_state = self._d_optimizer.state(self.discriminator.flat)
        self.generator.move, self.discriminator.move = self._move_generator, self._move_discriminator
        self.step = 0
        self.diverged: dict[int, int] = {}
        self.losses: GameField | None = None

    def run(self, steps: int, observer: Observer, stop: threading.Event) -> None:
        """Train up to `steps`, until `stop` is set, or until no seed is left that has not diverged."""
        if self.step == 0:
            self.losses = self.game.field(self.generator, self.discriminator, self._streams.batches(0)[0])
            observer.observe(self)
        while not self.finished(steps) and not stop.is_set():
            self.advance()
            observer.observe(self)

    def finished(self, steps: int) -> bool:
        """Say whether `steps` are done, or no seed is left to train."""
        return self.step >= steps or len(self.diverged) == len(self.seeds)

    def advance(self) -> None:
        """Make one step."""
        self.losses = self.dynamics.step(
            self.game,
            self.generator,
            self.discriminator,
            self._streams.batches(self.step + 1),
        )
        self.step += 1
        self._stop_diverged(self.losses.discriminator_loss + self.losses.generator_loss)

    def _move_generator(self) -> None:
        self._g_optimizer.step(self.generator.flat, self.generator.gradient, self._g_state)

    def _move_discriminator(self) -> None:
        self._d_optimizer.step(self.discriminator.flat, self.discriminator.gradient, self._d_state)
        self.game.project(self.discriminator)

    def _stop_diverged(self, loss: Tensor) -> None:
        # One number decides in the usual case; inf - inf is NaN, so nothing hides in the sum.
        if len(self.diverged) == 0 and torch.isfinite(loss.sum()):
            return
        for index in torch.nonzero(~torch.isfinite(loss)).flatten().tolist():
            if self.seeds[index] not in self.diverged:
                self.diverged[self.seeds[index]] = self.step
                with torch.no_grad():
                    self.generator.flat[index] = torch.nan
                    self.discriminator.flat[index] = torch.nan

    def state(self) -> dict[str, Tensor]:
        """Return everything that the next step depends on; tensors are not copied."""
        diverged = [[seed, step] for seed, step in self.diverged.items()]
        return {
            "step": torch.tensor(self.step),
            "diverged": torch.tensor(diverged, dtype=torch.int64).reshape(-1, 2),
            **self._tensors(),
        }

    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """Go back to a `state`; the run then continues bit for bit."""
        self.step = int(saved["step"])
        self.diverged = {int(seed): int(step) for seed, step in saved["diverged"].tolist()}
        for name, tensor in self._tensors().items():
            tensor.copy_(saved[name])

    def _tensors(self) -> dict[str, Tensor]:
        tensors = {"generator": self.generator.flat, "discriminator": self.discriminator.flat}
        tensors.update({f"generator.{name}": tensor for name, tensor in self._g_state.items()})
        tensors.update({f"discriminator.{name}": tensor for name, tensor in self._d_state.items()})
        return tensors
