"""Which seeds a picture is of, as its header says it."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import RecordingView

__all__ = ["seeds_shown"]


def seeds_shown(kinds: Sequence[type[Panel]], view: RecordingView) -> str:
    """Return which seeds some panels show: all there are, the chosen one, or all and beside them one that is named."""
    number = len(view.seeds)
    if number == 1 or not any(kind.every_seed for kind in kinds):
        return f"seed {view.seed}"
    if all(kind.every_seed for kind in kinds):
        return f"{number} seeds"
    one = f"large numbers: seed {view.seed}" if any(kind.quantity for kind in kinds) else f"seed {view.seed} in bold"
    return f"{number} seeds, {one}"
