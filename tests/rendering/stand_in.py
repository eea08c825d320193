"""A recording made of a few formulas: a generator map that morphs and folds, with everything a picture can meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import xarray as xr

from gandyn.densities.grid import LineGrid
from gandyn.densities.pushforward import pushforward
from gandyn.distributions.latent import NormalLatent
from gandyn.divergences.entropic import jensen_shannon, skew_kl

LN2 = float(np.log(2.0))


@dataclass
class StandIn:
    dataset: xr.Dataset
    objective: object
    diverged: dict[int, int] = field(default_factory=dict)
    path: str = "runs/stand-in"
    sub_steps: StandIn | None = None

    @property
    def contents(self):
        return self.dataset

    def steps(self):
        return self.dataset["step"].values

    def field(self, name, seed_index, step_index):
        return self.dataset[name].values[seed_index, step_index]

    def scalars(self, name):
        return self.dataset[name].values


def _probability(p, q, width):
    with np.errstate(invalid="ignore"):
        return p / (p + q)


def _potential(p, q, width):
    return np.cumsum(np.sign(np.cumsum(q - p))) * width


CLASSIC = SimpleNamespace(
    optimal_response=_probability,
    equilibrium={"discriminator_loss": (2 * LN2, "2 ln 2"), "generator_loss": (LN2, "ln 2")},
)
CRITIC = SimpleNamespace(
    type="wasserstein",
    optimal_response=_potential,
    equilibrium={"discriminator_loss": (0.0, "0")},
)


def _map(z, t, seed):
    """G(z): starts as a narrow blob, opens into two modes with folds; odd seeds stay on one mode."""
    spread = 0.3 + 1.2 * t
    split = 2.0 * t * np.tanh(z * (0.5 + 4 * t)) if seed % 3 != 1 else 1.9 * t + 0 * z
    wave = 0.55 * np.sin(2.2 * z + 6 * t + seed) * np.exp(-((t - 0.35) ** 2) / 0.08)
    return -1.2 * (1 - t) + split + 0.35 * spread * z * (1 - 0.5 * t) + wave + 0.05 * np.sin(40 * t + seed)


def make(
    steps=400,
    seeds=1,
    cells=512,
    critic=False,
    infinite=True,
    diverged=None,
    latent_dim=1,
    outside=0.0,
    wild=False,
    title="Two modes, one generator",
    caption="A non-saturating GAN finds both modes of a mixture",
):
    """Return a recording of `steps` + 1 steps; `diverged` maps seeds to steps."""
    rng = np.random.default_rng(7)
    half = 5.0
    edges = np.linspace(-half, half, cells + 1)
    x = (edges[1:] + edges[:-1]) / 2
    width = x[1] - x[0]
    data = sum(0.5 / 0.5 * np.exp(-((x - m) ** 2) / 0.5) / np.sqrt(2 * np.pi) for m in (-2.0, 2.0))
    z = np.linspace(-3, 3, 61)
    lattice = NormalLatent().lattice(512)
    fine = np.clip(lattice.edges, -6, 6)
    grid = LineGrid(-half, half, cells)
    n = steps + 1
    shape = (seeds, n)
    q = np.zeros((*shape, cells), np.float32)
    force = np.zeros((*shape, cells), np.float32)
    d = np.zeros((*shape, cells), np.float32)
    g = np.zeros((*shape, len(z)), np.float32)
    scalar = {k: np.full(shape, np.nan) for k in NAMES}
    out = np.zeros((*shape, 2))
    modes = np.zeros((*shape, 2))
    for s in range(seeds):
        for k in range(n):
            t = k / max(steps, 1)
            t = 1 - (1 - t) ** 2
            gz = _map(fine, t, s) + outside * t
            pushed = pushforward(gz[None], lattice, grid)
            q[s, k] = pushed.total[0] / width
            g[s, k] = _map(z, t, s) + outside * t
            out[s, k] = pushed.beyond[0]
            blur = np.convolve(q[s, k], np.exp(-(np.linspace(-2, 2, 61) ** 2)) / 27.0, mode="same")
            best = (data + 0.03) / (data + blur + 0.06)
            lag = np.exp(-k / (0.05 * n))
            d[s, k] = 0.5 * lag + (1 - lag) * (0.3 * best + 0.35)
            if critic:
                d[s, k] = 3 * np.log(d[s, k] / (1 - d[s, k])) * (1 + t)
            with np.errstate(divide="ignore", invalid="ignore"):
                logit = d[s, k] if critic else np.log(d[s, k] / (1 - d[s, k]))
            force[s, k] = np.gradient(logit, width) * (1 if critic else np.exp(-12 * t))
            p_, q_ = data * width, q[s, k] * width
            js = float(jensen_shannon(p_, q_))
            row = {
                "js": js,
                "kl_skew": float(skew_kl(p_, q_)),
                "reverse_kl_skew": float(skew_kl(q_, p_)),
                "unreached_mass": p_[q_ == 0].sum(),
                "w1": np.abs(np.cumsum(p_ - q_)).sum() * width,
                "tv": 0.5 * np.abs(p_ - q_).sum(),
                "modes_captured": (s % 3 != 1) + (t > 0.3) * 1.0,
                "high_quality_fraction": 0.8,
            }
            row["kl"] = np.inf if infinite else row["kl_skew"]
            row["reverse_kl"] = row["reverse_kl_skew"]
            row["discriminator_loss"] = 2 * LN2 - 1.2 * js * (1 - np.exp(-k / 20)) + 0.05 * rng.standard_normal()
            if not critic:
                row["js_bound"] = LN2 - row["discriminator_loss"] / 2
            row["generator_loss"] = LN2 + 0.8 * js * np.sin(6 * t + s) + 0.04 * rng.standard_normal()
            for name, value in row.items():
                scalar[name][s, k] = value
            modes[s, k] = p_[x < 0].sum(), p_[x >= 0].sum()
    if wild and n > 50:
        scalar["generator_loss"][:, n // 4] = 5e4
        scalar["discriminator_loss"][:, n // 3] = -7e3
    ends = np.full(seeds, -1)
    for seed, step in (diverged or {}).items():
        ends[seed] = step
        for field_ in (q, d, g, force, out, modes, *scalar.values()):
            field_[seed, step:] = np.nan
    variables = {
        "data_density": (("x",), data.astype(np.float32)),
        "generator_density": (
            ("seed", "step", "x"),
            q,
            {"method": "exact" if latent_dim == 1 else "quasi_monte_carlo"},
        ),
        "discriminator": (("seed", "step", "x"), d, {"kind": "critic" if critic else "probability"}),
        "force": (("seed", "step", "x"), force),
        "outside_mass": (("seed", "step", "side"), out),
        "mode_mass": (("seed", "step", "mode"), modes),
        "mode_position": (("mode", "axis"), np.array([[-2.0], [2.0]])),
        "mode_std": (("mode",), np.array([0.5, 0.5])),
        "mode_weight": (("mode",), np.array([0.5, 0.5])),
        "mode_least": (("mode",), np.array([0.125, 0.125])),
        "diverged_step": (("seed",), ends),
        **{name: (("seed", "step"), value) for name, value in scalar.items()},
    }
    coords = {"seed": np.arange(seeds), "step": np.arange(n), "x": x, "mode": [0, 1]}
    if latent_dim == 1:
        variables["generator_map"] = (("seed", "step", "z"), g)
        variables["latent_density"] = (("z",), (np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)).astype(np.float32))
        coords["z"] = z
    attrs = {
        "title": title, "caption": caption, "name": "stand-in",
        "objective_label": "Wasserstein" if critic else "non-saturating", "optimizer_label": "Adam",
        "latent_label": "z ~ N(0, 1)" if latent_dim == 1 else "z ~ N(0, I), 8 dimensions",
    }  # fmt: skip
    dataset = xr.Dataset(variables, coords, attrs)
    return StandIn(dataset, CRITIC if critic else CLASSIC, dict(diverged or {}))


NAMES = (
    "generator_loss", "discriminator_loss", "kl", "reverse_kl", "kl_skew", "reverse_kl_skew", "unreached_mass", "js",
    "js_bound", "tv", "w1", "modes_captured", "high_quality_fraction",
)  # fmt: skip


def updates_of(recording, movers, rounds):
    """Return a stand-in for the single updates of some rounds, made of the steps of another."""
    count, dataset = rounds * len(movers), recording.dataset
    shown = np.round(np.linspace(0, dataset.sizes["step"] - 1, count + 1)).astype(int)
    names = ["nobody", "discriminator", "generator", "all"]
    moved = [0, *(names.index(who[0] if len(who) == 1 else "all") for who in movers * rounds)]
    dataset = dataset.isel(step=shown).assign_coords(step=np.arange(count + 1))
    dataset = dataset.assign(
        moved=("step", np.array(moved), {"names": names}),
        training_step=("step", -(-np.arange(count + 1) // len(movers))),
    )
    return StandIn(dataset, recording.objective, {})


__all__ = ["CLASSIC", "CRITIC", "StandIn", "make", "updates_of"]
