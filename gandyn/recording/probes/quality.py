"""The quality of generated digits, as a classifier sees them; at a cadence of its own, for it costs seconds."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from gandyn.recording.looking import SampledSnapshot
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene
from gandyn.recording.scenes.sampled import SampledScene

__all__ = ["Quality"]

_SCALARS = {
    "class_kl": ("KL(classes of generated digits || the data's)", "nats"),
    "frechet_distance": ("Fréchet distance of LeNet features", "features squared"),
    "precision": ("generated digits that lie among real ones", "1"),
    "recall": ("real digits that lie among generated ones", "1"),
}


class Quality(Probe):
    """Class histogram, its KL to the data's, FD-LeNet, precision and recall; NaN at records between measurements."""

    type: Literal["quality"] = "quality"

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the quantities, where there is a judge."""
        if not isinstance(scene, SampledScene) or scene.judge is None:
            return []
        shared: dict[str, Any] = {
            "n": scene.judge.n,
            "network": scene.judge.network,
            "weights_sha256": scene.judge.weights_sha256,
        }
        if scene.quality_every is not None:
            shared["every"] = scene.quality_every
        found = [Variable("class_histogram", ("class",), attrs={"long_name": "share of generated digits", **shared})]
        for name, (text, unit) in _SCALARS.items():
            floor = {"floor": scene.judge.floor} if name == "frechet_distance" else {}
            found.append(Variable(name, attrs={"long_name": text, "units": unit, **shared, **floor}))
        return found

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return shares (1, class) and scalars (1,)."""
        if not isinstance(snapshot, SampledSnapshot) or snapshot.scene.judge is None:
            return {}
        found = snapshot.judged()
        if found is None:
            lost = {name: np.full(1, np.nan) for name in _SCALARS}
            return {"class_histogram": np.full((1, len(snapshot.scene.class_names)), np.nan), **lost}
        return {name: np.asarray(value, dtype=np.float64)[None] for name, value in found.items()}
