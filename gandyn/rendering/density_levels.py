"""How the generator's density on the plane is cut in bands: by halves of the data's peak, down to where it is thin."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gandyn.rendering.fields import smooth
from gandyn.rendering.marks.guides import Key
from gandyn.rendering.marks.marks import Bands
from gandyn.rendering.recording_view import RecordingView

__all__ = ["Levels", "density_bands", "density_levels", "own_window", "peak"]

_UNSEEN = 0.02
"""Part of the generated mass, over the steps shown, that lies below the lowest band at most."""

_FAINTEST, _BANDS = 14, 6
"""Octaves under the data's peak that bands reach down at most; and how many bands are enough under the topmost."""


@dataclass(frozen=True)
class Levels:
    """Where the bands of the generator's density begin; the last one is all beyond twice the data's peak.

    Attributes:
        parts: of the data's peak.
        top: the data's peak, as it is drawn.
    """

    parts: tuple[float, ...]
    top: float

    @property
    def fills(self) -> tuple[tuple[str, float], ...]:
        """What the bands are filled with, from below the first level on."""
        return (("generator", 0.0), *(("generator", float(o)) for o in np.linspace(0.16, 0.95, len(self.parts))))

    @property
    def names(self) -> list[str]:
        """How the parts are written."""
        return [f"{part:g}" if part >= 1 else f"1/{round(1 / part)}" for part in self.parts]

    def key(self) -> Key:
        """Return what the bands mean."""
        return Key(self.fills[1:], (*self.names, ""), after=("of the data’s peak", "× peak"))


def own_window(view: RecordingView) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ends of the recording's own cells along both dimensions, without its group's."""
    return view.own_window(0), view.own_window(1)


def peak(view: RecordingView) -> float:
    """Return the data's peak, as it is drawn; of the group the highest."""
    found = max(float(np.nanmax(smooth(one.data), initial=0.0)) for one in view.group)
    return found if found > 0 else 1.0


def density_levels(view: RecordingView, shown: Callable[[RecordingView], Sequence[int]]) -> Levels:
    """Return the levels of density for all of the group, by halves, quarters or eighths of twice the data's peak.

    The lowest is one above which nearly all lies that is generated inside the window, over the steps shown: a
    generator that spreads its mass thin is seen to.

    Args:
        view: whose panel it is.
        shown: tells which seeds of a view are to be seen, by index.
    """
    top = peak(view)
    octaves = np.zeros(_FAINTEST + 2)
    for one in view.group:
        for step, seed in itertools.product(one.sampled, shown(one)):
            values = one.field("generator_density", step, seed).ravel()
            mass = float(values.sum())
            if np.isfinite(mass) and mass > 0:
                under = np.ceil(np.log2(2 * top / np.maximum(values, 1e-300)))
                under = np.clip(under, 0, _FAINTEST + 1).astype(np.intp)
                octaves += np.bincount(under, values / mass, _FAINTEST + 2)
    seen = np.cumsum(octaves) >= (1 - _UNSEEN) * octaves.sum()
    reach = min(max(int(seen.argmax()), 4), _FAINTEST + 1)
    factor = math.ceil(reach / _BANDS)
    parts = tuple(2.0 ** (1 - factor * k) for k in range(math.ceil(reach / factor), -1, -1))
    return Levels(parts, top)


def density_bands(axes: str, view: RecordingView, values: Float[np.ndarray, "x y"], levels: Levels) -> Bands:
    """Return a generator's density in bands, the darker the denser."""
    return Bands(axes, *own_window(view), values, tuple(part * levels.top for part in levels.parts), levels.fills)
