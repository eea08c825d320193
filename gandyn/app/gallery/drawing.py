"""The files of one picture in the gallery: small enough for a page, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gandyn.app.gallery.exhibits import Media
from gandyn.app.walking import walk_of
from gandyn.core.replacing import replaced

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording
    from gandyn.rendering.figures.animation import Rendered
    from gandyn.rendering.figures.comparison import Compared
    from gandyn.rendering.options import AnimationOptions

__all__ = ["FRAMES", "LIMIT", "SIZE", "draw", "fewer_frames"]

SIZE = "[720, 405]"
"""Pixels of pictures in the gallery, as an override says it: what a page shows at full width."""

FRAMES = 72
"""Frames at most."""

LIMIT = 1_000_000
"""Bytes of a GIF at most."""

_FEWEST = 24
"""Frames that are left to a GIF whatever its size."""

_SHADES = 128
"""Colours of a poster."""

_DARK = "talk-dark"


def draw(
    picture: Recording | Compared,
    folder: Path,
    name: str,
    options: AnimationOptions,
    progress: Callable[[int, int], None] | None = None,
) -> Media:
    """Draw a picture as a GIF and as two videos, each of these with its poster.

    Args:
        picture: a recording, or several to be compared.
        folder: where the files go.
        name: what their names begin with.
        options: how it is drawn.
        progress: called with the number of frames done and of all frames, of each file anew.

    Raises:
        UsageError: it cannot be drawn so.
        RenderError: a file cannot be written.
    """
    from gandyn.rendering import animate

    def drawn(out: Path, look: AnimationOptions, poster: Path | None = None) -> Rendered:
        return animate(picture, out, look, progress=progress, poster=poster, walk=walk_of(picture, look), compact=True)

    gif = folder / f"{name}.gif"
    made = drawn(gif, options)
    chosen = options
    while made.bytes > LIMIT and made.frames > _FEWEST:
        chosen = fewer_frames(chosen, max(int(0.95 * made.frames * LIMIT / made.bytes), _FEWEST))
        made = drawn(gif, chosen)
    # Videos know no transparency, and frames cost them little.
    light = options.model_copy(update={"transparent": False})
    dark = light.model_copy(update={"theme": _DARK})
    video, poster = folder / f"{name}.mp4", folder / f"{name}.png"
    dark_video, dark_poster = folder / f"{name}-dark.mp4", folder / f"{name}-dark.png"
    drawn(video, light, poster)
    drawn(dark_video, dark, dark_poster)
    for still in (poster, dark_poster):
        _with_palette(still)
    return Media(gif, video, poster, dark_video, dark_poster, *made.size)


def _with_palette(still: Path) -> None:
    """Write a PNG anew with a palette: a third as large, and seen for a moment only."""
    from PIL import Image

    with Image.open(still) as image:
        image.load()
        less = image.convert("RGB").quantize(_SHADES, dither=Image.Dither.NONE)
    with replaced(still) as part:
        less.save(part, format="PNG", optimize=True)


def fewer_frames(options: AnimationOptions, most: int) -> AnimationOptions:
    """Return options with at most so many frames, in as much time."""
    if options.frames <= most:
        return options
    return options.model_copy(update={"frames": most, "fps": options.fps * most / options.frames})
