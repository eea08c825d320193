"""The quality of generated digits, as a classifier sees them; at a cadence of its own, for it costs seconds."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.snapshots.sampled import SampledSnapshot
from gandyn.recording.spaces import Space
from gandyn.recording.spaces.sampled import SampledSpace

__all__ = ["Quality"]

_PLACES = ("images",)
_HISTOGRAM = Measure("class_histogram", "share of generated digits", places=_PLACES)
_FRECHET = Measure("frechet_distance", "Fréchet distance of LeNet features", "features squared", _PLACES)
_SCALARS = (
    Measure("class_kl", "KL(classes of generated digits || the data's)", "nats", _PLACES),
    _FRECHET,
    Measure("precision", "generated digits that lie among real ones", "1", _PLACES),
    Measure("recall", "real digits that lie among generated ones", "1", _PLACES),
)


class Quality(Probe):
    """Class histogram, its KL to the data's, FD-LeNet, precision and recall; NaN at records between measurements.

    `class_histogram`: How often each class is drawn, as the classifier reads the generated digits.

    `class_kl`: How far those shares are from the data's; 0 where every class is drawn as often as in the data.

    `frechet_distance`: FD-LeNet, the Fréchet distance (Heusel et al., 2017) between 84 features of real and generated
    digits in the classifier. It depends on the network and on the number n of images: compare it with the distance from
    real to real that is printed beside it (the *floor*; of scikit-learn's digits half of them stands against the other
    half), never with FIDs of other networks.

    `precision`, `recall`: Those of Kynkäänniemi et al. (2019), on the same 84 features: the part of the generated
    digits that lie among real ones, and the part of the real digits that lie among generated ones.

    The classifier is a small one that comes with gandyn, 99.45 % right on MNIST's test images; the hash of its weights
    is in every recording. Only digits are judged by it (data of type `digits` or `mnist`), on `record.quality_samples`
    images, every `record.quality_every` steps: measuring takes seconds.

    References:
        Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter, "GANs Trained by a Two Time-Scale Update Rule Converge to a
        Local Nash Equilibrium", 2017.
        Kynkäänniemi, Karras, Laine, Lehtinen, Aila, "Improved Precision and Recall Metric for Assessing Generative
        Models", 2019.
    """

    type: Literal["quality"] = "quality"
    measures: ClassVar[tuple[Measure, ...]] = (_HISTOGRAM, *_SCALARS)

    def variables(self, space: Space) -> list[Variable]:
        """Return the quantities, where there is a judge."""
        if not isinstance(space, SampledSpace) or space.judge is None:
            return []
        shared: dict[str, Any] = {
            "n": space.judge.n,
            "network": space.judge.network,
            "weights_sha256": space.judge.weights_sha256,
        }
        if space.quality_every is not None:
            shared["every"] = space.quality_every
        found = [_HISTOGRAM.variable(("class",), **shared)]
        for measure in _SCALARS:
            floor = {"floor": space.judge.floor} if measure is _FRECHET else {}
            found.append(measure.variable(**shared, **floor))
        return found

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return shares (1, class) and scalars (1,)."""
        if not isinstance(snapshot, SampledSnapshot) or snapshot.space.judge is None:
            return {}
        found = snapshot.judged()
        if found is None:
            lost = {measure.name: np.full(1, np.nan) for measure in _SCALARS}
            return {_HISTOGRAM.name: np.full((1, len(snapshot.space.class_names)), np.nan), **lost}
        return {name: np.asarray(value, dtype=np.float64)[None] for name, value in found.items()}
