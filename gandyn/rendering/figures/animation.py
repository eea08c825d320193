"""Animations: every frame drawn in place over one background and handed straight to the encoder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gandyn.core.errors import UsageError
from gandyn.rendering.canvas.canvas import default_settings
from gandyn.rendering.encoders.encoders import Encoder, Frame, open_encoder
from gandyn.rendering.encoders.gif import delays
from gandyn.rendering.encoders.output import STILL, atomic, atomic_sequence, check_suffix
from gandyn.rendering.figures.before_after import BeforeAfter
from gandyn.rendering.figures.comparison import Compared, Comparison
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.figures.morph import Morph
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.figures.slow_motion import SlowMotion
from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.figures.talk_comparison import TalkComparison
from gandyn.rendering.figures.walk import Walk, WalkFigure
from gandyn.rendering.foreseen import check_format, check_panels
from gandyn.rendering.notes import Notes
from gandyn.rendering.options import AnimationOptions
from gandyn.rendering.pace import Shot, Timing, thinned
from gandyn.rendering.panels import spoken, usual
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.source import Source
from gandyn.rendering.theme import Theme, theme

__all__ = ["Rendered", "animate", "render"]

_SHORTEST_IN_GIF = 0.02
"""Seconds. Browsers show GIF frames that are shorter for a tenth of a second instead."""


@dataclass(frozen=True)
class Rendered:
    """What was written.

    Attributes:
        path: the file; of a numbered sequence its first.
        last: the last of a numbered sequence; else the file.
        frames: number of pictures.
        size: width and height in pixels.
        bytes: size on disk, of all files together.
        seconds: time for drawing and encoding.
        frames_per_second: pictures drawn and encoded a second.
        poster: the poster's file, if one was asked for.
        unseen_notes: steps of notes that never come, because they lie beyond the last step shown.
    """

    path: Path
    last: Path
    frames: int
    size: tuple[int, int]
    bytes: int
    seconds: float
    frames_per_second: float
    poster: Path | None = None
    unseen_notes: tuple[int, ...] = ()


def animate(
    recording: Source | Compared,
    out: str | os.PathLike[str],
    options: AnimationOptions | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
    stills: bool = False,
    poster: str | os.PathLike[str] | None = None,
    walk: Walk | None = None,
    compact: bool = False,
) -> Rendered:
    """Draw a recording into a file; its suffix chooses the format.

    `.gif`, `.mp4`, `.webp` and `.apng` are animations; `.png`, `.pdf` and `.svg` show the poster, by default the last
    frame, or with `stills` become a numbered sequence (`name-0001.png`, ...). The file appears under its name only when
    it is whole. What shows one picture of an animation shows the poster: of MP4 its cover, of APNG its default image,
    of WebP its first frame, which is there for a hundredth of a second; GIFs have nowhere to put it.

    Args:
        recording: what `open_recording` returned, anything with the same attributes, or several of them to be compared.
        out: the file to write.
        options: length, size, theme and panels; the defaults where none are given. Of several recordings each names
            the seed it is drawn with itself.
        progress: called with the number of frames done and of all frames.
        stills: write one file a frame; for `.png`, `.pdf` and `.svg` only.
        poster: a file to write the poster to as well: `.png`, `.pdf` or `.svg`.
        walk: for `story: walk`, what whoever has the generator made of it.
        compact: write MP4 for web pages: a third as large, without a cover, and slower.

    Raises:
        UsageError: the suffix is not supported, the recording has no such seed or steps or cannot be drawn by a panel,
            or the recordings cannot be compared.
        RenderError: the file cannot be written, or the recording holds no step.
    """
    options = options or AnimationOptions()
    return render(
        lambda: _page(recording, options, walk), out, options,
        progress=progress, stills=stills, poster=poster, compact=compact,
    )  # fmt: skip


def render(
    made: Callable[[], Figure],
    out: str | os.PathLike[str],
    options: AnimationOptions,
    *,
    progress: Callable[[int, int], None] | None = None,
    stills: bool = False,
    poster: str | os.PathLike[str] | None = None,
    compact: bool = False,
) -> Rendered:
    """Draw a page, which is made when it is known that the file can hold it, into a file; all else as for `animate`.

    Raises:
        UsageError: the suffix is not supported.
        RenderError: the file cannot be written.
    """
    path = Path(out)
    suffix = check_suffix(path, figure=True) if stills else check_suffix(path)
    apart = None if poster is None else (Path(poster), check_suffix(poster, figure=True))
    check_format(path, options)
    start = time.perf_counter()
    with default_settings():
        page = made()
        page.transparent = options.transparent
        page.notes = Notes(options.notes, *page.clock)
        shots = _shots(page, suffix, options, ends=suffix in STILL and not stills)
        chosen = _poster(page, shots, options.poster_step)
        if suffix in STILL:
            frames = [shot.frame for shot in shots] if stills else [chosen]
            written = _stills(page, path, suffix, frames, stills, progress)
        else:
            written = [path]
            _movie(page, path, suffix, shots, shots[0].frame if compact else chosen, progress, compact)
        if apart is not None:
            page.save(chosen, *apart)
    seconds = time.perf_counter() - start
    count = len(written) if suffix in STILL else len(shots)
    total = sum(one.stat().st_size for one in written)
    return Rendered(
        written[0], written[-1], count, page.size, total, seconds, count / max(seconds, 1e-9),
        poster=None if apart is None else apart[0], unseen_notes=tuple(page.notes.unseen),
    )  # fmt: skip


def _page(recording: Source | Compared, options: AnimationOptions, walk: Walk | None) -> Figure:
    """Return what is drawn: one recording, its generator's story, or several recordings side by side."""
    width, height = options.size
    look, first, last = theme(options.theme), options.first_step, options.last_step
    said = tuple(options.notes.values())
    if isinstance(recording, Compared):
        check_panels(options, len(recording.columns[0].recording.contents["data_density"].dims), len(recording.columns))
        if options.layout == "talk":
            return TalkComparison(recording, options.panels, (width, height), look, options.big, said, first, last)
        return Comparison(recording, options.panels, (width, height), look, first, last, said)
    view = RecordingView(recording, options.seed, first, last)
    if options.story == "morph":
        return Morph(view, options.panels, (width, height), look, options.header, options.loop)
    if options.story == "walk":
        if walk is None:
            raise UsageError("animation.story: walk asks for the generator's weights: gandyn.animate has them")
        return WalkFigure(view, walk, (width, height), look, options.header, options.loop)
    if options.story == "before_after":
        return BeforeAfter(view, options.panels, (width, height), look)
    if options.story == "step":
        return SlowMotion(view, options.panels, (width, height), look, options.big, said)
    if options.layout == "talk":
        return TalkFigure(view, options.panels or spoken(view), (width, height), look, options.big, said)
    return RecordingFigure(view, options.panels or usual(view), (width, height), look, options.header, said)


def _shots(page: Figure, suffix: str, options: AnimationOptions, ends: bool) -> list[Shot]:
    """Return the frames of an animation in a format, and for how long each is shown; of a still, what can be it."""
    if ends:
        return page.shots(Timing(2, options.fps, "even"))
    shots = page.shots(Timing(options.frames, options.fps, options.pace, options.hold_first, options.hold))
    return thinned(shots, _SHORTEST_IN_GIF) if suffix == ".gif" else shots


def _poster(page: Figure, shots: Sequence[Shot], step: int | str) -> int:
    """Return the frame that stands for all of them."""
    if isinstance(step, int):
        return page.frame_at(step)
    return shots[0].frame if step == "first" else page.closing(shots)


def _movie(
    page: Figure,
    path: Path,
    suffix: str,
    shots: Sequence[Shot],
    poster: int,
    progress: Callable[[int, int], None] | None,
    compact: bool = False,
) -> None:
    samples: list[Frame] = []
    if suffix == ".gif":
        chosen = sorted({shots[0].frame, shots[len(shots) // 2].frame, shots[-1].frame}, reverse=True)
        samples = [page.draw(index).copy() for index in chosen]
    cover = None if poster == shots[0].frame else page.draw(poster).copy()
    times = delays([shot.seconds for shot in shots])
    with atomic(path) as part, _open(part, suffix, page, samples, cover, compact) as encoder:
        for number, (shot, delay) in enumerate(zip(shots, times, strict=True), start=1):
            encoder.add(page.draw(shot.frame), delay)
            if progress is not None:
                progress(number, len(shots))


@contextmanager
def _open(
    part: Path, suffix: str, page: Figure, samples: list[Frame], poster: Frame | None, compact: bool
) -> Iterator[Encoder]:
    colors = _exact_colors(page.theme)
    ground = colors[0] if page.transparent else None
    encoder = open_encoder(part, suffix, page.size, samples, colors, page.tones, poster, ground, compact)
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
    page: Figure,
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
