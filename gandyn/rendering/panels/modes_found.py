"""The modes found: how many of the data's modes the generator has, in large type, and a bar for each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering.bars import Bars
from gandyn.rendering.modes import modes_found, shares
from gandyn.rendering.quantities import MODES_FOUND, Quantity
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["ModesFound"]


class ModesFound(Bars):
    """How many modes of how many, the share of samples that lie at any of them, and a bar for every mode.

    A mode is found when it holds at least a quarter of its share of the data: modes are the data's separate heaps, the
    line across a bar is the data's share. Samples are on a mode within three standard deviations of one. Both numbers
    are needed, as a blanket over everything finds all modes.
    """

    name = "modes_found"
    needs: ClassVar[tuple[str, ...]] = MODES_FOUND.needs
    quantity: ClassVar[Quantity | None] = MODES_FOUND
    words: ClassVar[tuple[str, ...]] = ("bar: samples at a mode; line: the data’s", "bars: samples; line: data")
    forms: ClassVar[tuple[str, ...]] = ("{} of samples on a mode", "{} on a mode", "")

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        self._found = modes_found(view)[view.seed_index]

    def data_shares(self) -> Float[np.ndarray, " mode"]:
        """Return the weights of the data's modes."""
        return shares(self.view)

    def shares(self, step_index: int) -> Float[np.ndarray, " mode"]:
        """Return the part of the samples at each mode."""
        return np.asarray(self.view.scalars("mode_mass")[self.view.seed_index, step_index])

    def found(self, step_index: int) -> float:
        """Return the number of modes found."""
        return float(self._found[step_index])

    def headline(self, found: float) -> str:
        """Return how many modes of how many."""
        return MODES_FOUND.headline(self.view, found)

    def good(self, step_index: int) -> float:
        """Return the high-quality fraction."""
        return float(self.view.scalars("high_quality_fraction")[self.view.seed_index, step_index])
