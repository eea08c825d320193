"""Recordings on disk, read without torch: a zarr group, the resolved scenario, and a journal of what is committed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.core.errors import DamageError, RecordingError
from gandyn.core.messages import shortened, shown
from gandyn.core.replacing import restored
from gandyn.recording.checkpoints import CHECKPOINTS
from gandyn.recording.store.chunks import ChunkStore
from gandyn.recording.store.contents import Contents, contents_of
from gandyn.recording.store.journal import NAME, fail, read_journal
from gandyn.recording.store.metadata import ARRAYS, read_metadata
from gandyn.recording.store.scenario_file import SCENARIO, read_scenario

if TYPE_CHECKING:
    import xarray as xr

    from gandyn.objectives.base import Objective

__all__ = [
    "ARRAYS",
    "CHECKPOINTS",
    "PARTS",
    "SUB_STEPS",
    "Recording",
    "folder_of",
    "open_recording",
    "sub_steps_folder",
]

SUB_STEPS = "sub_steps"
"""The folder with the recording of single updates in that of the steps; also the attribute that says of how many."""

PARTS = (ARRAYS, SCENARIO, CHECKPOINTS, NAME, SUB_STEPS)
"""All that a recording's folder holds."""


class Recording:
    """A recording that was opened: everything committed so far, read lazily.

    Attributes:
        path: its folder.
        journal: what is committed, which seeds diverged, how long it took.
        damage: what was left out because it is damaged; empty unless that was asked for.

    Example:
        >>> recording = open_recording("runs/two_modes")  # doctest: +SKIP
        >>> recording.dataset.js.sel(seed=0).plot()  # doctest: +SKIP
    """

    def __init__(self, path: Path, *, salvage: bool = False) -> None:
        """Use `open_recording`."""
        self.path, self._salvage = path, salvage
        self.damage: list[DamageError] = []
        report = self.damage.append if salvage else fail
        self.journal = read_journal(path, report)
        if self.journal.records == 0:
            raise RecordingError(f"{path} holds no committed step: training was stopped before its first commit")
        self._attrs, arrays = read_metadata(path, self.journal, report)
        self._store = ChunkStore(path, self.journal, arrays)
        if salvage:
            self._store.read_all(report)
        else:
            self._store.check_present()
        self._check_whole()
        self._scalars: dict[str, ndarray] = {}

    def _check_whole(self) -> None:
        """Refuse a recording without what gives all the rest its place: the values along the dimensions.

        Raises:
            RecordingError: it lacks one of these.
        """
        arrays = self._store.arrays
        needed = {"seed", "step", "data_density"} | {dim for array in arrays.values() for dim in array.dims}
        for damage in self.damage:
            if damage.lost in needed - arrays.keys():
                raise damage
        if not any(array.stepped for array in arrays.values()):
            raise self.damage[0] if self.damage else RecordingError(f"{self.path} holds nothing but its seeds")
        for name in ("seed", "step"):
            lacks = name not in arrays and not (name == "step" and self.journal.recorded)
            if lacks or (name in arrays and (arrays[name].dims, arrays[name].dtype) != ((name,), "int64")):
                raise RecordingError(f"{self.path / ARRAYS} is damaged: it does not say of which {name}s it is")

    @cached_property
    def contents(self) -> Contents:
        """What is in it: arrays with dimensions seed, step, x, ... by name, each read when asked for; committed steps.

        Raises:
            RecordingError: the arrays are damaged.
        """
        try:
            return contents_of(self._store, self._attrs, self.journal, self._kept())
        except RecordingError:
            raise
        except Exception as error:  # whatever comes of what was made to harm
            raise self._damaged(error) from error

    @cached_property
    def dataset(self) -> xr.Dataset:
        """The same as a lazy `xarray.Dataset`; attributes with a structure are JSON text, so `to_netcdf` takes it.

        Raises:
            RecordingError: the arrays are damaged.
        """
        from gandyn.recording.store.dataset import as_dataset

        return as_dataset(self.contents)

    def retitle(self, **attrs: Any) -> None:
        """Take other titles, captions and labels than were recorded, without a change on disk."""
        self.contents.attrs.update(attrs)
        self.__dict__.pop("dataset", None)

    def _kept(self) -> Int[ndarray, " record"]:
        """Return the records that are shown although there is damage: lost numbers are NaN, of images there is no NaN.

        Raises:
            RecordingError: none is left.
        """
        kept = np.ones(self.journal.records, dtype=bool)
        for name, place in self._store.lost:
            array = self._store.arrays[name]
            if array.stepped and not array.dtype.startswith("float"):
                kept[self._store.records(name, place)] = False
        if self.journal.recorded:
            kept &= np.array(self.journal.recorded[: len(kept)]) >= 0
        if not kept.any():
            raise RecordingError(f"{self.path} is damaged, and no step of it is left: {self.damage[0]}")
        return np.flatnonzero(kept)

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The resolved scenario; empty if the recording was made from somebody's own loop.

        Raises:
            DamageError: its file is damaged, and that was not to be left out.
        """
        try:
            return read_scenario(self.path) if self.journal.scenario else {}
        except DamageError as damage:
            if not self._salvage:
                raise
            self.damage.append(damage)
            return {}

    @cached_property
    def objective(self) -> Objective | None:
        """The objective, for what follows from it without being stored: the optimal discriminator, the JS bound.

        None in the recording of somebody's own loop that named none.
        """
        from gandyn.core.catalog import create
        from gandyn.objectives.base import Objective

        named = self.contents.attrs.get("objective")
        return None if named is None else create(Objective, named)

    @cached_property
    def sub_steps(self) -> Recording | None:
        """The recording of every single update within the first steps; None where these were not recorded.

        Its `step` counts updates, from the state before the first on; `training_step` says which step of training each
        belongs to, and `moved` who moved in it, as a number of the names in its attributes.

        Raises:
            DamageError: they were recorded, and are missing or damaged.
        """
        folder = sub_steps_folder(self.path, self.contents.attrs)
        if folder is None:
            return None
        found = Recording(folder, salvage=self._salvage)
        self.damage += found.damage
        return found

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
        return self.contents["step"].values

    def scalars(self, name: str) -> Float[ndarray, "seed step ..."]:
        """Return a whole small variable, kept in memory after the first call."""
        if name not in self._scalars:
            self._scalars[name] = self.contents[name].values
        return self._scalars[name]

    def field(self, name: str, seed_index: int, step_index: int) -> Float[ndarray, " x"]:
        """Return one row of a field."""
        array = self.contents[name]
        return array.read((seed_index, step_index, *(slice(None),) * (len(array.shape) - 2)))

    def _damaged(self, error: Exception) -> RecordingError:
        return RecordingError(f"{self.path} is damaged and cannot be read: {shortened(error) or type(error).__name__}")

    def __repr__(self) -> str:
        """Say what it is in one line."""
        sizes = self.contents.sizes
        last = f"step {self.steps()[-1]}" if sizes["step"] else "no step yet"
        state = "complete" if self.complete else "unfinished"
        return f"<Recording {self.path} · {sizes['seed']} seed(s) · {sizes['step']} records to {last} · {state}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from gandyn.recording.html_repr import card

        return card(self)


def sub_steps_folder(folder: Path, attrs: Mapping[str, Any]) -> Path | None:
    """Return where the updates of a recording with these attributes lie; None where they were not recorded.

    Raises:
        DamageError: they were, and are not there.
    """
    if not attrs.get(SUB_STEPS):
        return None
    found, lost = folder / SUB_STEPS, f"every update within the first {shown(attrs[SUB_STEPS])} steps"
    if found.is_symlink():
        raise DamageError(found, "it is a link, which may lead out of the recording", lost)
    if not (found / NAME).exists():
        raise DamageError(found, "it is missing", lost)
    return found


def open_recording(path: str | Path, *, salvage: bool = False) -> Recording:
    """Open the folder of a recording, finished or not.

    Args:
        path: the folder.
        salvage: leave out what is damaged, rather than refuse it: lost numbers are NaN, steps with lost images are
            missing. `damage` of what is returned names it. All of it is read for that.

    Raises:
        RecordingError: it is missing, is no recording, or holds no committed step.
        DamageError: it is damaged.
    """
    return Recording(folder_of(path), salvage=salvage)


def folder_of(path: str | Path) -> Path:
    """Return the folder of a recording.

    Raises:
        RecordingError: there is none.
    """
    folder = Path(path)
    restored(folder)
    if not folder.exists():
        raise RecordingError(f"there is no recording at {folder}")
    if not folder.is_dir():
        raise RecordingError(f"{folder} is a file; a recording is a folder")
    return folder
