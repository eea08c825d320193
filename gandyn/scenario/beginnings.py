"""Where untrained generators begin."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from gandyn.recording.scenes.law import LawScene
from gandyn.scenario.games import game_of
from gandyn.scenario.schema import Scenario
from gandyn.streams import stream

__all__ = ["beginnings"]

_BEGINNERS, _BEGINNINGS = 8, 512
"""Untrained generators that are looked at, and samples of each."""


def beginnings(scenario: Scenario) -> Float[ndarray, "sample dim"] | None:
    """Return what untrained generators make, in the data's units; None of images.

    They are those of some seeds that are always the same, whichever are trained.
    """
    scene = scenario.scene(pretended=True)
    if not isinstance(scene, LawScene):
        return None
    generator, _ = game_of(scenario).players([stream(seed) for seed in range(_BEGINNERS)], torch.device("cpu"))
    latent = scene.latent.sample(np.random.default_rng(0), _BEGINNINGS)
    with torch.no_grad():
        points = torch.as_tensor(latent, dtype=generator.flat.dtype).expand(_BEGINNERS, *latent.shape)
        made = generator(points).numpy().astype(float)
    return scene.units.own(made.reshape(-1, made.shape[-1]))
