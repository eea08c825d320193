"""The classes found: how many of the digits are drawn, in large type, and a bar for each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.divergences.coverage import SHARE
from gandyn.rendering.bars import Bars
from gandyn.rendering.judged import JUDGED, latest

__all__ = ["ClassesFound"]


class ClassesFound(Bars):
    """How many classes have at least a quarter of the data's share, as a classifier sees them, and a bar for each.

    Shares are measured at some steps only: those of the latest measurement stay.
    """

    name = "classes_found"
    needs: ClassVar[tuple[str, ...]] = ("class_histogram", "data_class_histogram")
    absent: ClassVar[str] = JUDGED
    images: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = (
        "bar: images of a digit, 0 to 9; line: the data’s",
        "bars: images of 0 to 9; line: data",
        "images of 0 to 9",
    )

    def data_shares(self) -> Float[np.ndarray, " class"]:
        """Return each class's share of the data."""
        return np.asarray(self.stage.dataset["data_class_histogram"].values, dtype=float)

    def shares(self, step_index: int) -> Float[np.ndarray, " class"]:
        """Return each class's share of the generated images, as it was measured last."""
        at = latest(self.stage, "class_histogram", step_index)
        if at is None or self.stage.diverged(step_index) is not None:
            return np.full(len(self.data_shares()), np.nan)
        return np.asarray(self.stage.scalars("class_histogram")[self.stage.seed_index, at])

    def found(self, step_index: int) -> float:
        """Return the number of classes that are not far too rare."""
        there = self.shares(step_index)
        return float((there >= SHARE * self.data_shares()).sum()) if np.isfinite(there).all() else float("nan")

    def headline(self, found: float) -> str:
        """Return how many digits of how many."""
        return f"{found:.0f} of {len(self.data_shares())} digits"
