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
from gandyn.recording.journal import NAME, Journal, read_journal
from gandyn.replacing import restored

if TYPE_CHECKING:
    import xarray as xr

    from gandyn.objectives.base import Objective

__all__ = ["ARRAYS", "CHECKPOINTS", "PARTS", "SCENARIO", "Recording", "open_recording"]

ARRAYS = "recording.zarr"
SCENARIO = "scenario.yaml"
CHECKPOINTS = "checkpoints"
PARTS = (ARRAYS, SCENARIO, CHECKPOINTS, NAME)
"""All that a recording's folder holds."""

# Enough for one chunk of every field of every group of 64 seeds.
_CACHE_BYTES = 1 << 27


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
        self._chunks: OrderedDict[tuple[str, int, int], ndarray] = OrderedDict()
        self._scalars: dict[str, ndarray] = {}

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
            if self.journal.recorded:
                dataset = dataset.assign_coords(step=self.journal.recorded)
            diverged = [self.journal.diverged.get(int(seed), -1) for seed in dataset.seed.values]
        except Exception as error:  # zarr and xarray raise whatever they meet in a damaged store
            raise self._damaged(error) from error
        missing = [name for name in self.journal.variables if name not in dataset]
        if missing:
            raise RecordingError(f"{self.path} is damaged and cannot be read: it has no {', '.join(missing)}")
        if "class" in dataset.coords:  # names are attributes on disk, where text has no settled form
            dataset = dataset.assign_coords({"class": ("class", dataset["class"].attrs["names"])})
        dataset["diverged_step"] = ("seed", np.array(diverged, dtype=np.int64))
        dataset["diverged_step"].attrs["long_name"] = "step at which the loss stopped being finite; -1: never"
        if self.journal.seconds > 0:
            dataset.attrs["train_seconds"] = self.journal.seconds
            dataset.attrs["steps_per_second"] = self.journal.trained / self.journal.seconds
        return dataset

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The resolved scenario; empty if the recording was made from somebody's own loop.

        Raises:
            RecordingError: its file is damaged.
        """
        import yaml

        file = self.path / SCENARIO
        if not file.exists():
            return {}
        try:
            return dict(yaml.safe_load(file.read_text(encoding="utf-8")))
        except (OSError, TypeError, ValueError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())[:200]
            raise RecordingError(f"{file} is damaged and cannot be read: {reason}") from None

    @cached_property
    def objective(self) -> Objective | None:
        """The objective, for what follows from it without being stored: the optimal discriminator, the JS bound.

        None in the recording of somebody's own loop that named none.
        """
        from gandyn.catalog import create
        from gandyn.objectives.base import Objective

        named = self.dataset.attrs.get("objective")
        return None if named is None else create(Objective, named)

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

    def scalars(self, name: str) -> Float[ndarray, "seed step ..."]:
        """Return a whole small variable, kept in memory after the first call."""
        if name not in self._scalars:
            self._scalars[name] = self._load(self.dataset[name])
        return self._scalars[name]

    def field(self, name: str, seed_index: int, step_index: int) -> Float[ndarray, " x"]:
        """Return one row of a field.

        The chunks last read stay decompressed, so stepping forward through a recording reads every chunk once and
        memory does not grow.
        """
        length = self._chunk_lengths(name)
        place = (name, seed_index // length[0], step_index // length[1])
        if place not in self._chunks:
            seeds = slice(place[1] * length[0], (place[1] + 1) * length[0])
            steps = slice(place[2] * length[1], (place[2] + 1) * length[1])
            self._chunks[place] = self._load(self.dataset[name].isel(seed=seeds, step=steps))
            while len(self._chunks) > 1 and sum(chunk.nbytes for chunk in self._chunks.values()) > _CACHE_BYTES:
                self._chunks.popitem(last=False)
        self._chunks.move_to_end(place)
        return np.asarray(self._chunks[place][seed_index % length[0], step_index % length[1]])

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

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from gandyn.recording.notebook import card

        return card(self)


def open_recording(path: str | Path) -> Recording:
    """Open the folder of a recording, finished or not.

    Raises:
        RecordingError: it is missing, is no recording, holds no committed step, or its arrays are damaged.
    """
    folder = Path(path)
    restored(folder)
    if not folder.exists():
        raise RecordingError(f"there is no recording at {folder}")
    if not folder.is_dir():
        raise RecordingError(f"{folder} is a file; a recording is a folder")
    recording = Recording(folder, read_journal(folder))
    if recording.journal.records == 0:
        raise RecordingError(f"{folder} holds no committed step: training was stopped before its first commit")
    recording.dataset  # noqa: B018 - a damaged store should say so here, not in the middle of a picture
    return recording
