"""Checksums of what a recording holds: CRC-32C, which is what zarr's codec of that name writes behind each chunk.

References:
    Castagnoli, Brauer, Herrmann: Optimization of cyclic redundancy-check codes with 24 and 32 parity bits (1993).
"""

from __future__ import annotations

import json
import re
from typing import Any

import google_crc32c

__all__ = ["CHANGED", "checksum", "sealed_line", "sealed_text", "unsealed_line", "unsealed_text"]

_TEXT = re.compile(rb"# crc32c of the lines above: ([0-9a-f]{8})\n\Z")
_LINE = re.compile(rb', "crc32c": "([0-9a-f]{8})"\}')
CHANGED = "its checksum does not fit what it holds"
"""What is said of all that was sealed and is no longer as it was."""


def checksum(data: bytes) -> str:
    """Return the CRC-32C of some bytes as eight hexadecimal digits.

    Example:
        >>> checksum(b"123456789")
        'e3069283'
    """
    return f"{google_crc32c.value(data):08x}"


def sealed_text(text: str) -> str:
    """Return lines of YAML with a comment at their end that holds their checksum."""
    return f"{text}# crc32c of the lines above: {checksum(text.encode())}\n"


def unsealed_text(text: bytes) -> str:
    """Return the lines that were sealed.

    Raises:
        ValueError: they were changed since, or cut off.
    """
    seal = _TEXT.search(text)
    if seal is None:
        raise ValueError("it does not end with the checksum of its lines")
    if checksum(text[: seal.start()]).encode() != seal[1]:
        raise ValueError(CHANGED)
    return text[: seal.start()].decode()


def sealed_line(values: dict[str, Any]) -> bytes:
    """Return an object of JSON on one line, whose last value is the checksum of what stands before it."""
    body = json.dumps(values).encode()[:-1]
    return body + f', "crc32c": "{checksum(body)}"}}'.encode()


def unsealed_line(line: bytes) -> bytes:
    """Return the object of JSON that was sealed, without its checksum.

    Raises:
        ValueError: it was changed since.
    """
    seal = _LINE.search(line)
    if seal is None or seal.end() != len(line) or checksum(line[: seal.start()]).encode() != seal[1]:
        raise ValueError(CHANGED)
    return line[: seal.start()] + b"}"
