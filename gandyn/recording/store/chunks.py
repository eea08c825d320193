"""The chunks of a recording, checked and decoded: each file is zarr's, with the checksum behind it.

A chunk that was committed has to be there, and damage is told with the file and the steps that are lost. They are read
without zarr and written without it, which takes a tenth of the time, and none to import; zarr opens them all the same.
"""

from __future__ import annotations

import itertools
import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import google_crc32c
import numpy as np
from jaxtyping import Int
from numcodecs import blosc
from numpy import ndarray

from gandyn.core.errors import DamageError
from gandyn.recording.store.checksums import CHANGED
from gandyn.recording.store.files import read_file, size_of
from gandyn.recording.store.journal import Journal, Report
from gandyn.recording.store.metadata import ARRAYS, ArrayMetadata

__all__ = ["ChunkStore", "Inner", "Place", "write_chunk"]

Place = tuple[int, ...]
"""Which chunk of an array, counted along each dimension."""

Inner = tuple[int | slice, ...]
"""What is wanted of each record, along the dimensions after seed and step; of all of these that are left out, all."""

_HEAD, _CHECKSUM = 16, 4
_MOST_COMPRESSED = 256
"""Bytes that one byte of LZ4 can stand for, rounded up."""
_MOST_MISSING = 10_000
# Enough for one chunk of every field of every group of 64 seeds.
_CACHE_BYTES = 1 << 27


class ChunkStore:
    """A recording's arrays, for reading alone.

    The chunks last read stay decompressed, so whoever steps forward through a recording reads every chunk once, and
    memory does not grow.

    Attributes:
        arrays: what is known of each array.
        lost: chunks that were found damaged and are to be read as if nothing had been recorded there.
    """

    def __init__(self, folder: Path, journal: Journal, arrays: Mapping[str, ArrayMetadata]) -> None:
        self.lost: set[tuple[str, Place]] = set()
        self.arrays = dict(arrays)
        self._folder, self._journal = folder, journal
        self._cache: OrderedDict[tuple[str, Place], ndarray] = OrderedDict()

    def check_present(self) -> None:
        """Find out that every chunk that was committed is there, and may be as large as it has to be.

        Raises:
            DamageError: one is not.
        """
        for name in self.arrays:
            self.check_plausible(name)
            for place in self.places(name):
                self._size(name, place)

    def check_plausible(self, name: str) -> None:
        """Refuse a journal that names many more chunks of an array than there are files.

        Raises:
            DamageError: it does.
        """
        if not self.arrays[name].stepped:
            return
        for group in range(len(self._journal.groups)):
            rows, records = self._extent(name, group)
            for row in rows:
                place = self._folder / ARRAYS / name / "c" / str(row)
                try:
                    there = sum(1 for _ in os.scandir(place))
                except OSError:
                    there = 0
                if len(records) > there + _MOST_MISSING:
                    raise DamageError(
                        place, f"{len(records):,} chunks were committed, of which {there:,} are there", name
                    )

    def read_all(self, report: Report) -> None:
        """Read every chunk that has to be there; report those that cannot be read, and leave them out from now on.

        Of an array without steps, or with hardly a chunk, nothing is left.
        """
        for name in [*self.arrays]:
            try:
                self.check_plausible(name)
                for place in self.places(name):
                    self._read_or_leave(name, place, report)
            except DamageError as damage:
                report(damage)
                del self.arrays[name]

    def _read_or_leave(self, name: str, place: Place, report: Report) -> None:
        try:
            self.decoded(name, place)
        except DamageError as damage:
            if not self.arrays[name].stepped:
                raise
            self.lost.add((name, place))
            report(damage)

    def places(self, name: str) -> Iterator[Place]:
        """Yield the chunks of an array that have to be there."""
        array = self.arrays[name]
        if not array.stepped:
            if 0 not in array.shape:
                yield (0,) * len(array.shape)
            return
        seen: set[Place] = set()
        for group in range(len(self._journal.groups)):
            for place in itertools.product(*self._extent(name, group)):
                if place not in seen:
                    seen.add(place)
                    yield (*place, *(0 for _ in array.shape[2:]))

    def file(self, name: str, place: Place) -> Path:
        """Return the file of a chunk."""
        return self._folder / _key(name, place)

    def records(self, name: str, place: Place) -> range:
        """Return the records of which a chunk holds the values."""
        length = self.arrays[name].chunks[1]
        return range(place[1] * length, min((place[1] + 1) * length, self._journal.records))

    def _extent(self, name: str, group: int) -> tuple[range, range]:
        """Return where, along seeds and steps, the chunks lie that a group has committed."""
        (first, last), (rows, length) = self._journal.groups[group], self.arrays[name].chunks[:2]
        begin, end = self._journal.variables[name], self._journal.written[group]
        return (
            range(first // rows, (last - 1) // rows + 1),
            range(begin // length, (end - 1) // length + 1) if end > begin else range(0),
        )

    def _needed(self, name: str, place: Place) -> bool:
        if not self.arrays[name].stepped:
            return True
        extents = (self._extent(name, group) for group in range(len(self._journal.groups)))
        return any(place[0] in rows and place[1] in records for rows, records in extents)

    def _told(self, name: str, place: Place) -> str:
        """Name what a chunk holds: js at steps 512 to 1023."""
        if not self.arrays[name].stepped:
            return name
        records = self.records(name, place)
        if not records:
            return f"{name} at steps that were not committed by all seeds"
        first, last = self._journal.step(records[0]), self._journal.step(records[-1])
        seeds = f", seeds number {place[0] * self.arrays[name].chunks[0] + 1} and on"
        return f"{name} at steps {first} to {last}{seeds if len(self._journal.groups) > 1 else ''}"

    def decoded(self, name: str, place: Place) -> bytes | None:
        """Return the bare values of a chunk, of any the array may have; None where nothing was committed yet.

        Raises:
            DamageError: it cannot be read.
        """
        if (name, place) in self.lost:
            return None
        try:
            return self._decoded(name, place)
        except DamageError:
            if self._needed(name, place):
                raise
            return None  # written beyond what is committed, and lost in a crash

    def _decoded(self, name: str, place: Place) -> bytes:
        length, lost = self.arrays[name].chunk_bytes, self._told(name, place)
        key = _key(name, place)
        self._size(name, place)
        data = read_file(self._folder, key, length + _HEAD + _CHECKSUM, lost)
        body, check = data[:-_CHECKSUM], data[-_CHECKSUM:]
        if google_crc32c.value(body).to_bytes(_CHECKSUM, "little") != check:
            self._damaged(name, place, CHANGED)
        # Blosc's header: bytes that were compressed, in blocks of, to.
        if int.from_bytes(body[4:8], "little") != length or int.from_bytes(body[12:16], "little") != len(body):
            self._damaged(name, place, "it is not as long as it should be")
        try:
            decoded: bytes = blosc.decompress(body)
        except (RuntimeError, ValueError, MemoryError) as error:
            self._damaged(name, place, f"it cannot be decompressed ({error})")
        return decoded

    def _size(self, name: str, place: Place) -> None:
        """Find out, at little cost, that a chunk is there and can hold what it has to."""
        length, lost = self.arrays[name].chunk_bytes, self._told(name, place)
        try:
            size = size_of(self._folder, _key(name, place), length + _HEAD + _CHECKSUM, lost)
        except FileNotFoundError:
            self._damaged(name, place, "it is missing")
        if size < _HEAD + _CHECKSUM or size * _MOST_COMPRESSED < length:
            self._damaged(name, place, f"{size:,} bytes cannot hold {length:,}")

    def _damaged(self, name: str, place: Place, reason: str) -> NoReturn:
        raise DamageError(self.file(name, place), reason, self._told(name, place)) from None

    def whole(self, name: str) -> ndarray:
        """Return all of an array that has no steps.

        Raises:
            DamageError: it cannot be read.
        """
        array = self.arrays[name]
        if 0 in array.shape:
            return np.empty(array.shape, array.dtype)
        return self.chunk(name, (0,) * len(array.shape))

    def rows(
        self, name: str, seeds: Int[ndarray, " seed"], records: Int[ndarray, " record"], inner: Inner = ()
    ) -> ndarray:
        """Return some records of some seeds of an array that has steps, shape (seed, record, *inner).

        Args:
            name: which array.
            seeds: places along the seeds.
            records: numbers of records; what was never written is NaN, or 0 where there is no NaN.
            inner: what is wanted of each record.

        Raises:
            DamageError: a chunk cannot be read.
        """
        array = self.arrays[name]
        (across, along), rest = array.chunks[:2], (0,) * len(array.shape[2:])
        shape = np.broadcast_to(0, array.shape[2:])[inner].shape
        found = np.empty((len(seeds), len(records), *shape), array.dtype)
        for row, column in itertools.product({*(seeds // across).tolist()}, {*(records // along).tolist()}):
            block = self.chunk(name, (row, column, *rest))
            # Along a dimension without a place chunks are of one.
            block = block[(slice(None), slice(None), *(slice(size) for size in array.shape[2:]))]
            ours, theirs = np.flatnonzero(seeds // across == row), np.flatnonzero(records // along == column)
            part = block[(slice(None), slice(None), *inner)]
            found[np.ix_(ours, theirs)] = part[np.ix_(seeds[ours] % across, records[theirs] % along)]
        return found

    def chunk(self, name: str, place: Place) -> ndarray:
        """Return the values of a chunk; where nothing was written, NaN, or 0 where there is no NaN.

        Raises:
            DamageError: it cannot be read.
        """
        key = (name, place)
        if key not in self._cache:
            array, data = self.arrays[name], self.decoded(name, place)
            if data is None:
                self._cache[key] = np.full(array.chunks, array.nothing, array.dtype)
            else:
                self._cache[key] = np.frombuffer(data, array.dtype).reshape(array.chunks)
            while len(self._cache) > 1 and sum(chunk.nbytes for chunk in self._cache.values()) > _CACHE_BYTES:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return self._cache[key]


def write_chunk(folder: Path, name: str, place: Place, values: ndarray) -> None:
    """Write a chunk, whole or not at all.

    Args:
        folder: the recording's.
        name: of the array.
        place: of the chunk.
        values: all of it, in the array's type.
    """
    # Twice as fast as zstd, and a tenth larger: recording every step has to keep up with training.
    body = blosc.compress(np.ascontiguousarray(values), b"lz4", 1, blosc.BITSHUFFLE, 0)
    file = folder / _key(name, place)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    partial.write_bytes(body + google_crc32c.value(body).to_bytes(_CHECKSUM, "little"))
    partial.replace(file)


def _key(name: str, place: Place) -> str:
    return "/".join((ARRAYS, name, "c", *map(str, place)))
