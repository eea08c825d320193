"""The recorder: watches a trainer, keeps its players' weights for a few steps, and measures those steps together.

At each recorded step only a copy of the flat weights is taken. A slice of steps is then evaluated as if it were so many
seeds of one stacked network, which costs a fraction of evaluating them one by one; full chunks of slices are committed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from gandyn.catalog import members
from gandyn.game import Player
from gandyn.networks.base import views
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene
from gandyn.recording.writer import Writer
from gandyn.training import Trainer

__all__ = ["Recorder", "chunk_length", "recorded_variables"]

# Points evaluated at once: enough to pay for the calls, few enough to stay in the processor's cache.
_POINTS_AT_ONCE = 65536

_CHUNK_BYTES = 1 << 24
_SECONDS_BETWEEN_COMMITS = 5.0

_SCALARS = {
    "generator_loss": "the generator's loss, as optimised",
    "discriminator_loss": "the discriminator's loss (real + fake + penalties), as optimised",
    "generator_gradient_norm": "norm of the generator's gradient",
    "discriminator_gradient_norm": "norm of the discriminator's gradient",
}


def chunk_length(every: int, seeds: int, cells: int) -> int:
    """Return the records of one chunk: 512 steps, or fewer where those of many seeds or cells would fill memory."""
    bytes_a_record = 8 * seeds * cells  # two fields in single precision
    return max(1, min(512 // every, _CHUNK_BYTES // bytes_a_record))


def recorded_variables(scene: Scene) -> list[Variable]:
    """Return every variable of a recording in this scene: the losses, and what each probe of the catalogue gives."""
    found = [Variable(name, attrs={"long_name": text}) for name, text in _SCALARS.items()]
    for probe in _probes(scene):
        found.extend(probe.variables(scene))
    return found


def _probes(scene: Scene) -> list[Probe]:
    """Return the probes whose quantities are to be recorded."""
    return [probe() for probe in members(Probe).values() if scene.options.fields or not probe.field]


class Recorder:
    """Records one group of seeds.

    The observer's law: the trainer's tensors are read and never written, no random number is drawn, no mode is changed.
    """

    def __init__(self, writer: Writer, group: int, scene: Scene, steps: int, trainer: Trainer) -> None:
        """Record into a writer's group from the trainer's next step on.

        Args:
            writer: where to.
            group: which of the writer's groups of seeds the trainer trains.
            scene: the surroundings; its options say how often.
            steps: the last step, recorded however the others fall.
            trainer: who is watched.
        """
        every = scene.options.every
        self._writer, self._group, self._scene, self._every, self._steps = writer, group, scene, every, steps
        self._probes = _probes(scene)
        self._variables = {variable.name: variable for variable in recorded_variables(scene)}
        self._chunk = writer.chunk
        self._committed_at = time.monotonic()
        self._next = 0 if trainer.losses is None and trainer.step == 0 else trainer.step // every + 1
        # Slices are evaluated whole, and a record has its own place in one: a row is then computed alike, to the last
        # bit, in a resumed run and in an uninterrupted one.
        points = max(len(scene.latent_points), len(scene.points) if scene.options.fields else 0)
        slice_length = max(1, _POINTS_AT_ONCE // (points * len(trainer.seeds)))
        self._kept: dict[str, Tensor] = {}
        for name in ("generator", "discriminator"):
            flat = getattr(trainer, name).flat
            self._kept[name] = flat.new_zeros((slice_length, *flat.shape))
        for name in _SCALARS:
            self._kept[name] = trainer.generator.flat.new_zeros((slice_length, len(trainer.seeds)))
        self._unmeasured = self._next
        self._measured: list[dict[str, np.ndarray]] = []

    def observe(self, trainer: Trainer) -> None:
        """Keep the state of a step that is to be recorded; measure full slices, commit full chunks and slow ones."""
        if (trainer.step % self._every and trainer.step != self._steps) or trainer.losses is None:
            return
        kept = self._kept
        row = self._next % len(kept["generator"])
        with torch.no_grad():
            for name, player, loss in (
                ("generator", trainer.generator, trainer.losses.generator_loss),
                ("discriminator", trainer.discriminator, trainer.losses.discriminator_loss),
            ):
                kept[name][row] = player.flat
                kept[f"{name}_loss"][row] = loss
                torch.linalg.vector_norm(player.gradient, dim=1, out=kept[f"{name}_gradient_norm"][row])
        self._next += 1
        due = self._next % self._chunk == 0 or time.monotonic() - self._committed_at > _SECONDS_BETWEEN_COMMITS
        if due or row + 1 == len(kept["generator"]):
            self._measure(trainer)
        if due:
            self._commit(trainer, self._next)

    def close(self, trainer: Trainer, total: int) -> None:
        """Commit what is left, with a checkpoint; `total` is the number of records of a complete run.

        A group whose seeds have all diverged is complete: what would have followed stays NaN.
        """
        self._measure(trainer)
        finished = len(trainer.diverged) == len(trainer.seeds)
        self._commit(trainer, total if finished else self._next)

    def _commit(self, trainer: Trainer, records: int) -> None:
        if self._measured:
            rows = {name: np.concatenate([m[name] for m in self._measured], axis=1) for name in self._measured[0]}
            written = next(iter(rows.values())).shape[1]
            self._writer.write(self._group, self._next - written, rows)
            self._measured = []
        self._writer.commit(self._group, records, trainer.diverged)
        self._writer.save_checkpoint(self._group, trainer.state())
        self._committed_at = time.monotonic()

    @torch.no_grad()
    def _measure(self, trainer: Trainer) -> None:
        """Measure the kept steps; results have shape (seed, step, *dims)."""
        steps, seeds = self._kept["generator_loss"].shape
        first, count = self._unmeasured % steps, self._next - self._unmeasured
        if not count:
            return
        snapshot = Snapshot(
            self._scene,
            self._stacked(trainer.generator, "generator"),
            self._stacked(trainer.discriminator, "discriminator"),
            steps * seeds,
            trainer.generator.flat.device,
        )
        found = {name: self._kept[name].double().cpu().numpy() for name in _SCALARS}
        for probe in self._probes:
            for name, values in probe.measure(snapshot).items():
                about = self._variables[name]
                stored = values.reshape(steps, seeds, *values.shape[1:]).astype(about.dtype)
                found[name] = stored if about.bits is None else _rounded(stored, about.bits)
        self._measured.append(
            {name: np.swapaxes(v, 0, 1)[:, first : first + count].copy() for name, v in found.items()}
        )
        self._unmeasured = self._next

    def _stacked(self, player: Player, name: str) -> partial[Tensor]:
        weights: Sequence[Tensor] = views(self._kept[name].flatten(0, 1), player.shapes)
        return partial(player.network, weights)


def _rounded(values: Float[ndarray, ...], bits: int) -> Float[ndarray, ...]:
    """Round float32 to some bits of its mantissa; unlike float16 that keeps the range of numbers whole."""
    dropped = 23 - bits
    # The carry of a half rounds up into the exponent where it must; infinity and torch's NaN stay what they are.
    packed = values.view(np.uint32) + np.uint32(1 << (dropped - 1))
    packed &= np.uint32(0xFFFFFFFF ^ ((1 << dropped) - 1))
    return packed.view(np.float32)
