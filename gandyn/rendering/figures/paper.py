"""Figures for papers and notebooks: trajectories, the filmstrip, a still."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gandyn.core.errors import UsageError
from gandyn.core.messages import listed, warn
from gandyn.rendering.canvas.canvas import default_settings
from gandyn.rendering.canvas.sheet import Sheet
from gandyn.rendering.encoders.output import check_suffix
from gandyn.rendering.figures.comparison import Compared
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.figures.filmstrip import Filmstrip
from gandyn.rendering.figures.overlay import Overlay
from gandyn.rendering.figures.panels_figure import PanelsFigure
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.panels import telling, usual
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.selection import nearest_steps
from gandyn.rendering.source import Source
from gandyn.rendering.theme import theme as find_theme

__all__ = ["Still", "check_steps", "filmstrip", "plot", "still"]

_TRAJECTORIES = ("losses", "divergences", "scalars")
_OF_IMAGES = ("losses", "divergences", "quality", "responses", "scalars")


def plot(
    recording: Source | Compared,
    out: str | os.PathLike[str],
    *,
    theme: str = "paper",
    size: tuple[int, int] | None = None,
    seed: int | None = None,
    panels: Sequence[str] | None = None,
    width: str | None = None,
    height: str | None = None,
    title: bool = True,
) -> Path:
    """Draw trajectories (or any panels, at the last step) as a figure: PNG, SVG or PDF by suffix.

    Several recordings share panels: one a quantity, with a line a recording.

    Args:
        recording: what `open_recording` returned, anything with the same attributes, or several of them to be compared.
        out: the file to write.
        theme: name of the theme.
        size: width and height in pixels (points in SVG and PDF).
        seed: which seed stands out; the first by default. Of several recordings each names its own.
        panels: names of panels; losses and divergences by default, of images also quality and responses, and scalars of
            the user's own where there are any. Of several recordings names of numbers, such as js, or of panels that
            draw some; a distance and the modes by default.
        width: width in print, such as "3.3in", "17cm", "84mm", "505pt" (of 1/72 inch) or "1000px" (of 1/300 inch),
            instead of a size: type is then 8 points at that width, and the height follows from what is drawn.
        height: in print, where that should not be so.
        title: whether title and caption stand above.

    Raises:
        UsageError: unknown suffix, theme, panel, seed or length.
        RenderError: the file cannot be written.
    """
    path, look = Path(out), find_theme(theme)
    suffix = check_suffix(path, figure=True)
    sheet = Sheet.chosen(size, width, height)
    with default_settings():
        page: Figure
        if isinstance(recording, Compared):
            page = Overlay(recording, panels, sheet, look, title)
        else:
            view = RecordingView(recording, seed)
            names = panels or telling(_OF_IMAGES if view.projected else _TRAJECTORIES, [view])
            page = PanelsFigure(view, names, sheet, look, title)
        page.save(0, path, suffix)
    return path


def filmstrip(
    recording: Source,
    out: str | os.PathLike[str],
    *,
    steps: Sequence[int] | None = None,
    theme: str = "paper",
    seed: int | None = None,
    size: tuple[int, int] | None = None,
    panel: str | None = None,
    width: str | None = None,
    height: str | None = None,
    title: bool = True,
) -> Path:
    """Draw the density panel, or the samples of images, at some steps side by side: PNG, SVG or PDF by suffix.

    Warns where steps that were asked for were not recorded: then the nearest that were are drawn, and named.

    Args:
        recording: what `open_recording` returned, or anything with the same attributes.
        out: the file to write.
        theme: name of the theme.
        seed: which seed is shown; the first by default.
        steps: the steps shown (the nearest recorded ones); by default five, from the first to the last, closer together
            at the beginning, where most happens.
        size: width and height in pixels (points in SVG and PDF).
        panel: name of another main picture, such as discriminator on the plane.
        width: width in print, as for `plot`. Where it is too narrow for all in one row, there are more.
        height: in print, where it should not follow from what is drawn.
        title: whether title and caption stand above.

    Raises:
        UsageError: unknown suffix, theme, seed, panel or length, no step given, or one beyond the end of the run.
        RenderError: the file cannot be written.
    """
    path, look = Path(out), find_theme(theme)
    suffix = check_suffix(path, figure=True)
    view = RecordingView(recording, seed)
    if steps is not None and not len(steps):
        raise UsageError("a filmstrip needs at least one step")
    check_steps(steps or (), int(view.steps[-1]))
    chosen = _telling(view, 5) if steps is None else sorted(set(nearest_steps(view.steps, list(steps))))
    sheet = Sheet.chosen(size, width, height)
    if size is not None:
        sheet = replace(sheet, em=min(max(sheet.em, 13.0), size[0] / len(chosen) / 13.0))
    elif width is None:
        sheet = Sheet.of_screen(max(300 * len(chosen), 400))
    _tell_of_others(view, steps or (), chosen)
    with default_settings():
        Filmstrip(view, chosen, sheet, look, panel, title).save(0, path, suffix)
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
        from gandyn.recording.store.recording import open_recording

        recording = open_recording(Path(recording))
    view = RecordingView(recording, seed)
    index = view.end - 1 if step is None else nearest_steps(view.steps, [step])[0]
    out = io.BytesIO()
    with default_settings():
        chosen = panels or usual(view)
        RecordingFigure(view, chosen, size, find_theme(theme)).write_png(index, out)
    return Still(out.getvalue())


def check_steps(steps: Sequence[int], last: int) -> None:
    """Check that steps lie within a run.

    Raises:
        UsageError: one comes after its last.
    """
    beyond = [step for step in steps if step > last]
    if beyond:
        raise UsageError(f"a filmstrip of step {listed(beyond)}: the run ends at step {last}")


def _tell_of_others(view: RecordingView, asked: Sequence[int], chosen: Sequence[int]) -> None:
    """Warn where steps that were asked for were not recorded: then the nearest are shown, which may be fewer."""
    shown = [int(view.steps[index]) for index in chosen]
    if asked and shown != sorted(asked):
        fewer = ", of which some are the same" if len(shown) < len(asked) else ""
        warn(f"the filmstrip shows steps {listed(shown)}: the nearest recorded to {listed(asked)}{fewer}")


def _telling(view: RecordingView, number: int) -> list[int]:
    """Return step indices from first to last, spaced by a square law: closer together at the beginning."""
    last = len(view.steps) - 1
    return sorted({round(last * (k / max(number - 1, 1)) ** 2) for k in range(number)})
