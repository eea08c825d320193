"""The lower bound on JS that the discriminator proves."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.divergences.bounds import js_lower_bound
from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.spaces import Space

__all__ = ["JsBound"]

_ABOUT = "lower bound on JS that the discriminator proves, by quadrature"
_BOUND = Measure("js_bound", _ABOUT, "nats", ("line", "plane"))


class JsBound(Probe):
    """What the discriminator proves of JS between the densities it is recorded with, by quadrature over the cells.

    With the response D it is (E_data ln 2D + E_generator ln 2(1−D)) / 2: never above JS, and equal to it for the best
    response D* = p/(p+q). How far it lies below JS is how far the discriminator lags behind. Pictures write it "JS ≥".

    There is none for critics, whose numbers are no probabilities, nor of images, where the space looked at is not the
    one that the discriminator sees.

    References:
        Goodfellow et al., "Generative Adversarial Nets", 2014.
    """

    type: Literal["js_bound"] = "js_bound"
    measures: ClassVar[tuple[Measure, ...]] = (_BOUND,)
    field: ClassVar[bool] = True

    def variables(self, space: Space) -> list[Variable]:
        """Return the bound, where the response is a probability and the space looked at is the discriminator's own."""
        if space.response_kind != "probability" or space.seen_as:
            return []
        return [_BOUND.variable()]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the bound (row,)."""
        space = snapshot.space
        if space.response_kind != "probability" or space.seen_as:
            return {}
        p, q = space.compared_data.total.reshape(-1), snapshot.compared.total
        return {"js_bound": js_lower_bound(p, q.reshape(len(q), -1), snapshot.responses)}
