"""The recorder: watches a trainer, keeps its players' weights for a few steps, and measures those steps together.

At each recorded step only a copy of the flat weights is taken (see `gandyn.recording.slices`); full chunks of slices
are committed.
"""

from __future__ import annotations

import torch

from gandyn.recording.cadence import Cadence
from gandyn.recording.commit_buffer import CommitBuffer
from gandyn.recording.measuring import Measuring
from gandyn.recording.slices import Slices
from gandyn.recording.spaces.law import DistributionSpace
from gandyn.recording.store.writer import Writer
from gandyn.recording.sub_steps import SubStepRecorder
from gandyn.training.trainer import Trainer

__all__ = ["Recorder"]

_SCALARS = [f"{name}_{what}" for name in ("generator", "discriminator") for what in ("loss", "gradient_norm")]


class Recorder:
    """Records one group of seeds.

    The observer's law: the trainer's tensors are read and never written, no random number is drawn, no mode is changed.
    """

    def __init__(
        self,
        writer: Writer,
        group: int,
        space: DistributionSpace,
        cadence: Cadence,
        trainer: Trainer,
        sub_steps: SubStepRecorder | None = None,
        beside: Measuring | None = None,
    ) -> None:
        """Record into a writer's group from the trainer's next step on.

        Args:
            writer: where to.
            group: which of the writer's groups of seeds the trainer trains.
            space: the surroundings.
            cadence: which steps are recorded.
            trainer: who is watched.
            sub_steps: records the updates within the first steps, if that is wanted. It always is at least as far.
            beside: measures what was kept while training goes on.
        """
        self._cadence, self._sub_steps = cadence, sub_steps
        self._buffer = CommitBuffer.of(writer, group, trainer, cadence)
        self._slices = Slices(space, self._buffer, trainer.generator, trainer.discriminator, _SCALARS, beside)

    def observe(self, trainer: Trainer) -> None:
        """Keep the state of a step that is to be recorded; measure full slices, commit full chunks and slow ones."""
        if self._sub_steps is not None and trainer.step == 0:
            self._sub_steps.begin()
        if not self._cadence.due(trainer.step) or trainer.losses is None:
            return
        generator, discriminator, average = trainer.generator, trainer.discriminator, trainer.average
        self._slices.keep(
            {
                "generator": generator.flat if average is None else average.flat,
                "discriminator": discriminator.flat,
                "generator_loss": trainer.losses.generator_loss,
                "discriminator_loss": trainer.losses.discriminator_loss,
                "generator_gradient_norm": torch.linalg.vector_norm(generator.gradient, dim=1),
                "discriminator_gradient_norm": torch.linalg.vector_norm(discriminator.gradient, dim=1),
            }
        )
        if self._buffer.due:
            self._commit(trainer)

    def close(self, trainer: Trainer, total: int) -> None:
        """Commit what is left, with a checkpoint; `total` is the number of records of a complete run.

        A group whose seeds have all diverged is complete: what would have followed stays NaN.
        """
        self._commit(trainer, total if len(trainer.diverged) == len(trainer.seeds) else None)

    def _commit(self, trainer: Trainer, records: int | None = None) -> None:
        """Commit all that is kept; the updates first, so that whoever goes on from the checkpoint finds them there."""
        if self._sub_steps is not None:
            self._sub_steps.commit(finished=records is not None)
        self._slices.measure()
        self._buffer.commit(trainer.diverged, trainer.state(), records)
