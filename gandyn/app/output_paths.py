"""Where pictures go, and the small differences between a scenario's `animation` and what the drawing functions take."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gandyn.app.console import Tick
from gandyn.core.errors import UsageError
from gandyn.core.replacing import alone, reason, swept

if TYPE_CHECKING:
    from gandyn.rendering.options import AnimationOptions

__all__ = ["FIGURE_SUFFIXES", "check_output", "drawing", "figure_look", "picture_path", "pixels", "still_path"]

FIGURE_SUFFIXES = (".png", ".pdf", ".svg")
"""Formats of a figure that stands still; an animation in one of them is its last step, or a numbered sequence."""


def drawing(tick: Tick | None) -> Callable[[int, int], None] | None:
    """Return a progress function for drawing, which has but one kind of work to tell of."""
    return None if tick is None else lambda done, total: tick(done, total, "drawing")


def figure_look(options: AnimationOptions, *, theme: bool, size: bool) -> dict[str, Any]:
    """Return how a figure is drawn: for paper, unless the scenario's theme and size for the screen are asked for.

    Args:
        options: the scenario's, with what was asked for laid over.
        theme: whether the theme was asked for.
        size: whether the size was.
    """
    look: dict[str, Any] = {"seed": options.seed}
    if theme:
        look["theme"] = options.theme
    if size:
        look["size"] = options.size
    return look


def picture_path(out: Path | None, name: str, suffix: str) -> Path:
    """Return where a picture goes: the named file, `<name><suffix>` in a named folder, or in the current one.

    Raises:
        UsageError: the folder cannot be made or written.
    """
    if out is None:
        path = Path(f"{name}{suffix}")
    elif out.is_dir():
        path = out / f"{name}{suffix}"
    else:
        path = out
    check_output(path)
    return path


def still_path(out: str | Path) -> Path:
    """Return where a still goes, such as a poster.

    Raises:
        UsageError: its suffix is not that of a still, or its folder cannot be made or written.
    """
    from gandyn.rendering import check_suffix

    path = Path(out)
    check_suffix(path, figure=True)
    check_output(path)
    return path


def check_output(path: Path) -> None:
    """Make the folder a file will be written to; find out now, not after minutes of training, that it cannot be.

    Raises:
        UsageError: the folder cannot be made or written.
    """
    from gandyn.core.locks import HeldError
    from gandyn.rendering.encoders.output import is_stream

    if path.is_dir():
        raise UsageError(f"{path}: this is a folder; name a file in it")
    if is_stream(path):
        return
    try:
        with suppress(HeldError), alone(path, lambda _: False) as target:
            swept(target.parent)
    except OSError as error:
        raise UsageError(f"{path}: {reason(path, error)}") from None


def pixels(text: str) -> list[int]:
    """Parse 1280x720.

    Raises:
        UsageError: it is not two whole numbers.
    """
    match = re.fullmatch(r"\s*(\d{1,9})\s*[x×,* ]\s*(\d{1,9})\s*", text)
    if match is None:
        raise UsageError(f"--size {text}: expected WIDTHxHEIGHT in pixels, for example 1280x720")
    return [int(match[1]), int(match[2])]
