"""From a scenario to a recording: groups of seeds trained side by side, each watched by its recorder."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, wait
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gandyn.cores import one_core_each, workers
from gandyn.errors import RunError, UsageError
from gandyn.game import Game
from gandyn.recording.recorder import Recorder, chunk_length, recorded_variables
from gandyn.recording.scene import Scene
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

    Args:
        scenario: what to train.
        out: the recording's folder; a recording that is there is replaced, or continued if `resume`.
        resume: go on from the last checkpoints; the result equals the uninterrupted run bit for bit.
        progress: called a few times a second with (steps done, steps in all, note), steps summed over seeds.

    Raises:
        RecordingError: the folder cannot be written or continued.
        RunError: training failed.
        UsageError: the device is not there.
        KeyboardInterrupt: as it came, after everything trained so far was committed.
    """
    device = _device(scenario.train.device)
    options, seeds = scenario.train, scenario.train.seeds
    game = Game(
        data=scenario.data,
        latent=scenario.latent,
        generator=scenario.generator,
        discriminator=scenario.discriminator,
        objective=scenario.objective,
        regularizers=scenario.regularizers,
    )
    scene = Scene(scenario.data, scenario.latent, scenario.objective, scenario.record)
    records = options.steps // scenario.record.every + 1
    if resume:
        writer = Writer.reopen(out)
    else:
        writer = Writer.create(
            out,
            scenario=scenario.to_yaml(),
            attrs=_attributes(scenario),
            coords=_coordinates(scenario, scene, records),
            variables=recorded_variables(scene),
            groups=_groups(len(seeds), device),
            records=records,
            chunk=chunk_length(scenario.record.every),
            every=scenario.record.every,
            steps=options.steps,
        )
    with one_core_each():
        trainers = []
        for index, (first, last) in enumerate(writer.groups):
            trainer = Trainer(
                game,
                scenario.dynamics,
                (scenario.optimizers.generator, scenario.optimizers.discriminator),
                seeds[first:last],
                options.batch_size,
                device,
            )
            state = writer.load_checkpoint(index) if resume else None
            if state is not None:
                trainer.restore(state)
            trainers.append(trainer)
        _run(writer, trainers, scene, scenario, records, progress)
    return open_recording(out)


def _run(
    writer: Writer,
    trainers: list[Trainer],
    scene: Scene,
    scenario: Scenario,
    records: int,
    progress: Progress | None,
) -> None:
    stop, steps, began = threading.Event(), scenario.train.steps, time.perf_counter()

    def train_group(index: int) -> None:
        trainer = trainers[index]
        recorder = Recorder(writer, index, scene, scenario.record.every, trainer)
        try:
            trainer.run(steps, recorder, stop)
            recorder.close(trainer, records)
        except BaseException:
            stop.set()
            raise

    def report() -> None:
        if progress is not None:
            done = sum((steps if len(t.diverged) == len(t.seeds) else t.step) * len(t.seeds) for t in trainers)
            progress(done, steps * sum(len(t.seeds) for t in trainers), "")

    with workers(os.cpu_count() or 1, "gandyn-train") as pool:
        futures = [pool.submit(train_group, index) for index in range(len(trainers))]
        try:
            while wait(futures, timeout=0.1, return_when=FIRST_EXCEPTION).not_done and not stop.is_set():
                report()
        finally:
            # Reached by Ctrl-C as well: every group then ends its step, commits and leaves a checkpoint.
            stop.set() if any(not future.done() for future in futures) else None
            wait(futures)
    report()
    for future in futures:
        error = future.exception()
        if isinstance(error, (torch.cuda.OutOfMemoryError, MemoryError)):
            raise RunError(
                "out of memory: lower train.batch_size, the number of seeds, or record.grid.cells"
            ) from error
        if error is not None:
            raise error
    writer.finish(
        time.perf_counter() - began, all(t.step >= steps or len(t.diverged) == len(t.seeds) for t in trainers)
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


def _coordinates(
    scenario: Scenario, scene: Scene, records: int
) -> dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, Any]]]:
    grid = scene.grid
    density = scene.data_masses.total / grid.width
    coords: dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, Any]]] = {
        "seed": (("seed",), np.array(scenario.train.seeds, dtype=np.int64), {}),
        "step": (("step",), np.arange(records, dtype=np.int64) * scenario.record.every, {}),
        "x": (("x",), grid.centres, {"long_name": "cell centres", "low": grid.low, "high": grid.high}),
        "side": (("side",), np.array([0, 1]), {"long_name": "below and above the grid"}),
        "data_density": (("x",), density.astype(np.float32), {"long_name": "data density p_data", "units": "1 / x"}),
    }
    if scene.arrows is not None and scene.latent_density is not None:
        coords["z"] = (("z",), scene.arrows, {"long_name": "latent positions of the arrows"})
        coords["latent_density"] = (("z",), scene.latent_density.astype(np.float32), {"units": "1 / z"})
    if len(scene.modes.points):
        coords["mode"] = (("mode",), scene.modes.points[:, 0], {"long_name": "positions of the data's modes"})
        coords["mode_std"] = (("mode",), scene.modes.stds, {"units": "x"})
    return coords
