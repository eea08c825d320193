"""The folders recordings lie in: what may be written there, what is there already, and what to say of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gandyn.core.errors import RecordingError, UsageError
from gandyn.core.locks import HeldError
from gandyn.core.messages import shown
from gandyn.core.replacing import alone, replaced, restored
from gandyn.core.suggestions import nearest

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording
    from gandyn.scenario.schema import Scenario

__all__ = [
    "being_recorded",
    "existing",
    "fingerprint_of",
    "ours",
    "refuse",
    "refuse_other",
    "retitled",
    "where_it_stopped",
]


def ours(folder: Path) -> bool:
    """Say whether a folder holds a recording, whatever its state."""
    return (folder / "journal.jsonl").exists() or (folder / "recording.zarr").exists()


def refuse_other(folder: Path) -> None:
    """Refuse what is no recording before it is opened, as a mistake in the command and not in the recording.

    Raises:
        UsageError: there is no such folder, or it holds something else.
    """
    restored(folder)
    if not folder.exists():
        recorded = sorted(os.fspath(entry.parent) for entry in folder.parent.glob("*/recording.zarr"))
        near = nearest(os.fspath(folder), recorded)
        raise UsageError(f"there is no recording at {folder}{f'; did you mean {near}?' if near else ''}")
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; a recording is a folder")
    if not ours(folder):
        raise UsageError(f"{folder} is not a recording: it has no journal.jsonl")


def existing(folder: Path, force: bool) -> Recording | None:
    """Return the recording in a folder, None if there is none, or say why the folder cannot be used."""
    from gandyn.recording.store.journal import read_journal
    from gandyn.recording.store.recording import open_recording

    if not folder.exists():
        return None
    if not folder.is_dir():
        raise RecordingError(f"{folder}: this is a file, where the folder of the recording should be")
    if not any(folder.iterdir()):
        return None
    if not ours(folder):
        raise RecordingError(f"{folder}: this folder holds other files and no recording; name another one with -o")
    try:
        if read_journal(folder).records == 0:  # stopped before its first commit: nothing is lost by starting over
            return None
        return open_recording(folder)
    except RecordingError as error:
        if not force:
            raise RecordingError(f"{error} (--force trains it again)") from None
        return None


def fingerprint_of(recording: Recording) -> str | None:
    """Return the hash of the scenario a recording was made of; None for somebody's own loop."""
    return recording.contents.attrs.get("fingerprint")


def being_recorded(folder: Path) -> str | None:
    """Return the hash of the scenario that a recording was begun of, though nothing may be committed yet.

    Empty for somebody's own loop; None where no recording was begun.
    """
    from gandyn.recording.store.metadata import read_document

    try:
        about = read_document(folder, "zarr.json", "whose recording it is").get("attributes")
    except RecordingError:
        return None
    return str(about.get("fingerprint", "")) if isinstance(about, dict) else None


def refuse(found: Recording, scenario: Scenario, folder: Path) -> None:
    """Say whose recording is in the way: what was trained is not lost without being asked for."""
    owner = found.scenario.get("name")
    if owner == scenario.name:
        what = "this scenario made with other settings"
    else:
        what = f"the scenario {shown(owner)}" if owner else "another program's training loop"
    raise RecordingError(f"{folder}: holds a recording of {what}; --force replaces it, -o FOLDER goes elsewhere")


def retitled(recording: Recording, scenario: Scenario) -> Recording:
    """What is written and how it is drawn are no part of training: take them from the scenario as it reads now.

    They are kept in its folder as well, unless that cannot be written, or another process is at it.
    """
    if recording.scenario != scenario.resolved():
        with suppress(OSError, HeldError, RecordingError), alone(recording.path, lambda _: False):
            _keep(scenario, recording.path)
    labels = list(scenario.data.axis_labels)
    recording.retitle(title=scenario.title, caption=scenario.caption, axis_labels=labels)
    return recording


def _keep(scenario: Scenario, folder: Path) -> None:
    """Write a scenario to the folder of its recording, if it still is there; whoever calls is alone in that."""
    from gandyn.recording.store.checksums import sealed_text
    from gandyn.recording.store.scenario_file import SCENARIO

    found = existing(folder, force=False)
    if found is not None and fingerprint_of(found) == scenario.fingerprint():
        with alone(folder / SCENARIO) as target, replaced(target) as part:
            part.write_text(sealed_text(scenario.to_yaml()), encoding="utf-8")


def where_it_stopped(folder: Path, steps: int, again: str | None) -> str:
    """Say how far an interrupted run came, and how to go on with it; `again` is the command that does."""
    from gandyn.recording.store.recording import open_recording

    try:
        last = int(open_recording(folder).steps()[-1])
    except (RecordingError, IndexError, OSError):
        return "stopped before the first step was recorded"
    how = f"; go on with: {again}" if again else "; train it again to go on from there"
    return f"stopped; {folder} is recorded up to step {last} of {steps}{how}"
