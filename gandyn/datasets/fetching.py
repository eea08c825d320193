"""Public files, found on this machine or downloaded, and always verified by the hash of their unpacked bytes.

The packed bytes say nothing: mirrors compress anew.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from gandyn.errors import DataError

__all__ = ["Collection", "fetch"]

_SECONDS = 20
"""A mirror that is silent for so long is given up."""


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
        DataError: the file in GANDYN_DATA is damaged or another one, or nothing right could be downloaded; the text
            says which files are to be put where.
    """
    sha256 = collection.sha256[name]
    data = os.environ.get("GANDYN_DATA")
    if data:
        folder = Path(data).expanduser()
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
    return _download(collection, name, cache)


def _either(folder: Path, name: str) -> list[Path]:
    """Return where a file lies packed and where unpacked."""
    return [folder / name, folder / name.removesuffix(".gz")]


def _verified(path: Path, sha256: str) -> bytes:
    """Return the unpacked bytes of a local file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged or another file.
    """
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":  # not by its name: some servers unpack on the way
        try:
            content = gzip.decompress(content)
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
    try:
        cache.mkdir(parents=True, exist_ok=True)
        # A folder of one's own: whatever ends the download, nothing half-written has the file's name.
        with tempfile.TemporaryDirectory(prefix=".download-", dir=cache) as folder:
            part = Path(folder) / name
            for mirror in collection.mirrors:
                try:
                    content = _copied(f"{mirror.rstrip('/')}/{name}", part, collection.sha256[name])
                except ConnectionError as error:
                    failures.append(str(error))
                else:
                    part.replace(cache / name)
                    return content
    except OSError as error:
        failures.append(f"cannot write to {cache}: {error.strerror}")
    raise DataError(
        f"could not get {name}. Without a network, put the files {', '.join(collection.sha256)} (packed or unpacked) "
        f"into {cache}, or into a folder {collection.folder} and name the folder that this is in by the environment "
        "variable GANDYN_DATA. What was tried:\n" + "\n".join(f"  {failure}" for failure in failures)
    )


def _copied(address: str, part: Path, sha256: str) -> bytes:
    """Download a file, and return its unpacked bytes.

    Raises:
        ConnectionError: that failed; the text says from where and why.
        OSError: it cannot be written.
    """
    import pooch
    from requests import RequestException

    try:
        pooch.HTTPDownloader(timeout=_SECONDS, chunk_size=1 << 16)(address, str(part), None)
    except RequestException as error:
        raise ConnectionError(f"{address}: {error}") from None
    try:
        return _verified(part, sha256)
    except ValueError as error:
        raise ConnectionError(f"{address}: {str(error).replace(str(part), 'what came')}") from None
