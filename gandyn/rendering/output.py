"""Files that appear under their name only when they are whole, and the suffixes a picture can have."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gandyn.errors import RenderError, UsageError
from gandyn.nearest import nearest

__all__ = ["ANIMATED", "STILL", "atomic", "check_suffix"]

ANIMATED = (".gif", ".mp4", ".webp", ".apng")
STILL = (".png", ".pdf", ".svg")


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
    """Give a temporary path in the same folder that takes the final name at the end, and goes away on any error.

    Raises:
        RenderError: the folder does not exist or cannot be written, or the disk is full.
    """
    if path.is_dir():
        raise RenderError(f"{path}: is a folder, a file was expected")
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch(exist_ok=False)
        yield part
        os.replace(part, path)
    except OSError as error:
        raise RenderError(_explain(path, error)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _explain(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{path}: the disk is full; nothing was left behind"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{path}: the folder cannot be written ({os.strerror(error.errno)})"
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG):
        return f"{path}: not a place a file can be written to ({os.strerror(error.errno)})"
    return f"{path}: could not be written ({error})"
