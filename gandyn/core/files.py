"""Files from anybody, opened with care: regular files only, and none larger than it has any reason to be.

A device or a pipe under a file's name would be read without end, or waited for without end.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gandyn.core.messages import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

__all__ = ["MOST_DATA_BYTES", "check_regular", "located", "open_picture", "open_regular", "read_regular"]

MOST_DATA_BYTES = 1 << 28
"""Of one file of numbers or one picture: 256 MiB hold 33 million numbers in double precision."""
MOST_PIXELS = 1 << 26
"""Of one picture: 8,192 x 8,192, of which Pillow makes 256 MiB."""

_BLOCK = 1 << 20
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PPM")
"""Not all that Pillow knows: some formats run other programs."""


def located(path: Path, folder: Path) -> Path:
    """Return where a file lies that is named relative to a folder; `~` is somebody's home.

    Raises:
        OSError: there is no such place; `strerror` says why.
    """
    try:
        return (folder / path.expanduser()).resolve()
    except ValueError:
        raise OSError(errno.EINVAL, "the name holds a NUL character", os.fspath(path)) from None
    except RuntimeError as error:  # nobody has this name, or links lead round in a circle
        raise OSError(errno.ELOOP if "loop" in str(error) else errno.ENOENT, str(error), os.fspath(path)) from None


def open_regular(path: Path, most: int) -> io.BufferedReader:
    """Open a regular file to be read.

    Args:
        path: the file.
        most: bytes that it may have.

    Raises:
        OSError: it cannot be opened, is a folder, a device, a pipe or a socket, or is too large; `strerror` says which.
    """
    try:
        # Opening a pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError:
        raise OSError(errno.EINVAL, "the name holds a NUL character", os.fspath(path)) from None
    try:
        check_regular(os.fstat(descriptor), path, most)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def check_regular(found: os.stat_result, path: Path, most: int) -> None:
    """Refuse what is no regular file, or has more bytes than it may have.

    Raises:
        OSError: it is a folder, a device, a pipe or a socket, or is too large; `strerror` says which.
    """
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file but a device, a pipe or a socket", os.fspath(path))
    if found.st_size > most:
        raise OSError(errno.EFBIG, f"it has {found.st_size:,} bytes, and at most {most:,} are read", os.fspath(path))


def read_regular(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file, which may be at most so many.

    Raises:
        OSError: as for `open_regular`.
    """
    with open_regular(path, most) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(size + 1)  # not of `most`, for which memory would be taken at once
        # It may grow, and some files of the system do not say how large they are.
        while size < len(content) <= most and (more := file.read(_BLOCK)):
            content += more
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes, which is all that is read", os.fspath(path))
    return content


@contextmanager
def open_picture(path: Path) -> Iterator[Image]:
    """Open a picture; what is wrong with it is told also where that is found out later, while it is open.

    Raises:
        ValueError: it is none, is damaged, or has too many pixels; the text goes on from the file's name.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with open_regular(path, MOST_DATA_BYTES) as file, _begun(file) as picture:
            _check_size(*picture.size)
            yield picture
    except UnidentifiedImageError:
        raise ValueError("is not a picture that can be read (a .png is)") from None
    except Image.DecompressionBombError:
        raise ValueError(f"cannot be read as a picture: it has more than {MOST_PIXELS:,} pixels") from None
    except Exception as error:  # there is no end to what decoders stumble over
        reason = error.strerror if isinstance(error, OSError) else None
        raise ValueError(f"cannot be read as a picture: {reason or shortened(error)}") from None


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ValueError(f"it has {width:,} x {height:,} pixels, and at most {MOST_PIXELS:,} are read")


def _begun(file: io.BufferedReader) -> Image:
    """Return a picture of which only the header is read, without a warning where it is large."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(file, formats=_FORMATS)
