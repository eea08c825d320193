"""The script people write for such a picture: the plain loop, a kernel density of 5,000 samples a step, FuncAnimation.

Run as `python by_hand.py STEPS FRAMES OUT.gif`.
"""

from __future__ import annotations

import sys

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.animation import FuncAnimation, PillowWriter
from plain import plain_loop
from scipy.stats import gaussian_kde, norm

STEPS, FRAMES, OUT = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
x = np.linspace(-5, 5, 512)
data = 0.5 * norm.pdf(x, -2, 0.5) + 0.5 * norm.pdf(x, 2, 0.5)
grid = torch.tensor(x, dtype=torch.float32)[:, None]
densities, responses, losses, divergences = [], [], [], []


def record(generator, discriminator, g_loss, d_loss):
    with torch.no_grad():
        samples = generator(torch.randn(5000, 1)).numpy().ravel()
        responses.append(discriminator(grid).sigmoid().numpy().ravel())
    density = gaussian_kde(samples)(x)
    middle = (data + density) / 2
    kl, reverse, left, right = (
        float(np.sum(p * np.log(np.maximum(p, 1e-30) / np.maximum(q, 1e-30))) * (x[1] - x[0]))
        for p, q in ((data, density), (density, data), (data, middle), (density, middle))
    )
    densities.append(density)
    losses.append((g_loss.item(), d_loss.item()))
    divergences.append((kl, reverse, (left + right) / 2))


torch.set_num_threads(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
plain_loop(STEPS, record)

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12.8, 4.8), dpi=100)
left.fill_between(x, data, alpha=0.3)
(curve,) = left.plot(x, densities[0])
left.set_ylim(0, 2 * data.max())
(response,) = left.twinx().plot(x, responses[0], color="green")
trajectories = []
for axes, values, names in ((middle, losses, "GD"), (right, divergences, ("KL", "reverse KL", "JS"))):
    axes.set_xlim(0, STEPS)
    axes.set_ylim(0, 1.1 * np.quantile(values, 0.99))
    for series, name in zip(np.transpose(values), names, strict=True):
        trajectories.append((axes.plot([], [], label=name)[0], series))
    axes.legend(loc="upper right")


def draw(frame):
    step = frame * (STEPS - 1) // max(FRAMES - 1, 1)
    curve.set_ydata(densities[step])
    response.set_ydata(responses[step])
    for line, series in trajectories:
        line.set_data(range(step + 1), series[: step + 1])
    left.set_title(f"step {step}")
    return [curve, response, *(line for line, _ in trajectories)]


FuncAnimation(figure, draw, frames=FRAMES).save(OUT, writer=PillowWriter(fps=20))
