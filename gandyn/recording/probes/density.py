"""The generator's pushforward density."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene

__all__ = ["Density"]


class Density(Probe):
    """The pushforward density, cell by cell; point masses are spread over their cell."""

    type: Literal["density"] = "density"
    field: ClassVar[bool] = True

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the density."""
        attrs = {"long_name": "pushforward density p_gen", "units": scene.per_cell, **scene.method}
        return [Variable("generator_density", scene.axes, "float32", scene.kept_bits, attrs)]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the density (row, *axes)."""
        return {"generator_density": snapshot.compared.total / snapshot.scene.cell}
