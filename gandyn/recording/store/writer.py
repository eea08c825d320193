"""The writing side of a recording: arrays of the final size, filled by chunks, each commit noted in the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from gandyn.core.errors import RecordingError
from gandyn.core.replacing import followed, replaced
from gandyn.recording.checkpoints import CHECKPOINTS, MOST_CHECKPOINT_BYTES, checkpoint_file, load_checkpoint
from gandyn.recording.probes.base import Variable
from gandyn.recording.store import journal
from gandyn.recording.store.array_writer import ArrayWriter, bounded, build_arrays, packed
from gandyn.recording.store.checksums import checksum, sealed_text
from gandyn.recording.store.chunks import ChunkStore
from gandyn.recording.store.files import check_contained
from gandyn.recording.store.metadata import (
    ARRAYS,
    checksum_of_group,
    read_metadata,
)
from gandyn.recording.store.recording import PARTS
from gandyn.recording.store.scenario_file import MOST_SCENARIO_BYTES, SCENARIO

__all__ = ["Writer"]


class Writer:
    """An open recording that commits are made to.

    A kill at any moment loses at most what was not committed: a chunk is written to a temporary file and renamed, and
    counts only once the journal says so. Numbers that are known from the start are columns of one array.

    Attributes:
        path: the recording's folder.
        attrs: attributes of the dataset.
        groups: positions [first, past the last) of each group of seeds on the seed axis.
        chunk: records in one chunk.
    """

    def __init__(self, path: Path) -> None:
        """Use `create` or `reopen`."""
        self.path, self._journal = path, journal.read_journal(path)
        self.groups = self._journal.groups
        self._written = list(self._journal.written)
        self.attrs, arrays = read_metadata(path, self._journal, journal.fail)
        self._arrays = ArrayWriter(path, self._journal, arrays)
        self.chunk = self._arrays.chunk

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
        also: Callable[[Path], object] | None = None,
    ) -> Writer:
        """Make a recording with nothing committed, in place of whatever recording was there.

        Whoever calls is alone in the folder (see `gandyn.core.replacing`), until the recording is finished.

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
            also: makes what else lies in the folder, before that is seen under its name.

        Raises:
            RecordingError: the folder cannot be written, or holds files that are not a recording's.
            UsageError: something is larger than it is read again.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_replaceable(path)
        with replaced(followed(path)) as building:
            building.mkdir()
            stored = packed(variables)
            known = build_arrays(building / ARRAYS, attrs, coords, stored, groups, records, chunk)
            if scenario is not None:
                text = bounded("the scenario", sealed_text(scenario).encode(), MOST_SCENARIO_BYTES)
                (building / SCENARIO).write_bytes(text)
            (building / CHECKPOINTS).mkdir()
            if also is not None:
                also(building)
            journal.append(
                building,
                "begin",
                format=journal.FORMAT,
                groups=list(groups),
                every=every,
                steps=steps,
                scenario=scenario is not None,
                variables=[variable.name for variable in stored],
                attributes=checksum_of_group(attrs),
                arrays=known,
            )
        return cls(path)

    @classmethod
    def reopen(cls, path: Path) -> Writer:
        """Open a recording that is to be continued.

        Raises:
            RecordingError: its journal is missing or damaged, or what will be written to is.
        """
        check_contained(path)
        writer = cls(path)
        writer._mend()
        return writer

    def _mend(self) -> None:
        """Read the chunks that are to be filled up; remove those of a crash that count for nothing and are torn."""
        chunks = ChunkStore(self.path, self._journal, self._arrays.metadata)
        for name, one in self._arrays.metadata.items():
            for (first, last), written in zip(self.groups, self._journal.written, strict=True):
                # A checkpoint is at most one chunk behind what was committed.
                reached = written // self.chunk
                for row in range(first // one.chunks[0], (last - 1) // one.chunks[0] + 1):
                    for column in range(max(reached - 1, 0), reached + 2):
                        place = (row, column, *(0 for _ in one.shape[2:]))
                        if chunks.decoded(name, place) is None:
                            chunks.file(name, place).unlink(missing_ok=True)

    def extend(self, variable: Variable) -> None:
        """Begin to record another scalar; it is NaN in the records before."""
        found = self._arrays.extend(variable)
        first = self._journal.variables[variable.name] = min(self._written)
        journal.append(self.path, "extend", variable=variable.name, metadata=found.checksum(), first=first)

    def grow(self) -> None:
        """Make room for as many records again."""
        self._arrays.grow()

    @property
    def recorded(self) -> list[int]:
        """The steps that are recorded already, where they are not known beforehand; else none."""
        return self._journal.recorded

    @property
    def slot(self) -> int:
        """Number of records there is room for."""
        return self._arrays.slot

    def write(self, group: int, start: int, rows: Mapping[str, np.ndarray]) -> None:
        """Write consecutive records of one group; values have shape (seed, record, *dims)."""
        self._arrays.write(self.groups[group][0], start, rows)
        count = next(iter(rows.values())).shape[1]
        self._written[group] = max(self._written[group], start + count)

    def commit(
        self,
        group: int,
        records: int,
        diverged: Mapping[int, int],
        steps: Sequence[int] | None = None,
        state: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Declare a group's first records safe, and replace its checkpoint.

        Args:
            group: which.
            records: how many are, where those that never came count as well.
            diverged: seed -> the step at which its loss stopped being finite.
            steps: those of the new records, where they were not known before.
            state: the tensors to go on from.

        Raises:
            UsageError: these are more than are read again.
        """
        file = self.path / checkpoint_file(group)
        partial = file.with_suffix(".partial")
        saved = None if state is None else _saved(state)
        if saved is not None:
            partial.write_bytes(saved)
        journal.append(
            self.path,
            "commit",
            group=group,
            records=records,
            written=self._written[group],
            diverged=dict(diverged),
            steps=None if steps is None else list(steps),
            checkpoint=None if saved is None else checksum(saved),
        )
        if saved is not None:
            partial.replace(file)

    def finish(self, seconds: float, trained: int, complete: bool) -> None:
        """Note the end of a stretch of training: how long it took, and how many steps it made, summed over seeds."""
        journal.append(self.path, "end", seconds=seconds, trained=trained, complete=complete)

    def load_checkpoint(self, group: int) -> dict[str, Tensor] | None:
        """Return a group's last checkpoint; None if it has none.

        Raises:
            DamageError: it cannot be read, or is not the one that was saved.
        """
        return load_checkpoint(self.path, self._journal, group)


def _saved(state: Mapping[str, Tensor]) -> bytes:
    from safetensors.torch import save

    tensors = save({name: tensor.detach().cpu().contiguous() for name, tensor in state.items()})
    return bounded("a checkpoint", tensors, MOST_CHECKPOINT_BYTES)


def _check_replaceable(path: Path) -> None:
    """Refuse a file, and a folder with anything in it that is not a recording's."""
    if not path.exists():
        return
    if path.is_file():
        raise RecordingError(f"{path} is a file; it is left alone")
    strange = sorted(entry.name for entry in path.iterdir() if entry.name not in PARTS)
    if strange:
        raise RecordingError(f"{path} holds files that are not a recording's ({strange[0]}); it is left alone")
