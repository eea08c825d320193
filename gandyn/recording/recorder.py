"""The recorder: watches a trainer, keeps its players' weights for a few steps, and measures those steps together.

At each recorded step only a copy of the flat weights is taken. A slice of steps is then evaluated as if it were so many
seeds of one stacked network, which costs a fraction of evaluating them one by one; full chunks of slices are committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gandyn.networks.stacked import StackedPlayer, views
from gandyn.recording.ledger import Ledger, Probing
from gandyn.recording.scenes.law import LawScene
from gandyn.recording.stacked import StackedSnapshot
from gandyn.recording.writer import Writer
from gandyn.training import Trainer

__all__ = ["Recorder"]

# Points evaluated at once: enough to pay for the calls, few enough to stay in the processor's cache.
_POINTS_AT_ONCE = 65536

_PLAYERS = ("generator", "discriminator")
_SCALARS = [f"{name}_{what}" for name in _PLAYERS for what in ("loss", "gradient_norm")]


class Recorder:
    """Records one group of seeds.

    The observer's law: the trainer's tensors are read and never written, no random number is drawn, no mode is changed.
    """

    def __init__(self, writer: Writer, group: int, scene: LawScene, steps: int, trainer: Trainer) -> None:
        """Record into a writer's group from the trainer's next step on.

        Args:
            writer: where to.
            group: which of the writer's groups of seeds the trainer trains.
            scene: the surroundings; its options say how often.
            steps: the last step, recorded however the others fall.
            trainer: who is watched.
        """
        every = scene.options.every
        self._scene, self._every, self._steps = scene, every, steps
        self._probing = Probing(scene)
        self._ledger = Ledger.of(writer, group, trainer, every)
        # Slices are evaluated whole, and a record has its own place in one: a row is then computed alike, to the last
        # bit, in a resumed run and in an uninterrupted one.
        points = max(len(scene.latent_points), len(scene.points) if scene.options.fields else 0)
        slice_length = max(1, _POINTS_AT_ONCE // (points * len(trainer.seeds)))
        self._kept: dict[str, Tensor] = {}
        for name in _PLAYERS:
            flat = getattr(trainer, name).flat
            self._kept[name] = flat.new_zeros((slice_length, *flat.shape))
        for name in _SCALARS:
            self._kept[name] = trainer.generator.flat.new_zeros((slice_length, len(trainer.seeds)))
        self._unmeasured = self._ledger.next

    def observe(self, trainer: Trainer) -> None:
        """Keep the state of a step that is to be recorded; measure full slices, commit full chunks and slow ones."""
        if (trainer.step % self._every and trainer.step != self._steps) or trainer.losses is None:
            return
        kept = self._kept
        row = self._ledger.next % len(kept["generator"])
        with torch.no_grad():
            for name, player, average, loss in (
                ("generator", trainer.generator, trainer.average, trainer.losses.generator_loss),
                ("discriminator", trainer.discriminator, None, trainer.losses.discriminator_loss),
            ):
                kept[name][row] = player.flat if average is None else average.flat
                kept[f"{name}_loss"][row] = loss
                torch.linalg.vector_norm(player.gradient, dim=1, out=kept[f"{name}_gradient_norm"][row])
        self._ledger.next += 1
        due = self._ledger.due
        if due or row + 1 == len(kept["generator"]):
            self._measure(trainer)
        if due:
            self._ledger.commit(trainer.diverged, trainer.state())

    def close(self, trainer: Trainer, total: int) -> None:
        """Commit what is left, with a checkpoint; `total` is the number of records of a complete run.

        A group whose seeds have all diverged is complete: what would have followed stays NaN.
        """
        self._measure(trainer)
        finished = len(trainer.diverged) == len(trainer.seeds)
        self._ledger.commit(trainer.diverged, trainer.state(), total if finished else None)

    @torch.no_grad()
    def _measure(self, trainer: Trainer) -> None:
        """Measure the kept steps; results have shape (seed, step, *dims)."""
        steps, seeds = self._kept["generator_loss"].shape
        first, count = self._unmeasured % steps, self._ledger.next - self._unmeasured
        if not count:
            return
        snapshot = StackedSnapshot(
            self._scene,
            self._stacked(trainer.generator, "generator"),
            self._stacked(trainer.discriminator, "discriminator"),
            steps * seeds,
            trainer.generator.flat.device,
            trainer.generator.flat.dtype,
        )
        found = {name: self._kept[name].double().cpu().numpy() for name in _SCALARS}
        for name, values in self._probing.measure(snapshot).items():
            found[name] = values.reshape(steps, seeds, *values.shape[1:])
        self._ledger.add({name: np.swapaxes(v, 0, 1)[:, first : first + count].copy() for name, v in found.items()})
        self._unmeasured = self._ledger.next

    def _stacked(self, player: object, name: str) -> partial[Tensor]:
        assert isinstance(player, StackedPlayer)
        weights: Sequence[Tensor] = views(self._kept[name].flatten(0, 1), player.shapes)
        return partial(player.network, weights)
