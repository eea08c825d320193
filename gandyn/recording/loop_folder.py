"""The folder of somebody's own loop: one recorder at a time writes to it, and none over what is to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gandyn.errors import RecordingError
from gandyn.locks import HeldError
from gandyn.recording.journal import NAME, read_journal
from gandyn.replacing import alone, reason, swept

__all__ = ["take_folder", "writable", "writable_still"]

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
            with writable(path):
                folder = stack.enter_context(alone(path, lambda waited: waited < _PATIENCE))
        except HeldError as held:
            hint = "close that recorder first" if held.holder == "this process" else "wait for it to end"
            raise RecordingError(f"{path} is being written by {held.holder}: {hint}, or choose another out") from None
        swept(folder.parent)
        if not force and (path / NAME).exists() and read_journal(path).records:
            raise RecordingError(f"{path} holds a recording already: force=True replaces it, another out keeps it")
        return stack.pop_all()


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Say why a recording cannot be begun."""
    try:
        yield
    except OSError as error:
        raise RecordingError(f"{path} cannot be written: {reason(path, error)}; choose another out") from None


@contextmanager
def writable_still(path: Path) -> Iterator[None]:
    """Say why a recording that was begun cannot be gone on with."""
    try:
        yield
    except OSError as error:
        raise RecordingError(f"{path} cannot be written any more ({error.strerror or error})") from error
