"""Coverage of the data's modes."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gandyn.divergences.coverage import HIGH_QUALITY, SHARE, coverage
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scene import Scene

__all__ = ["ModeCoverage"]


class ModeCoverage(Probe):
    """Modes captured, high-quality fraction and the mass at each mode, where the data has modes."""

    type: Literal["coverage"] = "coverage"

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the three quantities."""
        if not len(scene.modes.points):
            return []
        near = f"within {HIGH_QUALITY:g} stds of"
        rule = f"a mode is captured when it holds at least {SHARE:g} of the data's mass there"
        return [
            Variable(
                "modes_captured", attrs={"long_name": "modes captured", "of": len(scene.modes.points), "rule": rule}
            ),
            Variable("high_quality_fraction", attrs={"long_name": f"generator mass {near} a mode"}),
            Variable("mode_mass", ("mode",), attrs={"long_name": f"generator mass {near} each mode"}),
        ]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return counts (row,), fractions (row,) and masses (row, mode)."""
        scene = snapshot.scene
        if not len(scene.modes.points):
            return {}
        found = coverage(snapshot.masses, scene.data_masses, scene.modes, scene.grid)
        known = np.isfinite(found.high_quality_fraction)
        return {
            "modes_captured": np.where(known, found.modes_captured, np.nan),
            "high_quality_fraction": found.high_quality_fraction,
            "mode_mass": found.mode_mass,
        }
