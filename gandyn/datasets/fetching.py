"""Public files, found on this machine or downloaded, and always verified by the hash of their unpacked bytes.

The packed bytes say nothing: mirrors compress anew.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gandyn.errors import DataError

__all__ = ["PublicFile", "fetch"]

_SECONDS = 20
"""A mirror that is silent for so long is given up."""


class PublicFile(NamedTuple):
    """A file as its mirrors have it.

    Attributes:
        name: ends in .gz.
        sha256: of the unpacked bytes.
    """

    name: str
    sha256: str


def fetch(file: PublicFile, collection: str, mirrors: Sequence[str]) -> bytes:
    """Return the unpacked bytes of a file, verified.

    It is looked for, packed or unpacked, in the folder that GANDYN_DATA names, then in the user's cache; if it is in
    neither, or damaged in the cache, it is downloaded there. What lies in GANDYN_DATA is never changed.

    Args:
        file: what to find.
        collection: subfolder of the cache, and of GANDYN_DATA unless the file lies there directly.
        mirrors: addresses of folders that hold the file, tried in this order.

    Raises:
        DataError: the file in GANDYN_DATA is damaged or another one, or nothing right could be downloaded; the text
            says which file is to be put where.
    """
    data = os.environ.get("GANDYN_DATA")
    for path in _places(Path(data).expanduser(), collection, file.name) if data else []:
        if path.is_file():
            try:
                return _verified(path, file.sha256)
            except ValueError as error:
                raise DataError(f"{error}; replace it") from None
            except OSError as error:
                raise DataError(f"cannot read {path}: {error.strerror}") from None

    import pooch

    cache = Path(pooch.os_cache("gandyn")) / collection
    try:
        return _verified(cache / file.name, file.sha256)
    except (ValueError, OSError):
        return _download(file, cache, mirrors)


def _places(folder: Path, collection: str, name: str) -> list[Path]:
    return [at / n for at in (folder / collection, folder) for n in (name, name.removesuffix(".gz"))]


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


def _download(file: PublicFile, cache: Path, mirrors: Sequence[str]) -> bytes:
    failures = []
    try:
        cache.mkdir(parents=True, exist_ok=True)
        # A folder of one's own: whatever ends the download, nothing half-written has the file's name.
        with tempfile.TemporaryDirectory(prefix=".download-", dir=cache) as folder:
            part = Path(folder) / file.name
            for mirror in mirrors:
                try:
                    content = _copied(f"{mirror.rstrip('/')}/{file.name}", part, file.sha256)
                except ConnectionError as error:
                    failures.append(str(error))
                else:
                    part.replace(cache / file.name)
                    return content
    except OSError as error:
        failures.append(f"cannot write to {cache}: {error.strerror}")
    raise DataError(
        f"could not get {file.name}; put it, packed (.gz) or unpacked, into the folder {cache.name} of one that the "
        f"environment variable GANDYN_DATA names, or as {cache / file.name}\n" + "\n".join(f"  {f}" for f in failures)
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
