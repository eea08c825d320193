"""Notes at the edges of a picture on the line: how much of the generator's mass lies beyond them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import Axes, Line, Mark, Text
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["beyond"]

_WORTH_SAYING = (0.001, 0.05)
"""Part of the generator's mass beyond an edge that is worth a note, and in a picture for an audience."""

_ABOVE = 0.6
"""From the generator's density up to the note, in em."""

_HEIGHTS = (0.87, 0.7)
"""Parts of the axes' height where a note stands rather than over the density, which moves."""


def beyond(
    view: RecordingView, step_index: int, slot: PanelSlot, axes: Mapping[str, Axes], drawn: Sequence[Mark]
) -> list[Mark]:
    """Return a note at each edge beyond which generator mass lies, where no curve runs: at the top if it can.

    Args:
        view: the recording.
        step_index: of the step.
        slot: of the panel.
        axes: of the panel; `density` is what the notes stand in.
        drawn: what is drawn there.
    """
    if not view.has("outside_mass"):
        return []
    mass = np.asarray(view.recording.scalars("outside_mass"))[view.seed_index, step_index]
    place, em, marks = axes["density"], slot.em, list[Mark]()
    left, bottom, right, _top = place.box
    curves = [np.stack(axes[one.axes].pixels(one.x, one.y)) for one in drawn if isinstance(one, Line) and one.axes]
    generator = view.field("generator_density", step_index)
    for side, share in enumerate(mass):
        if not (np.isfinite(share) and share >= _WORTH_SAYING[slot.plain]):
            continue
        part = max(len(generator) // 6, 1)
        near = generator[:part] if side == 0 else generator[-part:]
        # A density that is damaged has no height to stay clear of.
        over = min(float(np.max(near[np.isfinite(near)], initial=0.0)), 0.85 * place.y.high)
        words = f"{ticks.percent(share)} beyond" if slot.plain else ticks.percent(share)
        text = f"← {words}" if side == 0 else f"{words} →"
        wide = measure(text, em, bold=True)
        x = left + 0.3 * em if side == 0 else right - 0.3 * em - wide
        own = float(place.pixels(0.0, over)[1]) + _ABOVE * em
        heights = [*(bottom + part * place.height for part in _HEIGHTS), own]
        y = min(heights, key=lambda at: sum(_through(curve, (x, at - 0.2 * em, x + wide, at + em)) for curve in curves))
        marks.append(Text("", "generator", x, y, text, bold=True, halo=True))
    return marks


def _through(curve: np.ndarray, box: tuple[float, float, float, float]) -> int:
    """Return how many points of a curve lie in a box, all in pixels."""
    x, y = curve
    return int(((x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])).sum())
