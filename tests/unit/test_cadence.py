"""Which steps are recorded: laws of every cadence, and what `auto` costs loops of any speed."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

import numpy as np
import pytest

from gandyn.recording.cadence import Every, Thinning, cadence_of


class Loop:
    """A loop whose steps and records take the seconds that they are said to, by a clock of its own."""

    def __init__(self, step, record, quality=0.0, last=None, **more):
        self.now, self.step, self.record, self.quality = 0.0, step, record, quality
        self.cadence = Thinning(last, clock=lambda: self.now, **more)
        self.steps, self.trained, self.costs, self.judged = [], [], [], []

    def run(self, *steps):
        """Make steps, and keep which are recorded, the seconds trained until each, and what it took."""
        trained = self.trained[-1] if self.trained else 0.0
        for number in range(*steps):
            if number:
                took = self.step(number) if callable(self.step) else self.step
                self.now, trained = self.now + took, trained + took
            if not self.cadence.due(number):
                continue
            began = self.now
            with self.cadence.recording(number):
                self.now += self.record(number) if callable(self.record) else self.record
                if self.quality and self.cadence.quality_due(number):
                    self.judged.append(number)
                    with self.cadence.judging():
                        self.now += self.quality
            self.steps.append(number)
            self.trained.append(trained)
            self.costs.append(self.now - began)
        self.whole = trained
        return self


LOOPS = {
    "cheap records": (0.01, 0.01),
    "dear records": (0.1, 1.5),
    "very dear records": (0.05, 20.0),
    "slow steps": (5.0, 0.3),
    "a toy": (0.001, 0.015),
    "steps that get slower": (lambda step: 1e-4 * (1 + step), 0.2),
    "steps that get faster": (lambda step: 10 / (1 + step), 0.2),
    "records that get cheaper": (0.02, lambda step: 3.0 / (1 + step / 100)),
}


@pytest.mark.parametrize(("step", "record"), LOOPS.values(), ids=LOOPS)
def test_recording_takes_a_twentieth_of_the_time_after_its_beginning(step, record):
    loop = Loop(step, record).run(20_001)
    spent = np.cumsum(loop.costs)
    freed = np.flatnonzero((np.arange(len(spent)) + 1 >= Thinning.free_records) & (spent > Thinning.free_seconds))
    begun = freed[0] if len(freed) else len(spent) - 1
    assert spent[begun] <= max(Thinning.free_seconds + loop.costs[0], sum(loop.costs[: Thinning.free_records]))
    for k in range(begun + 1, len(spent)):
        # Between a record's beginning and that of one soon after it: up to whatever moment one looks.
        assert spent[k] - spent[begun] <= 0.05 * (loop.trained[k] - loop.trained[begun]) * 1.001 + 1e-6


def test_dear_records_are_paid_before_there_is_another():
    """A record that is dearer than the one before cannot be known beforehand: it is waited for afterwards."""
    loop = Loop(0.01, lambda step: 0.1 * (1 + step / 1000)).run(50_000)
    for k in range(50, len(loop.steps) - 1):
        assert loop.trained[k + 1] - loop.trained[k] >= 20 * loop.costs[k] * 0.999


def test_the_first_records_of_slow_models_wait_a_little():
    """Ten records of ten seconds each are no reason to train for minutes before anything is done."""
    loop = Loop(0.1, 10.0).run(3000)
    assert loop.steps[:4] == pytest.approx([0, 200, 400, 600], abs=2)
    assert len(loop.steps) == 10 + (300 - loop.trained[9]) // 200


@pytest.mark.parametrize("steps", [0, 1, 30, 500, 10_000, 1_000_000, 10_000_000])
def test_records_are_dense_at_first_and_bounded_in_number(steps):
    cadence = Thinning(steps, clock=lambda: 0.0)
    found, step = [], 0
    while True:  # not every one of millions of steps is asked about
        assert cadence.due(step)
        with cadence.recording(step):
            found.append(step)
        if step == steps:
            break
        step = min(cadence._soonest(), steps)
    assert found[:57] == list(range(min(steps + 1, 57)))
    assert found[-1] == steps
    assert len(found) <= Thinning.most + 1 < cadence.slot
    gaps = np.diff(found)[:-1]
    assert (np.diff(gaps) >= -1).all()  # ever fewer, but for what is rounded
    assert len(found) == {500: 146, 10_000: 244, 10_000_000: 351}.get(steps, len(found))
    if steps >= 500:
        assert gaps[-1] <= 0.12 * steps
    assert [cadence.due(step) for step in range(min(steps, 600))] == [s in found for s in range(min(steps, 600))]


def test_a_loop_whose_end_nobody_knows_is_asked_step_by_step():
    loop = Loop(1e-6, 1e-9).run(2000)
    last = Loop(1e-6, 1e-9, last=1999).run(2000)
    assert loop.steps == last.steps[:-1]
    assert last.steps[-1] == 1999


def test_quality_is_shared_by_the_records_around_it():
    """A dear measurement at every tenth record leaves no hole behind it, and no more is taken of the time."""
    loop = Loop(0.05, 0.1, quality=2.0, last=20_000).run(20_001)
    assert loop.judged == [*loop.steps[::10], *([20_000] if len(loop.steps) % 10 != 1 else [])]
    after = loop.trained[30]
    assert sum(loop.costs[31:-1]) <= 0.05 * (loop.whole - after) + 2.0
    waits = np.diff(loop.trained)[30:60]
    assert waits.max() < 1.2 * waits.min()


def test_quality_at_steps_that_are_given_comes_with_the_record_after_them():
    loop = Loop(0.01, 0.0, quality=0.001, quality_every=100, last=1000).run(1001)
    expected = {loop.steps[bisect_left(loop.steps, step)] for step in range(0, 1001, 100)}
    assert loop.judged == sorted(expected)


def test_a_run_that_is_gone_on_with_has_the_steps_it_had():
    whole = Loop(0.01, 0.05, last=4000).run(4001)
    known = [step for step in whole.steps if step <= 1500]
    again = Loop(0.01, 0.05, last=4000, recorded=known)
    assert again.cadence.count(1000) == sum(step <= 1000 for step in known)
    assert again.cadence.untold(len(known)) is None
    again.run(1001, 4001)  # from a checkpoint that is further back
    assert [step for step in again.steps if step <= known[-1]] == [step for step in known if step > 1000]
    found = again.cadence.untold(again.cadence.count(4000))
    assert found == [step for step in again.steps if step > known[-1]]
    assert found[-1] == 4000


def test_a_second_group_of_seeds_follows_the_first():
    loop = Loop(0.01, 0.05, last=3000).run(3001)
    loop.record, first = 0.2, list(loop.steps)
    loop.steps = []
    assert loop.run(3001).steps == first
    assert loop.cadence.count(3000) == len(first)


@pytest.mark.parametrize(("every", "last"), [(1, 5), (7, 30), (10, 30), (100, 7), (3, None)])
def test_every_so_many_steps_and_the_last(every, last):
    cadence = cadence_of(every, last)
    expected = sorted({*range(0, (last or 20) + 1, every), *([] if last is None else [last])})
    assert [step for step in range((last or 20) + 1) if cadence.due(step)] == expected
    assert [cadence.count(step) for step in expected] == list(range(1, len(expected) + 1))
    assert isinstance(cadence, Every)
    if last is not None:
        assert cadence.planned.tolist() == expected
        assert cadence.slot == len(expected)


def test_what_is_planned_is_never_told():
    assert cadence_of(3, 10).untold(2) is None
    assert cadence_of("auto", 10).planned is None


def test_distances_grow_in_proportion_to_the_step():
    """A film of a run is no film of its beginning: the second half of a run has records of its own."""
    for steps in (500, 10_000, 100_000):
        found = np.array(Loop(0.0, 0.0, last=steps).run(steps + 1).steps)
        assert sum(found > steps / 2) >= 14
        for a, b in pairwise(found[found > 60]):
            assert b - a <= max(3, 0.1 * a)
