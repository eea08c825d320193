"""Scenes: the fixed surroundings of a recording, one file for each kind of space that is looked at."""

from __future__ import annotations

from gandyn.core.errors import UsageError
from gandyn.datasets.base import ImageDataset
from gandyn.distributions.base import Distribution, LineDistribution, PlaneDistribution
from gandyn.games.base import Game
from gandyn.recording.options import RecordOptions
from gandyn.recording.spaces.base import Space

__all__ = ["Space", "space_of"]


def space_of(
    data: Distribution | ImageDataset,
    game: Game,
    options: RecordOptions,
    *,
    pretended: bool = False,
) -> Space:
    """Return the space in which this data is learnt.

    Args:
        data: what is learnt.
        game: what is played.
        options: how often and how finely to record.
        pretended: whether it is enough to know what will be recorded: images are then not loaded.

    Raises:
        UsageError: the options ask for a grid, lattice or view that makes no sense here.
    """
    latent, objective = game.fed, game.judged_by
    assert latent is not None
    assert objective is not None
    if isinstance(data, ImageDataset):
        if options.sub_steps:
            raise UsageError("sub_steps: makes sense on the line and on the plane, and this data is images")
        from gandyn.recording.spaces.images import image_space

        return image_space(data, latent, objective, options, conditional=game.told_classes, pretended=pretended)
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
