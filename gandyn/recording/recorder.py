"""The recorder: watches a trainer, has its players looked at in the steps that are recorded, and commits what is found.

How players are looked at is a matter of snapshots: stacked networks keep a copy of their weights, to be measured
together later; others are measured where they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor

from gandyn.recording.cadence import Cadence
from gandyn.recording.commit_buffer import CommitBuffer
from gandyn.recording.means import Means
from gandyn.recording.sub_steps import SubStepRecorder
from gandyn.training.trainer import Trainer

__all__ = ["Recorder", "Snapshots"]


class Snapshots(Protocol):
    """What looks at the players of one group of seeds."""

    def keep(self, trainer: Trainer, numbers: Mapping[str, Tensor]) -> None:
        """Make the next record: of the players as they are, with numbers of shape (seed,) by name."""

    def measure(self) -> None:
        """Hand everything that was kept to the buffer of what is to be committed."""


class Recorder:
    """Records one group of seeds.

    The observer's law: the trainer's tensors are read and never written, no random number is drawn, no mode is changed.
    """

    def __init__(
        self,
        buffer: CommitBuffer,
        cadence: Cadence,
        snapshots: Snapshots,
        means: Means | None = None,
        sub_steps: SubStepRecorder | None = None,
    ) -> None:
        """Record from the trainer's next step on.

        Args:
            buffer: takes what is measured.
            cadence: which steps are recorded, the same for all groups.
            snapshots: look at the players.
            means: adds up losses from record to record; None where those of the recorded steps alone count.
            sub_steps: records the updates within the first steps, if that is wanted. It always is at least as far.
        """
        self._buffer, self._cadence, self._snapshots = buffer, cadence, snapshots
        self._means, self._sub_steps = means, sub_steps

    def observe(self, trainer: Trainer) -> None:
        """Look at a step that is to be recorded, and commit full chunks and slow ones."""
        if self._sub_steps is not None and trainer.step == 0:
            self._sub_steps.begin()
        if self._means is not None:
            for name, loss in trainer.losses.items():
                self._means.add(name, loss)
        if not self._cadence.due(trainer.step):
            return
        with self._cadence.recording(trainer.step):
            numbers = dict(trainer.losses) if self._means is None else self._means.take()
            for name, player in trainer.players.items():
                numbers[f"{name}_gradient_norm"] = torch.linalg.vector_norm(player.gradient, dim=1)
            self._snapshots.keep(trainer, numbers)
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
        self._snapshots.measure()
        state = trainer.state() | ({} if self._means is None else self._means.state())
        steps = self._cadence.untold(self._buffer.next if records is None else records)
        self._buffer.commit(trainer.diverged, state, records, steps)
