"""The divergences between data and generator, at every step."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gandyn.divergences import entropic
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene

__all__ = ["Divergences"]

_NAMES = {
    "kl": ("KL(p_data || p_gen)", "nats"),
    "reverse_kl": ("KL(p_gen || p_data)", "nats"),
    "kl_skew": ("skew divergence of KL(p_data || p_gen)", "nats"),
    "reverse_kl_skew": ("skew divergence of KL(p_gen || p_data)", "nats"),
    "unreached_mass": ("data mass where the generator has none", "1"),
    "unresolved_mass": ("data mass where the method sees nothing of the generator, and could not", "1"),
    "js": ("Jensen-Shannon divergence", "nats"),
    "tv": ("total variation distance", "1"),
    "hellinger": ("Hellinger distance", "1"),
}


_SHARED = ("method", "smoothing_std", "kl_floor")
"""What is said of the densities' method beside each divergence."""


class Divergences(Probe):
    """KL both ways, their skew forms, what is unreached and unresolved, JS, TV, Hellinger, W1 and the mass outside."""

    type: Literal["divergences"] = "divergences"

    def variables(self, scene: Scene) -> list[Variable]:
        """Return one scalar a divergence."""
        shared = {key: value for key, value in scene.method.items() if key in _SHARED}
        shared |= scene.remark
        variables = []
        for name, (text, unit) in _NAMES.items():
            extra = {"alpha": entropic.SKEW} if name.endswith("_skew") else {}
            variables.append(Variable(name, attrs={"long_name": text, "units": unit, **shared, **extra}))
        transport, about = scene.transport
        variables.append(Variable(transport, attrs={"long_name": about, "units": "x", **shared}))
        variables.append(Variable("outside_mass", ("side",), attrs={"long_name": "generator mass beyond the window"}))
        return variables

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return each divergence (row,), and the mass outside (row, side)."""
        scene = snapshot.scene
        found = entropic.divergences(scene.data_partition, scene.partition(snapshot.compared))
        return {
            **found._asdict(),
            scene.transport[0]: scene.distance(snapshot.compared),
            "outside_mass": snapshot.masses.beyond,
        }
