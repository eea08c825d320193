"""The gradient that the generator receives, at every place of the line."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.spaces import Space

__all__ = ["Gradients"]

_FORCE = Measure("force", "minus the gradient of the generator's loss term for a sample at x", "loss / x", ("line",))


class Gradients(Probe):
    """Minus the gradient of the generator's loss for a sample in the middle of each cell of the line.

    It is what `force` is on the plane at the generated points: where, and how strongly, training pushes whatever is
    generated there. It is recorded where `record.gradients: true` asks for it, or a panel or story does that needs it.

    References:
        Arjovsky and Bottou, "Towards Principled Methods for Training Generative Adversarial Networks", 2017, which
        shows where it vanishes.
    """

    type: Literal["gradients"] = "gradients"
    measures: ClassVar[tuple[Measure, ...]] = (_FORCE,)
    field: ClassVar[bool] = True

    def variables(self, space: Space) -> list[Variable]:
        """Return the gradient, where it is asked for."""
        return [_FORCE.variable(space.axes, "float32")] if _asked(space) else []

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the gradient (row, x)."""
        return {"force": snapshot.push(snapshot.space.points)[..., 0]} if _asked(snapshot.space) else {}


def _asked(space: Space) -> bool:
    return space.options.gradients and len(space.axes) == 1
