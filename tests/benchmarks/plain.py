"""What a user would write instead: the plain PyTorch loop of the tutorials, one seed, no recording."""

from __future__ import annotations

import time

import torch
from torch import nn

BATCH = 256


def mlp(inputs=1, outputs=1) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, outputs))


def two_gaussians() -> torch.Tensor:
    return torch.randn(BATCH, 1) * 0.5 + (torch.randint(0, 2, (BATCH, 1)) * 4.0 - 2.0)


def ring() -> torch.Tensor:
    angle = torch.randint(0, 8, (BATCH, 1)) * (torch.pi / 4)
    return 2 * torch.cat([angle.cos(), angle.sin()], 1) + 0.15 * torch.randn(BATCH, 2)


def plain_loop(steps, each_step=lambda *state: None, data=two_gaussians):
    """Train on some data; call `each_step` with players and losses after every step; return steps per second."""
    dim = data().shape[1]
    generator, discriminator = mlp(dim, dim), mlp(dim, 1)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    criterion = nn.BCEWithLogitsLoss()
    ones, zeros = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    began = time.perf_counter()
    for _ in range(steps):
        real, fake = data(), generator(torch.randn(BATCH, dim))
        d_optimizer.zero_grad()
        d_loss = criterion(discriminator(real), ones) + criterion(discriminator(fake.detach()), zeros)
        d_loss.backward()
        d_optimizer.step()
        g_optimizer.zero_grad()
        g_loss = criterion(discriminator(fake), ones)
        g_loss.backward()
        g_optimizer.step()
        each_step(generator, discriminator, g_loss, d_loss)
    return steps / (time.perf_counter() - began)


def best_threads(steps=150, data=two_gaussians):
    """Return the number of threads at which the plain loop is fastest here."""
    before = torch.get_num_threads()
    speed = {}
    for threads in (1, 2):
        torch.set_num_threads(threads)
        plain_loop(20, data=data)
        speed[threads] = max(plain_loop(steps, data=data) for _ in range(3))
    torch.set_num_threads(before)
    return max(speed, key=speed.get)
