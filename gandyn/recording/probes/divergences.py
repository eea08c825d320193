"""The divergences between data and generator, at every step."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gandyn.divergences import entropic
from gandyn.divergences.transport import wasserstein_1
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scene import Scene

__all__ = ["Divergences"]

_NAMES = {
    "kl": ("KL(p_data || p_gen)", "nats"),
    "reverse_kl": ("KL(p_gen || p_data)", "nats"),
    "kl_skew": ("skew divergence of KL(p_data || p_gen)", "nats"),
    "reverse_kl_skew": ("skew divergence of KL(p_gen || p_data)", "nats"),
    "unreached_mass": ("data mass where the generator has none", "1"),
    "js": ("Jensen-Shannon divergence", "nats"),
    "tv": ("total variation distance", "1"),
    "hellinger": ("Hellinger distance", "1"),
    "w1": ("Wasserstein-1 distance", "x"),
}


class Divergences(Probe):
    """KL both ways, their skew forms, unreached mass, JS, TV, Hellinger and W1, in float64."""

    type: Literal["divergences"] = "divergences"

    def variables(self, scene: Scene) -> list[Variable]:
        """Return one scalar a divergence."""
        shared = {key: value for key, value in scene.method.items() if key in ("method", "smoothing_std")}
        variables = []
        for name, (text, unit) in _NAMES.items():
            extra = {"alpha": entropic.SKEW} if name.endswith("_skew") else {}
            variables.append(Variable(name, attrs={"long_name": text, "units": unit, **shared, **extra}))
        return variables

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return each divergence (row,)."""
        scene = snapshot.scene
        p, q = scene.compared_data.partition(), snapshot.compared.partition()
        return {
            "kl": entropic.kl(p, q),
            "reverse_kl": entropic.kl(q, p),
            "kl_skew": entropic.skew_kl(p, q),
            "reverse_kl_skew": entropic.skew_kl(q, p),
            "unreached_mass": entropic.unreached_mass(p, q),
            "js": entropic.jensen_shannon(p, q),
            "tv": entropic.total_variation(p, q),
            "hellinger": entropic.hellinger(p, q),
            "w1": wasserstein_1(scene.compared_data, snapshot.compared, scene.grid),
        }
