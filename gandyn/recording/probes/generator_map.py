"""Where the generator sends a few latent positions: the arrows below the axis, the warped lattice on the plane."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.spaces import Space

__all__ = ["GeneratorMap"]

_MAP = Measure("generator_map", "G(z)", "x", ("line", "plane"))


class GeneratorMap(Probe):
    """G at equally spaced latent positions, for a latent of as many coordinates as the data.

    On the line these are the arrows below the axis, from each latent z to G(z); on the plane the corners of the bent
    lattice. Where the latent has other dimensions than the data there is no such map to draw, and none is recorded.
    """

    type: Literal["generator_map"] = "generator_map"
    measures: ClassVar[tuple[Measure, ...]] = (_MAP,)
    field: ClassVar[bool] = True

    def variables(self, space: Space) -> list[Variable]:
        """Return the map where it can be drawn."""
        place = space.latent_map
        return [] if place is None else [_MAP.variable(place.dims, "float32")]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return G at those positions (row, *dims)."""
        place = snapshot.space.latent_map
        return {} if place is None else {"generator_map": snapshot.generate(place.points).reshape(-1, *place.shape)}
