"""The lower bound on JS that the discriminator proves."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.divergences.bounds import js_lower_bound
from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene

__all__ = ["JsBound"]


class JsBound(Probe):
    """What the discriminator proves of JS between the densities it is recorded with, by quadrature over the cells."""

    type: Literal["js_bound"] = "js_bound"
    field: ClassVar[bool] = True

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the bound, where the response is a probability and the space looked at is the discriminator's own."""
        if scene.response_kind != "probability" or scene.seen_as:
            return []
        about = "lower bound on JS that the discriminator proves, by quadrature"
        return [Variable("js_bound", attrs={"long_name": about, "units": "nats"})]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the bound (row,)."""
        scene = snapshot.scene
        if scene.response_kind != "probability" or scene.seen_as:
            return {}
        p, q = scene.compared_data.total.reshape(-1), snapshot.compared.total
        return {"js_bound": js_lower_bound(p, q.reshape(len(q), -1), snapshot.responses)}
