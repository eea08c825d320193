"""Where the generator sends a few latent positions: the arrows below the axis, the warped lattice on the plane."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene

__all__ = ["GeneratorMap"]


class GeneratorMap(Probe):
    """G at equally spaced latent positions, for a latent of as many coordinates as the data."""

    type: Literal["generator_map"] = "generator_map"
    field: ClassVar[bool] = True

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the map where it can be drawn."""
        place = scene.latent_map
        attrs = {"long_name": "G(z)", "units": "x"}
        return [] if place is None else [Variable("generator_map", place.dims, "float32", attrs=attrs)]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return G at those positions (row, *dims)."""
        place = snapshot.scene.latent_map
        return {} if place is None else {"generator_map": snapshot.generate(place.points).reshape(-1, *place.shape)}
