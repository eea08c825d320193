"""A picture as a density: the darker (or the lighter) a pixel, the more of the data lies there."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from PIL import Image as Pillow
from pydantic import Field

from gandyn.core.catalog import PositiveFinite
from gandyn.core.files import open_picture
from gandyn.distributions.files import FromFile
from gandyn.distributions.tiles import Tiles

__all__ = ["Image"]

_LONGEST = 256
"""Pixels along the longer side; a larger picture is averaged down."""
_LARGE = 2048
_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")


class Image(FromFile, Tiles):
    """A user's drawing or logo: each pixel is a tile whose mass is the amount of ink on it.

    The tone furthest from the ink counts as paper and has no mass; a transparent pixel has none either. Pictures of
    32 bits a pixel (whole or broken numbers: TIFF) state no black and white: those are the least and the greatest
    value in them.
    """

    type: Literal["image"] = "image"
    file: Path = Field(Path("drawing.png"), description="greyscale .png, relative to the scenario's folder")
    ink: Literal["dark", "light"] = Field("dark", description="which tones are the data")
    width: PositiveFinite = Field(4.0, description="of the picture, centred on the origin; its height follows")

    @classmethod
    def made_of(cls, path: Path) -> list[dict[str, Any]]:  # noqa: D102
        return [{"file": path}] if path.suffix.lower() in _SUFFIXES else []

    @cached_property
    def shares(self) -> Float[ndarray, "column row"]:
        """The ink of each pixel, normalised; row 0 is the bottom of the picture."""
        return self.content[::-1].T / self.content.sum()

    @property
    def tile(self) -> float:  # noqa: D102
        return self.width / self.content.shape[1]

    def _read(self) -> Float[ndarray, "row column"]:
        tone, opacity = _open(self.file)
        amount = (tone if self.ink == "light" else 1 - tone) * opacity
        amount -= amount.min()
        if amount.max() < 1 / 255:
            other = "dark" if self.ink == "light" else "light"
            hint = f"; with ink: {other} it would not be" if np.ptp(tone * opacity) + np.ptp(opacity) > 0 else ""
            raise ValueError(f"file {self.file} is all one tone, so it holds no density{hint}")
        rows, columns = amount.shape
        scale = _LONGEST / max(rows, columns)
        if scale < 1:
            size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
            shrunk = Pillow.fromarray(amount.astype(np.float32)).resize(size, Pillow.Resampling.BOX)
            amount = np.maximum(np.asarray(shrunk, dtype=np.float64), 0.0)
        return amount


def _open(path: Path) -> tuple[Float[ndarray, "row column"], Float[ndarray, "row column"]]:
    """Return the tone (0 black, 1 white) and the opacity of each pixel."""
    try:
        with open_picture(path) as picture:
            # A conversion would clip what is deeper than 8 bits.
            if picture.mode.startswith("I;16"):
                return _opaque(np.asarray(picture, dtype=np.float64) / 65535)
            if picture.mode in ("I", "F"):
                return _opaque(_stretched(np.asarray(picture, dtype=np.float64)))
            grey = picture.convert("RGBA").convert("LA")
            # Averaged down later as well, but in numbers of eight times the size.
            grey = grey.reduce(max(1, max(grey.size) // _LARGE))
            both = np.asarray(grey, dtype=np.float64) / 255
    except ValueError as error:
        raise ValueError(f"file {path} {error}") from None
    return both[..., 0], both[..., 1]


def _opaque(tone: Float[ndarray, "row column"]) -> tuple[Float[ndarray, "row column"], Float[ndarray, "row column"]]:
    return tone, np.broadcast_to(1.0, tone.shape)


def _stretched(values: Float[ndarray, "row column"]) -> Float[ndarray, "row column"]:
    """Return values moved and scaled to [0, 1]; all 0 where they are equal."""
    if not np.isfinite(values).all():
        raise ValueError("it has pixels that are no finite numbers")
    span = np.ptp(values)
    return (values - values.min()) / (span or 1.0)
