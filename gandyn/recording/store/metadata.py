"""What `zarr.json` may say in a recording: one kind of array, checked before anything is decoded or made.

Zarr knows codecs that run code, types that hold objects, and shapes of any size. A recording needs none of these: a
document is accepted only if it is, to the letter, the one that gandyn would write of its dimensions, shape and type.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gandyn.core.errors import DamageError
from gandyn.core.messages import listed, shown
from gandyn.recording.store.checksums import CHANGED, checksum
from gandyn.recording.store.files import read_file
from gandyn.recording.store.journal import Journal, Report

__all__ = [
    "ARRAYS",
    "MOST_DOCUMENT_BYTES",
    "ArrayMetadata",
    "Attributes",
    "checksum_of_group",
    "group_document",
    "read_document",
    "read_metadata",
]

ARRAYS = "recording.zarr"
Attributes = dict[str, Any]

_MOST_CHUNK_BYTES = (1 << 31) - 1 - 16
"""What blosc can hold."""
MOST_DOCUMENT_BYTES = 1 << 22
_DTYPES = ("float32", "float64", "int64", "uint8")


@dataclass(frozen=True)
class ArrayMetadata:
    """What is known of one array, which has a type and sizes that can be written and read.

    Attributes:
        dims: the names of its dimensions; those that have steps begin with seed and step.
        shape: its lengths.
        chunks: those of its chunks; whole but for seed and step.
        dtype: float32, float64, int64 or uint8.
        attrs: what a reader should know: long_name, units, method.

    Raises:
        ValueError: its type is not known, or its sizes cannot be.
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: str
    attrs: Attributes

    @property
    def stepped(self) -> bool:
        """Whether it has a value at every step."""
        return self.dims[:2] == ("seed", "step")

    @property
    def chunk_bytes(self) -> int:
        """What a chunk holds when it is decoded."""
        return math.prod(self.chunks) * np.dtype(self.dtype).itemsize

    @property
    def nothing(self) -> float:
        """What stands where nothing was recorded."""
        return math.nan if self.dtype.startswith("float") else 0

    def document(self) -> dict[str, Any]:
        """Return its `zarr.json`."""
        size = np.dtype(self.dtype).itemsize
        codecs: list[dict[str, Any]] = [{"name": "bytes", "configuration": {"endian": "little"} if size > 1 else {}}]
        fast = {"typesize": size, "cname": "lz4", "clevel": 1, "shuffle": "bitshuffle", "blocksize": 0}
        codecs += [{"name": "blosc", "configuration": fast}, {"name": "crc32c"}]
        return {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(self.shape),
            "data_type": self.dtype,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(self.chunks)}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": "NaN" if self.dtype.startswith("float") else 0,
            "codecs": codecs,
            "attributes": self.attrs,
            "dimension_names": list(self.dims),
            "storage_transformers": [],
        }

    def checksum(self) -> str:
        """Return the checksum of all this, but for the room on the step axis, which grows."""
        fixed = replace(self, shape=(self.shape[0], 0, *self.shape[2:])) if self.stepped else self
        return _checksum_of(fixed.document())

    @classmethod
    def parse(cls, document: Any) -> ArrayMetadata:
        """Return what a document says.

        Raises:
            ValueError: gandyn would not write it so.
        """
        try:
            found = cls(
                dims=tuple(document["dimension_names"]),
                shape=tuple(document["shape"]),
                chunks=tuple(document["chunk_grid"]["configuration"]["chunk_shape"]),
                dtype=document["data_type"],
                attrs=document["attributes"],
            )
        except (KeyError, TypeError, IndexError):
            raise ValueError("it does not describe an array as a recording has them") from None
        if document != found.document():
            wanted = found.document()
            names = sorted(name for name in {*document, *wanted} if document.get(name) != wanted.get(name))
            raise ValueError(f"a recording's arrays have no such {listed(names)}")
        return found

    def __post_init__(self) -> None:
        if not isinstance(self.dtype, str) or self.dtype not in _DTYPES:
            raise ValueError(f"a recording holds no values of type {shown(self.dtype)}")
        if not isinstance(self.attrs, dict):
            raise ValueError("its attributes are no mapping")  # noqa: TRY004 - of a file, not of an argument
        sizes = (*self.shape, *self.chunks)
        if any(type(size) is not int or not 0 <= size < 1 << 53 for size in sizes) or 0 in self.chunks:
            raise ValueError("its shape is no list of lengths")
        if any(not isinstance(dim, str) or not dim.isidentifier() for dim in self.dims):
            raise ValueError("its dimensions have no names")
        if not len(self.dims) == len(self.shape) == len(self.chunks) or len({*self.dims}) < len(self.dims):
            raise ValueError("its dimensions, its shape and its chunks do not go together")
        split = 2 if self.stepped else 0
        if any(chunk != max(size, 1) for size, chunk in zip(self.shape[split:], self.chunks[split:], strict=True)):
            raise ValueError("it is cut into chunks where none should be")
        if self.chunk_bytes > _MOST_CHUNK_BYTES:
            raise ValueError(f"its chunks are of {self.chunk_bytes:,} bytes, and at most {_MOST_CHUNK_BYTES:,} can be")


def group_document(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `zarr.json` of the recording as a whole."""
    return {"zarr_format": 3, "node_type": "group", "attributes": attrs}


def checksum_of_group(attrs: Mapping[str, Any]) -> str:
    """Return the checksum of a recording's attributes."""
    return _checksum_of(group_document(attrs))


def read_metadata(folder: Path, journal: Journal, report: Report) -> tuple[Attributes, dict[str, ArrayMetadata]]:
    """Return a recording's attributes, and what its `zarr.json` files say of the arrays that its journal names.

    Args:
        folder: the recording's.
        journal: its journal.
        report: takes what is wrong with single documents, which are then left out.
    """
    attrs: Attributes = {}
    arrays: dict[str, ArrayMetadata] = {}
    try:
        document = read_document(folder, "zarr.json", "title and setup")
        if document != group_document(attrs := document.get("attributes", {})):
            raise DamageError(folder / ARRAYS / "zarr.json", "a recording has no such group")  # noqa: TRY301
        if checksum_of_group(attrs) != journal.attributes:
            raise DamageError(folder / ARRAYS / "zarr.json", CHANGED, "title and setup")  # noqa: TRY301
    except DamageError as damage:
        attrs = {}
        report(damage)
    for name, expected in journal.arrays.items():
        try:
            found = ArrayMetadata.parse(read_document(folder, f"{name}/zarr.json", name))
            if found.checksum() != expected:
                raise ValueError(CHANGED)  # noqa: TRY301
            _check_together(name, found, arrays, journal)
            arrays[name] = found
        except ValueError as error:
            report(DamageError(folder / ARRAYS / name / "zarr.json", str(error), name))
        except DamageError as damage:
            report(damage)
    return attrs, arrays


def read_document(folder: Path, name: str, lost: str) -> dict[str, Any]:
    """Return what one of a recording's `zarr.json` files holds.

    Args:
        folder: the recording's.
        name: the file's path among the arrays.
        lost: what is not known without it, for the error.

    Raises:
        DamageError: it is missing or cannot be read.
    """
    file = f"{ARRAYS}/{name}"
    try:
        document = json.loads(read_file(folder, file, MOST_DOCUMENT_BYTES, lost))
    except FileNotFoundError:
        raise DamageError(folder / file, "it is missing", lost) from None
    except (ValueError, RecursionError):
        raise DamageError(folder / file, "it is no JSON", lost) from None
    if not isinstance(document, dict):
        raise DamageError(folder / file, "it is no mapping", lost)
    return document


def _check_together(name: str, found: ArrayMetadata, others: Mapping[str, ArrayMetadata], journal: Journal) -> None:
    """Refuse what does not go with the journal or the other arrays.

    Raises:
        ValueError: it does not.
    """
    seeds = journal.groups[-1][1]
    if found.stepped != (name in journal.variables):
        raise ValueError("the journal knows it otherwise")
    if found.stepped and (found.shape[0] != seeds or found.shape[1] < journal.records):
        raise ValueError(
            f"it has room for {found.shape[1]:,} records of {found.shape[0]:,} seeds, "
            f"where {journal.records:,} of {seeds:,} were committed"
        )
    for other in others.values():
        if found.stepped and other.stepped and found.chunks[:2] != other.chunks[:2]:
            raise ValueError("its chunks are not those of the other variables")
        sizes = dict(zip(other.dims, other.shape, strict=True))
        for dim, size in zip(found.dims, found.shape, strict=True):
            if dim in sizes and sizes[dim] != size and dim != "step":
                raise ValueError(f"its {dim} has {size:,} places, in other arrays {sizes[dim]:,}")


def _checksum_of(document: Mapping[str, Any]) -> str:
    return checksum(json.dumps(document, sort_keys=True).encode())
