"""How much of two models a record looks at: less where they are slow, chosen once, by how long a few samples take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from gandyn.recording.snapshots.sampled import AT_ONCE
from gandyn.recording.spaces.sampled import LATENT_POINTS, SampledSpace
from gandyn.recording.user_loop.reachability import reach

__all__ = ["affordable", "batch"]

_TRIED, _SECONDS = 16, 1.0
"""Samples that are timed, and what a record should take at most."""

_COUNTS = (LATENT_POINTS, 512, 256)
"""Numbers of samples to choose from: of fewer, too little would be seen of a density."""

_VALUES, _FEWEST = 1 << 15, 32


def affordable(
    space: SampledSpace, generator: Callable[..., Tensor], discriminator: Callable[..., Tensor] | None
) -> SampledSpace:
    """Return a space whose records take a second, or as near to it as fewer samples bring them.

    Where a record of 1024 samples would take longer, 512 or 256 are looked at, and the discriminator is asked at as
    many places of its slice. Numbers that the space's options give are left as they are.

    Args:
        space: the surroundings.
        generator: a batch of latents -> samples.
        discriminator: samples, and what it is told of them -> its responses; None where it is not looked at.
    """
    if space.options.latent_points is not None:
        return space
    # Of the latents that there are: to draw others would change what the discriminator is told of these.
    latents = [part[:_TRIED] for part in space.latent_points.parts]
    told = None if space.latent_points.told is None else space.latent_points.told[:_TRIED]

    def seconds() -> tuple[float, float]:
        began = time.perf_counter()
        samples = generator(*latents).detach().float().cpu()  # which waits for a GPU
        made = time.perf_counter()
        if discriminator is not None:
            discriminator(*(part for part in (samples, told) if part is not None)).detach().cpu()
        return made - began, time.perf_counter() - made

    making, asking = (time / _TRIED for time in np.minimum(seconds(), seconds()))
    dim = len(space.axes)
    places = (space.options.grid.cells or space.cells) ** dim
    usual = (space.pictures + LATENT_POINTS) * making + (2 * LATENT_POINTS + places) * asking
    if dim == math.prod(space.event) or usual <= _SECONDS:  # a slice that leaves nothing out is no estimate
        return space
    fitting = [count for count in _COUNTS if (space.pictures + count) * making + 3 * count * asking <= _SECONDS]
    count = max(fitting, default=min(_COUNTS))
    options = space.options.model_copy(update={"latent_points": count})
    return replace(space, options=options, asked=round(count ** (1 / dim)))


def batch(models: Sequence[Any], event: tuple[int, ...]) -> int:
    """Return how many samples models best compute at once: on a CPU few large ones, whose layers stay in its cache."""
    weights = (weight for module in reach(*models).modules for weight in module.parameters())
    if any(weight.device.type != "cpu" for weight in weights):
        return AT_ONCE
    return min(max(_VALUES // math.prod(event), _FEWEST), AT_ONCE)
