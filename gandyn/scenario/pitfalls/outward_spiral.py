"""Gradient steps that carry the players away from the solution, however near it they begin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gandyn.distributions.base import Distribution
from gandyn.dynamics.alternating import Alternating
from gandyn.dynamics.base import Dynamics, Movers
from gandyn.games.gan import Gan
from gandyn.objectives.base import Objective
from gandyn.scenario.pitfalls.base import GameType, Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["OutwardSpiral"]

_WORTH_SAYING = 1.05
"""Growth over a whole run from which on it is seen."""

_SAMPLES = 512


class OutwardSpiral(Pitfall):
    """Plain gradient descent of both players in the smallest game that data with a width has.

    The generator shifts the data by theta, the discriminator is a straight line of slope psi. Around the solution
    (0, 0), where both players' losses are linear in theta and quadratic in psi, one training step is a matrix; what it
    multiplies distances by in the end is its spectral radius. A width of the data damps, as does a zero-centred
    penalty; without either this is the Dirac-GAN. Networks with more weights make larger steps: what diverges here does
    so there, and not the other way round.

    References:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018; Mescheder, Nowozin
        and Geiger, "The Numerics of GANs", 2017.
    """

    type: Literal["outward_spiral"] = "outward_spiral"
    of: ClassVar[GameType] = Gan

    def check(self, scenario: Scenario, game: Gan) -> str | None:  # noqa: D102
        optimizers = scenario.optimizers.by_player()
        rates = optimizers["generator"].plain_rate, optimizers["discriminator"].plain_rate
        curvatures = [one.curvature for one in game.regularizers]
        data, steps = scenario.data, scenario.train.steps
        if None in rates or None in curvatures or not isinstance(data, Distribution):
            return None
        spread = float(data.standard.sample(np.random.default_rng(0), _SAMPLES).astype(float).std(0).mean())

        def growth(dynamics: Dynamics, factor: float = 1.0) -> float:
            g_rate, d_rate = (factor * rate for rate in rates if rate is not None)
            damping = sum(one for one in curvatures if one is not None)
            radius = _radius(dynamics.updates(game.players), game.objective, g_rate, d_rate, spread, damping)
            return math.exp(min(steps * math.log(radius), 700.0))

        now = growth(scenario.dynamics)
        if now <= _WORTH_SAYING:
            return None
        cure = "--set dynamics.type=alternating"
        if growth(_alternating(scenario.dynamics, game)) > _WORTH_SAYING:
            factor = next((k for k in 0.5 ** np.arange(1, 60) if growth(scenario.dynamics, k) <= _WORTH_SAYING), 0.0)
            pairs = zip(("generator", "discriminator"), rates, strict=True)
            cure = " ".join(f"--set optimizers.{player}.lr={factor * (rate or 0.0):.3g}" for player, rate in pairs)
        times = f"{now:.3g}" if now < 1e3 else "over 1000"
        return (
            f"with {scenario.dynamics.label()} SGD at these rates the players spiral outwards, {times} times as far in "
            f"{steps:,} steps where the generator is a shift and the discriminator a straight line: {cure}"
        )


def _alternating(dynamics: Dynamics, game: Gan) -> Alternating:
    """Return dynamics that alternate, with as many updates of the discriminator as others have."""
    kind = Alternating.between(game.players)
    return kind.model_validate({"discriminator_steps": dynamics.steps_of("discriminator")})


def _radius(
    updates: Sequence[Movers], objective: Objective, g_rate: float, d_rate: float, spread: float, damping: float
) -> float:
    """Return the spectral radius of one step of training, linearised at (theta, psi) = (0, 0)."""
    pull, push, bend = _slopes(objective)
    # Losses that bend saturate: a step of the discriminator overshoots by no more than it is long.
    held = min(spread**2 * bend, 1 / d_rate) + damping
    generator = np.array([[0.0, -g_rate * pull], [0.0, 0.0]])
    discriminator = np.array([[0.0, 0.0], [-d_rate * push, -d_rate * held]])
    moves = {"generator": generator, "discriminator": discriminator}
    step = np.eye(2)
    for movers in updates:
        step = (np.eye(2) + sum(moves[one] for one in movers)) @ step
    return float(np.abs(np.linalg.eigvals(step)).max())


def _slopes(objective: Objective) -> tuple[float, float, float]:
    """Return the derivatives of G's loss and of D's on generated samples, and D's second one, at the best logit."""
    best = _logit(objective, objective.optimal_response(np.ones(1), np.ones(1)))
    logit = torch.tensor(best, dtype=torch.float64, requires_grad=True)

    def derivative(value: Tensor) -> Tensor:
        return torch.autograd.grad(value, logit, create_graph=True, materialize_grads=True)[0]

    both = derivative(objective.real_loss(logit) + objective.fake_loss(logit))
    bend = derivative(both) if both.requires_grad else torch.zeros(())
    first = derivative(objective.generator_loss(logit)), derivative(objective.fake_loss(logit))
    pull, push, second = (one.item() for one in (*first, bend))
    return pull, push, second


def _logit(objective: Objective, response: Float[np.ndarray, 1]) -> float:
    """Return the logit that a response stands for."""
    found = float(response[0])
    return math.log(found / (1 - found)) if objective.response_kind == "probability" else found
