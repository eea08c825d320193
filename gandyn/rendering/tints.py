"""Tints: colours of areas that are told apart by number, such as the modes of the data, and which goes where."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

__all__ = ["TINTS_ON_DARK", "TINTS_ON_LIGHT", "assigned"]

# Searched for: the ink is legible on each, and any two of them are 20 and more apart in CIELAB, as are each and the
# ground, for normal, deuteranope and protanope sight (Machado, Oliveira and Fernandes, "A Physiologically-based Model
# for Simulation of Color Vision Deficiency", 2009). Neighbours in the list differ in hue or in lightness.
# For normal sight any two are 30 and more apart: discs are compared with areas that lie far from them.
TINTS_ON_LIGHT = ("#c39a45", "#ba6ab3", "#deff9e", "#8f848b", "#10daff", "#d2655b", "#6ea5fe", "#43d8ad")
TINTS_ON_DARK = ("#b08040", "#46367a", "#2a946d", "#593c2f", "#1c88ca", "#495604", "#a27da1", "#125a65")


def assigned(places: Float[np.ndarray, "mode axis"], number: int) -> Int[np.ndarray, " mode"]:
    """Return a tint, from 1 to `number`, for each of some places, so that those of one tint lie far apart.

    As long as there are tints for all, each has its own, in order. After that each place in turn is given the tint
    whose nearest place is the farthest away.
    """
    found: list[int] = []
    for index, place in enumerate(places):
        if index < number:
            found.append(index + 1)
            continue
        away = np.linalg.norm(places[:index] - place, axis=1)
        nearest = [min(away[k] for k in range(index) if found[k] == tint) for tint in range(1, number + 1)]
        found.append(int(np.argmax(nearest)) + 1)
    return np.array(found, dtype=int)
