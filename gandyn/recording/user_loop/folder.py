"""The folder of somebody's own loop: one recorder at a time writes to it, and none over what is to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gandyn.core.errors import RecordingError
from gandyn.core.locks import HeldError
from gandyn.core.replacing import alone, reason, swept
from gandyn.recording.store.journal import NAME, read_journal

__all__ = ["BEGINNING", "GOING_ON", "take_folder", "writable"]

BEGINNING = "cannot be written: {}; choose another out"
GOING_ON = "cannot be written any more: {}"
"""What is said of a recording for which there is no place, and of one for which there was."""

_EITHER = "force=True replaces it, another out keeps it"
_PATIENCE = 0.5
"""Seconds for which somebody may have the folder who only looks what is there."""


def take_folder(path: Path, *, force: bool) -> ExitStack:
    """Keep everybody else from writing to a folder, until what is returned is closed.

    Args:
        path: the folder.
        force: whether a recording in it may be replaced; one without a single record always may.

    Raises:
        RecordingError: it holds a recording, somebody else writes to it, or it cannot be written.
    """
    with ExitStack() as stack:
        try:
            with writable(path, BEGINNING):
                folder = stack.enter_context(alone(path, lambda waited: waited < _PATIENCE))
        except HeldError as held:
            hint = "close that recorder first" if held.holder == "this process" else "wait for it to end"
            raise RecordingError(f"{path} is being written by {held.holder}: {hint}, or choose another out") from None
        swept(folder.parent)
        if not force and _recorded(path):
            raise RecordingError(f"{path} holds a recording already: {_EITHER}")
        return stack.pop_all()


def _recorded(path: Path) -> int:
    """Return how many records a folder holds."""
    try:
        return read_journal(path).records if (path / NAME).exists() else 0
    except RecordingError as error:
        raise RecordingError(f"{error} ({_EITHER})") from None


@contextmanager
def writable(path: Path, sentence: str) -> Iterator[None]:
    """Say in a sentence about a recording why it cannot be written."""
    try:
        yield
    except OSError as error:
        raise RecordingError(f"{path} {sentence.format(reason(path, error))}") from error
