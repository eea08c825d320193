"""Which seeds a picture is of, as its header says it."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.rendering.panels.base import Panel
from gandyn.rendering.stage import Stage

__all__ = ["seeds_shown"]


def seeds_shown(kinds: Sequence[type[Panel]], stage: Stage) -> str:
    """Return which seeds some panels show: all there are, the chosen one, or all and beside them one that is named."""
    number = len(stage.seeds)
    if number == 1 or not any(kind.every_seed for kind in kinds):
        return f"seed {stage.seed}"
    if all(kind.every_seed for kind in kinds):
        return f"{number} seeds"
    one = f"large numbers: seed {stage.seed}" if any(kind.quantity for kind in kinds) else f"seed {stage.seed} in bold"
    return f"{number} seeds, {one}"
