"""Writing the arrays of a recording: their documents, and runs of values into chunks.

Numbers that are known from the start are columns of one array: files are then as few as there are fields.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gandyn.core.errors import UsageError
from gandyn.recording.probes.base import Variable
from gandyn.recording.store.chunks import ChunkStore, Place, write_chunk
from gandyn.recording.store.contents import SCALARS
from gandyn.recording.store.journal import Journal
from gandyn.recording.store.metadata import ARRAYS, MOST_DOCUMENT_BYTES, ArrayMetadata, group_document

__all__ = ["ArrayWriter", "bounded", "build_arrays", "packed"]


class ArrayWriter:
    """The arrays of a recording that have steps.

    Attributes:
        metadata: what is known of each.
    """

    def __init__(self, folder: Path, journal: Journal, arrays: Mapping[str, ArrayMetadata]) -> None:
        """Write to the arrays of a recording.

        Args:
            folder: the recording's.
            journal: as it was when the recording was opened: what was written before is completed, not replaced.
            arrays: what its documents say.
        """
        self.metadata = {name: one for name, one in arrays.items() if one.stepped}
        self._folder, self._journal = folder, journal

    @property
    def chunk(self) -> int:
        """Records in one chunk."""
        return next(iter(self.metadata.values())).chunks[1]

    @property
    def slot(self) -> int:
        """Number of records there is room for."""
        return min(one.shape[1] for one in self.metadata.values())

    def extend(self, variable: Variable) -> ArrayMetadata:
        """Make an array for another scalar; it is NaN where nothing is written."""
        like = next(iter(self.metadata.values()))
        self.metadata[variable.name] = _variable(variable, like.shape[:2], like.chunks[:2], ())
        self._describe(variable.name)
        return self.metadata[variable.name]

    def grow(self) -> None:
        """Make room for as many records again."""
        for name, one in self.metadata.items():
            self.metadata[name] = replace(one, shape=(one.shape[0], 2 * one.shape[1], *one.shape[2:]))
            self._describe(name)

    def _describe(self, name: str) -> None:
        _write_document(self._folder / ARRAYS / name, self.metadata[name].document())

    def write(self, seed: int, record: int, rows: Mapping[str, np.ndarray]) -> None:
        """Write values of shape (seed, record, *dims), by variable, from a seed and a record on."""
        apart = {name: values for name, values in rows.items() if name in self.metadata}
        for name, values in apart.items():
            self._fill(name, seed, record, values)
        if SCALARS in self.metadata:
            columns = [rows[name] for name, _ in self.metadata[SCALARS].attrs[SCALARS]]
            self._fill(SCALARS, seed, record, np.stack(columns, axis=-1))

    def _fill(self, name: str, seed: int, record: int, values: np.ndarray) -> None:
        array = self.metadata[name]
        (rows, columns), inside = array.chunks[:2], tuple(slice(size) for size in array.shape[2:])
        for row in range(seed // rows, (seed + values.shape[0] - 1) // rows + 1):
            for column in range(record // columns, (record + values.shape[1] - 1) // columns + 1):
                place = (row, column, *(0 for _ in inside))
                across, ours = _overlap(row * rows, rows, seed, values.shape[0])
                along, theirs = _overlap(column * columns, columns, record, values.shape[1])
                part = values[ours, theirs]
                whole = part.shape[:2] == (rows, columns)
                block = np.full(array.chunks, array.nothing, array.dtype) if whole else self._before(name, place)
                block[(across, along, *inside)] = part
                write_chunk(self._folder, name, place, block)

    def _before(self, name: str, place: Place) -> np.ndarray:
        """Return what was written of a chunk so far."""
        return ChunkStore(self._folder, self._journal, self.metadata).chunk(name, place).copy()


def build_arrays(
    path: Path,
    attrs: Mapping[str, Any],
    coords: Mapping[str, tuple[tuple[str, ...], np.ndarray, dict[str, Any]]],
    variables: Sequence[Variable],
    groups: Sequence[tuple[int, int]],
    records: int,
    chunk: int,
) -> dict[str, str]:
    """Make the arrays of a recording.

    Args:
        path: their folder.
        attrs: attributes of the recording as a whole.
        coords: name -> (dims, values, attrs) of everything that does not change with the step.
        variables: what is measured at every record, as it is stored: see `packed`.
        groups: how the seeds are split.
        records: length of the step axis.
        chunk: records in one chunk.

    Returns:
        The checksums of their metadata, by name.

    Raises:
        UsageError: something is larger than it is read again.
    """
    _write_document(path, group_document(attrs))
    known: dict[str, str] = {}
    sizes = {"scalar": sum(len(variable.attrs[SCALARS]) for variable in variables if variable.name == SCALARS)}
    for name, (dims, values, about) in coords.items():
        found = _described(name, dims, values.shape, tuple(max(n, 1) for n in values.shape), values.dtype.name, about)
        _write_document(path / name, found.document())
        if values.size:
            write_chunk(path.parent, name, (0,) * values.ndim, values)
        known[name] = found.checksum()
        sizes.update(zip(dims, values.shape, strict=True))
    seeds = max(last - first for first, last in groups)
    for variable in variables:
        inner = tuple(sizes[dim] for dim in variable.dims)
        found = _variable(variable, (sizes["seed"], records), (seeds, min(chunk, records)), inner)
        _write_document(path / variable.name, found.document())
        known[variable.name] = found.checksum()
    return known


def packed(variables: Sequence[Variable]) -> list[Variable]:
    """Return variables as they are stored: plain numbers as the columns of one."""
    scalars = [[one.name, one.attrs] for one in variables if not one.dims]
    return [*(one for one in variables if one.dims), Variable(SCALARS, ("scalar",), attrs={SCALARS: scalars})]


def _variable(
    variable: Variable, length: tuple[int, ...], chunks: tuple[int, ...], inner: tuple[int, ...]
) -> ArrayMetadata:
    return _described(
        variable.name,
        dims=("seed", "step", *variable.dims),
        shape=(*length, *inner),
        chunks=(*chunks, *(max(size, 1) for size in inner)),
        dtype=np.dtype(variable.dtype).name,
        attrs=variable.attrs if variable.bits is None else {**variable.attrs, "mantissa_bits": variable.bits},
    )


def _described(name: str, /, *about: Any, **more: Any) -> ArrayMetadata:
    try:
        return ArrayMetadata(*about, **more)
    except ValueError as error:
        raise UsageError(f"{name} cannot be recorded: {error}") from None


def _overlap(begin: int, length: int, first: int, count: int) -> tuple[slice, slice]:
    """Return where a chunk and a run of values meet, in the chunk and in the values."""
    low, high = max(begin, first), min(begin + length, first + count)
    return slice(low - begin, high - begin), slice(low - first, high - first)


def bounded(what: str, data: bytes, most: int) -> bytes:
    """Return what is to be written, if it is no more than is read of it again."""
    if len(data) > most:
        raise UsageError(f"{what} would hold {len(data):,} bytes, and at most {most:,} of it can be recorded")
    return data


def _write_document(folder: Path, document: Mapping[str, Any]) -> None:
    text = bounded(f"the metadata of {folder.name}", json.dumps(document, indent=2).encode(), MOST_DOCUMENT_BYTES)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "zarr.json.partial"
    partial.write_bytes(text)
    partial.replace(folder / "zarr.json")
