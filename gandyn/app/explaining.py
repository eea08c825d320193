"""What `gandyn explain-layer` does: a layer's numbers, drawn into a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gandyn.app.console import Tick, progress, tell
from gandyn.app.output_paths import drawing, picture_path, still_path
from gandyn.app.report import to_json
from gandyn.app.show import human_size
from gandyn.scenario.overrides import Override

if TYPE_CHECKING:
    from gandyn.rendering.figures.animation import Rendered
    from gandyn.scenario.explanations import ExplainedLayer

__all__ = ["draw_layer", "explain_layer"]


def explain_layer(
    wanted: str | Path,
    out: Path | None,
    overrides: Sequence[Override],
    *,
    poster: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw what a layer, or a file that explains one, does to numbers: an animation, or a still."""
    from gandyn.rendering import check_suffix
    from gandyn.scenario.explanations import load_layer

    explained = load_layer(wanted, overrides)
    if out is not None and not out.is_dir():
        check_suffix(out)
    if poster is not None:
        still_path(poster)
    path = picture_path(out, Path(wanted).stem, ".gif")
    with progress(quiet=quiet) as tick:
        drawn = draw_layer(explained, path, poster, tick)
    if as_json:
        told = {"path": drawn.path, "bytes": drawn.bytes, "frames": drawn.frames, "size": list(drawn.size)}
        tell(to_json({"picture": told | {"seconds": drawn.seconds, "poster": drawn.poster}}))
    elif not quiet:
        frames = f"{drawn.frames} frame{'s' if drawn.frames != 1 else ''}"
        tell(f"{drawn.path}  ({human_size(drawn.bytes)}, {frames}, {drawn.size[0]}x{drawn.size[1]})")
        if drawn.poster is not None:
            tell(f"{drawn.poster}  ({human_size(drawn.poster.stat().st_size)}, poster)")


def draw_layer(
    explained: ExplainedLayer, path: Path, poster: Path | None = None, progress: Tick | None = None
) -> Rendered:
    """Draw what explains a layer into a file.

    Raises:
        UsageError: the numbers find no room, or the suffix is not supported.
        RenderError: the file cannot be written.
    """
    from gandyn.rendering import AnimationOptions
    from gandyn.rendering.figures.animation import render
    from gandyn.rendering.theme import theme

    look = explained.animation
    return render(
        lambda: explained.layer.page(look.size, theme(look.theme), look.big, explained.title),
        path, AnimationOptions(**look.model_dump()), poster=poster, progress=drawing(progress),
    )  # fmt: skip
