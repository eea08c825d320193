"""The numbers of a recording as people are told them, one a seed and step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.divergences.finding import found

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording

__all__ = ["measured"]


def measured(recording: Recording, name: str) -> Float[ndarray, "seed step"] | None:
    """Return a number of a recording; None where it has none.

    `modes_found` is no variable of it: it is counted as pictures count it, so that tables and pictures agree.
    """
    data = recording.contents
    if name == "modes_found" and "mode_mass" in data and "mode_weight" in data:
        mass = np.asarray(recording.scalars("mode_mass"), dtype=np.float64)
        return found(mass, np.asarray(data["mode_weight"].values, dtype=np.float64))
    return np.asarray(recording.scalars(name), dtype=np.float64) if name in data else None
