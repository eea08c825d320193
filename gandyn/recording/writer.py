"""The writing side of a recording: arrays of the final size, filled by chunks, each commit noted in the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from torch import Tensor
from zarr.codecs import BloscCodec

from gandyn.errors import RecordingError
from gandyn.recording import journal
from gandyn.recording.probes.base import Variable
from gandyn.recording.store import ARRAYS, CHECKPOINTS, PARTS, SCENARIO
from gandyn.replacing import followed, replaced

__all__ = ["Writer"]


class Writer:
    """An open recording that commits are made to.

    A kill at any moment loses at most what was not committed: a chunk is written to a temporary file and renamed (by
    zarr), and counts only once the journal says so.

    Attributes:
        path: the recording's folder.
        groups: positions [first, past the last) of each group of seeds on the seed axis.
        chunk: records in one chunk.
    """

    def __init__(self, path: Path, groups: Sequence[tuple[int, int]]) -> None:
        """Use `create` or `reopen`."""
        self.path, self.groups = path, list(groups)
        root = zarr.open_group(path / ARRAYS, mode="r+")
        named = {name: (array, getattr(array.metadata, "dimension_names", None)) for name, array in root.arrays()}
        self._arrays = {name: array for name, (array, dims) in named.items() if dims and "step" in dims}
        self.chunk = int(next(iter(self._arrays.values())).chunks[1])

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        scenario: str | None,
        attrs: Mapping[str, Any],
        coords: Mapping[str, tuple[tuple[str, ...], np.ndarray, dict[str, Any]]],
        variables: Sequence[Variable],
        groups: Sequence[tuple[int, int]],
        records: int,
        chunk: int,
        every: int,
        steps: int,
    ) -> Writer:
        """Make a recording with nothing committed, in place of whatever recording was there.

        Whoever calls is alone in the folder (see `gandyn.replacing`), until the recording is finished.

        Args:
            path: its folder.
            scenario: the resolved scenario, as YAML; None for somebody's own loop.
            attrs: attributes of the dataset.
            coords: name -> (dims, values, attrs) of everything that does not change with the step.
            variables: what is measured at every record.
            groups: how the seeds are split.
            records: length of the step axis.
            chunk: records in one chunk.
            every: steps between records.
            steps: steps of the whole run.

        Raises:
            RecordingError: the folder cannot be written, or holds files that are not a recording's.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_replaceable(path)
        with replaced(followed(path)) as building:
            building.mkdir()
            _build_arrays(building / ARRAYS, attrs, coords, variables, groups, records, chunk)
            if scenario is not None:
                (building / SCENARIO).write_text(scenario, encoding="utf-8")
            (building / CHECKPOINTS).mkdir()
            journal.append(
                building,
                format=journal.FORMAT,
                groups=list(groups),
                every=every,
                steps=steps,
                variables=[variable.name for variable in variables],
            )
        return cls(path, groups)

    @classmethod
    def reopen(cls, path: Path) -> Writer:
        """Open a recording that is to be continued.

        Raises:
            RecordingError: its journal is missing or damaged.
        """
        return cls(path, journal.read_journal(path).groups)

    def extend(self, variable: Variable) -> None:
        """Begin to record another scalar; it is NaN in the records before."""
        array = next(iter(self._arrays.values()))
        root = zarr.open_group(self.path / ARRAYS, mode="r+")
        self._arrays[variable.name] = _array(root, variable, array.shape[:2], array.chunks[:2], ())
        journal.append(self.path, variables=[variable.name])

    def grow(self) -> None:
        """Make room for as many records again."""
        for array in self._arrays.values():
            array.resize((array.shape[0], 2 * array.shape[1], *array.shape[2:]))

    @property
    def room(self) -> int:
        """Number of records there is room for."""
        return int(next(iter(self._arrays.values())).shape[1])

    def write(self, group: int, start: int, rows: Mapping[str, np.ndarray]) -> None:
        """Write consecutive records of one group; values have shape (seed, record, *dims)."""
        first, last = self.groups[group]
        for name, values in rows.items():
            self._arrays[name][first:last, start : start + values.shape[1]] = values.astype(self._arrays[name].dtype)

    def commit(self, group: int, records: int, diverged: Mapping[int, int], steps: Sequence[int] | None = None) -> None:
        """Declare a group's first records safe; `steps` are those of the new ones, where they were not known before."""
        known = {} if steps is None else {"steps": list(steps)}
        journal.append(self.path, group=group, records=records, diverged=dict(diverged), **known)

    def finish(self, seconds: float, trained: int, complete: bool) -> None:
        """Note the end of a stretch of training: how long it took, and how many steps it made, summed over seeds."""
        journal.append(self.path, seconds=seconds, trained=trained, complete=complete)

    def save_checkpoint(self, group: int, state: Mapping[str, Tensor]) -> None:
        """Replace a group's checkpoint."""
        from safetensors.torch import save_file

        file = self.path / CHECKPOINTS / f"{group}.safetensors"
        partial = file.with_suffix(".partial")
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}, partial)
        partial.rename(file)

    def load_checkpoint(self, group: int) -> dict[str, Tensor] | None:
        """Return a group's last checkpoint; None if it has none.

        Raises:
            RecordingError: it cannot be read.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        file = self.path / CHECKPOINTS / f"{group}.safetensors"
        if not file.exists():
            return None
        try:
            return load_file(file)
        except SafetensorError as error:
            raise RecordingError(f"{file} is damaged ({error}); train again with --force") from None


def _check_replaceable(path: Path) -> None:
    """Refuse a file, and a folder with anything in it that is not a recording's."""
    if not path.exists():
        return
    if path.is_file():
        raise RecordingError(f"{path} is a file; it is left alone")
    strange = sorted(entry.name for entry in path.iterdir() if entry.name not in PARTS)
    if strange:
        raise RecordingError(f"{path} holds files that are not a recording's ({strange[0]}); it is left alone")


def _build_arrays(
    path: Path,
    attrs: Mapping[str, Any],
    coords: Mapping[str, tuple[tuple[str, ...], np.ndarray, dict[str, Any]]],
    variables: Sequence[Variable],
    groups: Sequence[tuple[int, int]],
    records: int,
    chunk: int,
) -> None:
    root = zarr.open_group(path, mode="w", zarr_format=3, attributes=dict(attrs))
    sizes: dict[str, int] = {}
    for name, (dims, values, about) in coords.items():
        array = root.create_array(
            name, shape=values.shape, dtype=values.dtype, chunks=values.shape, dimension_names=dims, attributes=about
        )
        array[...] = values
        sizes.update(zip(dims, values.shape, strict=True))
    seeds = max(last - first for first, last in groups)
    for variable in variables:
        inner = tuple(sizes[dim] for dim in variable.dims)
        _array(root, variable, (sizes["seed"], records), (seeds, min(chunk, records)), inner)


def _array(
    root: zarr.Group, variable: Variable, length: tuple[int, ...], chunks: tuple[int, ...], inner: tuple[int, ...]
) -> zarr.Array[Any]:
    return root.create_array(
        variable.name,
        shape=(*length, *inner),
        chunks=(*chunks, *inner),
        dtype=variable.dtype,
        fill_value=float("nan") if np.dtype(variable.dtype).kind == "f" else 0,
        dimension_names=("seed", "step", *variable.dims),
        # Twice as fast as zstd, and a tenth larger: recording every step has to keep up with training.
        compressors=BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle"),
        attributes=variable.attrs if variable.bits is None else {**variable.attrs, "mantissa_bits": variable.bits},
    )
