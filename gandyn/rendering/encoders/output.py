"""Files that appear under their name only when they are whole, and the suffixes a picture can have."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gandyn.core.errors import RenderError, UsageError
from gandyn.core.locks import HeldError
from gandyn.core.replacing import alone, discarded, followed, reason, replaced
from gandyn.core.suggestions import nearest

__all__ = ["ANIMATED", "OPAQUE", "STILL", "atomic", "atomic_sequence", "check_suffix", "is_stream"]

ANIMATED = (".gif", ".mp4", ".webp", ".apng")
STILL = (".png", ".pdf", ".svg")
OPAQUE = (".mp4",)
"""Suffixes of formats that know no transparency."""


def check_suffix(path: str | os.PathLike[str], *, figure: bool = False) -> str:
    """Return the suffix of an output file in lower case.

    Args:
        path: the file.
        figure: whether only still pictures will do (PNG, PDF, SVG).

    Raises:
        UsageError: it is none of those allowed.
    """
    allowed = STILL if figure else ANIMATED + STILL
    suffix = Path(path).suffix.lower()
    if suffix in allowed:
        return suffix
    near = nearest(suffix, allowed)
    hint = f"; did you mean {near}?" if near else ""
    what = f"unsupported suffix {suffix!r}" if suffix else "no suffix to tell the format by"
    raise UsageError(f"{path}: {what}{hint} (supported: {', '.join(allowed)})")


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary path that takes the final name at the end, and goes away on any error.

    A link stays, and what it leads to is written. Devices and pipes are given the whole at the end.

    Raises:
        RenderError: the folder cannot be made or written, or the disk is full.
    """
    if path.is_dir():
        raise RenderError(f"{path}: is a folder, a file was expected")
    with _told(path):
        if is_stream(path):
            with tempfile.TemporaryDirectory() as folder:
                part = Path(folder) / "part"
                yield part
                with part.open("rb") as whole, _open_stream(path) as stream:
                    shutil.copyfileobj(whole, stream)
        else:
            with alone(path) as target, replaced(target) as part:
                yield part


@contextmanager
def atomic_sequence(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Give temporary paths for files of one folder, which take their final names at the end, and go away on any error.

    They do so one after another, once each of the names is known to be free for it: a kill within that moment leaves
    the first of them new, and of the rest what was there.

    Raises:
        RenderError: as for `atomic`.
    """
    with _told(paths[0]), alone(paths[0]) as target, discarded(target) as folder:
        folder.mkdir()
        yield (parts := [folder / path.name for path in paths])
        targets = [_replaceable(path, folder) for path in paths]
        for part, final in zip(parts, targets, strict=True):
            os.replace(part, final)


def _replaceable(path: Path, folder: Path) -> Path:
    """Return where a path leads, if a file in a folder can be renamed to it."""
    with _told(path):
        target = followed(path)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
        if target.parent.stat().st_dev != folder.stat().st_dev:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), os.fspath(path))
    return target


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say why a file cannot be written."""
    try:
        yield
    except BrokenPipeError:  # its reader has seen enough
        raise
    except OSError as error:
        raise RenderError(f"{path}: {reason(path, error)}") from error
    except HeldError as error:
        raise RenderError(f"{path}: {error.holder} is in the middle of writing it") from None


def is_stream(path: Path) -> bool:
    """Say whether a path leads to what is written to as it stands: a device, a pipe, or a file that is open already."""
    if _opened(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # there is none, or can be none of this name
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _open_stream(path: Path) -> BinaryIO:
    opened = _opened(path)
    if opened is not None and opened.parent == Path(f"/proc/{os.getpid()}/fd"):
        return open(int(opened.name), "wb", closefd=False)  # opened anew, a file would be written from its beginning
    return path.open("wb")


def _opened(path: Path) -> Path | None:
    """Follow links to one that stands for an open file, as those do that /dev/stdout leads to; None if none does."""
    for _ in range(40):  # more than the system follows
        if not path.is_symlink():
            break
        path = Path(os.path.realpath(path.parent), path.name)
        if path.parts[:2] == ("/", "proc"):
            return path
        path = path.parent / os.readlink(path)
    return None
