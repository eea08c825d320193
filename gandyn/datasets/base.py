"""What every set of images can do: say its shape and classes, and hand out its pixels."""

from __future__ import annotations

from abc import abstractmethod
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
from jaxtyping import Int64, UInt8
from numpy import ndarray

from gandyn.core.errors import UsageError
from gandyn.distributions.data import Data

__all__ = ["DIGITS", "ImageDataset", "Images", "Split"]

Split = Literal["train", "test"]

DIGITS = tuple("0123456789")
"""Class names of the sets of digits: label k is the digit k."""


class Images(NamedTuple):
    """Images and, where they have classes, their labels.

    The arrays are shared by all who load the same set, so they cannot be written to: `torch.tensor` copies them,
    `torch.from_numpy` warns.

    Attributes:
        pixels: 0 (black) to 255, shape (image, channel, height, width), C-contiguous; one channel is grey, three are
            red, green and blue.
        labels: index of each image's class in `class_names`, shape (image,); None in a set without classes.
    """

    pixels: UInt8[ndarray, "image channel height width"]
    labels: Int64[ndarray, " image"] | None


class ImageDataset(Data):
    """A set of images of one shape.

    Example:
        >>> from gandyn.datasets.digits import Digits
        >>> Digits().load().pixels.shape
        (1797, 1, 8, 8)
    """

    finite: ClassVar[bool] = True

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of every image; known without loading any."""

    @property
    def standard(self) -> Self:
        """What networks are trained on: itself."""
        return self

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the labels; empty where there are no labels."""

    @classmethod
    def made_of(cls, path: Path) -> list[dict[str, Any]]:
        """Return the ways in which a user's folder is data of this type, as fields; none where it is not."""
        return []

    @classmethod
    def with_modes(cls, count: int) -> dict[str, Any] | None:
        """Return None: images have no modes that could be asked for."""
        return None

    @property
    def has_test(self) -> bool:
        """Whether some images are set apart for testing."""
        return False

    def check_batch(self, size: int) -> None:
        """Check that there are as many images as a batch holds, where that is known without loading them.

        Raises:
            ValueError: there are fewer.
        """

    def load(self, split: Split = "train") -> Images:
        """Return the images; they are read once and stay in memory, and equal sets share them.

        Args:
            split: "test" asks for the images set apart, which not every set has.

        Raises:
            UsageError: there is no such split.
            DataError: a file is missing, damaged, or not the one it should be, or cannot be fetched.
        """
        if split not in ("train", "test"):
            raise UsageError(f"no split {split!r} of the images: there are 'train' and 'test'")
        if split == "test" and not self.has_test:
            raise UsageError(f"the images of type {self.label()!r} have no test split: all of them are in 'train'")
        return _loaded(self, split)

    @abstractmethod
    def _read(self, split: Split) -> Images:
        """Return the images of a split that there is."""


@cache
def _loaded(dataset: ImageDataset, split: Split) -> Images:
    pixels, labels = dataset._read(split)
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    if labels is not None:
        labels.flags.writeable = False
    return Images(pixels, labels)
