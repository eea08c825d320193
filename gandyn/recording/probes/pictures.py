"""The images of a few fixed latents, growing up."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.snapshots.sampled import SampledSnapshot
from gandyn.recording.spaces import Space
from gandyn.recording.spaces.sampled import SampledSpace

__all__ = ["Pictures"]

_SAMPLES = Measure("samples", "images of the same latents", places=("images",))


class Pictures(Probe):
    """G at the same latents at every step, as bytes.

    The images of a few fixed latents, growing up; of a conditional generator as many of each class. `record.samples`
    says how many.
    """

    type: Literal["pictures"] = "pictures"
    measures: ClassVar[tuple[Measure, ...]] = (_SAMPLES,)
    field: ClassVar[bool] = True

    def variables(self, space: Space) -> list[Variable]:
        """Return the images, where the data are images."""
        if not isinstance(space, SampledSpace) or not space.pictures:
            return []
        dims = ("sample", "channel", "row", "column")
        return [_SAMPLES.variable(dims, "uint8")]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the images (1, sample, channel, row, column)."""
        if not isinstance(snapshot, SampledSnapshot) or not snapshot.space.pictures:
            return {}
        return {"samples": snapshot.pictures()[None]}
