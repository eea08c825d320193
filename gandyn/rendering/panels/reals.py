"""The reals panel: images of the data, to be seen beside those that are generated."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering.marks.marks import Mark
from gandyn.rendering.panels.samples import Samples
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["RealSamples"]


class RealSamples(Samples):
    """Images of the data in a grid like that of the samples, as large as the generator's and as coarse.

    They are shown as they were read, in the size in which the discriminator sees them.
    """

    name = "reals"
    needs: ClassVar[tuple[str, ...]] = ("real_samples",)
    shows: ClassVar[str] = "real_samples"

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        self.background += self.tiles(np.asarray(view.dataset[self.shows].values))

    def classes(self) -> list[str]:
        """Return no classes: those that latents were asked to be of are none of the data's images."""
        return []

    def notes(self, number: int, which: str) -> list[str]:
        """Return what may be said behind the title."""
        return [f"{number} images of the data", "images of the data", "data"]

    def marks(self, step_index: int) -> list[Mark]:
        """Return nothing: the data stay as they are."""
        return []
