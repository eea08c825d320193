"""A recording as TensorBoard's event files: its numbers as curves, its images in a grid.

Example:
    >>> from gandyn.adapters.tensorboard import export
    >>> export("runs/mine", "logs")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from gandyn.core.errors import UsageError
from gandyn.recording.store.recording import Recording, open_recording
from gandyn.recording.tiling import tiled

__all__ = ["export"]

_WRITERS = ("tensorboardX", "torch.utils.tensorboard")  # the lighter first
_GAP = 1


def export(recording: Recording | str | Path, logdir: str | Path) -> list[Path]:
    """Write a recording for TensorBoard, each seed as a run of its own; seconds since the start are not known to it.

    Numbers that are NaN, because they were not measured at that step, are left out; infinite ones are not.

    Args:
        recording: a recording or its folder.
        logdir: the folder TensorBoard is started on; runs are named `<name>` or, of several seeds, `<name>/seed_<k>`.

    Returns:
        The folders of the runs.

    Raises:
        RecordingError: it is no recording.
        UsageError: neither tensorboardX nor tensorboard is installed.
    """
    opened = recording if isinstance(recording, Recording) else open_recording(recording)
    make = _writer()
    seeds = [int(seed) for seed in opened.contents["seed"].values]
    runs = [Path(logdir) / opened.path.resolve().name / (f"seed_{seed}" if len(seeds) > 1 else "") for seed in seeds]
    for index, run in enumerate(runs):
        writer = make(str(run))
        try:
            _write(writer, opened, index)
        finally:
            writer.close()
    return runs


def _writer() -> Any:
    for name in _WRITERS:
        try:
            return importlib.import_module(name).SummaryWriter
        except ImportError:
            continue
    raise UsageError('gandyn.adapters.tensorboard needs tensorboardX: pip install "gandyn[tensorboard]"')


def _write(writer: Any, recording: Recording, index: int) -> None:
    """Write one seed."""
    dataset, steps = recording.contents, recording.steps().tolist()
    for name, array in dataset.data_vars.items():
        if array.dims == ("seed", "step"):
            values = np.asarray(recording.scalars(str(name)), dtype=np.float64)[index]
            for step, value in zip(steps, values.tolist(), strict=True):
                if not math.isnan(value):
                    writer.add_scalar(str(name), value, step)
    if "real_samples" in dataset:
        writer.add_image("real_samples", tiled(np.asarray(dataset["real_samples"].values), _GAP, 0), steps[0])
    if "samples" in dataset:
        for number, step in enumerate(steps):
            writer.add_image("samples", tiled(recording.field("samples", index, number), _GAP, 0), step)
