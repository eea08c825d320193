"""Scenes: the fixed surroundings of a recording, one file for each kind of space that is looked at."""

from __future__ import annotations

from gandyn.core.errors import UsageError
from gandyn.datasets.base import ImageDataset
from gandyn.distributions.base import Distribution, LineDistribution, PlaneDistribution
from gandyn.distributions.latent import Latent
from gandyn.objectives.base import Objective
from gandyn.recording.options import RecordOptions
from gandyn.recording.spaces.base import Space

__all__ = ["Space", "space_of"]


def space_of(
    data: Distribution | ImageDataset,
    latent: Latent,
    objective: Objective,
    options: RecordOptions,
    *,
    conditional: bool = False,
    pretended: bool = False,
) -> Space:
    """Return the space in which this data is learnt.

    Args:
        data: what is learnt.
        latent: what the generator is fed.
        objective: what the discriminator is trained to say.
        options: how often and how finely to record.
        conditional: whether both players are told each sample's class.
        pretended: whether it is enough to know what will be recorded: images are then not loaded.

    Raises:
        UsageError: the options ask for a grid, lattice or view that makes no sense here.
    """
    if isinstance(data, ImageDataset):
        if options.sub_steps:
            raise UsageError("sub_steps: makes sense on the line and on the plane, and this data is images")
        from gandyn.recording.spaces.images import image_space

        return image_space(data, latent, objective, options, conditional=conditional, pretended=pretended)
    for name in ("view", "samples", "quality_every"):
        if getattr(options, name) is not None:
            raise UsageError(f"{name}: makes sense for images, and this data is none")
    if options.every == "auto":
        raise UsageError("every: auto makes sense for images, and this data is none; 1 records every step")
    law = data.law
    if isinstance(law, PlaneDistribution):
        from gandyn.recording.spaces.plane import PlaneSpace

        return PlaneSpace(law, latent, objective, options, units=data.units)
    assert isinstance(law, LineDistribution)
    from gandyn.recording.spaces.line import LineSpace

    return LineSpace(law, latent, objective, options, units=data.units)
