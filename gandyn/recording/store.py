"""Recordings on disk, read without torch: a zarr group, the resolved scenario, and a journal of what is committed."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.errors import RecordingError
from gandyn.recording.journal import Journal, read_journal

if TYPE_CHECKING:
    import xarray as xr

    from gandyn.objectives.base import Objective

__all__ = ["ARRAYS", "SCENARIO", "Recording", "open_recording"]

ARRAYS = "recording.zarr"
SCENARIO = "scenario.yaml"


class Recording:
    """A recording that was opened: everything committed so far, read lazily.

    Attributes:
        path: its folder.
        journal: what is committed, which seeds diverged, how long it took.

    Example:
        >>> recording = open_recording("runs/two_modes")  # doctest: +SKIP
        >>> recording.dataset.js.sel(seed=0).plot()  # doctest: +SKIP
    """

    def __init__(self, path: Path, journal: Journal) -> None:
        """Use `open_recording`."""
        self.path = path
        self.journal = journal
        self._chunks: OrderedDict[str, tuple[tuple[int, int], ndarray]] = OrderedDict()

    @cached_property
    def dataset(self) -> xr.Dataset:
        """The recording as a lazy `xarray.Dataset` with dimensions seed, step, x, ...; only committed steps.

        Raises:
            RecordingError: the arrays are missing or damaged.
        """
        import xarray as xr

        try:
            whole = xr.open_zarr(self.path / ARRAYS, consolidated=False, chunks=None)
            dataset = whole.isel(step=slice(0, self.journal.records))
            diverged = [self.journal.diverged.get(int(seed), -1) for seed in dataset.seed.values]
        except Exception as error:  # zarr and xarray raise whatever they meet in a damaged store
            raise self._damaged(error) from error
        dataset["diverged_step"] = ("seed", np.array(diverged, dtype=np.int64))
        dataset["diverged_step"].attrs["long_name"] = "step at which the loss stopped being finite; -1: never"
        if self.journal.seconds > 0:
            done = int(dataset.step[-1]) * dataset.sizes["seed"] if dataset.sizes["step"] else 0
            dataset.attrs["train_seconds"] = self.journal.seconds
            dataset.attrs["steps_per_second"] = done / self.journal.seconds
        return dataset

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The resolved scenario; empty if the recording was made from somebody's own loop."""
        import yaml

        file = self.path / SCENARIO
        return dict(yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.exists() else {}

    @cached_property
    def objective(self) -> Objective:
        """The objective, for what follows from it without being stored: the optimal discriminator, the JS bound."""
        from gandyn.catalog import create
        from gandyn.objectives.base import Objective

        return create(Objective, self.dataset.attrs["objective"])

    @property
    def diverged(self) -> dict[int, int]:
        """Seed -> step at which its loss stopped being finite."""
        return self.journal.diverged

    @property
    def complete(self) -> bool:
        """Whether training went to its end."""
        return self.journal.complete

    def steps(self) -> Int[ndarray, " step"]:
        """Return the recorded steps."""
        return np.asarray(self.dataset.step.values)

    @cached_property
    def _scalars(self) -> dict[str, ndarray]:
        return {}

    def scalars(self, name: str) -> Float[ndarray, "seed step ..."]:
        """Return a whole small variable, kept in memory after the first call."""
        if name not in self._scalars:
            self._scalars[name] = self._load(self.dataset[name])
        return self._scalars[name]

    def field(self, name: str, seed_index: int, step_index: int) -> Float[ndarray, " x"]:
        """Return one row of a field.

        One chunk of each variable stays decompressed, so stepping forward through a recording reads every chunk once
        and memory does not grow.
        """
        array = self.dataset[name]
        length = self._chunk_lengths(name)
        place = (seed_index // length[0], step_index // length[1])
        held = self._chunks.get(name)
        if held is None or held[0] != place:
            seeds = slice(place[0] * length[0], (place[0] + 1) * length[0])
            steps = slice(place[1] * length[1], (place[1] + 1) * length[1])
            held = (place, self._load(array.isel(seed=seeds, step=steps)))
            self._chunks[name] = held
        return np.asarray(held[1][seed_index % length[0], step_index % length[1]])

    def _chunk_lengths(self, name: str) -> tuple[int, int]:
        chunks = self.dataset[name].encoding.get("chunks") or self.dataset[name].shape
        return int(chunks[0]), int(chunks[1])

    def _load(self, array: xr.DataArray) -> ndarray:
        try:
            return np.asarray(array.values)
        except Exception as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> RecordingError:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        return RecordingError(f"{self.path} is damaged and cannot be read: {reason}")

    def __repr__(self) -> str:
        """Say what it is in one line."""
        sizes = self.dataset.sizes
        last = f"step {self.steps()[-1]}" if sizes["step"] else "no step yet"
        state = "complete" if self.complete else "unfinished"
        return f"<Recording {self.path} · {sizes['seed']} seed(s) · {sizes['step']} records to {last} · {state}>"


def open_recording(path: str | Path) -> Recording:
    """Open the folder of a recording, finished or not.

    Raises:
        RecordingError: it is missing, is no recording, holds no committed step, or its arrays are damaged.
    """
    folder = Path(path)
    if not folder.exists():
        raise RecordingError(f"there is no recording at {folder}")
    if not folder.is_dir():
        raise RecordingError(f"{folder} is a file; a recording is a folder")
    recording = Recording(folder, read_journal(folder))
    if recording.journal.records == 0:
        raise RecordingError(f"{folder} holds no committed step: training was stopped before its first commit")
    recording.dataset  # noqa: B018 - a damaged store should say so here, not in the middle of a picture
    return recording
