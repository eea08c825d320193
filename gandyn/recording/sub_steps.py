"""Sub-steps: the state after every single update within the first steps of training.

They are a recording of their own inside that of the steps, with the same space and the same probes: what can be drawn
of a step can be drawn of the state between two updates. Its `step` counts updates; `training_step` says which step of
training each belongs to, and `moved` who moved in it.
"""

from __future__ import annotations

from typing import get_args

import numpy as np

from gandyn.core.errors import UsageError
from gandyn.dynamics.base import Dynamics, Mover
from gandyn.recording.commit_buffer import CommitBuffer
from gandyn.recording.slices import Slices
from gandyn.recording.spaces.base import Coord
from gandyn.recording.spaces.law import DistributionSpace
from gandyn.recording.store.writer import Writer
from gandyn.training.trainer import Trainer

__all__ = ["MOVERS", "SubStepRecorder", "sub_step_coords", "sub_step_count"]

MOVERS = ("nobody", *get_args(Mover))
"""Who moved in an update, as `moved` numbers them; nobody before the first."""

_MOST = 20_000


def sub_step_count(dynamics: Dynamics, sub_steps: int, steps: int) -> int:
    """Return the number of updates that are recorded of a run.

    Args:
        dynamics: how the players move.
        sub_steps: steps of which every update is recorded; of a shorter run all are.
        steps: those of the run.

    Raises:
        UsageError: they are more than find room.
    """
    count = min(sub_steps, steps) * len(dynamics.updates)
    if count > _MOST:
        raise UsageError(
            f"sub_steps: {sub_steps:,} steps of {len(dynamics.updates):,} updates each make more than {_MOST:,} records"
        )
    return count


def sub_step_coords(dynamics: Dynamics, count: int) -> dict[str, Coord]:
    """Return the coordinates of so many updates, and of the state before the first."""
    updates = dynamics.updates
    numbers = np.arange(count + 1, dtype=np.int64)
    moved = [0, *(MOVERS.index(updates[number % len(updates)]) for number in range(count))]
    return {
        "step": (("step",), numbers, {"long_name": "updates of either player since training began"}),
        "training_step": (("step",), -(-numbers // len(updates)), {"long_name": "the step that an update belongs to"}),
        "moved": (("step",), np.array(moved, dtype=np.int64), {"long_name": "who moved", "names": list(MOVERS)}),
    }


class SubStepRecorder:
    """Records the updates of one group of seeds; an observer that changes nothing.

    The generator is recorded as it is trained, also where the recorded steps are of its moving average.
    """

    def __init__(self, writer: Writer, group: int, space: DistributionSpace, count: int, trainer: Trainer) -> None:
        """Record into a writer's group, from the trainer's next update to the `count`-th."""
        self._last, self._trainer, self._updates = count, trainer, len(trainer.dynamics.updates)
        begun = trainer.losses is not None or trainer.step > 0
        self._buffer = CommitBuffer(writer, group, min(trainer.step * self._updates, count) + 1 if begun else 0)
        self._slices = Slices(space, self._buffer, trainer.generator, trainer.discriminator)
        self._committed = self._buffer.next
        trainer.between = self._keep

    def begin(self) -> None:
        """Record the state before the first update."""
        self._keep()

    def commit(self, *, finished: bool = False) -> None:
        """Commit what is left; where all seeds are `finished` before their time, what never came counts as well."""
        records = self._last + 1 if finished else self._buffer.next
        if records == self._committed:
            return
        self._slices.measure()
        diverged = {seed: min(at * self._updates, self._last) for seed, at in self._trainer.diverged.items()}
        self._buffer.commit(diverged, records=records)
        self._committed = records

    def _keep(self) -> None:
        if self._buffer.next > self._last:
            return
        trainer = self._trainer
        self._slices.keep({"generator": trainer.generator.flat, "discriminator": trainer.discriminator.flat})
        if self._buffer.due:
            self.commit()
