"""The journal of a recording: one line a commit, appended; whatever happens later, those lines stand.

Each line holds a checksum of itself and of the line before, so none is changed, lost or swapped without a word. A line
that was cut off by a crash is the last one, and is ignored.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from gandyn.core.errors import DamageError, RecordingError
from gandyn.recording.store.checksums import checksum, sealed_line, unsealed_line
from gandyn.recording.store.files import read_file
from gandyn.recording.store.journal_lines import Begin, Commit, End, Extend, Line, parsed_line

__all__ = ["Journal", "Report", "append", "fail", "read_journal"]

NAME = "journal.jsonl"
FORMAT = 3
_READ = (2, FORMAT)
"""Before it was 3, each number was an array of its own."""

_MOST_BYTES = 1 << 28
_BEFORE_THE_FIRST = "00000000"
_APPENDING = threading.Lock()
"""Groups of seeds commit from threads of their own."""

Report = Callable[[DamageError], None]
"""Takes damage that does not keep the rest from being read."""


@dataclass
class Journal:
    """What a journal says.

    Attributes:
        groups: how the seeds are split, as [first, past the last) positions on the seed axis.
        every: steps between two records.
        steps: steps of a complete run.
        committed: records that are safe, for each group.
        written: records that were written of them, for each group: those after the last seed diverged were not.
        diverged: seed -> step at which its loss stopped being finite.
        seconds: time spent in training so far, summed over sessions.
        trained: steps made in that time, summed over seeds.
        scenario: whether it is the recording of a scenario; else of somebody's own loop.
        variables: names of what is recorded at every step, with the first record that has it.
        attributes: the checksum of the recording's attributes.
        arrays: that of each array's metadata.
        checkpoints: those of each group's checkpoints so far, of which the last but one may be in place.
        recorded: the steps of the records, where no end was known; else empty, and the arrays have them. Of damaged
            lines they are -1.
        complete: whether every group reached its end.
    """

    groups: list[tuple[int, int]]
    every: int
    steps: int
    committed: list[int]
    written: list[int]
    scenario: bool
    variables: dict[str, int]
    attributes: str
    arrays: dict[str, str]
    checkpoints: list[list[str]]
    diverged: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    trained: int = 0
    recorded: list[int] = field(default_factory=list)
    complete: bool = False

    @property
    def records(self) -> int:
        """Records that every group has committed."""
        return min(self.committed)

    def step(self, record: int) -> int:
        """Return the step of a record."""
        return self.recorded[record] if self.recorded else min(record * self.every, self.steps)

    @classmethod
    def _begun(cls, begin: Begin) -> Journal:
        ends = [0, *(last for _, last in begin.groups)]
        if any(first != before or last <= first for (first, last), before in zip(begin.groups, ends, strict=False)):
            raise ValueError("its groups of seeds do not follow one another")
        if not {*begin.variables} <= begin.arrays.keys():
            raise ValueError("it names variables that have no array")
        count = len(begin.groups)
        return cls(
            groups=begin.groups,
            every=begin.every,
            steps=begin.steps,
            committed=[0] * count,
            written=[0] * count,
            scenario=begin.scenario,
            variables=dict.fromkeys(begin.variables, 0),
            attributes=begin.attributes,
            arrays=dict(begin.arrays),
            checkpoints=[[] for _ in range(count)],
        )

    def _take(self, line: Line, *, gaps: bool) -> None:
        """Take in a line; where lines are missing (`gaps`), so may be the steps of records."""
        if isinstance(line, Extend):
            if line.variable in self.arrays:
                raise ValueError(f"{line.variable} is there already")
            self.variables[line.variable] = line.first
            self.arrays[line.variable] = line.metadata
        elif isinstance(line, Commit):
            self._commit(line, gaps=gaps)
        elif isinstance(line, End):
            self.seconds += line.seconds
            self.trained += line.trained
            self.complete = line.complete
        else:
            raise ValueError("a journal begins but once")  # noqa: TRY004 - it is a value that is wrong

    def _commit(self, line: Commit, *, gaps: bool) -> None:
        # A group that goes on from a checkpoint further back commits less at first than it has written before.
        if line.group >= len(self.groups) or line.written > max(line.records, self.committed[line.group]):
            raise ValueError("it commits what there is not")
        if line.steps is None:
            if line.records > self.steps // self.every + 2:
                raise ValueError(f"it commits {line.records:,} records of a run of {self.steps:,} steps")
        else:
            unknown = line.records - len(line.steps) - len(self.recorded)
            if unknown < 0 or (unknown and not gaps):
                raise ValueError("it does not say of which steps its records are")
            if unknown > 1 << 20:
                raise ValueError(f"of {unknown:,} records before it nothing is known")
            self.recorded += [-1] * unknown + line.steps
        self.committed[line.group] = max(self.committed[line.group], line.records)
        self.written[line.group] = max(self.written[line.group], line.written)
        self.diverged.update({int(seed): step for seed, step in line.diverged.items()})
        if line.checkpoint is not None:
            self.checkpoints[line.group].append(line.checkpoint)


def append(folder: Path, line: str, **values: Any) -> None:
    """Add a line to a recording's journal in one write, in place of whatever a crash may have torn.

    Raises:
        OSError: there is no room for all of it; then nothing is added.
        RecordingError: the journal would be longer than it is read again.
    """
    with _APPENDING, (folder / NAME).open("ab+", buffering=0) as file:
        end, last = _last_line(file)
        file.truncate(end)
        after = checksum(last) if last else _BEFORE_THE_FIRST
        whole = sealed_line({"line": line, **values, "after": after}) + b"\n"
        if end + len(whole) > _MOST_BYTES:
            raise RecordingError(
                f"{folder / NAME} would be larger than the {_MOST_BYTES:,} bytes that are read of it again; "
                f"what was committed is kept"
            )
        try:
            rest = memoryview(whole)
            while rest:  # of what does not fit, a disk takes a part without a word, and refuses only the rest
                rest = rest[file.write(rest) :]
        except OSError:
            file.truncate(end)
            raise


def _last_line(file: BinaryIO) -> tuple[int, bytes]:
    """Return where the last whole line of a file ends, and that line."""
    size, length = file.seek(0, 2), 1 << 12
    while True:
        start = max(size - length, 0)
        file.seek(start)
        text = file.read(size - start)
        end = text.rfind(b"\n")
        begin = text.rfind(b"\n", 0, max(end, 0)) + 1
        if begin or not start:
            return start + end + 1, text[begin:end] if end >= 0 else b""
        length *= 8


def fail(damage: DamageError) -> NoReturn:
    """Raise damage: the report of those who want all or nothing."""
    raise damage


def read_journal(folder: Path, report: Report = fail) -> Journal:
    """Read a journal.

    Args:
        folder: the recording's.
        report: takes what is wrong with lines after the first; they are left out.

    Raises:
        RecordingError: there is none, or it has another format.
        DamageError: its first line is damaged.
    """
    try:
        *lines, torn = read_file(folder, NAME, _MOST_BYTES).split(b"\n")
    except FileNotFoundError:
        raise RecordingError(f"{folder} is not a recording: it has no {NAME}") from None
    if not lines and not torn:
        raise DamageError(folder / NAME, "it is empty")
    first, rest = (lines or [torn])[0], lines[1:]
    _check_format(folder, first)
    try:
        begin = parsed_line(first)
        if not isinstance(begin, Begin):
            raise ValueError("it does not begin as a recording's journal does")  # noqa: TRY004, TRY301
        journal = Journal._begun(begin)
    except ValueError as error:
        raise DamageError(folder / NAME, f"line 1: {error}") from None
    last, whole, gaps = first, True, False
    for number, raw in enumerate(rest, 2):
        try:
            line = parsed_line(raw)
            follows = line.after == checksum(last)
            if whole and not follows:
                report(DamageError(folder / NAME, f"line {number}: the line before it is missing"))
            gaps = gaps or not follows
            journal._take(line, gaps=gaps)
            whole = True
        except ValueError as error:
            whole, gaps = False, True
            report(DamageError(folder / NAME, f"line {number}: {error}", "what it committed"))
        last = raw
    if _ends_within(torn):
        report(DamageError(folder / NAME, f"line {len(lines) + 1}: it does not end where it should"))
    return journal


def _ends_within(torn: bytes) -> bool:
    """Tell what a crash leaves, the beginning of a line, from a line with more behind it than its end."""
    for end in range(max(len(torn) - 8, 0), len(torn)):
        try:
            unsealed_line(torn[:end])
        except ValueError:
            continue
        return True
    return False


def _check_format(folder: Path, first: bytes) -> None:
    """Refuse recordings of other versions, whose lines had no checksums."""
    try:
        version = json.loads(first)["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return  # whatever it is, it will be said to be damaged
    if type(version) is not int or version in _READ:
        return
    if version < FORMAT:
        raise RecordingError(f"{folder} was recorded by an older version of gandyn; train it again")
    raise RecordingError(f"{folder} was recorded by a newer version of gandyn (format {version}; this reads {FORMAT})")
