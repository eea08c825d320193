"""What the discriminator answers, as a faint ground behind data and points."""

from __future__ import annotations

from gandyn.rendering.decor import LegendEntry
from gandyn.rendering.fields import isolines
from gandyn.rendering.levels import own_window
from gandyn.rendering.marks import Bands, Line, Mark
from gandyn.rendering.panels.discriminator import TINTS, centred
from gandyn.rendering.stage import Stage

__all__ = ["Ground"]

_TINT = 0.07
"""Opacity of the ground: so faint that data and points stand before it. It is flat on either side of the line: bands of
how sure the discriminator is move from frame to frame, distract, and cost a GIF a tenth of its bytes each."""


class Ground:
    """A tint in the data's colour where the discriminator says "data", and in the generator's where "generated".

    A line runs where it is undecided. Of recordings without a discriminator there is nothing to be seen.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage, self._there = stage, stage.has("discriminator")

    def entries(self) -> list[LegendEntry]:
        """Return the name of the line."""
        who = self._stage.player
        return [LegendEntry("discriminator", f"{who} undecided", "undecided", dashed=False)] if self._there else []

    def remarks(self) -> list[str]:
        """Return ways to say what the tints mean, the longest first."""
        return list(TINTS) if self._there else []

    def marks(self, step_index: int) -> tuple[list[Mark], list[Mark]]:
        """Return the tints at a step, and the line where the discriminator is undecided."""
        response = centred(self._stage, "discriminator", step_index) if self._there else None
        if response is None:
            return [], []
        window = own_window(self._stage)
        line = Line("plane", "discriminator", *isolines(response, *window, 0.0, 2), weight=0.8, dashed=False)
        fills = (("generator", _TINT), ("data", _TINT))
        return [Bands("plane", *window, response, (0.0,), fills)], [line]
