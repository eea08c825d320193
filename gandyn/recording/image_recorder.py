"""The recorder of image runs: looks at the players themselves at some steps, and at their losses at every one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext

import torch
from numpy import ndarray
from torch import Tensor

from gandyn.networks.base import Player
from gandyn.recording.cadence import Cadence
from gandyn.recording.commit_buffer import CommitBuffer, ProbeRunner
from gandyn.recording.means import Means
from gandyn.recording.snapshots.sampled import SampledSnapshot
from gandyn.recording.spaces.sampled import SampledSpace
from gandyn.recording.store.writer import Writer
from gandyn.training.trainer import Trainer

__all__ = ["ImageRecorder"]


class ImageRecorder:
    """Records one seed of an image run; the observer's law holds as for `Recorder`."""

    def __init__(
        self,
        writer: Writer,
        group: int,
        space: SampledSpace,
        cadence: Cadence,
        trainer: Trainer,
        saved: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Record into a writer's group from the trainer's next step on.

        Args:
            writer: where to.
            group: which of the writer's groups of seeds the trainer trains.
            space: the surroundings.
            cadence: which steps are recorded, the same for all groups.
            trainer: who is watched.
            saved: the checkpoint that is gone on from.
        """
        self._space, self._cadence = space, cadence
        self._probe_runner = ProbeRunner(space)
        self._buffer = CommitBuffer.of(writer, group, trainer, cadence)
        self._means = Means(saved)

    def observe(self, trainer: Trainer) -> None:
        """Add up the losses; measure a step that is to be recorded, and commit full chunks and slow ones."""
        assert trainer.losses is not None
        for name, loss in trainer.losses._asdict().items():
            self._means.add(name, loss)
        if not self._cadence.due(trainer.step):
            return
        with self._cadence.recording(trainer.step):
            self._record(trainer)

    def _record(self, trainer: Trainer) -> None:
        self._buffer.add(self._measured(trainer))
        self._buffer.next += 1
        if self._buffer.due:
            self._commit(trainer)

    def close(self, trainer: Trainer, total: int) -> None:
        """Commit what is left, with a checkpoint; `total` is the number of records of a complete run."""
        self._commit(trainer, total if len(trainer.diverged) == len(trainer.seeds) else None)

    def _commit(self, trainer: Trainer, records: int | None = None) -> None:
        state, total = {**trainer.state(), **self._means.state()}, self._buffer.next if records is None else records
        self._buffer.commit(trainer.diverged, state, records, self._cadence.untold(total))

    def _measured(self, trainer: Trainer) -> dict[str, ndarray]:
        """Return the rows of one record, shape (seed, record, *dims)."""
        generator, discriminator = trainer.generator, trainer.discriminator
        applied = nullcontext() if trainer.average is None else trainer.average.applied()
        with applied, generator.watched(), discriminator.watched():
            snapshot = SampledSnapshot(
                self._space,
                _single(generator),
                _single(discriminator),
                generator.flat.device,
                self._cadence.judging if self._cadence.quality_due(trainer.step) else None,
                discriminator.in_batches,
                lambda x, label: discriminator.settled(x[None], None if label is None else label[None]),
            )
            rows = self._probe_runner.measure(snapshot)
        rows.update(self._means.take())
        for name, player in (("generator", generator), ("discriminator", discriminator)):
            norm = torch.linalg.vector_norm(player.gradient, dim=1).double()
            rows[f"{name}_gradient_norm"] = norm.cpu().numpy()
        return {name: values[None] for name, values in rows.items()}


def _single(player: Player) -> Callable[..., Tensor]:
    """Return a player of one seed as a function of batches without the seed axis."""

    def apply(x: Tensor, label: Tensor | None = None) -> Tensor:
        return player(x[None], None if label is None else label[None])[0]

    return apply
