"""Scikit-learn's small digits: there without a network."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from gandyn.datasets.base import DIGITS, ImageDataset, Images, Split
from gandyn.datasets.resizing import resized

__all__ = ["Digits"]


class Digits(ImageDataset):
    """1,797 grey images of handwritten digits, 8 by 8 pixels of 17 tones, that come with scikit-learn.

    References:
        Optical Recognition of Handwritten Digits (Alpaydin, Kaynak, 1998).
    """

    type: Literal["digits"] = "digits"
    size: int = Field(8, ge=4, le=1024, description="height and width in pixels")

    @property
    def shape(self) -> tuple[int, int, int]:  # noqa: D102
        return 1, self.size, self.size

    @property
    def class_names(self) -> tuple[str, ...]:  # noqa: D102
        return DIGITS

    def _read(self, split: Split) -> Images:
        from sklearn.datasets import load_digits

        tones, labels = load_digits(return_X_y=True)
        pixels = np.rint(tones * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
        return Images(resized(pixels, self.size), labels.astype(np.int64))
