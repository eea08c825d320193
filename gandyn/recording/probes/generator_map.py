"""Where the generator sends a few latent positions: the arrows below the axis."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scene import Scene

__all__ = ["GeneratorMap"]


class GeneratorMap(Probe):
    """G at equally spaced latent positions, for a latent of one coordinate."""

    type: Literal["generator_map"] = "generator_map"

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the map where it can be drawn."""
        attrs = {"long_name": "G(z)", "units": "x"}
        return [] if scene.arrows is None else [Variable("generator_map", ("z",), "float32", attrs)]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return G at the arrows (row, z)."""
        arrows = snapshot.scene.arrows
        return {} if arrows is None else {"generator_map": snapshot.generate(arrows[:, None])}
