"""What is common to all recorders: what they measure, rows that wait to be written, and when these are committed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from gandyn.core.catalog import members
from gandyn.games.base import Game
from gandyn.recording.cadence import Cadence
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.spaces import Space
from gandyn.recording.store.writer import Writer
from gandyn.recording.training_numbers import TrainingNumbers
from gandyn.training.trainer import Trainer

__all__ = ["CommitBuffer", "ProbeRunner", "chunk_length", "probed_variables", "recorded_variables"]

_CHUNK_BYTES = 1 << 24
_SECONDS_BETWEEN_COMMITS = 5.0


def chunk_length(records: int, seeds: int, cells: int) -> int:
    """Return the records of one chunk: so many, or fewer where those of many seeds or cells would fill memory."""
    bytes_a_record = 8 * seeds * cells  # two fields in single precision
    return max(1, min(records, _CHUNK_BYTES // bytes_a_record))


def recorded_variables(space: Space, game: Game, *, norms: bool = True, averaged: bool = False) -> list[Variable]:
    """Return every variable of a recording in this space: the losses, and what each probe of the catalogue gives.

    Args:
        space: the surroundings.
        game: what is played.
        norms: whether gradients are known.
        averaged: whether losses are means over all the steps since the record before.
    """
    return TrainingNumbers.variables(game, norms=norms, averaged=averaged) + probed_variables(space)


def probed_variables(space: Space) -> list[Variable]:
    """Return the variables that need no more than the two players: what each probe of the catalogue gives."""
    return [variable for probe in _probes(space) for variable in probe.variables(space)]


def _probes(space: Space) -> list[Probe]:
    """Return the probes whose quantities are to be recorded."""
    return [probe() for probe in members(Probe).values() if space.options.fields or not probe.field]


class ProbeRunner:
    """The probes of a space, and how what they measure is stored."""

    def __init__(self, space: Space) -> None:
        self._probes = _probes(space)
        self._variables = {one.name: one for probe in self._probes for one in probe.variables(space)}

    def measure(self, snapshot: Snapshot) -> dict[str, ndarray]:
        """Return what all probes measure, by variable, shape (row, *dims), as it is stored."""
        found = {}
        for probe in self._probes:
            for name, values in probe.measure(snapshot).items():
                about = self._variables[name]
                stored = _stored(values, about.dtype)
                found[name] = stored if about.bits is None else _rounded(stored, about.bits)
        return found


class CommitBuffer:
    """Records of one group of seeds on their way to disk.

    Attributes:
        next: number of the next record.
    """

    @classmethod
    def of(cls, writer: Writer, group: int, trainer: Trainer, cadence: Cadence) -> CommitBuffer:
        """Go on with a writer's group where its trainer stands, some of whose steps are recorded."""
        begun = bool(trainer.losses) or trainer.step > 0
        return cls(writer, group, cadence.count(trainer.step) if begun else 0)

    def __init__(self, writer: Writer, group: int, first: int) -> None:
        """Go on with a writer's group at record `first`."""
        self.next = first
        self._writer, self._group = writer, group
        self._rows: list[dict[str, ndarray]] = []
        self._committed_at = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether a chunk is full, or the last commit long ago."""
        return self.next % self._writer.chunk == 0 or time.monotonic() - self._committed_at > _SECONDS_BETWEEN_COMMITS

    def add(self, rows: dict[str, ndarray]) -> None:
        """Keep the rows of the last records, each of shape (seed, record, *dims), until the next commit."""
        self._rows.append(rows)

    def commit(
        self,
        diverged: Mapping[int, int],
        state: Mapping[str, Tensor] | None = None,
        records: int | None = None,
        steps: Sequence[int] | None = None,
    ) -> None:
        """Write what is waiting and declare it safe.

        Args:
            diverged: seed -> the step at which its loss stopped being finite.
            state: the checkpoint to go on from.
            records: how many are safe, where those that never came count as well.
            steps: the steps of the rows that are waiting, where the recording does not know them beforehand.
        """
        if self._rows:
            rows = {name: np.concatenate([part[name] for part in self._rows], axis=1) for name in self._rows[0]}
            written = next(iter(rows.values())).shape[1]
            self._writer.write(self._group, self.next - written, rows)
            self._rows = []
        self._writer.commit(self._group, self.next if records is None else records, diverged, steps, state)
        self._committed_at = time.monotonic()


def _stored(values: ndarray, dtype: str) -> ndarray:
    """Return values as a type, those beyond its range at the ends of it: a picture has no place for infinity."""
    try:
        with np.errstate(over="raise"):
            return values.astype(dtype)
    except FloatingPointError:
        ends = np.finfo(dtype)
        return np.clip(values, ends.min, ends.max).astype(dtype)


def _rounded(values: Float[ndarray, ...], bits: int) -> Float[ndarray, ...]:
    """Round float32 to some bits of its mantissa; unlike float16 that keeps the range of numbers whole."""
    dropped = 23 - bits
    # The carry of a half rounds up into the exponent where it must; infinity and torch's NaN stay what they are.
    packed = values.view(np.uint32) + np.uint32(1 << (dropped - 1))
    packed &= np.uint32(0xFFFFFFFF ^ ((1 << dropped) - 1))
    return packed.view(np.float32)
