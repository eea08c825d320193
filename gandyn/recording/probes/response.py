"""The discriminator's response over the grid."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.spaces import Space

__all__ = ["Response"]

_RESPONSE = Measure("discriminator", "response over the window: probability of being data, or critic")


class Response(Probe):
    """The discriminator at every cell's middle: a probability, or the critic's raw value.

    A probability runs from 0, surely generated, to 1, surely data; at 1/2 it cannot tell. The numbers of a critic, in
    Wasserstein games, have no such ends. The best response there is to data p and generator q, D* = p/(p+q), is not
    recorded: it follows from the two densities.

    Of images it is the *slice*: what the discriminator says of images made of two principal components alone. One that
    is batch-normalised is asked about batches as in training, and on the slice normalised by as many real as generated
    images; your own loop's stays with its running averages, unless `evaluation=False`.
    """

    type: Literal["response"] = "response"
    measures: ClassVar[tuple[Measure, ...]] = (_RESPONSE,)
    field: ClassVar[bool] = True

    def variables(self, space: Space) -> list[Variable]:
        """Return the response, where there is a discriminator to be seen."""
        kind = space.response_kind
        if kind is None:
            return []
        name = "probability of being data" if kind == "probability" else "critic"
        bits = space.kept_bits if kind == "probability" else None  # a critic may stand anywhere
        told = {"long_name": name, "kind": kind, **space.seen_as, **space.read_as}
        return [_RESPONSE.variable(space.axes, "float32", bits, **told)]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the response (row, *axes)."""
        space = snapshot.space
        if space.response_kind is None:
            return {}
        return {"discriminator": snapshot.responses.reshape(-1, *space.shape)}
