"""A recording of images made of a few formulas: noise that clears up into scikit-learn's handwritten digits."""

from __future__ import annotations

from functools import cache

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_digits

from gandyn.divergences.entropic import jensen_shannon, skew_kl
from rendering.stand_in import CLASSIC, CRITIC, LN2, StandIn

CELLS = 48


@cache
def digits(size=28):
    """Return grey images (image, 1, row, column) and their classes."""
    found = load_digits()
    frame = np.pad(found.images, ((0, 0), (1, 1), (1, 1)))
    large = zoom(frame, (1, size / 10, size / 10), order=1, grid_mode=True, mode="grid-constant")
    return np.round(255 * np.clip(1.6 * large / 16 - 0.25, 0, 1)).astype(np.uint8)[:, None], found.target


@cache
def plane(size):
    """Return mean, basis (2, pixel) and explained variance of the first two principal components."""
    images, _ = digits(size)
    flat = images.reshape(len(images), -1) / 255.0
    mean = flat.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((flat - mean).T))
    return mean, vectors[:, :-3:-1].T, values[:-3:-1] / values.sum()


def make(
    steps=60,
    size=28,
    colour=False,
    samples=25,
    classes=True,
    conditional=False,
    judged=True,
    every=10,
    objective=True,
    critic=False,
    user=False,
    fields=True,
    diverged=None,
    title="Digits out of noise",
    caption="A convolutional non-saturating GAN learns handwritten digits",
):
    """Return a recording of `steps` + 1 records with judgements at every `every`-th; nothing of a GAN is in it."""
    rng = np.random.default_rng(5)
    real, labels = digits(size)
    mean, basis, ratio = plane(size)
    shape = real.shape[1:]
    known = (real.reshape(len(real), -1) / 255.0 - mean) @ basis.T
    low, high = known.min(axis=0) - 1.2, known.max(axis=0) + 1.2
    edges = [np.linspace(a, b, CELLS + 1) for a, b in zip(low, high, strict=True)]
    centres = [(one[1:] + one[:-1]) / 2 for one in edges]
    sides = [one[1] - one[0] for one in edges]

    def density(points):
        found = np.histogram2d(*points.T, bins=edges)[0]
        return gaussian_filter(found / len(points), 1.6) / np.prod(sides)

    goal = rng.permutation(len(real))[:400]
    if conditional:
        by_class = np.argsort(np.tile(np.arange(10), 40)[np.argsort(labels[goal], kind="stable")], kind="stable")
        goal = goal[np.argsort(labels[goal], kind="stable")][by_class]
    noise = gaussian_filter(rng.standard_normal((400, *shape)), (0, 0, 1.2, 1.2))
    noise = np.clip(110 + 190 * noise, 0, 255)
    p, n = density(known), steps + 1
    rows, space = ("seed", "step"), ("pc1", "pc2")
    q = np.zeros((1, n, CELLS, CELLS), np.float32)
    d, average = np.zeros_like(q), np.full_like(q, np.nan)
    generated = np.zeros((1, n, 200, 2), np.float32)
    shown = np.zeros((1, n, samples, 3 if colour else 1, size, size), np.uint8)
    tint = rng.uniform(0.35, 1.0, (samples, 3, 1, 1))
    scalar = {name: np.full((1, n), np.nan) for name in SCALARS}
    histogram = np.full((1, n, 10), np.nan)
    share = np.bincount(labels, minlength=10) / len(labels)
    for k in range(n):
        t = 1 - (1 - k / max(steps, 1)) ** 2
        wave = np.clip(1.3 * t - 0.3 * rng.random((400, 1, 1, 1)), 0, 1)
        images = np.clip(wave * real[goal] + (1 - wave) * noise, 0, 255).astype(np.uint8)
        shown[0, k] = images[np.arange(samples) % 400] * (tint if colour else 1)
        points = (images.reshape(400, -1) / 255.0 - mean) @ basis.T
        generated[0, k], q[0, k] = points[:200], density(points)
        lag = np.exp(-4 * k / n)
        d[0, k] = np.clip(0.5 * lag + (1 - lag) * (p + 1e-4) / (p + q[0, k] + 2e-4), 1e-3, 1 - 1e-3)
        there = np.histogram2d(*np.concatenate([points, known[:400]]).T, bins=edges)[0] > 0
        average[0, k] = np.where(there, 0.15 + 0.7 * d[0, k], np.nan)
        if critic:
            d[0, k], average[0, k] = 6 * (d[0, k] - 0.4), 6 * (average[0, k] - 0.4)
        mass_p, mass_q = p.ravel() * np.prod(sides), q[0, k].ravel() * np.prod(sides)
        js = float(jensen_shannon(mass_p, mass_q))
        row = {
            "js": js, "kl": float(skew_kl(mass_p, mass_q)), "reverse_kl": float(skew_kl(mass_q, mass_p)),
            "kl_skew": float(skew_kl(mass_p, mass_q)), "reverse_kl_skew": float(skew_kl(mass_q, mass_p)),
            "unreached_mass": 0.0, "tv": 0.5 * np.abs(mass_p - mass_q).sum(), "sliced_w1": 3 * js, "hellinger": 0.3,
            "discriminator_loss": 2 * LN2 - 1.0 * (1 - np.exp(-k / 4)) + 0.05 * rng.standard_normal(),
            "generator_loss": LN2 + 1.2 * (1 - np.exp(-k / 6)) + 0.12 * rng.standard_normal(),
            "real_response": 0.5 + 0.3 * (1 - lag) + 0.02 * rng.standard_normal(),
            "generated_response": 0.5 - 0.33 * (1 - lag) + 0.1 * t + 0.02 * rng.standard_normal(),
        }  # fmt: skip
        if k % every == 0:
            skew = np.exp(-3 * t) * np.array([0.2, 5, 0.2, 0.4, 0.1, 0.3, 0.1, 3, 0.5, 0.2]) + 1
            found = rng.multinomial(1000, skew * share / (skew * share).sum()) / 1000
            histogram[0, k] = found
            row |= {
                "frechet_distance": 2.0 + 160 * np.exp(-5 * t), "precision": 0.9 * t, "recall": 0.7 * t**2,
                "class_kl": float(np.sum(found * np.log(np.maximum(found, 1e-12) / share))),
            }  # fmt: skip
        for name, value in row.items():
            scalar[name][0, k] = value
    ends = np.array([(diverged or {}).get(0, -1)])
    if ends[0] >= 0:
        for field in (q, d, average, generated, histogram, *scalar.values()):
            field[0, ends[0] :] = np.nan
    view = {"view": "in PCA space: an estimate"}
    smoothing = {"method": "kernel", "smoothing_std": 1.6 * float(np.mean(sides))}
    judge = {"n": 1000, "network": "LeNet", "weights_sha256": "0" * 64}
    kind = {"kind": "critic" if critic else "probability"}
    variables = {
        "data_density": (space, p.astype(np.float32), smoothing),
        "diverged_step": (("seed",), ends),
        **{name: (rows, scalar[name], view) for name in VIEWED},
        **{name: (rows, scalar[name]) for name in ("generator_loss", "discriminator_loss")},
        "real_response": (rows, scalar["real_response"]),
        "generated_response": (rows, scalar["generated_response"]),
    }
    if fields:
        variables |= {
            "generator_density": ((*rows, *space), q, smoothing),
            "discriminator": ((*rows, *space), d, {**kind, "view": "slice"}),
            "discriminator_mean": ((*rows, *space), average, {**kind, "view": "mean"}),
            "generated": ((*rows, "point", "axis"), generated),
            "outside_mass": ((*rows, "side"), np.zeros((1, n, 1))),
            "samples": ((*rows, "sample", "channel", "row", "column"), shown),
            "real_samples": (("sample", "channel", "row", "column"), np.broadcast_to(real[:samples], shown.shape[2:])),
        }
    if judged and classes:
        variables |= {
            "class_histogram": ((*rows, "class"), histogram, judge),
            "data_class_histogram": (("class",), share),
            "class_kl": (rows, scalar["class_kl"], judge),
        }
    if judged:
        variables["frechet_distance"] = (rows, scalar["frechet_distance"], {**judge, "floor": 1.6})
        variables |= {name: (rows, scalar[name], judge) for name in ("precision", "recall")}
    if conditional:
        variables["sample_class"] = (("sample",), labels[goal[np.arange(samples) % 400]])
    if user:
        for name, phase in (("gradient_penalty", 0.0), ("feature_matching", 1.0)):
            course = 3 + 2 * np.cos(phase + 5 * np.linspace(0, 1, n)) + 0.2 * rng.standard_normal(n)
            variables[name] = (rows, course[None], {"user": True})
    coords = {
        "seed": [0], "step": 20 * np.arange(n), "axis": [0, 1], "class": [str(one) for one in range(10)],
        **{
            name: (name, centres[k], {"low": edges[k][0], "high": edges[k][-1], "explained_variance_ratio": ratio[k]})
            for k, name in enumerate(space)
        },
    }  # fmt: skip
    attrs = {
        "title": title, "caption": caption, "name": "stand-in", "latent_label": "z ~ N(0, I)",
        "optimizer_label": "Adam",
        "objective_label": ("Wasserstein" if critic else "non-saturating") if objective else "",
    }  # fmt: skip
    chosen = (CRITIC if critic else CLASSIC) if objective else None
    return StandIn(xr.Dataset(variables, coords, attrs), chosen, dict(diverged or {}))


VIEWED = (
    "js", "kl", "reverse_kl", "kl_skew", "reverse_kl_skew", "unreached_mass", "tv", "sliced_w1", "hellinger",
)  # fmt: skip
SCALARS = (
    *VIEWED, "generator_loss", "discriminator_loss", "real_response", "generated_response", "frechet_distance",
    "precision", "recall", "class_kl",
)  # fmt: skip
