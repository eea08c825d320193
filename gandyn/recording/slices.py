"""Slices of records: the weights of a few, kept until they are measured together.

Of each record only a copy of the flat weights is taken. A slice of them is then evaluated as if it were so many seeds
of one stacked network, which costs a fraction of evaluating them one by one; beside training, where a core is free.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from gandyn.recording.commit_buffer import CommitBuffer, ProbeRunner
from gandyn.recording.measuring import Measuring, Pending
from gandyn.recording.snapshots.stacked import StackedSnapshot
from gandyn.recording.spaces.law import DistributionSpace
from gandyn.training.trainer import Trainer

__all__ = ["Slices"]

# Points evaluated at once: enough to pay for the calls, few enough to stay in the processor's cache.
_POINTS_AT_ONCE = 65536


class Slices:
    """What is kept of the last records of one group of seeds, on its way to the buffer of what is to be committed.

    Slices are evaluated whole, and a record has its own place in one: a row is then computed alike, to the last bit, in
    a resumed run and in an uninterrupted one.
    """

    def __init__(
        self,
        space: DistributionSpace,
        buffer: CommitBuffer,
        trainer: Trainer,
        numbers: Sequence[str] = (),
        beside: Measuring | None = None,
    ) -> None:
        """Keep records from the buffer's next on.

        Args:
            space: the surroundings.
            buffer: takes what is measured.
            trainer: whose players are looked at.
            numbers: names of what is kept of each record besides weights, one number a seed.
            beside: measures full slices while training goes on.
        """
        self._space, self._buffer, self._numbers, self._beside = space, buffer, numbers, beside
        self._waiting: deque[Pending] = deque()
        self._game, self._players = trainer.game, trainer.players
        self._probe_runner = ProbeRunner(space)
        self._seeds, points = len(trainer.seeds), len(space.latent_points)
        if space.options.fields:
            points = max(points, len(space.points))
        self._length = max(1, _POINTS_AT_ONCE // (points * self._seeds))
        flats = [player.flat for player in self._players.values()]
        self._kept = {
            name: flat.new_zeros((self._length, *flat.shape)) for name, flat in zip(self._players, flats, strict=True)
        }
        for name in numbers:
            self._kept[name] = flats[0].new_zeros((self._length, self._seeds))
        self._unmeasured = buffer.next
        if beside is not None:
            self._number = beside.add(self._measured)

    @torch.no_grad()
    def keep(self, trainer: Trainer, numbers: Mapping[str, Tensor]) -> None:
        """Keep a record: the players' weights, averaged where they are, and the numbers. Full slices are measured."""
        row = self._buffer.next % self._length
        for name, player in trainer.players.items():
            averaged = trainer.averages.get(name) if self._numbers else None
            self._kept[name][row] = player.flat if averaged is None else averaged.flat
        for name in self._numbers:
            self._kept[name][row] = numbers[name]
        self._buffer.next += 1
        if row + 1 == self._length:
            self._begin()

    def measure(self) -> None:
        """Measure the records kept since the last time, and hand all that is measured to the buffer."""
        self._begin()
        while self._waiting:
            self._buffer.add(self._waiting.popleft().result())

    def _begin(self) -> None:
        """Begin to measure the records kept since the last time."""
        first, count = self._unmeasured % self._length, self._buffer.next - self._unmeasured
        if not count:
            return
        self._unmeasured = self._buffer.next
        if self._beside is None:
            self._buffer.add(self._measured(self._kept, first, count))
            return
        kept = {name: values.clone() for name, values in self._kept.items()}
        waiting = sum(not pending.done for pending in self._waiting)
        self._waiting.append(self._beside.submit(self._number, kept, first, count, waiting))
        while self._waiting and self._waiting[0].done:
            self._buffer.add(self._waiting.popleft().result())

    @torch.no_grad()
    def _measured(self, kept: Mapping[str, Tensor], first: int, count: int) -> dict[str, np.ndarray]:
        """Return what is measured of some records of a slice, by variable, shape (seed, record, *dims)."""
        stacked = {name: player.at(kept[name].flatten(0, 1)) for name, player in self._players.items()}
        first_kept = next(iter(kept.values()))
        snapshot = StackedSnapshot(
            self._space, self._game.maps(stacked), self._length * self._seeds, first_kept.device, first_kept.dtype
        )
        found = {name: kept[name].double().cpu().numpy() for name in self._numbers}
        for name, values in self._probe_runner.measure(snapshot).items():
            found[name] = values.reshape(self._length, self._seeds, *values.shape[1:])
        return {name: np.swapaxes(values, 0, 1)[:, first : first + count].copy() for name, values in found.items()}
