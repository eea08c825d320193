"""IDX, the file format of MNIST: a magic number, the dimensions, and bytes."""

from __future__ import annotations

import math
import struct

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from gandyn.core.errors import DataError

__all__ = ["read_idx"]

_BYTES = 0x08
"""The third byte of the magic number: the array holds unsigned bytes."""


def read_idx(content: bytes, name: str) -> UInt8[ndarray, ...]:
    """Return the array in an IDX file of unsigned bytes, as a view of its content.

    Args:
        content: the whole file: two zero bytes, the kind of number, the number of dimensions, each dimension as a
            big-endian unsigned 32-bit number, and the data, last index fastest.
        name: of the file, for complaints.

    Raises:
        DataError: the magic number is another one, there are no dimensions, or the length does not fit them.

    Example:
        >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]), "two_labels").tolist()
        [7, 9]
    """
    if len(content) < 4 or content[:3] != bytes([0, 0, _BYTES]) or content[3] == 0:
        raise DataError(f"{name} is no IDX file of unsigned bytes: it begins with {content[:4].hex(' ') or 'nothing'}")
    count = content[3]
    start = 4 + 4 * count
    if len(content) < start:
        raise DataError(f"{name} is cut short: its {count} dimensions end at byte {start}, the file at {len(content)}")
    shape = struct.unpack(f">{count}I", content[4:start])
    expected = start + math.prod(shape)
    if len(content) != expected:
        sizes = " x ".join(map(str, shape))
        raise DataError(f"{name} has {len(content)} bytes; an array of {sizes} bytes would make {expected}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
