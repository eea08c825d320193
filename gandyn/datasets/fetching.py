"""Public files, found on this machine or downloaded, and always verified by the hash of their unpacked bytes.

The packed bytes say nothing: mirrors compress anew.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from gandyn.core.errors import DataError
from gandyn.core.files import MOST_DATA_BYTES, read_regular

__all__ = ["Collection", "fetch"]

_SECONDS = 20
"""A mirror that is silent for so long is given up."""
_UNREACHABLE = "cannot be reached"


class Collection(NamedTuple):
    """Files that belong together.

    Attributes:
        folder: where they lie in the user's cache, and in GANDYN_DATA unless they lie there directly.
        mirrors: addresses of folders that hold them, tried in this order.
        sha256: of the unpacked bytes of each file, by its name, which ends in .gz.
    """

    folder: str
    mirrors: tuple[str, ...]
    sha256: Mapping[str, str]


def fetch(collection: Collection, name: str) -> bytes:
    """Return the unpacked bytes of a file, verified.

    It is looked for, packed or unpacked, in the folder that GANDYN_DATA names, then in the user's cache; if it is in
    neither, or damaged in the cache, it is downloaded there. What lies in GANDYN_DATA is never changed.

    Raises:
        DataError: GANDYN_DATA names no folder, the file in it is damaged or another one, or nothing right could be
            downloaded; the text says which files are to be put where.
    """
    sha256 = collection.sha256[name]
    data = os.environ.get("GANDYN_DATA")
    if data:
        folder = Path(data).expanduser()
        if not folder.is_dir():
            raise DataError(f"GANDYN_DATA={data}: there is no folder of that name; {_where(collection)}")
        for path in _either(folder / collection.folder, name) + _either(folder, name):
            if path.is_file():
                try:
                    return _verified(path, sha256)
                except ValueError as error:
                    raise DataError(f"{error}; replace it") from None
                except OSError as error:
                    raise DataError(f"cannot read {path}: {error.strerror}") from None

    import pooch

    cache = Path(pooch.os_cache("gandyn")) / collection.folder
    for path in _either(cache, name):
        with contextlib.suppress(ValueError, OSError):
            return _verified(path, sha256)
    try:
        return _download(collection, name, cache)
    except DataError as error:
        raise DataError(f"GANDYN_DATA={data} holds no {name}; {error}" if data else str(error)) from None


def _where(collection: Collection) -> str:
    return (
        f"set it to a folder that holds {', '.join(collection.sha256)} (packed or unpacked), directly or in a folder "
        f"{collection.folder}"
    )


def _either(folder: Path, name: str) -> list[Path]:
    """Return where a file lies packed and where unpacked."""
    return [folder / name, folder / name.removesuffix(".gz")]


def _verified(path: Path, sha256: str) -> bytes:
    """Return the unpacked bytes of a local file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged or another file.
    """
    content = read_regular(path, MOST_DATA_BYTES)
    if content[:2] == b"\x1f\x8b":  # not by its name: some servers unpack on the way
        try:
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(MOST_DATA_BYTES)  # what is longer is another file, and its hash another one
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(
                f"{path} is damaged or cut short and cannot be unpacked ({error}); "
                f"the SHA-256 of its unpacked bytes should be {sha256}"
            ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{path} is not the file it should be: SHA-256 of its unpacked bytes {found}, not {sha256}")
    return content


def _download(collection: Collection, name: str, cache: Path) -> bytes:
    failures = []
    alone = True
    try:
        cache.mkdir(parents=True, exist_ok=True)
        # A folder of one's own: whatever ends the download, nothing half-written has the file's name.
        with tempfile.TemporaryDirectory(prefix=".download-", dir=cache) as folder:
            part = Path(folder) / name
            for mirror in collection.mirrors:
                try:
                    content = _copied(f"{mirror.rstrip('/')}/{name}", part, collection.sha256[name])
                except ConnectionError as error:
                    failures.append(f"{mirror}: {error}")
                    alone = alone and str(error) == _UNREACHABLE
                else:
                    part.replace(cache / name)
                    return content
    except OSError as error:
        failures.append(f"cannot write to {cache}: {error.strerror}")
        alone = False
    raise DataError(
        f"could not get {name}: {'no network' if alone else 'no mirror gave it'} ({'; '.join(failures)}). Download it "
        f"elsewhere and put it into {cache}; or use GANDYN_DATA: {_where(collection)}"
    )


def _copied(address: str, part: Path, sha256: str) -> bytes:
    """Download a file, and return its unpacked bytes.

    Raises:
        ConnectionError: that failed; the text says why.
        OSError: it cannot be written.
    """
    import pooch
    from requests import ConnectionError as Unreachable
    from requests import HTTPError, RequestException, Timeout

    try:
        pooch.HTTPDownloader(timeout=_SECONDS, chunk_size=1 << 16)(address, str(part), None)
    except HTTPError as error:
        raise ConnectionError(str(error).partition(" for url")[0]) from None
    except Timeout:
        raise ConnectionError(f"silent for {_SECONDS} seconds") from None
    except Unreachable:
        raise ConnectionError(_UNREACHABLE) from None
    except RequestException as error:
        raise ConnectionError(f"broken off ({type(error).__name__})") from None
    try:
        return _verified(part, sha256)
    except ValueError as error:
        raise ConnectionError(str(error).replace(str(part), "what came")) from None
