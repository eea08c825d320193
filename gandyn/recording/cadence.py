"""Which steps of a run are recorded: every so many of them, or all at first and then ever fewer."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray

__all__ = ["Cadence", "Every", "Thinning", "cadence_of"]

_QUALITY = 10
"""Records between two measurements of quality, where nothing else is asked for."""


class Cadence(ABC):
    """Which steps are recorded, from step 0 on, and at which of these the quality of images is measured.

    Attributes:
        least: steps between two records, at least.
        chunk: records that are written together.
        planned: the steps, where they are known before the run; else None.
        slot: number of records that are made at most.
    """

    least: int
    chunk: int
    planned: Int[ndarray, " record"] | None
    slot: int

    @abstractmethod
    def due(self, step: int) -> bool:
        """Say whether a step is recorded; steps are asked about in order."""

    @abstractmethod
    def quality_due(self, step: int) -> bool:
        """Say whether quality is measured at a step that is recorded."""

    @abstractmethod
    def count(self, step: int) -> int:
        """Return how many records the steps up to this one have made or will make, as far as that is known."""

    @contextmanager
    def recording(self, step: int) -> Iterator[None]:
        """Hold the making of a step's record."""
        yield

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Hold the measuring of quality, within the making of a record."""
        yield

    def untold(self, records: int) -> list[int] | None:
        """Return the steps of the first records that the journal has not been told; None where it need not be."""
        return None


class Every(Cadence):
    """Every so many steps, and the last where it is known."""

    def __init__(self, every: int, last: int | None = None, quality_every: int | None = None) -> None:
        """Record each `every`-th step up to the last; quality at multiples of `quality_every`, or next after them."""
        self.least, self._last, self._quality_every = every, last, quality_every or _QUALITY * every
        self.chunk = 512 // min(every, 32)
        self.planned, self.slot = None, 1 << 20
        if last is not None:
            self.planned = np.unique(np.append(np.arange(0, last + 1, every, dtype=np.int64), last))
            self.slot = len(self.planned)

    def due(self, step: int) -> bool:  # noqa: D102
        return step % self.least == 0 or step == self._last

    def quality_due(self, step: int) -> bool:  # noqa: D102
        return step % self._quality_every < self.least or step == self._last

    def count(self, step: int) -> int:  # noqa: D102
        ended = self._last is not None and step >= self._last
        return self.slot if ended else step // self.least + 1


class Thinning(Cadence):
    """All steps at first, then ever fewer: their distances grow with the step, and records take little of the time.

    Two laws hold at once.

    - Of steps: after a record at step s, the n-th, none comes before s + s / (64 (1 - n / 400)). That is every step up
      to the 56th; then distances grow in proportion to s, and a little faster, so that 500 steps make 146 records at
      most, 10,000 steps 244, ten million 351, and no run more than 400, beside its last step.
    - Of time: after a record that took c seconds, the loop trains for 20 c before the next, so that recording takes at
      most a twentieth of its time. The first three seconds of recording are free, so that short loops have their
      pictures; beyond them, the first ten records wait for 2 c alone. Quality that is measured at every tenth record
      counts as a tenth of it in each, so that records stay evenly spread.

    What is recorded stands: nothing is taken back, and a run that is gone on with goes on from the steps it has.
    """

    most: ClassVar[int] = 400
    dense: ClassVar[int] = 64
    free_seconds: ClassVar[float] = 3.0
    free_records: ClassVar[int] = 10
    first_rest: ClassVar[float] = 2.0
    rest: ClassVar[float] = 20.0

    least = 1
    chunk = 16
    planned = None
    slot = most + 2

    def __init__(
        self,
        last: int | None = None,
        quality_every: int | None = None,
        *,
        recorded: Sequence[int] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Record until some last step.

        Args:
            last: the last step, recorded however the others fall; None where nobody knows it.
            quality_every: steps between two measurements of quality; ten records unless given.
            recorded: the steps that are recorded already, which are the steps of whoever is asked about them again.
            clock: tells the time, in seconds.
        """
        self._last, self._quality_every, self._clock = last, quality_every, clock
        self._recorded = list(recorded)
        self._told = len(self._recorded)
        self._decided = self._recorded[-1] if self._recorded else -1
        self._spent = self._cost = self._judged = self._share = 0.0
        self._ended = clock()

    def due(self, step: int) -> bool:
        """Say whether a step is recorded; of steps that were asked about before the answer stands."""
        if step > self._decided:
            self._decided = step
            return step in (0, self._last) or (step >= self._soonest() and self._rested())
        place = bisect_left(self._recorded, step)
        return self._recorded[place : place + 1] == [step]

    def quality_due(self, step: int) -> bool:  # noqa: D102
        place = bisect_left(self._recorded, step)
        if step == self._last or place == 0:
            return True
        if self._quality_every is None:
            return place % _QUALITY == 0
        return step // self._quality_every > self._recorded[place - 1] // self._quality_every

    def count(self, step: int) -> int:  # noqa: D102
        return bisect_right(self._recorded, step)

    @contextmanager
    def recording(self, step: int) -> Iterator[None]:
        """Take the time of a record."""
        if not self._recorded or step > self._recorded[-1]:
            self._recorded.append(step)
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            torch.cuda.synchronize()  # the time that a GPU still takes for training is no record's
        began, self._judged = self._clock(), 0.0
        yield
        self._ended = self._clock()
        whole = self._ended - began
        self._share = self._judged / _QUALITY or self._share
        self._cost = whole if self._quality_every is not None else whole - self._judged + self._share
        self._spent += whole

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Take the time of a measurement of quality."""
        began = self._clock()
        yield
        self._judged += self._clock() - began

    def untold(self, records: int) -> list[int] | None:  # noqa: D102
        if records <= self._told:
            return None
        told, self._told = self._told, records
        return self._recorded[told:records]

    def _soonest(self) -> float:
        """Return the step before which none is recorded."""
        step, number = self._recorded[-1], len(self._recorded)
        left = 1 - number / self.most
        return step + max(1, math.ceil(step / (self.dense * left))) if left > 0 else math.inf

    def _rested(self) -> bool:
        """Say whether the loop has trained for as long as it must after a record."""
        if self._spent <= self.free_seconds:
            return True
        rest = self.first_rest if len(self._recorded) < self.free_records else self.rest
        return self._clock() - self._ended >= rest * self._cost


def cadence_of(
    every: int | Literal["auto"],
    last: int | None = None,
    quality_every: int | None = None,
    recorded: Sequence[int] = (),
) -> Cadence:
    """Return the cadence that is asked for.

    Args:
        every: steps between two records, or `auto` for ever fewer.
        last: the last step, where it is known.
        quality_every: steps between two measurements of quality; ten records unless given.
        recorded: the steps that are recorded already, in a run that is gone on with.
    """
    if every == "auto":
        return Thinning(last, quality_every, recorded=recorded)
    return Every(every, last, quality_every)
