"""From a scenario to a recording: groups of seeds trained side by side, each watched by its recorder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gandyn.app.hardware import at_once, device_of, groups_of, measuring_of, pool_of, precision_of, repeatable
from gandyn.core.errors import RunError
from gandyn.core.threads import one_core_each
from gandyn.recording.cadence import Cadence, cadence_of
from gandyn.recording.checkpoints import fitting
from gandyn.recording.commit_buffer import CommitBuffer, chunk_length, probed_variables, recorded_variables
from gandyn.recording.means import Means
from gandyn.recording.measuring import Measuring
from gandyn.recording.recorder import Recorder
from gandyn.recording.slices import Slices
from gandyn.recording.snapshots.trained import TrainedSnapshots
from gandyn.recording.spaces import Space
from gandyn.recording.spaces.base import Coord
from gandyn.recording.spaces.law import DistributionSpace
from gandyn.recording.spaces.sampled import SampledSpace
from gandyn.recording.store.recording import SUB_STEPS, Recording, open_recording, sub_steps_folder
from gandyn.recording.store.writer import Writer
from gandyn.recording.sub_steps import SubStepRecorder, sub_step_coords, sub_step_count
from gandyn.scenario.beginnings import beginnings
from gandyn.scenario.schema import Scenario
from gandyn.training import distributed
from gandyn.training.trainer import Trainer

__all__ = ["Progress", "dismiss", "follow", "train"]

Progress = Callable[[int, int, str], None]


def train(
    scenario: Scenario,
    out: Path,
    *,
    resume: bool = False,
    progress: Progress | None = None,
    warnings: Sequence[str] = (),
) -> Recording:
    """Train every seed of a scenario and record it.

    Whoever calls is alone in the folder (see `gandyn.core.replacing`).

    With glibc, the process keeps the memory it frees from then on (see `gandyn.core.threads`).

    Args:
        scenario: what to train.
        out: the recording's folder; a recording that is there is replaced, or continued if `resume`.
        resume: go on from the last checkpoints; the result equals the uninterrupted run bit for bit.
        progress: called a few times a second with (steps done, steps in all, note), steps summed over seeds.
        warnings: what is known to go wrong with these settings, kept in the recording.

    Raises:
        RecordingError: the folder cannot be written or continued.
        RunError: training failed.
        UsageError: the device is not there, or the grid's given end lies beyond the other.
        KeyboardInterrupt: as it came, after everything trained so far was committed.
    """
    device, threads = device_of(scenario), torch.get_num_threads()
    with one_core_each(), repeatable(device):
        space = _space(scenario)
        writer = Writer.reopen(out) if resume else _create(out, scenario, space, device, warnings)
        updates, cadence = _updates(out, writer, resume), _cadence(scenario, writer.recorded)
        with _joined(scenario, device), measuring_of(len(writer.groups), device) as beside:
            distributed.tell(True)
            trainers, observers = [], []
            for index, (first, last) in enumerate(writer.groups):
                state = writer.load_checkpoint(index) if resume else None
                trainer = _trainer(scenario, scenario.train.seeds[first:last], device)
                if state is not None:
                    with fitting(out, index):
                        trainer.restore(state)
                trainer.share()
                trainers.append(trainer)
                observers.append(_recorder(writer, updates, index, space, scenario, cadence, trainer, state, beside))
            if beside is not None:
                beside.start()
            _run(writer, trainers, observers, cadence, pool_of(scenario, threads), scenario, progress)
            if updates is not None:
                updates.finish(0.0, 0, complete=all(trainer.finished(scenario.train.steps) for trainer in trainers))
    return open_recording(out)


def follow(scenario: Scenario) -> None:
    """Train beside the process that leads and records, until it has done or is stopped (`gandyn.training.distributed`).

    Raises:
        RunError: the process that leads has ended before its time.
    """
    device, stop = device_of(scenario), threading.Event()
    with repeatable(device), _joined(scenario, device), pool_of(scenario, torch.get_num_threads()) as pool:
        if distributed.world() == 1 or not distributed.told():
            return
        seeds = [scenario.train.seeds[first:last] for first, last in groups_of(scenario, device)]
        trainers = [_trainer(scenario, part, device) for part in seeds]
        for trainer in trainers:
            trainer.share()
        futures = [pool.submit(trainer.begin, _Nobody()) for trainer in trainers]
        futures += [pool.submit(trainer.run, scenario.train.steps, _Nobody(), stop) for trainer in trainers]
        with suppress(KeyboardInterrupt):  # as it comes to all of them, the one that leads tells of it
            while not any(future.done() and future.exception() for future in futures):
                if not wait(futures, timeout=0.1).not_done:
                    break
        stop.set()
        for error in filter(None, [future.exception() for future in futures]):
            if isinstance(error, RuntimeError) and not isinstance(error, torch.cuda.OutOfMemoryError):
                raise RunError("the process that leads this one has ended before its time") from error
            raise error


def dismiss(scenario: Scenario) -> None:
    """Let those that follow go, if nothing was there to be trained."""
    if not distributed.expected():
        return
    device = device_of(scenario)
    with _joined(scenario, device):
        distributed.tell(False)


@contextmanager
def _joined(scenario: Scenario, device: torch.device) -> Iterator[None]:
    """Join the processes that train the scenario together; toys are trained by one."""
    if not scenario.data.finite:
        yield
        return
    with distributed.joined(device):
        yield


class _Nobody:
    """An observer that is not there."""

    def observe(self, trainer: Trainer) -> None:
        """Look away."""


def _space(scenario: Scenario) -> Space:
    """Return the space that is recorded, in a window that shows where untrained generators begin.

    A seed alone, among others, and in a run that is resumed has the same window.
    """
    space, begun = scenario.space(), beginnings(scenario)
    return space.showing(begun) if isinstance(space, DistributionSpace) and begun is not None else space


def _trainer(scenario: Scenario, seeds: Sequence[int], device: torch.device) -> Trainer:
    return Trainer(
        scenario.played,
        scenario.data.standard,
        scenario.dynamics,
        scenario.optimizers.by_player(),
        seeds,
        scenario.train.batch_size,
        device,
        precision_of(scenario.train.precision, device),
        scenario.train.average,
    )


def _recorder(
    writer: Writer,
    updates: Writer | None,
    index: int,
    space: Space,
    scenario: Scenario,
    cadence: Cadence,
    trainer: Trainer,
    state: Mapping[str, Tensor] | None,
    beside: Measuring | None,
) -> Recorder:
    buffer = CommitBuffer.of(writer, index, trainer, cadence)
    if isinstance(space, SampledSpace):
        return Recorder(buffer, cadence, TrainedSnapshots(space, buffer, cadence), Means(state))
    assert isinstance(space, DistributionSpace)
    between = None if updates is None else SubStepRecorder(updates, index, space, _update_count(scenario), trainer)
    return Recorder(buffer, cadence, Slices(space, buffer, trainer, _numbers(scenario), beside), sub_steps=between)


def _numbers(scenario: Scenario) -> list[str]:
    """Return the names of what training itself says at each step."""
    game = scenario.played
    return [*game.losses(), *(f"{player}_gradient_norm" for player in game.players)]


def _updates(folder: Path, writer: Writer, resume: bool) -> Writer | None:
    """Return what single updates are written to, if they are recorded."""
    inner = sub_steps_folder(folder, writer.attrs)
    return None if inner is None else Writer.reopen(inner) if resume else Writer(inner)


def _update_count(scenario: Scenario) -> int:
    return sub_step_count(scenario.dynamics, scenario.played.players, scenario.record.sub_steps, scenario.train.steps)


def _run(
    writer: Writer,
    trainers: Sequence[Trainer],
    recorders: Sequence[Recorder],
    cadence: Cadence,
    pool: ThreadPoolExecutor,
    scenario: Scenario,
    progress: Progress | None,
) -> None:
    """Train all groups; whatever ends it, note how long it took and what was done in that time.

    A recording has the records that all its groups have: where some would wait, each commits its first before any goes
    on. Where all train at once they do so soon enough, and a commit more would cost a tenth of a short run.
    """
    stop, began, before = threading.Event(), time.perf_counter(), sum(map(_trained, trainers))
    steps, closed = scenario.train.steps, [0] * len(trainers)

    def close(index: int) -> None:
        closed[index] = cadence.count(steps)
        recorders[index].close(trainers[index], closed[index])

    def begin(index: int) -> None:
        if trainers[index].step == 0:
            trainers[index].begin(recorders[index])
            close(index)

    def go_on(index: int) -> None:
        for one in begun:  # they were submitted before, so each is done or in another thread
            one.result()
        trainers[index].run(steps, recorders[index], stop)
        close(index)

    def or_stop(work: Callable[[int], None], index: int) -> None:
        try:
            work(index)
        except BaseException:
            stop.set()
            raise

    def report() -> None:
        if progress is not None:
            done = sum((steps if t.finished(steps) else t.step) * len(t.seeds) for t in trainers)
            progress(done, steps * sum(len(t.seeds) for t in trainers), "")

    with pool:
        groups = range(len(trainers))
        begun = [pool.submit(or_stop, begin, index) for index in groups if len(groups) > at_once(scenario)]
        futures = [*begun, *(pool.submit(or_stop, go_on, index) for index in groups)]
        try:
            while wait(futures, timeout=0.1, return_when=FIRST_EXCEPTION).not_done and not stop.is_set():
                report()
        finally:
            # Reached by Ctrl-C as well: every group then ends its step, commits and leaves a checkpoint.
            stop.set()
            wait(futures)
            errors = [error for future in futures if (error := future.exception()) is not None]
            complete = not errors and all(trainer.finished(steps) for trainer in trainers)
            # Where nobody knew how many records there would be, a group that diverged has those of the others as well.
            for index in [i for i, known in enumerate(closed) if complete and known < cadence.count(steps)]:
                close(index)
            with suppress(OSError):  # where the disk is full there are errors enough to tell
                writer.finish(time.perf_counter() - began, sum(map(_trained, trainers)) - before, complete)
    report()
    if errors and isinstance(errors[0], (torch.cuda.OutOfMemoryError, MemoryError)):
        raise RunError("out of memory: lower train.batch_size, the seeds, or record.grid.cells") from errors[0]
    if errors:
        raise errors[0]


def _trained(trainer: Trainer) -> int:
    """Return the steps made so far, summed over seeds; a diverged seed makes none."""
    return sum(trainer.diverged.get(seed, trainer.step) for seed in trainer.seeds)


def _cadence(scenario: Scenario, recorded: Sequence[int] = ()) -> Cadence:
    """Return which steps of a run are recorded, of which some are already."""
    return cadence_of(scenario.record.every, scenario.train.steps, scenario.record.quality_every, recorded)


def _create(out: Path, scenario: Scenario, space: Space, device: torch.device, warnings: Sequence[str]) -> Writer:
    cadence, groups = _cadence(scenario), groups_of(scenario, device)
    planned: dict[str, Coord] = {} if cadence.planned is None else {"step": (("step",), cadence.planned, {})}
    attrs, cells = _attributes(scenario, warnings), _cells(space) if space.options.fields else 1
    count = _update_count(scenario)

    def create_updates(folder: Path) -> None:
        Writer.create(
            folder / SUB_STEPS,
            scenario=None,
            attrs=attrs,
            coords={
                **_seeds(scenario),
                **sub_step_coords(scenario.dynamics, scenario.played.players, count),
                **space.coords,
            },
            variables=probed_variables(space),
            groups=groups,
            records=count + 1,
            chunk=chunk_length(512, groups[0][1], cells),
            every=1,
            steps=count,
        )

    return Writer.create(
        out,
        scenario=scenario.to_yaml(),
        attrs={**attrs, SUB_STEPS: scenario.record.sub_steps} if count else attrs,
        coords={**_seeds(scenario), **planned, **space.coords},
        variables=recorded_variables(space, scenario.played, averaged=scenario.data.finite),
        groups=groups,
        records=cadence.slot,
        chunk=chunk_length(cadence.chunk, groups[0][1], cells),
        every=cadence.least,
        steps=scenario.train.steps,
        also=create_updates if count else None,
    )


def _cells(space: Space) -> int:
    """Return what a record holds, in cells of the grid; eight bytes of images weigh as much as one."""
    images = space.pictures * int(np.prod(space.event)) // 8 if isinstance(space, SampledSpace) else 0
    return len(space.points) + images


def _attributes(scenario: Scenario, warnings: Sequence[str]) -> dict[str, Any]:
    optimizers = dict.fromkeys(one.label() for one in scenario.optimizers.by_player().values())  # once each, in order
    return {
        "title": scenario.title,
        "caption": scenario.caption,
        "axis_labels": list(scenario.data.axis_labels),
        "warnings": list(warnings),
        "name": scenario.name,
        "game": scenario.played.label(),
        **scenario.played.about(),
        "optimizer_label": " / ".join(optimizers),
        "dynamics_label": scenario.dynamics.label(),
        "fingerprint": scenario.fingerprint(),
    }


def _seeds(scenario: Scenario) -> dict[str, Coord]:
    return {"seed": (("seed",), np.array(scenario.train.seeds, dtype=np.int64), {})}
