"""Pictures on no ground: how much of each pixel is drawn, and what becomes of that where a pixel is all or nothing."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt32

__all__ = ["hardened", "see_through"]

Frame = UInt32[np.ndarray, "row column"]

_LEAST = 0.15
"""Opacity from which a pixel is there at all, where it can only be there or not."""

_PALEST = 0.4
"""Part of its own colour that such a pixel has at least: paler ones would be a fringe on a slide of another tone."""


def see_through(on_black: Frame, on_white: Frame) -> Frame:
    """Return a picture with its opacity, from how it looks on black and on white.

    What looks the same on both is opaque; where the two differ by as much as their grounds do, nothing is drawn.

    Args:
        on_black: RGBA pixels packed in 32 bits.
        on_white: the same picture.
    """
    black, white = (one.view(np.uint8).reshape(*one.shape, 4).astype(np.int32) for one in (on_black, on_white))
    opacity = np.clip(255 - (white[..., :3] - black[..., :3]).min(axis=-1), 0, 255)
    found = np.zeros(black.shape, np.uint8)
    drawn = opacity > 0
    share = np.maximum(opacity, 1)[..., None]
    found[..., :3] = np.where(drawn[..., None], np.clip((255 * black[..., :3] + share // 2) // share, 0, 255), 0)
    found[..., 3] = opacity
    return found.view(np.uint32)[..., 0]


def hardened(frame: Frame, ground: tuple[int, int, int]) -> Frame:
    """Return a picture whose pixels are opaque or not there, for formats that know nothing between.

    What is there is mixed with the ground that the picture's theme is made for, as far as it can be seen through; but
    no pixel comes so near to that ground that edges would have a fringe of it on a slide of another tone.
    """
    pixels = frame.view(np.uint8).reshape(*frame.shape, 4)
    opacity = pixels[..., 3].astype(np.float32) / 255
    own = (_PALEST + (1 - _PALEST) * opacity)[..., None]
    mixed = own * pixels[..., :3] + (1 - own) * np.array(ground, np.float32)
    there = opacity >= _LEAST
    found = np.zeros(pixels.shape, np.uint8)
    found[..., :3] = np.where(there[..., None], np.round(mixed), 0)
    found[..., 3] = np.where(there, 255, 0)
    return found.view(np.uint32)[..., 0]
