"""The space of an image data set of the catalogue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from gandyn.datasets.base import DIGITS, ImageDataset
from gandyn.distributions.latent import Latent
from gandyn.metrics.digits import DigitJudge
from gandyn.objectives.base import Objective
from gandyn.recording.options import GridOptions, RecordOptions
from gandyn.recording.samples import Latents, RealSamples
from gandyn.recording.spaces.sampled import Draw, Reading, SampledSpace
from gandyn.recording.spaces.sampled_spaces import sampled_space
from gandyn.recording.views.pca import PCA

__all__ = ["image_space"]

_PURPOSES = ("density", "samples", "quality")
_PRETENDED = 64


def image_space(
    data: ImageDataset,
    latent: Latent,
    objective: Objective,
    options: RecordOptions,
    *,
    conditional: bool = False,
    pretended: bool = False,
) -> SampledSpace:
    """Return the space of images; arguments and errors are those of `space_of`.

    Generated images are scaled like the real ones, from -1 to 1. Where the data are digits, a judge measures quality.
    """
    names, (channels, _, _) = data.class_names, data.shape
    if pretended:  # whether a window suits the data is found out when they are there
        options = options.model_copy(update={"grid": GridOptions(), "latent_points": _PRETENDED})

    def source() -> RealSamples:
        if pretended:
            pixels = np.random.default_rng(0).integers(0, 256, (_PRETENDED, *data.shape), dtype=np.uint8)
            return RealSamples(pixels, np.arange(_PRETENDED) % max(len(names), 1) if names else None)
        return RealSamples(*data.load())

    def judge(reals: RealSamples) -> DigitJudge:
        return DigitJudge(reals.values, reals.labels, samples=options.quality_samples)

    return sampled_space(
        source,
        data.shape,
        options.view or PCA(),
        draw=_draw(latent, source if conditional else None),
        reading=Reading(objective.response_kind, objective.response),
        options=options,
        class_names=names,
        conditional=conditional,
        by_class=conditional,
        judged_by=judge if names == DIGITS and channels == 1 else None,
    )


def _draw(latent: Latent, source: Callable[[], RealSamples] | None) -> Draw:
    """Return what makes fixed latents; for a conditional generator with classes, of the real samples of a source.

    Classes are as frequent as the data's, but for the images that are drawn: those are as many of each, class by class.
    """

    def draw(count: int, purpose: str) -> Latents:
        z = torch.from_numpy(latent.sample(np.random.default_rng(_PURPOSES.index(purpose)), count))
        if source is None:
            return Latents((z,))
        reals = source()
        assert reals.labels is not None
        if purpose == "samples":
            classes = np.unique(reals.labels)
            labels = torch.from_numpy(np.repeat(classes, -(-count // len(classes)))[:count])
        else:
            proportional = np.sort(reals.labels)[np.linspace(0, len(reals) - 1, count).round().astype(np.int64)]
            labels = torch.from_numpy(np.random.default_rng(0).permutation(proportional))
        return Latents((z, labels), labels, labels)

    return draw
