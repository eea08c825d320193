"""A GIF written as it is drawn: one palette for all frames, and of each frame only what changed.

Pillow keeps every frame in memory until the end and looks for a palette in each; here memory does not grow with the
number of frames, and colours do not crawl. Only the LZW coder is Pillow's.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8, UInt32
from PIL import Image, ImageFile

__all__ = ["GifWriter", "bins", "closed", "delays"]

_EDGES, _FLAT, _TONES = 40, 63, 255
"""Colours of the palette: for the edges of what is drawn, for all of a drawn picture at most, and of one with images in
it. Every shade more makes files larger."""

_WIDE = 0.002
"""Part of the picture from which on a colour is an area of its own."""

_GAP = 2
"""Pixels that did not change but are written all the same, between two that did."""

_TREMBLE, _END = 28, 10
"""By how much of 255 a pixel of images may lie beside what is shown there: what changes by less stays as it was. Near
black and white that is less."""

_GREYS = tuple((grey, grey, grey) for grey in (0, *range(12, 248, 8), 255))
"""A colour for the greys of every bin, so that a ramp of them is even, and the same in all frames."""


def delays(seconds: Sequence[float]) -> list[int]:
    """Return each frame's time on screen in hundredths of a second, the unit of the format.

    Delays alternate so that the running time never strays by more than half a hundredth.

    Args:
        seconds: for how long each frame is to be shown.
    """
    times = [round(100.0 * time) for time in accumulate(seconds, initial=0.0)]
    return [min(max(b - a, 1), 65535) for a, b in pairwise(times)]


class GifWriter:
    """Streams frames into a GIF.

    Args:
        samples: some frames of the animation; the shared palette is made from them.
        keep: colours that must be in the palette exactly (0..255).
        tones: whether there are images in the frames: the palette is larger then, with a ramp of greys.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        samples: Sequence[UInt32[np.ndarray, "row column"]],
        keep: Sequence[tuple[int, int, int]] = (),
        tones: bool = False,
    ) -> None:
        self._file = path.open("wb")
        self._width, self._height = size
        self._clear, self._near = (_TONES, _TREMBLE) if tones else (min(_EDGES + _areas(samples), _FLAT), 0)
        self._bits = self._clear.bit_length()
        palette = _palette(samples, keep, self._clear, _GREYS if tones else ())
        self._lut = _lookup(palette)
        self._last: UInt32[np.ndarray, "row column"] | None = None
        self._shown: UInt8[np.ndarray, "row column"] = np.zeros((self._height, self._width), np.uint8)
        self._scratch = np.full_like(self._shown, self._clear)
        self._begin(palette)

    def _begin(self, palette: UInt8[np.ndarray, "color 3"]) -> None:
        table = np.zeros((1 << self._bits, 3), np.uint8)
        table[: len(palette)] = palette
        self._file.write(b"GIF89a" + struct.pack("<HHBBB", self._width, self._height, 0xF0 | (self._bits - 1), 0, 0))
        self._file.write(table.tobytes())
        self._file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")

    def add(self, frame: UInt32[np.ndarray, "row column"], delay: int) -> None:
        """Append a frame.

        Args:
            frame: RGBA pixels packed in 32 bits.
            delay: its time on screen in hundredths of a second.
        """
        if self._last is None:
            self._shown = self._lut[bins(frame)]
            self._last = frame.copy()
            self._write(self._shown, 0, 0, delay, clear=False)
            return
        where = np.flatnonzero(frame != self._last)
        if self._near:
            pixels = _unpack(frame.ravel()[where])
            gap = np.abs(pixels - _unpack(self._last.ravel()[where]))
            # What has become black or white is so at once: grey that lingers on a dark ground is seen.
            near = np.where((pixels < _END) | (pixels > 255 - _END), _END, self._near)
            where = where[(gap > near).any(axis=1)]
        pixels = frame.ravel()[where]
        new, shown = self._lut[bins(pixels)], self._shown.ravel()
        self._last.ravel()[where] = pixels
        differs = new != shown[where]
        changed = where[differs]
        if not len(changed):
            self._write(self._shown[:1, :1], 0, 0, delay, clear=False)
            return
        shown[changed] = new[differs]
        columns = changed % self._width
        top, bottom = int(changed[0]) // self._width, int(changed[-1]) // self._width + 1
        left, right = int(columns.min()), int(columns.max()) + 1
        written, out = closed(changed), self._scratch.ravel()
        out[written] = shown[written]
        self._write(self._scratch[top:bottom, left:right], left, top, delay, clear=True)
        out[written] = self._clear

    def _write(
        self, indices: UInt8[np.ndarray, "row column"], left: int, top: int, delay: int, clear: bool, disposal: int = 1
    ) -> None:
        height, width = indices.shape
        control = disposal << 2 | clear
        block = b"\x21\xf9\x04" + struct.pack("<BHBB", control, delay, self._clear if clear else 0, 0)
        block += b"\x2c" + struct.pack("<HHHHB", left, top, width, height, 0) + bytes([8])
        self._file.write(block + _compress(np.ascontiguousarray(indices)) + b"\x00")

    def close(self) -> None:
        """Write the end of the file."""
        self._file.write(b"\x3b")
        self._file.close()

    def abort(self) -> None:
        """Let go of the file as it is."""
        self._file.close()


def closed(changed: Int[np.ndarray, " place"]) -> Int[np.ndarray, " more"]:
    """Return places that changed, rising, and after them those in narrow gaps between them.

    To the coder it is dear to change from colours to what is left out and back, and cheap to write on.
    """
    gaps = np.diff(changed)
    narrow = (gaps > 1) & (gaps <= _GAP + 1)
    starts, wide = changed[:-1][narrow], gaps[narrow]
    return np.concatenate([changed, *(starts[wide > k] + k for k in range(1, _GAP + 1))])


def _compress(indices: UInt8[np.ndarray, "row column"]) -> bytes:
    image = Image.fromarray(indices)
    image.encoderconfig = (8, 0)
    out = io.BytesIO()
    ImageFile._save(image, out, [ImageFile._Tile("gif", (0, 0, *image.size), 0, "L")])
    return out.getvalue()


def bins(packed: UInt32[np.ndarray, ...]) -> Int[np.ndarray, ...]:
    """Return the number of the 5-bit-a-channel bin of each colour."""
    return ((packed & 0xF8) << 7) | ((packed >> 6) & 0x3E0) | ((packed >> 19) & 0x1F)


def _unpack(packed: UInt32[np.ndarray, " n"]) -> Int[np.ndarray, "n 3"]:
    return np.stack([packed & 0xFF, (packed >> 8) & 0xFF, (packed >> 16) & 0xFF], axis=-1).astype(np.int32)


def _areas(samples: Sequence[UInt32[np.ndarray, "row column"]]) -> int:
    """Return how many colours fill areas, in the sample that has most of them."""
    counts = (np.unique(sample, return_counts=True)[1] / sample.size for sample in samples)
    return max((int((parts > _WIDE).sum()) for parts in counts), default=0)


def _palette(
    samples: Sequence[UInt32[np.ndarray, "row column"]],
    keep: Sequence[tuple[int, int, int]],
    number: int,
    ramp: Sequence[tuple[int, int, int]],
) -> UInt8[np.ndarray, "color 3"]:
    """Return at most `number` colours: those to be kept, and the rest by k-means over the colours of the samples."""
    colors, counts = np.unique(
        np.concatenate([np.unique(s) for s in samples] or [np.zeros(0, np.uint32)]), return_counts=True
    )
    weights = np.zeros(len(colors))
    for sample in samples:
        found, often = np.unique(sample, return_counts=True)
        weights[np.searchsorted(colors, found)] += often
    points = _unpack(colors).astype(float)
    common = [tuple(int(v) for v in points[i]) for i in np.argsort(-weights)[:8]]
    fixed = list(dict.fromkeys([*keep, *common, *ramp]))[:number]
    if ramp:
        # Images have more colours than k-means has time for; those of a bin go as their mean.
        points, weights, counts = _gather(points, weights, counts, bins(colors))
    # The square root gives thin lines' edges a say beside the large flat areas.
    weights = np.sqrt(weights) * counts
    centres = np.array(fixed, dtype=float).reshape(-1, 3)
    free = min(number - len(fixed), len(points))
    if free > 0 and len(points):
        seeds = _farthest(points, weights, centres, free)
        centres = np.concatenate([centres, seeds])
        for _ in range(6):
            nearest = _nearest(points, centres)
            total = np.bincount(nearest, weights, len(centres))
            for channel in range(3):
                sums = np.bincount(nearest, weights * points[:, channel], len(centres))
                moved = np.where(total > 0, sums / np.maximum(total, 1e-12), centres[:, channel])
                centres[len(fixed) :, channel] = moved[len(fixed) :]
    return np.clip(np.round(centres), 0, 255).astype(np.uint8)


def _gather(
    points: np.ndarray, weights: np.ndarray, counts: np.ndarray, bins: Int[np.ndarray, " point"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean colour of each bin, its weight, and in how many samples it is at most."""
    _, which = np.unique(bins, return_inverse=True)
    total = np.bincount(which, weights)
    means = np.column_stack([np.bincount(which, weights * points[:, channel]) / total for channel in range(3)])
    most = np.zeros(len(total), counts.dtype)
    np.maximum.at(most, which, counts)
    return means, total, most


def _farthest(points: np.ndarray, weights: np.ndarray, centres: np.ndarray, number: int) -> np.ndarray:
    """Return starting colours, each the one whose error, weighted, was worst so far."""
    gap = np.full(len(points), np.inf)
    for centre in centres:
        gap = np.minimum(gap, ((points - centre) ** 2).sum(axis=1))
    chosen = []
    for _ in range(number):
        best = points[int(np.argmax(gap * weights))]
        chosen.append(best)
        gap = np.minimum(gap, ((points - best) ** 2).sum(axis=1))
    return np.array(chosen).reshape(-1, 3)


def _nearest(points: np.ndarray, centres: np.ndarray) -> Int[np.ndarray, " point"]:
    found = np.empty(len(points), dtype=np.int64)
    for start in range(0, len(points), 8192):
        part = points[start : start + 8192]
        # |p - c|^2 without the |p|^2 that all share.
        found[start : start + 8192] = np.argmin((centres**2).sum(axis=1) - 2 * part @ centres.T, axis=1)
    return found


def _lookup(palette: UInt8[np.ndarray, "color 3"]) -> UInt8[np.ndarray, " bin"]:
    """Return the palette index of every 5-bit-a-channel bin; bins of palette colours map to these exactly."""
    level = np.arange(32) * 8 + 4
    r, g, b = np.meshgrid(level, level, level, indexing="ij")
    table = _nearest(np.stack([r, g, b], axis=-1).reshape(-1, 3).astype(float), palette.astype(float)).astype(np.uint8)
    packed = palette.astype(np.uint32)
    own = bins(packed[:, 0] | (packed[:, 1] << 8) | (packed[:, 2] << 16))
    # Reversed, so that of two colours in one bin the earlier, more important one stays.
    table[own[::-1]] = np.arange(len(palette), dtype=np.uint8)[::-1]
    return table
