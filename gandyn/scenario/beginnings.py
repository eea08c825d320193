"""Where untrained generators begin."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from gandyn.core.streams import stream
from gandyn.recording.spaces.law import DistributionSpace
from gandyn.scenario.schema import Scenario

__all__ = ["beginnings"]

_BEGINNERS, _BEGINNINGS = 8, 512
"""Untrained generators that are looked at, and samples of each."""


def beginnings(scenario: Scenario) -> Float[ndarray, "sample dim"] | None:
    """Return what untrained generators make, in the data's units; None of images.

    They are those of some seeds that are always the same, whichever are trained.
    """
    space = scenario.space(pretended=True)
    if not isinstance(space, DistributionSpace):
        return None
    game = scenario.played
    players = game.build(scenario.data.standard, [stream(seed) for seed in range(_BEGINNERS)], torch.device("cpu"))
    generate = game.maps(players)["generate"]
    latent = space.latent.sample(np.random.default_rng(0), _BEGINNINGS)
    with torch.no_grad():
        points = torch.as_tensor(latent, dtype=torch.float32).expand(_BEGINNERS, *latent.shape)
        made = generate(points).numpy().astype(float)
    return space.units.own(made.reshape(-1, made.shape[-1]))
