"""Players that move at all: on the Dirac-GAN in single precision, and optimizers by themselves (see test_dirac.py).

Theory: Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from gans import ALTERNATING, SIMULTANEOUS, trainer_of

from gandyn.core.catalog import create, members
from gandyn.distributions.dirac import Dirac
from gandyn.distributions.latent import DiracLatent
from gandyn.dynamics.base import Dynamics
from gandyn.games.gan import Gan
from gandyn.networks.affine import Affine
from gandyn.objectives.minimax import NonSaturating, Saturating
from gandyn.objectives.wasserstein import Wasserstein
from gandyn.optimizers.adam import Adam
from gandyn.optimizers.base import Optimizer
from gandyn.optimizers.rmsprop import RMSprop
from gandyn.optimizers.sgd import SGD


def orbit(objective, dynamics, h, steps, theta=1.0, psi=1.0, regularizers=(), ratio=1.0):
    """Return the trajectory (step, 2) of (theta, psi); as in the paper, psi > 0 means D is higher on the fake side."""
    game = Gan(
        latent=DiracLatent(),
        generator=Affine(scale=0.0, bias=theta, learns=["bias"]),
        discriminator=Affine(scale=-psi, bias=0.0, learns=["scale"]),
        objective=objective,
        regularizers=regularizers,
    )
    trainer = trainer_of(game, Dirac(), dynamics, (SGD(lr=h), SGD(lr=h * ratio)), [0], 4)
    path = [(theta, psi)]
    for _ in range(steps):
        trainer.advance()
        path.append(
            (trainer.players["generator"].flat[0, 1].item(), -trainer.players["discriminator"].flat[0, 0].item())
        )
    return np.array(path)


def radius2(path):
    return (path**2).sum(1)


def test_small_saturating_steps_keep_the_radius_and_turn_at_half_a_radian():
    path = orbit(Saturating(), SIMULTANEOUS(), h=0.01, steps=1257, theta=1e-2, psi=0.0)  # time 4 pi: one turn
    assert np.sqrt(radius2(path)[-1]) == pytest.approx(1e-2, rel=0.02)
    angle = np.unwrap(np.arctan2(path[:, 1], path[:, 0]))
    assert abs(angle[-1]) == pytest.approx(2 * np.pi, rel=0.01)


@pytest.mark.slow
def test_non_saturating_converges_sublinearly():
    h, steps = 0.05, 5_000
    path = orbit(NonSaturating(), ALTERNATING(), h=h, steps=steps, theta=0.5, psi=0.0)
    r2 = radius2(path)
    # averaged over a turn of small radius, d(r^2)/dt = -r^4 / 8 (theta psi tanh(theta psi / 2), mean of sin^2 cos^2)
    assert 1 / r2[-1] == pytest.approx(1 / r2[0] + h * steps / 8, rel=0.1)


def test_discriminator_steps_multiply_its_speed():
    one = orbit(Wasserstein(), ALTERNATING(discriminator_steps=3), h=0.1, steps=1)
    assert one[1, 1] == pytest.approx(1.0 + 0.3)  # three times theta = 1
    assert one[1, 0] == pytest.approx(1.0 - 0.1 * 1.3)
    both = orbit(Wasserstein(), SIMULTANEOUS(discriminator_steps=3), h=0.1, steps=1)
    assert both[1, 1] == pytest.approx(1.3)
    assert both[1, 0] == pytest.approx(1.0 - 0.1 * 1.2)  # against the slope before the shared step


@pytest.mark.parametrize("name", members(Dynamics))
def test_every_dynamics_moves_towards_the_data_at_first(name):
    path = orbit(NonSaturating(), create(Dynamics, {"type": name}), h=0.05, steps=30, theta=1.0, psi=0.0)
    assert np.isfinite(path).all()
    assert path[-1, 0] < 1.0


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SGD(lr=0.05), lambda p: torch.optim.SGD(p, lr=0.05)),
        (SGD(lr=0.05, momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
        (Adam(lr=0.05), lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.5, 0.999))),
        (Adam(lr=0.05, betas=(0.9, 0.99), eps=1e-3), lambda p: torch.optim.Adam(p, 0.05, (0.9, 0.99), eps=1e-3)),
        (RMSprop(lr=0.05), lambda p: torch.optim.RMSprop(p, lr=0.05)),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_optimizers_follow_torch(ours, theirs, dtype):
    start = torch.randn(3, 5, generator=torch.Generator().manual_seed(0)).to(dtype)
    mine, parameter = start.clone(), start.clone().requires_grad_()
    state, reference = ours.state(mine), theirs([parameter])
    for _ in range(50):
        reference.zero_grad()
        (parameter**4).sum().backward()
        reference.step()
        ours.step(mine, 4 * mine**3, state)
    exact = {"rtol": 1e-12, "atol": 1e-14} if dtype == torch.float64 else {"rtol": 1e-4, "atol": 1e-5}
    torch.testing.assert_close(mine, parameter.detach(), **exact)


@pytest.mark.parametrize("name", members(Optimizer))
def test_every_optimizer_descends_and_treats_seeds_alike(name):
    optimizer = create(Optimizer, {"type": name, "lr": 0.05})
    weights = torch.tensor([[3.0], [3.0]])
    state = optimizer.state(weights)
    for _ in range(10):
        optimizer.step(weights, 2 * weights, state)
    assert weights[0].item() < 3.0
    assert weights[0].item() == weights[1].item()
