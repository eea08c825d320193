"""Encoders: frames in, one at a time; a file out. Which one is chosen by the suffix.

A poster, what is seen of an animation where it does not play, goes where each format has a place for it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

import numpy as np
from jaxtyping import UInt8, UInt32

from gandyn.rendering.encoders.cutout import CutoutGifWriter
from gandyn.rendering.encoders.gif import GifWriter

__all__ = ["ApngWriter", "Encoder", "Frame", "Mp4Writer", "WebpWriter", "open_encoder"]

Frame = UInt32[np.ndarray, "row column"]

_ATTACHED_PICTURE = 0x0400
"""FFmpeg's AV_DISPOSITION_ATTACHED_PIC: a stream of one frame, which MP4 keeps as the cover (`covr`)."""


class Encoder(Protocol):
    """Takes frames as they are drawn."""

    def add(self, frame: Frame, delay: int) -> None:
        """Append a frame of RGBA pixels packed in 32 bits, shown for `delay` hundredths of a second."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...

    def abort(self) -> None:
        """Let go of the file as it is."""
        ...


def open_encoder(
    path: Path,
    suffix: str,
    size: tuple[int, int],
    samples: Sequence[Frame],
    keep: Sequence[tuple[int, int, int]],
    tones: bool,
    poster: Frame | None = None,
    ground: tuple[int, int, int] | None = None,
    compact: bool = False,
) -> Encoder:
    """Return the encoder for a suffix (see `GifWriter` for `samples`, `keep` and `tones`).

    Where an animation does not play, the `poster` is seen; unless it is given the first frame, as always of GIFs.
    A `ground` is given of pictures that are seen through: the one that their colours are made for. A `compact` MP4 is
    a third as large, for which the encoder takes ten times as long.
    """
    if suffix == ".gif":
        if ground is not None:
            return CutoutGifWriter(path, size, samples, keep, tones, ground)
        return GifWriter(path, size, samples, keep, tones)
    if suffix == ".apng":
        return ApngWriter(path, size, poster, transparent=ground is not None)
    return Mp4Writer(path, size, poster, compact) if suffix == ".mp4" else WebpWriter(path, size, poster)


class _AvWriter:
    """What MP4 and WebP share: a stream of PyAV with times in hundredths of a second."""

    format: str
    codec: str
    pixels: str
    container_options: ClassVar[dict[str, str]]
    codec_options: ClassVar[dict[str, str]]

    def __init__(self, path: Path, size: tuple[int, int], codec_options: dict[str, str] | None = None) -> None:
        import av

        options = codec_options or self.codec_options
        self._av: Any = av
        self._container = av.open(str(path), "w", format=self.format, options=self.container_options)
        self._stream = cast(Any, self._container.add_stream(self.codec, rate=100, options=options))
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = self.pixels
        self._stream.codec_context.time_base = Fraction(1, 100)
        self._clock = 0

    def add(self, frame: Frame, delay: int) -> None:
        """Append a frame."""
        self._put(frame)
        self._clock += delay

    def _put(self, frame: Frame) -> None:
        picture = self._picture(frame)
        picture.pts, picture.time_base = self._clock, Fraction(1, 100)
        self._container.mux(self._stream.encode(picture))

    def _picture(self, frame: Frame) -> Any:
        rgba: UInt8[np.ndarray, "row column 4"] = frame.view(np.uint8).reshape(*frame.shape, 4)
        return self._av.VideoFrame.from_ndarray(rgba, format="rgba")

    def close(self) -> None:
        """Finish the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def abort(self) -> None:
        """Let go of the file as it is."""
        self._container.close()


class Mp4Writer(_AvWriter):
    """H.264, 4:2:0, even sizes (a row or column of background is added), index at the front.

    The poster is the file's cover: a PNG in its metadata, as music has it, which is no part of what is played.
    """

    format, codec, pixels = "mp4", "libx264", "yuv420p"
    container_options: ClassVar = {"movflags": "+faststart"}
    codec_options: ClassVar = {"crf": "18", "preset": "veryfast", "tune": "animation"}
    compact_options: ClassVar[dict[str, str]] = {"crf": "30", "preset": "veryslow", "tune": "animation"}

    def __init__(self, path: Path, size: tuple[int, int], poster: Frame | None = None, compact: bool = False) -> None:
        even = (size[0] + size[0] % 2, size[1] + size[1] % 2)
        super().__init__(path, even, self.compact_options if compact else None)
        self._last: Frame | None = None
        self._poster = poster
        if poster is not None:
            self._cover = cast(Any, self._container.add_stream("png", rate=1))
            self._cover.width, self._cover.height = size
            self._cover.pix_fmt = "rgb24"
            self._cover.disposition = _ATTACHED_PICTURE

    def add(self, frame: Frame, delay: int) -> None:
        """Append a frame; one that stays is repeated ten times a second, as players expect."""
        padded = np.pad(frame, ((0, frame.shape[0] % 2), (0, frame.shape[1] % 2)), mode="edge")
        left = delay
        while left > 0:
            part = left if left < 20 else 10
            super().add(padded, part)
            left -= part
        self._last = padded

    def close(self) -> None:
        """Finish the file, with the last frame's own time in it."""
        if self._last is not None:
            self._clock -= 1
            self._put(self._last)
        if self._poster is not None:
            picture = self._picture(self._poster)
            picture.pts = 0
            self._container.mux([*self._cover.encode(picture), *self._cover.encode(None)])
        super().close()


class WebpWriter(_AvWriter):
    """Animated WebP, lossless, repeating for ever.

    The format knows no poster but its first frame: it is shown there for a hundredth of a second, taken from the frame
    after it. Browsers make a tenth of that. With the last frame for a poster only the very first round shows it: in the
    others it is part of that frame's time.
    """

    format, codec, pixels = "webp", "libwebp_anim", "bgra"
    container_options: ClassVar = {"loop": "0"}
    codec_options: ClassVar = {"lossless": "1", "compression_level": "1"}

    def __init__(self, path: Path, size: tuple[int, int], poster: Frame | None = None) -> None:
        super().__init__(path, size)
        self._path, self._poster = path, poster

    def add(self, frame: Frame, delay: int) -> None:
        """Append a frame."""
        if self._poster is not None:
            super().add(self._poster, 1)
            self._poster, delay = None, max(delay - 1, 1)
        super().add(frame, delay)

    def close(self) -> None:
        """Finish the file, with the last frame's own time in it."""
        super().close()
        _last_until(self._path, 10 * self._clock)


def _last_until(path: Path, end: int) -> None:
    """Let the last frame of a WebP stay until `end` milliseconds after the first.

    The encoder is told when frames begin, never when the last one ends, and gives that one the mean of the others.
    """
    shown = place = 0
    with path.open("r+b") as file:
        file.seek(12)  # RIFF, size, WEBP
        while len(head := file.read(8)) == 8:
            kind, size = struct.unpack("<4sI", head)
            start = file.tell()
            if kind == b"ANMF":
                file.seek(12, 1)  # place and size of the frame, 3 bytes each
                shown, place = shown + (last := int.from_bytes(file.read(3), "little")), start + 12
            file.seek(start + size + size % 2)
        if place:
            file.seek(place)
            file.write(min(max(last + end - shown, 1), 0xFFFFFF).to_bytes(3, "little"))


class ApngWriter:
    """Animated PNG in true colour; what did not change since the last frame is left transparent.

    The poster is the default image, which the format keeps for those who do not play it. Where pictures are seen
    through (`transparent`), what changes takes the place of what was there, with its opacity.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], poster: Frame | None = None, *, transparent: bool = False
    ) -> None:
        self._transparent = transparent
        self._file = path.open("wb")
        self._size = size
        self._last: Frame | None = None
        self._frames = self._sequence = 0
        self._file.write(b"\x89PNG\r\n\x1a\n")
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0))
        self._control = self._file.tell()
        self._chunk(b"acTL", struct.pack(">II", 0, 0))
        self._poster = poster

    def add(self, frame: Frame, delay: int) -> None:
        """Append a frame."""
        if self._last is None and self._poster is not None:
            self._chunk(b"IDAT", _rows(self._poster))
        if self._last is None:
            left, top, right, bottom = 0, 0, *self._size
            self._last = frame.copy()
            part = frame
        else:
            changed = frame != self._last
            rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
            top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
            left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
            window = np.s_[top:bottom, left:right]
            part = frame[window] if self._transparent else np.where(changed[window], frame[window], np.uint32(0))
            np.copyto(self._last, frame)
        over = int(self._frames > 0 and not self._transparent)
        self._number(b"fcTL", struct.pack(">IIIIHHBB", right - left, bottom - top, left, top, delay, 100, 0, over))
        if self._frames == 0 and self._poster is None:
            self._chunk(b"IDAT", _rows(part))
        else:
            self._number(b"fdAT", _rows(part))
        self._frames += 1

    def _number(self, kind: bytes, data: bytes) -> None:
        self._chunk(kind, struct.pack(">I", self._sequence) + data)
        self._sequence += 1

    def _chunk(self, kind: bytes, data: bytes) -> None:
        self._file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))

    def close(self) -> None:
        """Write the end of the file, and the number of frames at its beginning."""
        self._chunk(b"IEND", b"")
        self._file.seek(self._control)
        self._chunk(b"acTL", struct.pack(">II", self._frames, 0))
        self._file.close()

    def abort(self) -> None:
        """Let go of the file as it is."""
        self._file.close()


def _rows(pixels: Frame) -> bytes:
    """Return pixels as PNG keeps them: compressed, each row after the number of its filter, which is none."""
    rows = np.ascontiguousarray(pixels).view(np.uint8)
    return zlib.compress(np.concatenate([np.zeros((len(rows), 1), np.uint8), rows], axis=1).tobytes(), 6)
