"""Coverage of the data's modes."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gandyn.divergences.coverage import HIGH_QUALITY
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene

__all__ = ["ModeCoverage"]


class ModeCoverage(Probe):
    """Modes captured, high-quality fraction, the mass at each mode and its unevenness, where the data has modes."""

    type: Literal["coverage"] = "coverage"

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the four quantities."""
        if not len(scene.modes.points):
            return []
        near, count = f"within {HIGH_QUALITY:g} stds of", len(scene.modes.points)
        uneven = "KL(generator over modes || data over modes), of the mass near modes"
        return [
            Variable("modes_captured", attrs={"long_name": "modes captured", "of": count, "rule": scene.capture_rule}),
            Variable("high_quality_fraction", attrs={"long_name": f"generator mass {near} a mode"}),
            Variable("mode_mass", ("mode",), attrs={"long_name": f"generator mass {near} each mode"}),
            Variable("mode_reverse_kl", attrs={"long_name": uneven, "units": "nats"}),
        ]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return counts (row,), fractions (row,), masses (row, mode) and divergences (row,)."""
        return snapshot.coverage._asdict() if len(snapshot.scene.modes.points) else {}
