"""Reading all of a recording, to find out whether it is as it was written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from gandyn.core.errors import DamageError
from gandyn.recording.checkpoints import read_checkpoint
from gandyn.recording.store.chunks import ChunkStore
from gandyn.recording.store.journal import read_journal
from gandyn.recording.store.metadata import read_metadata
from gandyn.recording.store.recording import folder_of, sub_steps_folder
from gandyn.recording.store.scenario_file import read_scenario

__all__ = ["verify"]


def verify(path: str | Path) -> list[DamageError]:
    """Read all of a recording, and return what is damaged.

    Raises:
        RecordingError: it is missing or is no recording of this version.

    Example:
        >>> verify("runs/two_modes")  # doctest: +SKIP
        []
    """
    folder, found = folder_of(path), list[DamageError]()
    try:
        journal = read_journal(folder, found.append)
    except DamageError as damage:  # nothing else is known without its first line
        return [damage]
    attrs, arrays = read_metadata(folder, journal, found.append)
    ChunkStore(folder, journal, arrays).read_all(found.append)
    checks: list[Callable[[], object]] = [
        *(partial(read_checkpoint, folder, journal, group) for group in range(len(journal.groups))),
        *([partial(read_scenario, folder)] if journal.scenario else []),
    ]
    for check in checks:
        try:
            check()
        except DamageError as damage:
            found.append(damage)
    try:
        updates = sub_steps_folder(folder, attrs)
        found += [] if updates is None else verify(updates)
    except DamageError as damage:
        found.append(damage)
    return found
