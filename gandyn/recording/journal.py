"""The journal of a recording: one line a commit, appended; whatever happens later, those lines stand.

A line that was cut off by a crash is the last one, and is ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gandyn.errors import RecordingError

__all__ = ["Journal", "append", "read_journal"]

NAME = "journal.jsonl"
FORMAT = 1


@dataclass
class Journal:
    """What a journal says.

    Attributes:
        groups: how the seeds are split, as [first, past the last) positions on the seed axis.
        every: steps between two records.
        steps: steps of a complete run.
        committed: records that are safe, for each group.
        diverged: seed -> step at which its loss stopped being finite.
        seconds: time spent in training so far, summed over sessions.
        trained: steps made in that time, summed over seeds.
        variables: names of what is recorded at every step.
        recorded: the steps of the records, where no end was known; else empty, and the arrays have them.
        complete: whether every group reached its end.
    """

    groups: list[tuple[int, int]]
    every: int
    steps: int
    committed: list[int]
    diverged: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    trained: int = 0
    variables: list[str] = field(default_factory=list)
    recorded: list[int] = field(default_factory=list)
    complete: bool = False

    @property
    def records(self) -> int:
        """Records that every group has committed."""
        return min(self.committed)


def append(folder: Path, **line: Any) -> None:
    """Add a line to a recording's journal in one write, below whatever a crash may have torn."""
    with (folder / NAME).open("ab+", buffering=0) as file:
        end = file.seek(0, 2)
        file.seek(max(end - 1, 0))
        torn = end > 0 and file.read(1) != b"\n"
        file.write(b"\n" * torn + json.dumps(line).encode() + b"\n")


def read_journal(folder: Path) -> Journal:
    """Read a journal.

    Raises:
        RecordingError: there is none, or its first line is not one of ours.
    """
    try:
        text = (folder / NAME).read_bytes()
    except OSError:
        raise RecordingError(f"{folder} is not a recording: it has no {NAME}") from None
    lines = []
    for raw in text.split(b"\n")[:-1]:
        try:
            lines.append(json.loads(raw))
        except ValueError:
            # A crash in mid-line, after which a resumed run went on below it.
            continue
    try:
        head = lines[0]
        if head["format"] != FORMAT:
            raise RecordingError(f"{folder} has format {head['format']}; this gandyn reads format {FORMAT}")
        groups = [(int(a), int(b)) for a, b in head["groups"]]
        journal = Journal(groups, int(head["every"]), int(head["steps"]), [0] * len(groups))
        journal.variables = [str(name) for name in head["variables"]]
        for line in lines[1:]:
            if "variables" in line:
                journal.variables += map(str, line["variables"])
            elif "records" in line:
                if "steps" in line:
                    journal.recorded[line["records"] - len(line["steps"]) :] = line["steps"]
                journal.committed[line["group"]] = max(journal.committed[line["group"]], line["records"])
                journal.diverged.update({int(k): v for k, v in line["diverged"].items()})
            elif "seconds" in line:
                journal.seconds += line["seconds"]
                journal.trained += line["trained"]
                journal.complete = line["complete"]
    except (IndexError, KeyError, TypeError, ValueError):
        raise RecordingError(f"{folder / NAME} is damaged: it does not begin as a recording's journal does") from None
    return journal
