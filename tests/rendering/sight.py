"""How colours look: contrast, difference, and both as people see them who lack one kind of cone."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gandyn.rendering.theme import rgb

__all__ = ["SIGHTS", "contrast", "difference", "mixed", "seen"]

SIGHTS = {
    "normal": np.eye(3),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
"""What a kind of sight makes of linear red, green and blue: at severity 1.0, the cones of one kind are all shifted.

References:
    A Physiologically-based Model for Simulation of Color Vision Deficiency. G. M. Machado, M. M. Oliveira,
    L. A. F. Fernandes, 2009. Table 1.
"""

_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _XYZ.sum(axis=1)


def seen(color: str, sight: str) -> Float[np.ndarray, " channel"]:
    """Return a colour ("#rrggbb") as linear red, green and blue that look to normal sight as it does to another."""
    return np.clip(SIGHTS[sight] @ _linear(color), 0.0, 1.0)


def difference(one: str, other: str, sight: str = "normal") -> float:
    """Return the distance of two colours ("#rrggbb") in L*a*b* under D65: about 2 is just seen, 20 another colour.

    References:
        Colorimetry, part 4: CIE 1976 L*a*b* colour space. ISO/CIE 11664-4, 2019.
    """
    return float(np.linalg.norm(_lab(seen(one, sight)) - _lab(seen(other, sight))))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours ("#rrggbb"), from 1 to 21, as the Web Content Accessibility Guidelines do."""
    low, high = sorted(float(_XYZ[1] @ _linear(color)) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def mixed(color: str, ground: str, opacity: float) -> str:
    """Return what a colour looks like over a ground (all "#rrggbb")."""
    values = 255 * (opacity * np.array(rgb(color)) + (1 - opacity) * np.array(rgb(ground)))
    return "#" + "".join(f"{round(value):02x}" for value in values)


def _linear(color: str) -> Float[np.ndarray, " channel"]:
    values = np.array(rgb(color))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _lab(linear: Float[np.ndarray, " channel"]) -> Float[np.ndarray, " 3"]:
    part = _XYZ @ linear / _WHITE
    f = np.where(part > (6 / 29) ** 3, np.cbrt(part), part / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
