"""The recorder: watches a trainer, keeps its players' weights step by step, and measures them many steps at a time.

At each recorded step only a copy of the flat weights is taken. When a chunk of steps is full, they are evaluated as if
they were so many seeds of one stacked network, in a thread of their own, while training goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gandyn.catalog import members
from gandyn.cores import workers
from gandyn.networks.base import views
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scene import Scene
from gandyn.recording.writer import Writer
from gandyn.training import Trainer

__all__ = ["Recorder", "chunk_length", "recorded_variables"]

# Points evaluated at once: the activations of one slice of rows then stay in the processor's cache.
_POINTS_AT_ONCE = 16384

_SCALARS = {
    "generator_loss": "the generator's loss, as optimised",
    "discriminator_loss": "the discriminator's loss (real + fake + penalties), as optimised",
    "generator_gradient_norm": "norm of the generator's gradient",
    "discriminator_gradient_norm": "norm of the discriminator's gradient",
}


def chunk_length(every: int) -> int:
    """Return the records of one chunk: about 256 steps, the most that a kill can lose."""
    return max(16, 256 // every)


def recorded_variables(scene: Scene) -> list[Variable]:
    """Return every variable of a recording in this scene: the losses, and what each probe of the catalogue gives."""
    found = [Variable(name, attrs={"long_name": text}) for name, text in _SCALARS.items()]
    for probe in members(Probe).values():
        found.extend(probe().variables(scene))
    return found


class Recorder:
    """Records one group of seeds.

    The observer's law: the trainer's tensors are read and never written, no random number is drawn, no mode is changed.
    """

    def __init__(self, writer: Writer, group: int, scene: Scene, every: int, trainer: Trainer) -> None:
        """Record into a writer's group from the trainer's next step on, each step that `every` divides."""
        self._writer, self._group, self._scene, self._every = writer, group, scene, every
        self._probes = [probe() for probe in members(Probe).values()]
        self._chunk = chunk_length(every)
        self._start = 0 if trainer.losses is None and trainer.step == 0 else trainer.step // every + 1
        self._count = 0
        self._buffers = self._new_buffers(trainer)
        self._worker = workers(1, "gandyn-recorder")
        self._pending: Future[None] | None = None

    def _new_buffers(self, trainer: Trainer) -> dict[str, Tensor]:
        players = {"generator": trainer.generator, "discriminator": trainer.discriminator}
        buffers = {name: player.flat.new_empty((self._chunk, *player.flat.shape)) for name, player in players.items()}
        for name in _SCALARS:
            buffers[name] = trainer.generator.flat.new_empty((self._chunk, len(trainer.seeds)))
        return buffers

    def observe(self, trainer: Trainer) -> None:
        """Keep the state of a step that is to be recorded; pass a full chunk on to be measured."""
        if trainer.step % self._every or trainer.losses is None:
            return
        row, kept = self._count, self._buffers
        with torch.no_grad():
            for name, player, loss in (
                ("generator", trainer.generator, trainer.losses.generator_loss),
                ("discriminator", trainer.discriminator, trainer.losses.discriminator_loss),
            ):
                kept[name][row] = player.flat
                kept[f"{name}_loss"][row] = loss
                torch.linalg.vector_norm(player.gradient, dim=1, out=kept[f"{name}_gradient_norm"][row])
        self._count += 1
        if (self._start + self._count) % self._chunk == 0:
            self._pass_on(trainer)

    def close(self, trainer: Trainer, total: int) -> None:
        """Commit what is left, with a checkpoint; `total` is the number of records of a complete run.

        A group whose seeds have all diverged is complete: what would have followed stays NaN.
        """
        try:
            finished = len(trainer.diverged) == len(trainer.seeds)
            self._pass_on(trainer, total if finished else None)
            self._wait()
        finally:
            self._worker.shutdown()

    def abandon(self) -> None:
        """Give up the chunk in progress, after an error."""
        self._worker.shutdown(cancel_futures=True)

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None

    def _pass_on(self, trainer: Trainer, records: int | None = None) -> None:
        self._wait()
        state = {name: tensor.detach().clone() for name, tensor in trainer.state().items()}
        shapes = (trainer.generator.shapes, trainer.discriminator.shapes)
        kept = {name: buffer[: self._count] for name, buffer in self._buffers.items()}
        self._pending = self._worker.submit(
            self._write, trainer, shapes, kept, self._start, records, state, dict(trainer.diverged)
        )
        self._start, self._count = self._start + self._count, 0
        self._buffers = self._new_buffers(trainer)

    @torch.no_grad()
    def _write(
        self,
        trainer: Trainer,
        shapes: tuple[Sequence[tuple[int, ...]], Sequence[tuple[int, ...]]],
        kept: Mapping[str, Tensor],
        start: int,
        records: int | None,
        state: Mapping[str, Tensor],
        diverged: Mapping[int, int],
    ) -> None:
        count, seeds = kept["generator_loss"].shape
        if count:
            rows = {name: kept[name].T.double().cpu().numpy() for name in _SCALARS}
            flats = kept["generator"].transpose(0, 1).flatten(0, 1), kept["discriminator"].transpose(0, 1).flatten(0, 1)
            measured = self._measure(trainer, shapes, flats)
            rows.update({name: values.reshape(seeds, count, *values.shape[1:]) for name, values in measured.items()})
            self._writer.write(self._group, start, rows)
        self._writer.commit(self._group, start + count if records is None else records, diverged)
        self._writer.save_checkpoint(self._group, state)

    def _measure(
        self,
        trainer: Trainer,
        shapes: tuple[Sequence[tuple[int, ...]], Sequence[tuple[int, ...]]],
        flats: tuple[Tensor, Tensor],
    ) -> dict[str, np.ndarray]:
        size = max(1, _POINTS_AT_ONCE // len(self._scene.latent_points))
        pieces: dict[str, list[np.ndarray]] = {}
        for g_flat, d_flat in zip(flats[0].split(size), flats[1].split(size), strict=True):
            snapshot = Snapshot(
                self._scene,
                partial(trainer.game.generator, views(g_flat, shapes[0])),
                partial(trainer.game.discriminator, views(d_flat, shapes[1])),
                len(g_flat),
                g_flat.device,
            )
            for probe in self._probes:
                for name, values in probe.measure(snapshot).items():
                    pieces.setdefault(name, []).append(values)
        return {name: np.concatenate(parts) for name, parts in pieces.items()}
