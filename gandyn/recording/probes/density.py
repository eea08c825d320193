"""The generator's pushforward density, and the mass that is out of the picture."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scene import Scene

__all__ = ["Density"]


class Density(Probe):
    """The pushforward density, cell by cell, and the mass below and above the grid."""

    type: Literal["density"] = "density"

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the density and the mass outside."""
        return [
            Variable(
                "generator_density",
                ("x",),
                "float32",
                {"long_name": "pushforward density p_gen", "units": "1 / x", **scene.method},
            ),
            Variable("outside_mass", ("side",), attrs={"long_name": "generator mass below and above the grid"}),
        ]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return density (row, x) and mass outside (row, 2)."""
        return {"generator_density": snapshot.density, "outside_mass": snapshot.masses.outside}
