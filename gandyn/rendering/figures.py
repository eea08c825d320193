"""Figures for papers and notebooks: trajectories, the filmstrip, a still."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from gandyn.errors import UsageError
from gandyn.rendering.animation import save_picture
from gandyn.rendering.canvas import default_settings
from gandyn.rendering.output import check_suffix
from gandyn.rendering.picture import Picture
from gandyn.rendering.scene import Scene, Source, nearest_steps
from gandyn.rendering.strip import Strip
from gandyn.rendering.theme import theme as find_theme

__all__ = ["filmstrip", "plot", "still"]


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
        panels: names of panels; losses and divergences by default.

    Raises:
        UsageError: unknown suffix, theme, panel or seed.
        RenderError: the file cannot be written.
    """
    path = Path(out)
    suffix = check_suffix(path, figure=True)
    scene = Scene(recording, seed)
    panels = panels or ("losses", "divergences")
    if size is None:
        size = (960, 400) if len(panels) > 1 else (720, 450)
    with default_settings():
        save_picture(Picture(scene, panels, size, find_theme(theme)), scene.end - 1, path, suffix)
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
    """Draw the density panel at some steps side by side: PNG, SVG or PDF by suffix.

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
    scene = Scene(recording, seed)
    if steps is not None and not len(steps):
        raise UsageError("a filmstrip needs at least one step")
    chosen = nearest_steps(scene.steps, list(steps)) if steps is not None else _telling(scene, 5)
    chosen = sorted(set(chosen))
    size = size or (max(300 * len(chosen), 400), 340)
    with default_settings():
        save_picture(Strip(scene, chosen, size, find_theme(theme)), chosen[-1], path, suffix)
    return path


def still(
    recording: Source,
    step: int | None = None,
    *,
    theme: str = "talk-light",
    size: tuple[int, int] = (960, 540),
    seed: int | None = None,
    panels: Sequence[str] = ("density", "losses", "divergences"),
) -> bytes:
    """Return the picture of one step (the last by default, else the nearest recorded one) as PNG bytes.

    Raises:
        UsageError: unknown theme, panel or seed.
        RenderError: the recording holds no step.
    """
    scene = Scene(recording, seed)
    index = scene.end - 1 if step is None else nearest_steps(scene.steps, [step])[0]
    with default_settings():
        pixels = Picture(scene, panels, size, find_theme(theme)).draw(index)
    rgba = pixels.view(np.uint8).reshape(*pixels.shape, 4)
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgba[..., :3])).save(out, format="PNG")
    return out.getvalue()


def _telling(scene: Scene, number: int) -> list[int]:
    """Return step indices from first to last, spaced by a square law: closer together at the beginning."""
    last = len(scene.steps) - 1
    return sorted({round(last * (k / max(number - 1, 1)) ** 2) for k in range(number)})
