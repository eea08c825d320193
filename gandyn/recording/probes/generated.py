"""A few generated points, and where the generator's loss pushes each of them."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Probe, Snapshot, Variable
from gandyn.recording.scenes import Scene

__all__ = ["Generated"]


class Generated(Probe):
    """G at fixed latents, and minus the gradient of the generator's own loss with respect to each point.

    References:
        Kahng, Thorat, Chau, Viégas and Wattenberg, "GAN Lab: Understanding Complex Deep Generative Models using
        Interactive Visual Experimentation", 2018, whose arrows show the gradient of D.
    """

    type: Literal["generated"] = "generated"
    field: ClassVar[bool] = True

    def variables(self, scene: Scene) -> list[Variable]:
        """Return points and forces where points are drawn."""
        if not scene.drawn:
            return []
        dims = ("point", "axis")
        points = Variable("generated", dims, "float32", attrs={"long_name": "generated points", "units": "x"})
        if not scene.forces:
            return [points]
        force = "minus the gradient of the generator's loss term at each point"
        return [points, Variable("force", dims, "float32", scene.kept_bits, {"long_name": force, "units": "loss / x"})]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return points (row, point, axis) and forces there, likewise."""
        if not snapshot.scene.drawn:
            return {}
        points = snapshot.sampled[:, : snapshot.scene.drawn]
        return {"generated": points, "force": snapshot.push(points)} if snapshot.scene.forces else {"generated": points}
