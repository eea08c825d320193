"""The discriminator on samples themselves: its mean on real and on generated ones, in all and cell by cell."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.snapshots.sampled import SampledSnapshot
from gandyn.recording.spaces import Space
from gandyn.recording.spaces.sampled import SampledSpace

__all__ = ["MeanResponse", "MeanResponseField"]

_REAL = Measure("real_response", "mean response to real samples", places=("images",))
_GENERATED = Measure("generated_response", "mean response to generated samples", places=("images",))
_FIELD = Measure("discriminator_mean", "mean response to the samples in a cell", places=("images",))


class MeanResponse(Probe):
    """The mean response to real and to generated samples: whether the discriminator tells them apart.

    A probability of being data, from 0 to 1, or a critic's raw number. At 1/2 both, a discriminator can no longer tell;
    of a critic the two come together. A batch-normalised discriminator is asked about batches as in training; your own
    loop's stays with its running averages, unless `evaluation=False`.
    """

    type: Literal["mean_response"] = "mean_response"
    measures: ClassVar[tuple[Measure, ...]] = (_REAL, _GENERATED)

    def variables(self, space: Space) -> list[Variable]:
        """Return the two means, where there is a discriminator to be seen."""
        if not isinstance(space, SampledSpace) or space.response_kind is None:
            return []
        of = {"kind": space.response_kind, **space.read_as}
        return [_REAL.variable(**of), _GENERATED.variable(**of)]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the means (1,)."""
        if not isinstance(snapshot, SampledSnapshot) or snapshot.space.response_kind is None:
            return {}
        return {
            "real_response": snapshot.on_real.mean(keepdims=True),
            "generated_response": snapshot.on_generated.mean(keepdims=True),
        }


class MeanResponseField(Probe):
    """The mean response to those samples, real and generated, that fall in a cell of the view.

    A probability of being data, or a critic's raw number; NaN in cells without samples. Unlike `discriminator`, which
    is asked there about images made of the two principal components alone, it is about whole images.
    """

    type: Literal["mean_response_field"] = "mean_response_field"
    measures: ClassVar[tuple[Measure, ...]] = (_FIELD,)
    field: ClassVar[bool] = True

    def variables(self, space: Space) -> list[Variable]:
        """Return the field, where the view leaves something out that the slice cannot show."""
        if not isinstance(space, SampledSpace) or space.view.whole or space.response_kind is None:
            return []
        bits = space.kept_bits if space.response_kind == "probability" else None
        told = {**space.read_as, "kind": space.response_kind, "view": "mean"}
        return [_FIELD.variable(space.axes, "float32", bits, **told)]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the field (1, *axes), NaN in cells without samples."""
        if not isinstance(snapshot, SampledSnapshot) or not self.variables(snapshot.space):
            return {}
        space = snapshot.space
        places = np.concatenate([space.kept_places, snapshot.places])
        responses = np.concatenate([snapshot.on_real, snapshot.on_generated])
        low = space.points[0] - np.array(space.widths) / 2
        with np.errstate(invalid="ignore"):
            cell = np.floor((places - low) / np.array(space.widths))
            inside = ((cell >= 0) & (cell < space.shape)).all(axis=1) & np.isfinite(responses)
        flat = np.ravel_multi_index(tuple(cell[inside].astype(np.int64).T), space.shape)
        size = int(np.prod(space.shape))
        total = np.bincount(flat, responses[inside], minlength=size)
        count = np.bincount(flat, minlength=size)
        mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        return {"discriminator_mean": mean.reshape(1, *space.shape)}
