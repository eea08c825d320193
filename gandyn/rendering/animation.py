"""Animations: every frame drawn in place over one background and handed straight to the encoder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt32

from gandyn.errors import UsageError
from gandyn.rendering.canvas import default_settings
from gandyn.rendering.comparison import Compared, Comparison
from gandyn.rendering.encoders import Encoder, open_encoder
from gandyn.rendering.gif import delays
from gandyn.rendering.morph import Morph
from gandyn.rendering.options import AnimationOptions
from gandyn.rendering.output import STILL, atomic, atomic_sequence, check_suffix
from gandyn.rendering.page import Page
from gandyn.rendering.panels import spoken, usual
from gandyn.rendering.picture import Picture
from gandyn.rendering.source import Source
from gandyn.rendering.stage import Stage
from gandyn.rendering.talk import TalkFigure
from gandyn.rendering.theme import Theme, theme

__all__ = ["Rendered", "animate"]

_FASTEST_GIF = 50.0
"""Browsers show GIF frames shorter than two hundredths of a second at a tenth instead."""


@dataclass(frozen=True)
class Rendered:
    """What was written.

    Attributes:
        path: the file; of a numbered sequence its first.
        frames: number of pictures.
        size: width and height in pixels.
        bytes: size on disk, of all files together.
        seconds: time for drawing and encoding.
        frames_per_second: pictures drawn and encoded a second.
    """

    path: Path
    frames: int
    size: tuple[int, int]
    bytes: int
    seconds: float
    frames_per_second: float


def animate(
    recording: Source | Compared,
    out: str | os.PathLike[str],
    options: AnimationOptions | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
    stills: bool = False,
) -> Rendered:
    """Draw a recording into a file; its suffix chooses the format.

    `.gif`, `.mp4`, `.webp` and `.apng` are animations; `.png`, `.pdf` and `.svg` show the last frame, or with `stills`
    become a numbered sequence (`name-0001.png`, ...). The file appears under its name only when it is whole.

    Args:
        recording: what `open_recording` returned, anything with the same attributes, or several of them to be compared.
        out: the file to write.
        options: length, size, theme and panels; the defaults where none are given. Of several recordings each names
            the seed it is drawn with itself.
        progress: called with the number of frames done and of all frames.
        stills: write one file a frame; for `.png`, `.pdf` and `.svg` only.

    Raises:
        UsageError: the suffix is not supported, the recording has no such seed or steps or cannot be drawn by a panel,
            or the recordings cannot be compared.
        RenderError: the file cannot be written, or the recording holds no step.
    """
    options = options or AnimationOptions()
    path = Path(out)
    suffix = check_suffix(path, figure=True) if stills else check_suffix(path)
    start = time.perf_counter()
    with default_settings():
        page = _page(recording, options)
        if suffix in STILL:
            written = _stills(page, path, suffix, page.frames(options.frames), stills, progress)
        else:
            written = [path]
            _movie(page, path, suffix, options, progress)
    seconds = time.perf_counter() - start
    count = len(written) if suffix in STILL else len(_schedule(page, suffix, options)[0])
    total = sum(one.stat().st_size for one in written)
    return Rendered(written[0], count, page.size, total, seconds, count / max(seconds, 1e-9))


def _page(recording: Source | Compared, options: AnimationOptions) -> Page:
    """Return what is drawn: one recording, its generator's story, or several recordings side by side."""
    width, height = options.size
    look, first, last = theme(options.theme), options.first_step, options.last_step
    if isinstance(recording, Compared):
        if options.story == "morph":
            raise UsageError("animation.story: morph is told of one generator alone, not of several side by side")
        return Comparison(recording, options.panels, (width, height), look, first, last)
    stage = Stage(recording, options.seed, first, last)
    if options.story == "morph":
        return Morph(stage, options.panels, (width, height), look)
    if options.layout == "talk":
        return TalkFigure(stage, options.panels or spoken(stage), (width, height), look, options.big)
    return Picture(stage, options.panels or usual(stage), (width, height), look)


def _schedule(page: Page, suffix: str, options: AnimationOptions) -> tuple[list[int], list[int]]:
    """Return the frames to be drawn and the delay of each in hundredths of a second."""
    frames, fps = page.frames(options.frames), options.fps
    if suffix == ".gif" and fps > _FASTEST_GIF:
        seconds = len(frames) / fps
        kept = max(round(seconds * _FASTEST_GIF), 1)
        frames = [frames[round(i)] for i in np.linspace(0, len(frames) - 1, kept)] if kept > 1 else frames[-1:]
        fps = _FASTEST_GIF
    return frames, delays(len(frames), fps, options.hold)


def _movie(
    page: Page, path: Path, suffix: str, options: AnimationOptions, progress: Callable[[int, int], None] | None
) -> None:
    frames, times = _schedule(page, suffix, options)
    samples: list[UInt32[np.ndarray, "row column"]] = []
    if suffix == ".gif":
        chosen = sorted({frames[0], frames[len(frames) // 2], frames[-1]}, reverse=True)
        samples = [page.draw(index).copy() for index in chosen]
    with atomic(path) as part, _open(part, suffix, page, samples) as encoder:
        for number, (index, delay) in enumerate(zip(frames, times, strict=True), start=1):
            encoder.add(page.draw(index), delay)
            if progress is not None:
                progress(number, len(frames))


@contextmanager
def _open(part: Path, suffix: str, page: Page, samples: list[UInt32[np.ndarray, "row column"]]) -> Iterator[Encoder]:
    tones = any(panel.tones for panel in page.panels)
    encoder = open_encoder(part, suffix, page.size, samples, _exact_colors(page.theme), tones)
    try:
        yield encoder
        encoder.close()
    except BaseException:
        encoder.abort()
        raise


def _exact_colors(look: Theme) -> list[tuple[int, int, int]]:
    codes = [look.background, *(style.color for style in look.roles.values())]
    return list(dict.fromkeys((int(c[1:3], 16), int(c[3:5], 16), int(c[5:7], 16)) for c in codes))


def _stills(
    page: Page,
    path: Path,
    suffix: str,
    frames: list[int],
    sequence: bool,
    progress: Callable[[int, int], None] | None,
) -> list[Path]:
    if not sequence:
        page.save(frames[-1], path, suffix)
        return [path]
    digits = max(4, len(str(len(frames))))
    written = [path.with_name(f"{path.stem}-{number:0{digits}d}{path.suffix}") for number in range(1, len(frames) + 1)]
    with atomic_sequence(written) as parts:
        for number, (index, part) in enumerate(zip(frames, parts, strict=True), start=1):
            page.write(index, part, suffix)
            if progress is not None:
                progress(number, len(frames))
    return written
