"""Files and folders that appear under their name only when they are whole, whatever ends the process that makes them.

What is being made stands beside its place as `.NAME.gandyn.tmp`, a folder that is being replaced as `.NAME.gandyn.old`,
and the lock without which nobody touches either is `.NAME.gandyn.lock`. Where a process was killed, the next that takes
the lock puts back what was there and clears the rest away.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["alone", "discarded", "followed", "reason", "replaced", "restored", "swept", "written_by"]

_LOCK = ".gandyn.lock"
_SECONDS_BETWEEN_RENAMES = 1.0
"""More than passes between the two renames that replace a folder."""


@contextmanager
def alone(path: Path, worthwhile: Callable[[float], bool] = lambda waited: True) -> Iterator[Path]:
    """Be the only one, among all processes and threads, that writes a file or folder.

    Args:
        path: its name; what it links to is what is meant.
        worthwhile: asked at every turn, with the seconds waited so far, whether to wait for somebody else any longer.

    Yields:
        Where it lies when links are followed.

    Raises:
        HeldError: somebody else writes it, and waiting is not worthwhile (see `gandyn.core.locks`).
        OSError: its folder cannot be made or written, or it is a link that leads to itself.
    """
    from gandyn.core.locks import locked

    target = followed(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(_beside(target, "lock"), path, worthwhile):
        _recover(target)
        yield target


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Give a place for a file or folder that takes the target's name at the end, and goes away on any error.

    Args:
        target: where it goes, by a name that is no link; whoever calls is `alone` there.
    """
    with discarded(target) as part:
        yield part
        if part.is_dir() and target.is_dir():  # which cannot be replaced in one go
            old = _beside(target, "old")
            os.rename(target, old)
            os.rename(part, target)
            os.rename(old, part)  # half deleted, nobody should take it for what was there
        else:
            os.replace(part, target)


@contextmanager
def discarded(target: Path) -> Iterator[Path]:
    """Give a place beside a target for what is gone at the end; whoever calls is `alone` there."""
    try:
        yield _beside(target, "tmp")
    finally:
        _recover(target)


def restored(path: Path) -> None:
    """Put a folder back that was about to be replaced when the process doing so was killed."""
    if path.exists():
        return
    from gandyn.core.locks import HeldError

    end = time.monotonic() + _SECONDS_BETWEEN_RENAMES
    with suppress(OSError, HeldError):
        if _beside(followed(path), "old").exists():
            with alone(path, lambda _: not path.exists() and time.monotonic() < end):
                pass


def written_by(path: Path) -> str | None:
    """Return who is writing a file or folder at this moment, in words; None where nobody is."""
    from gandyn.core.locks import holder

    try:
        return holder(_beside(followed(path), "lock"))
    except OSError:
        return None


def swept(folder: Path) -> None:
    """Clear away what processes that were killed have left in a folder."""
    from gandyn.core.locks import HeldError

    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(".") and name.endswith(_LOCK):
                with suppress(OSError, HeldError), alone(folder / name[1 : -len(_LOCK)], lambda _: False):
                    pass


def followed(path: Path) -> Path:
    """Return where a path leads, links followed; there need not be anything there.

    Raises:
        OSError: it is a link that leads to itself, the root of all folders, or no name at all.
    """
    try:
        target = Path(os.path.realpath(path))
    except ValueError:
        raise OSError(errno.EINVAL, "the name holds a NUL character", os.fspath(path)) from None
    if not target.name:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(path))
    return target


def reason(path: Path, error: OSError) -> str:
    """Say why a file or folder could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    if error.errno == errno.EFBIG:
        return "it would be larger than a file may be here"
    if error.errno == errno.ELOOP:
        return "this is a link that leads back to itself"
    what = error.strerror or str(error)
    if error.errno == errno.ENOENT:
        return f"no file can be made in the folder {path.parent}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"the folder {path.parent} cannot be written ({what})"
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EINVAL):
        return f"not a place a file can be written to ({what})"
    return f"could not be written ({what})"


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(f".{target.name}.gandyn.{ending}")


def _recover(target: Path) -> None:
    """Put back what was there, and clear the rest away."""
    part, old = _beside(target, "tmp"), _beside(target, "old")
    if old.exists():
        if target.exists():
            _discard(old)
        else:
            os.rename(old, target)
    _discard(part)
    if target.is_dir():
        swept(target)


def _discard(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
