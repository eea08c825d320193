"""Reading the files of a recording, which may come from anybody: regular files inside its folder, and nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gandyn.errors import DamageError

__all__ = ["check_contained", "read_file", "size_of"]

# Opening a pipe would wait for its other end; Windows tells text from bytes.
_HOW = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_file(folder: Path, name: str, most: int, lost: str = "") -> bytes:
    """Return what a file of a recording holds.

    Args:
        folder: the recording's folder, which may be a link itself.
        name: the file's path in it.
        most: bytes that it may hold.
        lost: what cannot be read if it cannot, for the error.

    Raises:
        FileNotFoundError: there is no such file.
        DamageError: it is no regular file, lies elsewhere, is larger, or cannot be read.
    """
    file = folder / name
    try:
        _check_contained(folder, name, lost)
        with open(os.open(file, _HOW), "rb") as opened:
            return opened.read(_check(file, os.fstat(opened.fileno()), most, lost))
    except OSError as error:
        raise _unreadable(file, error, lost) from None


def size_of(folder: Path, name: str, most: int, lost: str = "") -> int:
    """Return how many bytes a file of a recording holds; arguments and errors are those of `read_file`."""
    file = folder / name
    try:
        _check_contained(folder, name, lost)
        found = os.stat(file)
    except OSError as error:
        raise _unreadable(file, error, lost) from None
    return _check(file, found, most, lost)


def check_contained(folder: Path) -> None:
    """Find out that nothing in a recording leads out of it, before anything is written there.

    Raises:
        DamageError: a link does.
    """
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            _check_contained(folder, os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/"), "")


def _check_contained(folder: Path, name: str, lost: str) -> None:
    """Refuse a path of which any part is a link that leads out of the folder."""
    path = os.fspath(folder)
    for part in name.split("/"):
        path = os.path.join(path, part)
        # Links are rare, and to follow them costs more than to find that there is none.
        if os.path.islink(path) and not os.path.realpath(path).startswith(os.path.join(os.path.realpath(folder), "")):
            raise DamageError(folder / name, "it is a link that leads out of the recording", lost)


def _check(file: Path, found: os.stat_result, most: int, lost: str) -> int:
    if not stat.S_ISREG(found.st_mode):
        raise DamageError(file, "it is not a regular file", lost)
    if found.st_size > most:
        raise DamageError(file, f"it holds {found.st_size:,} bytes, where at most {most:,} belong", lost)
    return found.st_size


def _unreadable(file: Path, error: OSError, lost: str) -> OSError | DamageError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FileNotFoundError(error.errno, "there is no such file", os.fspath(file))
    return DamageError(file, f"it cannot be read ({error.strerror or error})", lost)
