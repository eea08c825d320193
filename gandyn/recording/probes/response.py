"""The discriminator's response over the grid."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene

__all__ = ["Response"]


class Response(Probe):
    """The discriminator at every cell's middle: a probability, or the critic's raw value."""

    type: Literal["response"] = "response"
    field: ClassVar[bool] = True

    def variables(self, scene: Scene) -> list[Variable]:
        """Return the response, where there is a discriminator to be seen."""
        kind = scene.response_kind
        if kind is None:
            return []
        name = "probability of being data" if kind == "probability" else "critic"
        bits = scene.kept_bits if kind == "probability" else None  # a critic may stand anywhere
        attrs = {"long_name": name, "kind": kind, **scene.seen_as, **scene.read_as}
        return [Variable("discriminator", scene.axes, "float32", bits, attrs)]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the response (row, *axes)."""
        scene = snapshot.scene
        if scene.response_kind is None:
            return {}
        return {"discriminator": snapshot.responses.reshape(-1, *scene.shape)}
