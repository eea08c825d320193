"""Figures for papers and notebooks: trajectories, the filmstrip, a still."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from pathlib import Path

from gandyn.errors import UsageError
from gandyn.rendering.canvas import default_settings
from gandyn.rendering.chosen import nearest_steps
from gandyn.rendering.output import check_suffix
from gandyn.rendering.panels import telling, usual
from gandyn.rendering.picture import Picture
from gandyn.rendering.source import Source
from gandyn.rendering.stage import Stage
from gandyn.rendering.strip import Strip
from gandyn.rendering.theme import theme as find_theme

__all__ = ["Still", "filmstrip", "plot", "still"]

_TRAJECTORIES = ("losses", "divergences", "scalars")
_OF_IMAGES = ("losses", "divergences", "quality", "responses", "scalars")


def plot(
    recording: Source,
    out: str | os.PathLike[str],
    *,
    theme: str = "paper",
    size: tuple[int, int] | None = None,
    seed: int | None = None,
    panels: Sequence[str] | None = None,
) -> Path:
    """Draw trajectories (or any panels, at the last step) as a figure: PNG, SVG or PDF by suffix.

    Args:
        recording: what `open_recording` returned, or anything with the same attributes.
        out: the file to write.
        theme: name of the theme.
        size: width and height in pixels (points in SVG and PDF).
        seed: which seed stands out; the first by default.
        panels: names of panels; losses and divergences by default, of images also quality and responses, and scalars of
            the user's own where there are any.

    Raises:
        UsageError: unknown suffix, theme, panel or seed.
        RenderError: the file cannot be written.
    """
    path = Path(out)
    suffix = check_suffix(path, figure=True)
    stage = Stage(recording, seed)
    panels = panels or telling(_OF_IMAGES if stage.projected else _TRAJECTORIES, [stage])
    if size is None:
        rows = math.ceil(len(panels) / 2)
        # An odd number of them fills a column, and no grid of two.
        size = (960, 140 + 260 * rows) if len(panels) % 2 == 0 else (720, 190 + 260 * len(panels))
    with default_settings():
        Picture(stage, panels, size, find_theme(theme)).save(stage.end - 1, path, suffix)
    return path


def filmstrip(
    recording: Source,
    out: str | os.PathLike[str],
    *,
    steps: Sequence[int] | None = None,
    theme: str = "paper",
    seed: int | None = None,
    size: tuple[int, int] | None = None,
) -> Path:
    """Draw the density panel, or the samples of images, at some steps side by side: PNG, SVG or PDF by suffix.

    Args:
        recording: what `open_recording` returned, or anything with the same attributes.
        out: the file to write.
        theme: name of the theme.
        seed: which seed is shown; the first by default.
        steps: the steps shown (the nearest recorded ones); by default five, from the first to the last, closer together
            at the beginning, where most happens.
        size: width and height in pixels (points in SVG and PDF).

    Raises:
        UsageError: unknown suffix, theme or seed, or no step given.
        RenderError: the file cannot be written.
    """
    path = Path(out)
    suffix = check_suffix(path, figure=True)
    stage = Stage(recording, seed)
    if steps is not None and not len(steps):
        raise UsageError("a filmstrip needs at least one step")
    chosen = nearest_steps(stage.steps, list(steps)) if steps is not None else _telling(stage, 5)
    chosen = sorted(set(chosen))
    size = size or (max(300 * len(chosen), 400), 340)
    with default_settings():
        Strip(stage, chosen, size, find_theme(theme)).save(0, path, suffix)
    return path


class Still(bytes):
    """A picture as the bytes of a PNG file; in a notebook it shows itself."""

    def _repr_png_(self) -> bytes:
        return bytes(self)

    def __repr__(self) -> str:
        """Say what it is: the bytes themselves say nothing."""
        return f"<Still, {len(self)} bytes of PNG>"

    __str__ = __repr__


def still(
    recording: Source | str | os.PathLike[str],
    step: int | None = None,
    *,
    theme: str = "talk-light",
    size: tuple[int, int] = (960, 540),
    seed: int | None = None,
    panels: Sequence[str] | None = None,
) -> Still:
    """Return the picture of one step, which a notebook shows; its bytes are a PNG file.

    Args:
        recording: what `open_recording` returned, anything with the same attributes, or a recording's folder.
        step: the step shown (the nearest recorded one); the last by default.
        theme: name of the theme.
        size: width and height in pixels.
        seed: which seed is shown; the first by default.
        panels: names of panels; by default those an animation of it shows.

    Raises:
        UsageError: unknown theme, panel or seed, or a file's name given for the step.
        RecordingError: the folder holds no recording.
        RenderError: the recording holds no step.

    Example:
        >>> gandyn.still(recording, step=1000)  # doctest: +SKIP
    """
    if isinstance(step, str | os.PathLike):
        raise UsageError(
            f"still returns the picture and takes a step, not {os.fspath(step)!r}: write its bytes to a file"
            " (Path(...).write_bytes(...)), or let plot or animate write one"
        )
    if isinstance(recording, str | os.PathLike):
        from gandyn.recording.store import open_recording

        recording = open_recording(Path(recording))
    stage = Stage(recording, seed)
    index = stage.end - 1 if step is None else nearest_steps(stage.steps, [step])[0]
    out = io.BytesIO()
    with default_settings():
        chosen = panels or usual(stage)
        Picture(stage, chosen, size, find_theme(theme)).write_png(index, out)
    return Still(out.getvalue())


def _telling(stage: Stage, number: int) -> list[int]:
    """Return step indices from first to last, spaced by a square law: closer together at the beginning."""
    last = len(stage.steps) - 1
    return sorted({round(last * (k / max(number - 1, 1)) ** 2) for k in range(number)})
