"""What `gandyn explain-layer` does: a layer's numbers, drawn into a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gandyn.scenario.checking import validate
from gandyn.scenario.console import progress, tell
from gandyn.scenario.overrides import as_overrides
from gandyn.scenario.pictures import check_output, drawing, picture_path, pixels
from gandyn.scenario.report import to_json
from gandyn.scenario.showing import human_size
from gandyn.scenario.yaml12 import Document

__all__ = ["explain_layer"]


def explain_layer(
    name: str,
    out: Path | None,
    *,
    settings: Mapping[str, float | None],
    look: Mapping[str, Any],
    poster: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw what a layer does to numbers as an animation, or a still."""
    from gandyn.rendering import AnimationOptions, check_suffix
    from gandyn.rendering.animation import render
    from gandyn.rendering.theme import theme
    from gandyn.scenario.layers import layer

    shown = layer(name, **settings)
    if out is not None and not out.is_dir():
        check_suffix(out)
    if poster is not None:
        check_suffix(poster, figure=True)
        check_output(poster)
    path = picture_path(out, name, ".gif")
    chosen = as_overrides("animation", {**look, "size": None if look["size"] is None else pixels(look["size"])})
    options = validate(AnimationOptions, Document({}), "animation", chosen, folder=Path(), prefix=("animation",))
    with progress(quiet=quiet) as tick:
        drawn = render(
            lambda: shown.page(options.size, theme(options.theme), options.big),
            path, options, poster=poster, progress=drawing(tick),
        )  # fmt: skip
    if as_json:
        told = {"path": drawn.path, "bytes": drawn.bytes, "frames": drawn.frames, "size": list(drawn.size)}
        tell(to_json({"picture": told | {"seconds": drawn.seconds, "poster": drawn.poster}}))
    elif not quiet:
        frames = f"{drawn.frames} frame{'s' if drawn.frames != 1 else ''}"
        tell(f"{drawn.path}  ({human_size(drawn.bytes)}, {frames}, {drawn.size[0]}x{drawn.size[1]})")
        if drawn.poster is not None:
            tell(f"{drawn.poster}  ({human_size(drawn.poster.stat().st_size)}, poster)")
