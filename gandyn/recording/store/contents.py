"""What is in a recording: its arrays by name, each read when its values are asked for.

It has of an `xarray.Dataset` what drawing and telling need, and takes no time to import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from gandyn.core.messages import listed
from gandyn.recording.store.chunks import ChunkStore, Inner
from gandyn.recording.store.journal import Journal
from gandyn.recording.store.metadata import ArrayMetadata

__all__ = ["DIVERGED_STEP", "SCALARS", "Contents", "Indexer", "StoredArray", "contents_of"]

DIVERGED_STEP = ("diverged_step", "step at which the loss stopped being finite; -1: never")
"""Name of what is known of each seed when a recording is opened, and what it is."""

Indexer = tuple[int | slice | ndarray, ...]
"""A number, a range, or a list of places along each dimension, independent of each other."""

SCALARS = "scalars"
"""The array that holds all numbers of a record that were known from the start, and its attribute that names them."""


class StoredArray:
    """One array of a recording.

    Attributes:
        dims: the names of its dimensions.
        shape: their lengths; of the steps, those that are committed.
        dtype: the type of its values.
        attrs: what a reader should know: long_name, units, method.
    """

    def __init__(
        self,
        dims: tuple[str, ...],
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        attrs: dict[str, Any],
        read: Callable[[Indexer], ndarray],
    ) -> None:
        """Describe an array; `read` returns a part of it."""
        self.dims, self.shape, self.dtype, self.attrs, self.read = dims, shape, dtype, attrs, read

    @classmethod
    def of(cls, dims: tuple[str, ...], values: ndarray, attrs: dict[str, Any]) -> StoredArray:
        """Return an array whose values are known."""
        return cls(dims, values.shape, values.dtype, attrs, partial(_part, values))

    @property
    def values(self) -> ndarray:
        """All of it, in memory.

        Raises:
            DamageError: it cannot be read.
        """
        return self.read((slice(None),) * len(self.shape))

    @property
    def sizes(self) -> dict[str, int]:
        """Its lengths by dimension."""
        return dict(zip(self.dims, self.shape, strict=True))

    @property
    def size(self) -> int:
        """The number of its values."""
        return int(np.prod(self.shape))


class Contents(Mapping[str, StoredArray]):
    """The arrays of a recording by name, and its attributes.

    Attributes:
        attrs: title, setup and the like.
    """

    def __init__(self, arrays: Mapping[str, StoredArray], attrs: Mapping[str, Any]) -> None:
        self._arrays, self.attrs = dict(arrays), dict(attrs)

    def __getitem__(self, name: str) -> StoredArray:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The length of every dimension."""
        return {dim: size for array in self.values() for dim, size in array.sizes.items()}

    @cached_property
    def coords(self) -> dict[str, StoredArray]:
        """The places along each dimension that has names or numbers for them."""
        return {name: array for name, array in self.items() if array.dims == (name,)}

    @cached_property
    def data_vars(self) -> dict[str, StoredArray]:
        """All the others."""
        return {name: array for name, array in self.items() if name not in self.coords}


def contents_of(
    store: ChunkStore, attrs: Mapping[str, Any], journal: Journal, kept: Int[ndarray, " record"]
) -> Contents:
    """Return what is in a recording.

    Args:
        store: its arrays on disk.
        attrs: its attributes.
        journal: what is committed.
        kept: the records that are shown.
    """
    found: dict[str, StoredArray] = {}
    for name, array in store.arrays.items():
        more = _stepped(store, name, kept) if array.stepped else {name: _constant(store, name)}
        if found.keys() & more.keys():
            raise ValueError(f"{listed(sorted(found.keys() & more.keys()))} would be there twice")
        found.update(more)
    if journal.recorded:
        found["step"] = StoredArray.of(("step",), np.array(journal.recorded, dtype=np.int64)[kept], {})
    else:
        found["step"] = StoredArray.of(("step",), found["step"].values[kept], found["step"].attrs)
    if "class" in found:  # names are attributes on disk, where text has no settled form
        attrs_of = found["class"].attrs
        found["class"] = StoredArray.of(("class",), np.array([str(name) for name in attrs_of["names"]]), attrs_of)
    diverged = [journal.diverged.get(int(seed), -1) for seed in found["seed"].values]
    name, about = DIVERGED_STEP
    found[name] = StoredArray.of(("seed",), np.array(diverged, dtype=np.int64), {"long_name": about})
    speed = {}
    if journal.seconds > 0:
        speed = {"train_seconds": journal.seconds, "steps_per_second": journal.trained / journal.seconds}
    return Contents(found, {**attrs, **speed})


def _split(name: str, array: ArrayMetadata) -> Mapping[str, tuple[Inner, dict[str, Any]]]:
    """Return what an array on disk holds: by name, its place in each record and its attributes."""
    if name != SCALARS:
        return {name: ((), dict(array.attrs))}
    held = {one: ((place,), dict(about)) for place, (one, about) in enumerate(array.attrs[SCALARS])}
    if len(held) != array.shape[2]:
        raise ValueError("its columns and their names do not go together")
    return held


def _constant(store: ChunkStore, name: str) -> StoredArray:
    array = store.arrays[name]
    read = partial(_part_of_whole, store, name)
    return StoredArray(array.dims, array.shape, np.dtype(array.dtype), dict(array.attrs), read)


def _part_of_whole(store: ChunkStore, name: str, where: Indexer) -> ndarray:
    return _part(store.whole(name), where)


def _stepped(store: ChunkStore, name: str, kept: Int[ndarray, " record"]) -> dict[str, StoredArray]:
    array, found = store.arrays[name], {}
    for one, (inner, attrs) in _split(name, array).items():
        dims, shape = array.dims[2 + len(inner) :], array.shape[2 + len(inner) :]
        found[one] = StoredArray(
            ("seed", "step", *dims),
            (array.shape[0], len(kept), *shape),
            np.dtype(array.dtype),
            attrs,
            partial(_part_of_rows, store, name, inner, kept),
        )
    return found


def _part_of_rows(store: ChunkStore, name: str, inner: Inner, kept: Int[ndarray, " record"], where: Indexer) -> ndarray:
    seeds, records = np.arange(store.arrays[name].shape[0])[where[0]], kept[where[1]]
    rows = store.rows(name, np.atleast_1d(seeds), np.atleast_1d(records), inner)
    # Of what one number chose there is one, which takes its dimension away.
    chosen = (0 if np.ndim(one) == 0 else slice(None) for one in (seeds, records))
    return _part(rows, (*chosen, *where[2:]))


def _part(values: ndarray, where: Indexer) -> ndarray:
    """Return the places chosen along each dimension; from the last on, as a number takes its dimension away."""
    for axis in reversed(range(len(where))):
        values = values[(slice(None),) * axis + (where[axis],)]
    return values
