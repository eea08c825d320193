"""Sub-steps: the state after every single update within the first steps of training.

They are a recording of their own inside that of the steps, with the same space and the same probes: what can be drawn
of a step can be drawn of the state between two updates. Its `step` counts updates; `training_step` says which step of
training each belongs to, and `moved` who moved in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gandyn.core.errors import UsageError
from gandyn.dynamics.base import Dynamics
from gandyn.recording.commit_buffer import CommitBuffer
from gandyn.recording.slices import Slices
from gandyn.recording.spaces.base import Coord
from gandyn.recording.spaces.law import DistributionSpace
from gandyn.recording.store.writer import Writer
from gandyn.training.trainer import Trainer

__all__ = ["SubStepRecorder", "sub_step_coords", "sub_step_count"]

_NOBODY, _ALL = "nobody", "all"

_MOST = 20_000


def sub_step_count(dynamics: Dynamics, players: Sequence[str], sub_steps: int, steps: int) -> int:
    """Return the number of updates that are recorded of a run.

    Args:
        dynamics: how the players move.
        players: who they are, as their game has them alternate.
        sub_steps: steps of which every update is recorded; of a shorter run all are.
        steps: those of the run.

    Raises:
        UsageError: they are more than find room.
    """
    updates = len(dynamics.updates(players))
    count = min(sub_steps, steps) * updates
    if count > _MOST:
        raise UsageError(f"sub_steps: {sub_steps:,} steps of {updates:,} updates each make more than {_MOST:,} records")
    return count


def sub_step_coords(dynamics: Dynamics, players: Sequence[str], count: int) -> dict[str, Coord]:
    """Return the coordinates of so many updates, and of the state before the first.

    `moved` numbers who moved: nobody before the first update, one of the players, or all of them at once.
    """
    updates, names = dynamics.updates(players), [_NOBODY, *players, _ALL]
    numbers = np.arange(count + 1, dtype=np.int64)
    movers = [_ALL if len(who) > 1 else who[0] for who in updates]
    moved = [0, *(names.index(movers[number % len(updates)]) for number in range(count))]
    return {
        "step": (("step",), numbers, {"long_name": "updates of any player since training began"}),
        "training_step": (("step",), -(-numbers // len(updates)), {"long_name": "the step that an update belongs to"}),
        "moved": (("step",), np.array(moved, dtype=np.int64), {"long_name": "who moved", "names": names}),
    }


class SubStepRecorder:
    """Records the updates of one group of seeds; an observer that changes nothing.

    Players are recorded as they are trained, also where the recorded steps are of their moving averages.
    """

    def __init__(self, writer: Writer, group: int, space: DistributionSpace, count: int, trainer: Trainer) -> None:
        """Record into a writer's group, from the trainer's next update to the `count`-th."""
        self._last, self._trainer = count, trainer
        self._updates = len(trainer.dynamics.updates(list(trainer.players)))
        begun = bool(trainer.losses) or trainer.step > 0
        self._buffer = CommitBuffer(writer, group, min(trainer.step * self._updates, count) + 1 if begun else 0)
        self._slices = Slices(space, self._buffer, trainer)
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
        self._slices.keep(self._trainer, {})
        if self._buffer.due:
            self.commit()
