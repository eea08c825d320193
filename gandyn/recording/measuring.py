"""Measuring beside training: in processes forked from the one that trains, or in threads where systems do not fork.

A step's arithmetic is many short calls, and so is that of measuring one: in threads of one process they wait for each
other at the interpreter's lock. A forked process has the networks, the grid and the compiled loops already, and is sent
weights and sends back what was measured of them: a hundredth of what it computes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from typing import Self

import torch
from numpy import ndarray
from torch import Tensor

from gandyn.core.threads import workers

__all__ = ["Measure", "Measuring", "Pending"]

Rows = dict[str, ndarray]
Measure = Callable[[Mapping[str, Tensor], int, int], Rows]
"""From kept records by name, the first of them and their number, to what is measured of these."""

_PENDING = 2
"""Slices that wait for each measurer before training lends a hand."""

_FORKS = sys.platform == "linux"
"""Elsewhere libraries do not survive it."""

_here: list[Measure] = []
"""In a process that measures: what it was forked with."""


class Pending:
    """What is measured of a slice, soon."""

    def __init__(self, measure: Measure, kept: Mapping[str, Tensor], first: int, count: int) -> None:
        self._begun: Future[Rows] | None = None
        self._measure, self._slice = measure, (kept, first, count)

    def begin(self, threads: Executor) -> Self:
        """Have it measured in another thread."""
        self._begun = threads.submit(self._measure, *self._slice)
        return self

    def send(self, processes: Executor, index: int) -> Self:
        """Have it measured in another process, as one of the measures that are known there by number."""
        kept, first, count = self._slice
        sent = {name: values.numpy() for name, values in kept.items()}
        with suppress(BrokenExecutor):
            self._begun = processes.submit(_measured, index, sent, first, count)
        return self

    def here(self) -> Self:
        """Measure it now."""
        self._begun = Future()
        self._begun.set_result(self._measure(*self._slice))
        return self

    @property
    def done(self) -> bool:
        """Whether it need not be waited for."""
        return self._begun is None or self._begun.done()

    def result(self) -> Rows:
        """Return it, waiting if need be; if whoever measured it was killed, it is measured here."""
        if self._begun is not None:
            with suppress(BrokenExecutor):
                return self._begun.result()
        return self._measure(*self._slice)


class Measuring:
    """Some workers that measure what they are sent. As a context, they end with it."""

    def __init__(self, count: int) -> None:
        """Have so many workers, from `start` on."""
        self._count, self._measures = count, list[Measure]()
        self._executor: Executor | None = None
        self._lifeline: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def add(self, measure: Measure) -> int:
        """Make a measure known, before the start, and return its number."""
        self._measures.append(measure)
        return len(self._measures) - 1

    def start(self) -> None:
        """Begin to work. Call it before threads begin to train: what they hold, a forked process would wait for."""
        if not _FORKS:
            self._executor = workers(self._count, "gandyn-measure")
            return
        self._lifeline = os.pipe()
        self._executor = ProcessPoolExecutor(
            self._count,
            multiprocessing.get_context("fork"),
            initializer=_be_a_measurer,
            initargs=(self._measures, *self._lifeline),
        )
        with warnings.catch_warnings():
            # Python from 3.12 on warns of threads, which notebooks have: none of theirs is needed in these processes.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._executor.submit(int)

    def submit(self, index: int, kept: Mapping[str, Tensor], first: int, count: int, waiting: int) -> Pending:
        """Have a slice measured by one of the measures; here, where enough of them wait already.

        Args:
            index: the measure's number.
            kept: records by name, which nobody changes any more.
            first: the first of them that counts.
            count: how many do.
            waiting: slices that wait to be measured.
        """
        pending = Pending(self._measures[index], kept, first, count)
        if self._executor is None or waiting >= _PENDING * self._count:
            return pending.here()
        return pending.begin(self._executor) if self._lifeline is None else pending.send(self._executor, index)

    def __exit__(self, *_: object) -> None:
        """Let the workers end."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
        for end in self._lifeline or ():
            os.close(end)


def _be_a_measurer(measures: list[Measure], lifeline: int, held: int) -> None:
    """Become a process that measures, on one core, until the one that trains ends, however that comes about."""
    for number in (signal.SIGINT, signal.SIGTERM):  # which go to all processes of a terminal: the other one says when
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(1)
    _here[:] = measures
    os.close(held)  # of which the other process then has the only one: nothing can be read until it is gone
    threading.Thread(target=lambda: os.read(lifeline, 1) or os._exit(1), daemon=True).start()


def _measured(index: int, sent: Mapping[str, ndarray], first: int, count: int) -> Rows:
    """Measure a slice that was sent, bit for bit as where it was kept: in tensors that lie where torch puts them."""
    return _here[index]({name: torch.tensor(values) for name, values in sent.items()}, first, count)
