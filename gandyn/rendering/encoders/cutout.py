"""GIFs without a ground: every pixel of a frame is opaque or not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt32

from gandyn.rendering.encoders.gif import GifWriter, bins
from gandyn.rendering.encoders.transparency import hardened

__all__ = ["CutoutGifWriter"]

_CLEARED = 2
"""What a frame leaves behind for the next one: nothing, for what was drawn once cannot be made transparent again."""


class CutoutGifWriter(GifWriter):
    """Streams frames with an opacity into a GIF that knows none but all or nothing.

    Args:
        ground: what is half seen through is mixed with (0..255): the ground that the picture's colours are made for.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        samples: Sequence[UInt32[np.ndarray, "row column"]],
        keep: Sequence[tuple[int, int, int]],
        tones: bool,
        ground: tuple[int, int, int],
    ) -> None:
        solid = [hardened(one, ground) for one in samples]
        super().__init__(path, size, [one[one != 0] for one in solid], keep, tones)
        self._ground = ground

    def add(self, frame: UInt32[np.ndarray, "row column"], delay: int) -> None:
        """Append a frame, cut to what is drawn of it."""
        solid = hardened(frame, self._ground)
        there = solid != 0
        rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
        top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
        left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
        window = np.s_[top:bottom, left:right]
        indices = np.where(there[window], self._lut[bins(solid[window])], np.uint8(self._clear))
        self._write(indices, left, top, delay, clear=True, disposal=_CLEARED)
