"""A few generated points, and where the generator's loss pushes each of them."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.spaces import Space

__all__ = ["Generated"]

_POINTS = Measure("generated", "generated points", "x", ("plane", "images"))
_FORCE = Measure("force", "minus the gradient of the generator's loss term at each point", "loss / x", ("plane",))


class Generated(Probe):
    """G at fixed latents, and minus the gradient of the generator's own loss with respect to each point.

    `generated`: Samples of the same 200 latents at every step, so that each can be followed; of images their
    projections to the plane.

    `force`: Where training pushes each of the generated points, and how strongly. On the line it is recorded at every x
    where `record.gradients` asks for it.

    References:
        Kahng, Thorat, Chau, Viégas and Wattenberg, "GAN Lab: Understanding Complex Deep Generative Models using
        Interactive Visual Experimentation", 2018, whose arrows show the gradient of D.
    """

    type: Literal["generated"] = "generated"
    measures: ClassVar[tuple[Measure, ...]] = (_POINTS, _FORCE)
    field: ClassVar[bool] = True

    def variables(self, space: Space) -> list[Variable]:
        """Return points and forces where points are drawn."""
        if not space.drawn:
            return []
        dims = ("point", "axis")
        points = _POINTS.variable(dims, "float32")
        return [points, _FORCE.variable(dims, "float32", space.kept_bits)] if space.forces else [points]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return points (row, point, axis) and forces there, likewise."""
        if not snapshot.space.drawn:
            return {}
        points = snapshot.sampled[:, : snapshot.space.drawn]
        return {"generated": points, "force": snapshot.push(points)} if snapshot.space.forces else {"generated": points}
