"""What is wrong with a picture that was asked for and can be told before there is a recording to draw."""

from __future__ import annotations

from pathlib import Path

from gandyn.core.errors import UsageError
from gandyn.rendering import panels as catalogue
from gandyn.rendering.encoders.output import OPAQUE
from gandyn.rendering.figures.talk import split
from gandyn.rendering.figures.talk_comparison import shared
from gandyn.rendering.options import AnimationOptions

__all__ = ["check_format", "check_panels"]

_IN_PANELS = ("training", "step")
"""Stories that are told in the panels of a layout."""


def check_format(out: Path, options: AnimationOptions) -> None:
    """Check that a file of this suffix can hold the picture.

    Raises:
        UsageError: it can not.
    """
    suffix = out.suffix.lower()
    if options.transparent and suffix in OPAQUE:
        raise UsageError(
            f"{out}: animation.transparent: {suffix} knows no transparency; .webp and .apng do, .gif of whole pixels"
        )


def check_panels(options: AnimationOptions, dim: int, recordings: int) -> None:
    """Check that a picture has room for the panels that are asked for, and can tell the story.

    Args:
        options: of the picture.
        dim: dimension of the recordings, 1 or 2.
        recordings: number of them side by side.

    Raises:
        UsageError: it has not, or can not.
    """
    if options.story != "training" and recordings > 1:
        raise UsageError(
            f"animation.story: {options.story} is told of one generator alone, not of several side by side"
        )
    if options.panels is None or options.layout != "talk" or options.story not in _IN_PANELS:
        return
    kinds = [catalogue.find(name, dim) for name in options.panels]
    if recordings > 1:
        shared(kinds, dim)
    else:
        split(kinds)
