"""MNIST: 70,000 grey images of handwritten digits."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from gandyn.datasets.base import DIGITS, ImageDataset, Images, Split
from gandyn.datasets.fetching import Collection, fetch
from gandyn.datasets.idx import read_idx
from gandyn.datasets.resizing import resized

__all__ = ["Mnist"]

FILES = Collection(
    "mnist",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
    ),
    sha256={
        "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
)


class Mnist(ImageDataset):
    """MNIST: 60,000 images of handwritten digits to train on, 10,000 to test on, white on black.

    The files are taken from the folder that GANDYN_DATA names or from the user's cache, where they are downloaded to
    the first time; either way they are verified.

    References:
        Gradient-Based Learning Applied to Document Recognition (LeCun, Bottou, Bengio, Haffner, 1998).
    """

    type: Literal["mnist"] = "mnist"
    digits: tuple[Annotated[int, Field(ge=0, le=9)], ...] | None = Field(None, description="keep only these; all")
    size: int | None = Field(None, ge=4, le=1024, description="height and width in pixels; 28, and 32 by a black rim")

    @field_validator("digits")
    @classmethod
    def _as_a_set(cls, digits: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if digits == ():
            raise ValueError("no digits would be left")
        return digits if digits is None else tuple(sorted(set(digits)))

    @property
    def shape(self) -> tuple[int, int, int]:  # noqa: D102
        size = self.size or 28
        return 1, size, size

    @property
    def class_names(self) -> tuple[str, ...]:
        """All ten digits, also where only some are kept: labels stay what they are."""
        return DIGITS

    @property
    def has_test(self) -> bool:  # noqa: D102
        return True

    def _read(self, split: Split) -> Images:
        pixels, labels = _whole(split)
        if self.digits is not None:
            kept = np.isin(labels, self.digits)
            pixels, labels = pixels[kept], labels[kept]
        if self.size == 32:
            pixels = np.pad(pixels, ((0, 0), (0, 0), (2, 2), (2, 2)))
        elif self.size is not None:
            pixels = resized(pixels, self.size)
        return Images(pixels, labels)


@cache  # so that the files are unpacked and hashed once, however many digits and sizes are asked for
def _whole(split: Split) -> tuple[np.ndarray, np.ndarray]:
    start = "train" if split == "train" else "t10k"
    names = f"{start}-images-idx3-ubyte.gz", f"{start}-labels-idx1-ubyte.gz"
    pixels, labels = (read_idx(fetch(FILES, name), name) for name in names)
    return pixels[:, None], labels.astype(np.int64)
