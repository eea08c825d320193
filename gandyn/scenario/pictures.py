"""The small differences between a scenario's `animation` section and what the drawing functions take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gandyn.scenario.console import Tick

if TYPE_CHECKING:
    from gandyn.rendering.options import AnimationOptions

__all__ = ["FIGURE_SUFFIXES", "drawing", "figure_look"]

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
