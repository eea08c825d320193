"""From a scenario to a recording: groups of seeds trained side by side, each watched by its recorder."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock, Timeout
from jaxtyping import Int
from numpy import ndarray

from gandyn.cores import one_core_each, workers
from gandyn.errors import RecordingError, RunError, UsageError
from gandyn.game import Game
from gandyn.recording.recorder import Recorder, chunk_length, recorded_variables
from gandyn.recording.scenes import Scene, scene_of
from gandyn.recording.scenes.base import Coord
from gandyn.recording.store import Recording, open_recording
from gandyn.recording.writer import Writer
from gandyn.scenario.schema import Scenario
from gandyn.training import Trainer

__all__ = ["Progress", "train"]

Progress = Callable[[int, int, str], None]

GROUP = (8, 32)
"""Fewest and most seeds in one batch on a CPU: below, calls cost more than arithmetic; above, nothing is won."""


def train(scenario: Scenario, out: Path, *, resume: bool = False, progress: Progress | None = None) -> Recording:
    """Train every seed of a scenario and record it.

    With glibc, the process keeps the memory it frees from then on (see `gandyn.cores`).

    Args:
        scenario: what to train.
        out: the recording's folder; a recording that is there is replaced, or continued if `resume`.
        resume: go on from the last checkpoints; the result equals the uninterrupted run bit for bit.
        progress: called a few times a second with (steps done, steps in all, note), steps summed over seeds.

    Raises:
        RecordingError: the folder cannot be written or continued, or another process is writing to it.
        RunError: training failed.
        UsageError: the device is not there, or the grid's given end lies beyond the other.
        KeyboardInterrupt: as it came, after everything trained so far was committed.
    """
    device = _device(scenario.train.device)
    game = Game(
        data=scenario.data,
        latent=scenario.latent,
        generator=scenario.generator,
        discriminator=scenario.discriminator,
        objective=scenario.objective,
        regularizers=scenario.regularizers,
    )
    scene = scene_of(scenario.data, scenario.latent, scenario.objective, scenario.record)
    with _alone(out), one_core_each():
        writer = Writer.reopen(out) if resume else _create(out, scenario, scene, device)
        trainers = []
        for index, (first, last) in enumerate(writer.groups):
            trainer = Trainer(
                game,
                scenario.dynamics,
                (scenario.optimizers.generator, scenario.optimizers.discriminator),
                scenario.train.seeds[first:last],
                scenario.train.batch_size,
                device,
            )
            state = writer.load_checkpoint(index) if resume else None
            if state is not None:
                trainer.restore(state)
            trainers.append(trainer)
        _run(writer, trainers, scene, scenario.train.steps, progress)
    return open_recording(out)


def _run(writer: Writer, trainers: Sequence[Trainer], scene: Scene, steps: int, progress: Progress | None) -> None:
    """Train all groups at once; whatever ends it, note how long it took and what was done in that time."""
    stop, began, before = threading.Event(), time.perf_counter(), sum(map(_trained, trainers))
    records = len(_recorded_steps(steps, scene.options.every))

    def train_group(index: int) -> None:
        recorder = Recorder(writer, index, scene, steps, trainers[index])
        try:
            trainers[index].run(steps, recorder, stop)
            recorder.close(trainers[index], records)
        except BaseException:
            stop.set()
            raise

    def report() -> None:
        if progress is not None:
            done = sum((steps if t.finished(steps) else t.step) * len(t.seeds) for t in trainers)
            progress(done, steps * sum(len(t.seeds) for t in trainers), "")

    with workers(os.cpu_count() or 1, "gandyn-train") as pool:
        futures = [pool.submit(train_group, index) for index in range(len(trainers))]
        try:
            while wait(futures, timeout=0.1, return_when=FIRST_EXCEPTION).not_done and not stop.is_set():
                report()
        finally:
            # Reached by Ctrl-C as well: every group then ends its step, commits and leaves a checkpoint.
            stop.set()
            wait(futures)
            errors = [error for future in futures if (error := future.exception()) is not None]
            complete = not errors and all(trainer.finished(steps) for trainer in trainers)
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


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep other processes from writing to the same recording."""
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out.parent / f".{out.name}.lock", timeout=0):
            yield
    except Timeout:
        raise RecordingError(f"{out} is being written by another process") from None


def _recorded_steps(steps: int, every: int) -> Int[ndarray, " record"]:
    """Return every `every`-th step from 0 on, and the last."""
    return np.unique(np.append(np.arange(0, steps + 1, every, dtype=np.int64), steps))


def _create(out: Path, scenario: Scenario, scene: Scene, device: torch.device) -> Writer:
    every, seeds = scenario.record.every, len(scenario.train.seeds)
    steps, groups = _recorded_steps(scenario.train.steps, every), _groups(seeds, device)
    return Writer.create(
        out,
        scenario=scenario.to_yaml(),
        attrs=_attributes(scenario),
        coords={**_time(scenario, steps), **scene.coords()},
        variables=recorded_variables(scene),
        groups=groups,
        records=len(steps),
        chunk=chunk_length(every, groups[0][1], len(scene.points) if scene.options.fields else 1),
        every=every,
        steps=scenario.train.steps,
    )


def _groups(seeds: int, device: torch.device) -> list[tuple[int, int]]:
    """Split the seed axis: a group for each core, within `GROUP`; a GPU takes all seeds at once."""
    size = seeds if device.type != "cpu" else int(np.clip(-(-seeds // (os.cpu_count() or 1)), *GROUP))
    return [(first, min(first + size, seeds)) for first in range(0, seeds, size)]


def _device(name: str) -> torch.device:
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("train.device is cuda, but torch sees no GPU here (use cpu or auto)")
    return torch.device("cuda" if name == "cuda" else "cpu")


def _attributes(scenario: Scenario) -> dict[str, Any]:
    generator, discriminator = scenario.optimizers.generator, scenario.optimizers.discriminator
    optimizers = {generator.label(): None, discriminator.label(): None}  # both, once each, in order
    return {
        "title": scenario.title,
        "caption": scenario.caption,
        "name": scenario.name,
        "objective": scenario.objective.model_dump(mode="json"),
        "objective_label": scenario.objective.label(),
        "optimizer_label": " / ".join(optimizers),
        "latent_label": scenario.latent.label(),
        "dynamics_label": scenario.dynamics.label(),
        "regularizer_label": ", ".join(regularizer.label() for regularizer in scenario.regularizers),
        "fingerprint": scenario.fingerprint(),
    }


def _time(scenario: Scenario, steps: Int[ndarray, " record"]) -> dict[str, Coord]:
    return {
        "seed": (("seed",), np.array(scenario.train.seeds, dtype=np.int64), {}),
        "step": (("step",), steps, {}),
    }
