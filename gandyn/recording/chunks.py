"""The chunks of a recording, checked and decoded: what zarr and xarray see of its folder.

They see arrays that are not compressed. The files are read here, each with its checksum; a chunk that was committed has
to be there, and damage is told with the file and the steps that are lost.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import google_crc32c
from numcodecs import blosc
from zarr.abc.store import Store

from gandyn.errors import DamageError
from gandyn.recording.checksums import CHANGED
from gandyn.recording.files import read_file, size_of
from gandyn.recording.journal import Journal, Report
from gandyn.recording.metadata import ARRAYS, ArrayMetadata, Attributes, group_document

if TYPE_CHECKING:
    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

__all__ = ["ChunkStore", "Place"]

Place = tuple[int, ...]
"""Which chunk of an array, counted along each dimension."""

_HEAD, _CHECKSUM = 16, 4
_MOST_COMPRESSED = 256
"""Bytes that one byte of LZ4 can stand for, rounded up."""
_MOST_MISSING = 10_000
_SMALL = 1 << 16


class ChunkStore(Store):
    """A recording's arrays as zarr's store, for reading alone.

    Attributes:
        arrays: what is known of each array.
        lost: chunks that were found damaged and are to be read as if nothing had been recorded there.
    """

    supports_writes = supports_deletes = False
    supports_listing = True

    def __init__(self, folder: Path, journal: Journal, attrs: Attributes, arrays: Mapping[str, ArrayMetadata]) -> None:
        super().__init__(read_only=True)
        self.lost: set[tuple[str, Place]] = set()
        self.arrays = dict(arrays)
        self._folder, self._journal, self._attrs = folder, journal, attrs

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

    def _found(self, key: str) -> bytes | None:
        """Return what stands under one of zarr's keys."""
        if key == "zarr.json":
            return json.dumps(group_document(self._attrs)).encode()
        name, _, rest = key.partition("/")
        if name not in self.arrays:
            return None
        if rest == "zarr.json":
            return json.dumps(self._shown(self.arrays[name])).encode()
        kind, *place = rest.split("/")
        return self.decoded(name, tuple(map(int, place))) if kind == "c" else None

    def _shown(self, array: ArrayMetadata) -> dict[str, Any]:
        """Return the document of an array that ends with what is committed, not where its room does.

        A crash while room is made leaves arrays of two lengths.
        """
        sizes, most = zip(array.dims, array.shape, strict=True), self._journal.records
        shape = [min(size, most) if dim == "step" else size for dim, size in sizes]
        return {**array.document(encoded=False), "shape": shape}

    def _length(self, key: str) -> int:
        """Return about how many bytes stand under a key."""
        name = key.partition("/")[0]
        return self.arrays[name].chunk_bytes if name in self.arrays else 0

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """Return what stands under a key, all of it: zarr asks for parts of none of these."""
        assert byte_range is None
        # To pass a document or a small chunk to another thread would cost more than to read it.
        small = self._length(key) < _SMALL
        found = self._found(key) if small else await asyncio.to_thread(self._found, key)
        return None if found is None else prototype.buffer.from_bytes(found)

    async def exists(self, key: str) -> bool:
        """Return whether anything stands under a key."""
        return self._found(key) is not None

    async def list(self) -> AsyncIterator[str]:
        """Yield the documents, which is what arrays are found by."""
        for name in ("", *(f"{name}/" for name in self.arrays)):
            yield f"{name}zarr.json"

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Yield the documents below a folder."""
        async for key in self.list():
            if key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Yield the names in a folder; those of chunks are known."""
        for name in ("zarr.json", *self.arrays) if not prefix.strip("/") else ("zarr.json",):
            yield name

    async def get_partial_values(self, prototype: Any, key_ranges: Any) -> Any:
        """Never asked for: only shards are read by parts."""
        raise NotImplementedError

    async def set(self, key: str, value: Buffer) -> None:
        """Never asked for, as are deletions: the writer has a store of its own."""
        raise NotImplementedError

    async def delete(self, key: str) -> None:  # noqa: D102
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = Store.__hash__


def _key(name: str, place: Place) -> str:
    return "/".join((ARRAYS, name, "c", *map(str, place)))
