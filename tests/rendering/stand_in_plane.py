"""A recording on the plane made of a few formulas: a latent lattice that opens from a blob onto a ring, and folds."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.special import ndtr, ndtri

from gandyn.divergences.entropic import jensen_shannon, skew_kl
from rendering.stand_in import CLASSIC, CRITIC, LN2, StandIn

HALF = 3.2


def _ring(modes):
    angle = 2 * np.pi * np.arange(modes) / modes
    return 2.0 * np.column_stack([np.cos(angle), np.sin(angle)])


def _square(modes):
    side = round(modes**0.5)
    at = np.linspace(-2.4, 2.4, side)
    return np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1).reshape(-1, 2)


def _map(z, t, seed, modes):
    """G(z): a small blob that opens into a ring and gathers at its modes; seeds 1, 4, ... fold half of it over."""
    radius = np.sqrt((z**2).sum(-1) + 0.03)
    angle = np.arctan2(z[..., 1], z[..., 0])
    angle = angle - 1.05 * t * np.sin(modes * angle) / modes
    if seed % 3 == 1:
        angle = np.where(np.abs(angle) > 1.9, np.sign(angle) * (3.8 - np.abs(angle)), angle)
    spread = 2.0 + 0.25 * t * (radius - 1.2) + 0.5 * (1 - t) * np.sin(3 * radius)
    target = spread[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    blob = 0.18 * z + np.array([0.35, -0.25])
    wave = 0.3 * np.sin(9 * t) * (1 - t) * np.stack([np.sin(2 * z[..., 1]), np.cos(2 * z[..., 0])], axis=-1)
    return (1 - t) * blob + t * target + wave


def make(
    steps=60,
    seeds=1,
    cells=64,
    modes=8,
    std=0.15,
    critic=False,
    latent_dim=2,
    collapsed=False,
    diverged=None,
    lattice=160,
    title="Eight modes on a ring",
    caption="A non-saturating GAN spreads a blob over eight Gaussians",
):
    """Return a recording of `steps` + 1 steps; `diverged` maps seeds to steps, `modes` of 16 and more are a grid."""
    means = _square(modes) if modes >= 16 else _ring(modes)
    edges = np.linspace(-HALF, HALF, cells + 1)
    x = (edges[1:] + edges[:-1]) / 2
    width = x[1] - x[0]
    part = (
        np.diff(ndtr((edges[None] - means[:, 0, None]) / std)),
        np.diff(ndtr((edges[None] - means[:, 1, None]) / std)),
    )
    data = np.einsum("mx,my->xy", *part) / modes
    data /= data.sum()
    level = (np.arange(lattice) + 0.5) / lattice
    fine = np.stack(np.meshgrid(ndtri(level), ndtri(level), indexing="ij"), axis=-1).reshape(-1, 2)
    z = np.linspace(-3, 3, 25)
    drawn = np.stack(np.meshgrid(z, z, indexing="ij"), axis=-1)
    rng = np.random.default_rng(3)
    latents = rng.standard_normal((200, 2))
    n, shape = steps + 1, (seeds, steps + 1)
    q = np.zeros((*shape, cells, cells), np.float32)
    d = np.zeros_like(q)
    g = np.zeros((*shape, 25, 25, 2), np.float32)
    generated, force = np.zeros((*shape, 200, 2), np.float32), np.zeros((*shape, 200, 2), np.float32)
    scalar = {name: np.full(shape, np.nan) for name in NAMES}
    mass, outside = np.zeros((*shape, len(means))), np.zeros((*shape, 1))
    for s in range(seeds):
        for k in range(n):
            t = 1 - (1 - k / max(steps, 1)) ** 2
            shift = 1e-4 * fine + [1.9, 0.1] if collapsed else _map(fine, t, s, modes)
            q[s, k] = _histogram(shift, edges) / width**2
            g[s, k] = 1e-4 * drawn + [1.9, 0.1] if collapsed else _map(drawn, t, s, modes)
            generated[s, k] = 1e-4 * latents + [1.9, 0.1] if collapsed else _map(latents, t, s, modes)
            p_, q_ = data, q[s, k] * width**2
            lag = np.exp(-k / (0.05 * n))
            a, b = gaussian_filter(data, 2.0), gaussian_filter(q_, 2.5)
            far = 2e-5 * np.exp(-((np.hypot(*np.meshgrid(x, x, indexing="ij")) / 3.0) ** 2))
            best = (a + far) / (a + b + 2.5 * far)
            d[s, k] = np.clip(0.5 * lag + (1 - lag) * (0.9 * best + 0.05), 1e-4, 1 - 1e-4)
            slope = np.stack(np.gradient(np.log(d[s, k]), width), axis=0)
            at = (generated[s, k] + HALF) / width - 0.5
            force[s, k] = np.stack([map_coordinates(one, at.T, order=1, mode="nearest") for one in slope], axis=-1)
            if critic:
                d[s, k] = 4.0 + 2 * np.log(d[s, k] / (1 - d[s, k])) * (1 + t)
            near = (((shift[:, None] - means) ** 2).sum(-1) < (3 * max(std, 0.1)) ** 2).mean(0)
            mass[s, k] = near
            outside[s, k] = (np.abs(shift) > HALF).any(-1).mean()
            p_, q_ = p_.ravel(), q_.ravel()
            js = float(jensen_shannon(p_, q_))
            row = {
                "js": js, "kl_skew": float(skew_kl(p_, q_)), "reverse_kl_skew": float(skew_kl(q_, p_)), "kl": np.inf,
                "reverse_kl": float(skew_kl(q_, p_)), "unreached_mass": p_[q_ == 0].sum(),
                "tv": 0.5 * np.abs(p_ - q_).sum(), "hellinger": 0.3, "sliced_w1": 2.0 * js, "mode_reverse_kl": 0.2,
                "modes_captured": (near >= 0.25 / len(means)).sum(), "high_quality_fraction": near.sum(),
                "discriminator_loss": 2 * LN2 - 1.2 * js * (1 - np.exp(-k / 5)) + 0.03 * rng.standard_normal(),
                "generator_loss": LN2 + 0.8 * js * np.sin(6 * t + s) + 0.03 * rng.standard_normal(),
            }  # fmt: skip
            for name, value in row.items():
                scalar[name][s, k] = value
    ends = np.full(seeds, -1)
    for seed, step in (diverged or {}).items():
        ends[seed] = step
        for field in (q, d, g, generated, force, mass, outside, *scalar.values()):
            field[seed, step:] = np.nan
    rows, plane = ("seed", "step"), ("x", "y")
    method = "pushforward_of_cells" if latent_dim == 2 else "quasi_monte_carlo"
    variables = {
        "data_density": (plane, (data / width**2).astype(np.float32)),
        "generator_density": ((*rows, *plane), q, {"method": method, "smoothing_std": 0.05}),
        "discriminator": ((*rows, *plane), d, {"kind": "critic" if critic else "probability"}),
        "generated": ((*rows, "point", "axis"), generated),
        "force": ((*rows, "point", "axis"), force),
        "mode_mass": ((*rows, "mode"), mass),
        "outside_mass": ((*rows, "side"), outside),
        "diverged_step": (("seed",), ends),
        **{name: (rows, value) for name, value in scalar.items()},
    }
    coords = {
        "seed": np.arange(seeds), "step": np.arange(n), "axis": [0, 1], "mode": np.arange(len(means)),
        "x": ("x", x, {"low": -HALF, "high": HALF}), "y": ("y", x, {"low": -HALF, "high": HALF}),
        "mode_position": (("mode", "axis"), means), "mode_std": ("mode", np.full(len(means), std)),
        "mode_weight": ("mode", np.full(len(means), 1 / len(means))),
        "mode_least": ("mode", np.full(len(means), 0.5 / 2500)),
    }  # fmt: skip
    if latent_dim == 2:
        variables["generator_map"] = ((*rows, "z1", "z2", "axis"), g)
        share = np.diff(ndtr(z))
        variables["latent_mass"] = (("z1_cell", "z2_cell"), np.outer(share, share).astype(np.float32))
        coords |= {"z1": z, "z2": z}
    attrs = {
        "title": title, "caption": caption, "name": "stand-in",
        "objective_label": "Wasserstein" if critic else "non-saturating", "optimizer_label": "Adam",
        "latent_label": "z ~ N(0, I), 2 dimensions" if latent_dim == 2 else f"z ~ N(0, I), {latent_dim} dimensions",
    }  # fmt: skip
    return StandIn(xr.Dataset(variables, coords, attrs), CRITIC if critic else CLASSIC, dict(diverged or {}))


def _histogram(points, edges):
    cell = np.floor((points - edges[0]) / (edges[1] - edges[0])).astype(int)
    side = len(edges) - 1
    inside = ((cell >= 0) & (cell < side)).all(-1)
    flat = cell[inside, 0] * side + cell[inside, 1]
    return np.bincount(flat, minlength=side * side).reshape(side, side) / len(points)


NAMES = (
    "generator_loss", "discriminator_loss", "kl", "reverse_kl", "kl_skew", "reverse_kl_skew", "unreached_mass", "js",
    "tv", "hellinger", "sliced_w1", "modes_captured", "high_quality_fraction", "mode_reverse_kl",
)  # fmt: skip
