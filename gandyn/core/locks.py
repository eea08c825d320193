"""Locks on names, which the operating system holds: none outlives the process that took it."""

from __future__ import annotations

import logging
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["HeldError", "holder", "locked"]

_LOG = logging.getLogger("gandyn")
_TURN = 0.05
"""Seconds between two tries."""
_UNSAID = 1.0
"""Seconds of waiting that nobody needs to be told of."""


class HeldError(Exception):
    """Somebody else has the lock.

    Attributes:
        holder: who, in words: the number of a process where it is known.
        here: whether it is this very thread, which would wait for itself.
    """

    def __init__(self, holder: str, here: bool) -> None:
        super().__init__(holder)
        self.holder, self.here = holder, here


@contextmanager
def locked(place: Path, what: Path, worthwhile: Callable[[float], bool] = lambda waited: True) -> Iterator[None]:
    """Hold the lock of a name, alone among all threads and processes; the user is told what is waited for.

    Args:
        place: the lock's own file, which is there only for as long.
        what: the name that is locked, for the message.
        worthwhile: asked at every turn, with the seconds waited so far, whether to wait any longer.

    Raises:
        HeldError: waiting is not worthwhile, or this thread itself holds the lock.
        OSError: no file can be made there.
    """
    lock, began, told = FileLock(place, thread_local=False), time.monotonic(), False
    while True:
        # A folder in which no file can be made would be taken for one in which somebody holds the lock.
        os.close(os.open(place, os.O_RDWR | os.O_CREAT, 0o666))
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            pass
        held, waited = _held(place), time.monotonic() - began
        if held.here or not worthwhile(waited):
            raise held from None
        if waited > _UNSAID and not told:
            told = True
            _LOG.warning("gandyn: %s is being written by %s; waiting for it (Ctrl-C gives up)", what, held.holder)
        time.sleep(_TURN)
    process = os.getpid()
    native = type(lock) is FileLock  # where the system has no locks, filelock keeps notes of its own in the file
    try:
        if native:
            with suppress(OSError):
                place.write_text(f"{platform.node()} {process} {threading.get_ident()}\n", encoding="utf-8")
        yield
    finally:
        if process == os.getpid():  # a child that was forked meanwhile holds nothing
            if native:
                with suppress(OSError):  # before it is let go, or it might be somebody else's by then
                    place.unlink()
            lock.release()


def holder(place: Path) -> str | None:
    """Return who holds the lock of a name at this moment, in words; None where nobody does, or nobody can tell.

    Args:
        place: the lock's own file.
    """
    if not place.exists():
        return None
    try:  # a process that was killed leaves the file, and no lock
        with FileLock(place, thread_local=False).acquire(timeout=0):
            return None
    except Timeout:
        return _held(place).holder
    except OSError:
        return None


def _held(place: Path) -> HeldError:
    """Read from a lock's file who holds it."""
    try:
        node, process, thread = place.read_text(encoding="utf-8").split()
    except (OSError, ValueError):  # just taken, or just let go
        return HeldError("another process", here=False)
    if node != platform.node():
        return HeldError(f"process {process} on {node}", here=False)
    if process != str(os.getpid()):
        return HeldError(f"process {process}", here=False)
    return HeldError("this process", here=thread == str(threading.get_ident()))
