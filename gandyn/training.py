"""The training loop: some seeds as one batch, one step after another, watched by an observer that cannot touch them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
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


def _count_or_list(value: object) -> object:
    return list(range(value)) if isinstance(value, int) and not isinstance(value, bool) else value


class TrainOptions(BaseModel):
    """How long, on what, and for which seeds to train."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: NonNegativeInt = Field(2000, description="updates of the generator; 0 records the initial state alone")
    batch_size: PositiveInt = Field(256, description="samples of each kind in one update")
    seeds: Annotated[
        list[NonNegativeInt],
        BeforeValidator(_count_or_list, json_schema_input_type=list[NonNegativeInt] | PositiveInt),
    ] = Field([0], min_length=1, description="a list of seeds, or their number n for seeds 0 to n - 1")
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
        self._optimizers = {"generator": optimizers[0], "discriminator": optimizers[1]}
        self._steppers: dict[str, torch.optim.Optimizer] = {}
        for name, optimizer in self._optimizers.items():
            player = getattr(self, name)
            player.flat.grad = player.gradient
            self._steppers[name] = optimizer.build(player.flat)
        self.step = 0
        self.diverged: dict[int, int] = {}
        self.losses: GameField | None = None

    def run(self, steps: int, observer: Observer, stop: threading.Event) -> None:
        """Train up to `steps`, until `stop` is set, or until no seed is left that has not diverged."""
        if self.step == 0:
            self.losses = self.game.field(self.generator, self.discriminator, self._streams.batches(0)[0])
            observer.observe(self)
        while self.step < steps and len(self.diverged) < len(self.seeds) and not stop.is_set():
            self.advance()
            observer.observe(self)

    def advance(self) -> None:
        """Make one step."""
        self.losses = self.dynamics.step(
            self.game,
            self.generator,
            self.discriminator,
            self._streams.batches(self.step + 1),
            self._steppers["generator"].step,
            self._move_discriminator,
        )
        self.step += 1
        self._stop_diverged(self.losses.discriminator_loss + self.losses.generator_loss)

    def _move_discriminator(self) -> None:
        self._steppers["discriminator"].step()
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
        tensors = {"step": torch.tensor(self.step)}
        diverged = [[seed, step] for seed, step in self.diverged.items()]
        tensors["diverged"] = torch.tensor(diverged, dtype=torch.int64).reshape(-1, 2)
        for name, stepper in self._steppers.items():
            tensors[f"{name}.weights"] = getattr(self, name).flat
            for key, value in stepper.state_dict()["state"].get(0, {}).items():
                if value is not None:
                    tensors[f"{name}.optimizer.{key}"] = torch.as_tensor(value)
        return tensors

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go back to a `state`; the run then continues bit for bit."""
        self.step = int(tensors["step"])
        self.diverged = {int(seed): int(step) for seed, step in tensors["diverged"].tolist()}
        for name, stepper in self._steppers.items():
            player = getattr(self, name)
            player.flat.copy_(tensors[f"{name}.weights"])
            prefix = f"{name}.optimizer."
            held = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
            saved = stepper.state_dict()
            saved["state"] = {0: held} if held else {}
            stepper.load_state_dict(saved)
