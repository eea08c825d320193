"""Reading the files of a recording, which may come from anybody: regular files inside its folder, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gandyn.core.errors import DamageError
from gandyn.core.files import check_regular, read_regular

__all__ = ["check_contained", "read_file", "size_of"]


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
    with _told(folder, name, lost):
        return read_regular(folder / name, most)


def size_of(folder: Path, name: str, most: int, lost: str = "") -> int:
    """Return how many bytes a file of a recording holds; arguments and errors are those of `read_file`."""
    with _told(folder, name, lost):
        found = os.stat(folder / name)
        check_regular(found, folder / name, most)
        return found.st_size


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


@contextmanager
def _told(folder: Path, name: str, lost: str) -> Iterator[None]:
    """Refuse a path that leads out of the folder, and say what keeps the file from being read."""
    try:
        _check_contained(folder, name, lost)
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(error.errno, "there is no such file", os.fspath(folder / name)) from None
    except OSError as error:
        raise DamageError(folder / name, f"it cannot be read ({error.strerror or error})", lost) from None
