"""Scenes: the fixed surroundings of a recording, one file for each kind of space that is looked at."""

from __future__ import annotations

from gandyn.distributions.base import Distribution, LineDistribution, PlaneDistribution
from gandyn.distributions.latent import Latent
from gandyn.objectives.base import Objective
from gandyn.recording.options import RecordOptions
from gandyn.recording.scenes.base import Scene

__all__ = ["Scene", "scene_of"]


def scene_of(data: Distribution, latent: Latent, objective: Objective, options: RecordOptions) -> Scene:
    """Return the scene in which this data is learnt.

    Raises:
        UsageError: the options ask for a grid or lattice that makes no sense here.
    """
    law = data.law
    if isinstance(law, PlaneDistribution):
        from gandyn.recording.scenes.plane import PlaneScene

        return PlaneScene(law, latent, objective, options)
    assert isinstance(law, LineDistribution)
    from gandyn.recording.scenes.line import LineScene

    return LineScene(law, latent, objective, options)
