"""The classes found: how many of the digits are drawn, in large type, and a bar for each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.divergences.finding import SHARE
from gandyn.rendering.bars import Bars
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.guides import thousands
from gandyn.rendering.marks.marks import Mark, Text
from gandyn.rendering.quality_text import JUDGED, latest, realistic_shares
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["ClassesFound"]

_LINE = "real images"
"""What the line across the bars is."""


class ClassesFound(Bars):
    """How many classes are found, and a bar for each: its share of the generated images, those alone that look real.

    A bar a digit; the line is real images.

    A class is found when the bar is at least a quarter as high as the class's share of the data, the line across it.
    How many images look real is the lower of precision and recall (`judged.realistic_shares`): of blank images none
    do, whichever digit a classifier takes them for, and so none is found.

    All this is measured at some steps and stays until it is measured again; beside the number stands of which step it
    is. No line is drawn from one measurement to the next as for the distance: images look real all of a sudden, late on
    the way from blurs to digits, and such a line would count digits among blurs.
    """

    name = "classes_found"
    needs: ClassVar[tuple[str, ...]] = ("class_histogram", "data_class_histogram", "precision", "recall")
    absent: ClassVar[str] = JUDGED
    images: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ()

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        names = [str(one) for one in view.dataset["class"].values]
        place = self.axes[self.name]
        every = int((max(measure(name, slot.em) for name in names) + 0.4 * slot.em) * len(names) / place.width) + 1
        self.background += [
            Text(self.name, "muted", at + 0.5, 0.0, name, align="center", valign="top", dy=-0.35)
            for at, name in enumerate(names)
            if at % every == 0
        ]
        last = min(len(names), int(measure(_LINE, slot.em) * len(names) / place.width) + 1)
        height = float(self.data_shares()[-last:].max())
        line = Text(self.name, "data", len(names), height, _LINE, align="right", valign="bottom", dy=0.1, ground=True)
        self.background += [line] if measure(_LINE, slot.em) <= place.width else []
        self._free = slot.width - measure(self.headline(len(names)), self._size * slot.em, bold=True) - 1.2 * slot.em

    def data_shares(self) -> Float[np.ndarray, " class"]:
        """Return each class's share of the data."""
        return np.asarray(self.view.dataset["data_class_histogram"].values, dtype=float)

    def shares(self, step_index: int) -> Float[np.ndarray, " class"]:
        """Return each class's share of the generated images, counting those that look real."""
        at = latest(self.view, "precision", step_index)
        if at is None or self.view.diverged(step_index) is not None:
            return np.full(len(self.data_shares()), np.nan)
        return realistic_shares(self.view, at)

    def found(self, step_index: int) -> float:
        """Return the number of classes whose images that look real are not far too rare."""
        there = self.shares(step_index)
        return float((there >= SHARE * self.data_shares()).sum()) if np.isfinite(there).all() else float("nan")

    def marks(self, step_index: int) -> list[Mark]:
        """Return the count and the bars as they were measured last, and of which step that is."""
        marks, at = super().marks(step_index), latest(self.view, "precision", step_index)
        if at is None or self.view.diverged(step_index) is not None:
            return marks
        words = f"as of step {thousands(int(self.view.steps[at]))}"
        if self._beside:
            marks.append(Text("", "muted", self._x, self._y - 1.45 * self.slot.em, words))
        elif measure(words, self.slot.em) <= self._free:
            marks.append(Text("", "muted", self.slot.box[2], self._y, words, align="right"))
        return marks

    def headline(self, found: float) -> str:
        """Return how many digits of how many."""
        return f"{found:.0f} of {len(self.data_shares())} digits"
