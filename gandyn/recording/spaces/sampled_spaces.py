"""Scenes of samples on the line and on the plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gandyn.core.errors import UsageError
from gandyn.recording.samples import RealSamples
from gandyn.recording.spaces.grids import LineWindow, PlaneWindow
from gandyn.recording.spaces.sampled import LATENT_POINTS, SampledSpace
from gandyn.recording.views.base import View

__all__ = ["SampledLine", "SampledPlane", "sampled_space"]


@dataclass(frozen=True, eq=False)
class SampledLine(SampledSpace, LineWindow):
    """Samples looked at on a line."""


@dataclass(frozen=True, eq=False)
class SampledPlane(SampledSpace, PlaneWindow):
    """Samples looked at on a plane."""

    cells: ClassVar[int] = 48

    @property
    def drawn(self) -> int:
        """Points cannot be more than there are."""
        return min(super().drawn, self.options.latent_points or LATENT_POINTS)


def sampled_space(source: Callable[[], RealSamples], event: tuple[int, ...], looked: View, **more: Any) -> SampledSpace:
    """Return the space of samples in a view: on a line or a plane, as many coordinates as the view has.

    Args:
        source: loads the real samples.
        event: shape of one sample.
        looked: how they are looked at.
        **more: the other fields of `SampledSpace`.

    Raises:
        UsageError: the samples cannot be looked at so, or an option makes no sense for them.
    """
    try:
        kind = SampledLine if len(looked.axes(int(np.prod(event)))) == 1 else SampledPlane
    except UsageError as error:
        raise UsageError(f"view: {error}") from None
    return kind(source, event, looked, **more)
