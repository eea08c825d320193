"""Laws of divergences between samples: what a perfect generator reads, and what is no bound and not called one."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from gandyn.datasets.digits import Digits
from gandyn.datasets.mnist import Mnist
from gandyn.divergences import entropic
from gandyn.recording.options import GridOptions, RecordOptions
from gandyn.recording.samples import Latents, RealSamples
from gandyn.recording.spaces.sampled import Reading
from gandyn.recording.spaces.sampled_spaces import sampled_space
from gandyn.recording.views.identity import Identity
from gandyn.recording.views.pca import PCA


def ring(rng, count):
    angle = rng.integers(8, size=count) * np.pi / 4
    return 2 * np.stack([np.cos(angle), np.sin(angle)], 1) + 0.1 * rng.normal(size=(count, 2))


def gaussian(dim):
    return lambda rng, count: rng.normal(size=(count, dim)) * np.linspace(3, 1, dim)


def space_of(values, cells=None, points=None):
    """Return the space of real samples; what generates is projected to it by the tests."""
    values = np.asarray(values)
    return sampled_space(
        lambda: RealSamples(values if values.dtype == np.uint8 else values.astype(np.float32)),
        values.shape[1:],
        Identity() if values[0].size <= 2 else PCA(2),
        draw=lambda count, purpose: Latents((torch.zeros(count, 1),)),
        reading=Reading("probability", torch.sigmoid),
        options=RecordOptions(every=100, grid=GridOptions(cells=cells), latent_points=points),
    )


def read(space, samples):
    """Return the divergences that a record would hold of these generated samples."""
    masses = space.compared(space.histogram(space.view.project(np.asarray(samples, dtype=np.float64))[None]))
    return entropic.divergences(space.data_partition, space.partition(masses)), masses


def real(images):
    """Return data of images, of which a perfect generator draws any."""
    pixels = images.load()[0]
    flat = RealSamples(pixels).flat(slice(None))
    return pixels, lambda rng, count: flat[rng.integers(len(flat), size=count)]


def drawn(law, count):
    return law(np.random.default_rng(5), count), law


PERFECT = {
    "digits": lambda: real(Digits()),
    "1000 Gaussian": lambda: drawn(gaussian(10), 1000),
    "2000 Gaussian": lambda: drawn(gaussian(10), 2000),
    "10000 Gaussian": lambda: drawn(gaussian(10), 10_000),
    "Gaussian on the plane": lambda: drawn(gaussian(2), 2000),
    "Gaussian on the line": lambda: drawn(gaussian(1), 2000),
    "a ring": lambda: drawn(ring, 5000),
}
if (Path(os.environ.get("GANDYN_DATA", "/nowhere")) / "mnist").is_dir():
    PERFECT["MNIST"] = lambda: real(Mnist())


@cache
def perfect(name):
    data, law = PERFECT[name]()
    return space_of(data), law


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", PERFECT)
def test_a_perfect_generator_reads_below_a_fiftieth_of_a_nat(name, seed):
    space, law = perfect(name)
    pair, _ = read(space, law(np.random.default_rng(100 + seed), len(space.latent_points)))
    assert 0 <= float(pair.kl[0]) < 0.02
    assert 0 <= float(pair.reverse_kl[0]) < 0.02
    assert 0 <= float(pair.js[0]) < 0.005


@pytest.mark.parametrize("points", [256, 4096])
def test_so_it_does_of_fewer_points_and_of_more(points):
    space = space_of(gaussian(10)(np.random.default_rng(5), 5000), points=points)
    for seed in range(6):
        pair, _ = read(space, gaussian(10)(np.random.default_rng(seed), points))
        assert max(float(pair.kl[0]), float(pair.reverse_kl[0])) < 0.02


def test_the_bandwidth_is_scotts_where_that_suffices_and_the_same_on_every_grid():
    data = ring(np.random.default_rng(5), 5000)
    found = [space_of(data, cells).bandwidth for cells in (16, 48, 200)]
    assert found[0] == found[1] == found[2]
    scott = np.exp(np.log(data.std(axis=0)).mean()) * 1024 ** (-1 / 6)
    assert found[0].std == pytest.approx(scott, rel=1e-5)


def test_sampling_makes_divergences_larger_than_those_that_are_estimated():
    """Why they are estimates and no bounds, on Gaussians, where the smoothed ones are known."""
    shift, data = 1.6, np.random.default_rng(3).normal(size=(5000, 2))
    space = space_of(data)
    truth = shift**2 / 2
    smoothed = truth / (1 + space.bandwidth.std**2)
    found = [
        float(read(space, np.random.default_rng(seed).normal([shift, 0], 1, (1024, 2)))[0].kl[0]) for seed in range(20)
    ]
    assert smoothed < np.mean(found) < 1.05 * smoothed
    assert smoothed < truth


@pytest.mark.parametrize("dim", [1, 2])
def test_a_sample_beyond_the_window_makes_nothing_infinite_and_no_mass_is_lost(dim):
    rng = np.random.default_rng(0)
    space = space_of(rng.normal(size=(2000, dim)))
    samples = rng.normal(size=(1024, dim))
    samples[0] = 1.1 * space.grid.centres.max(axis=0)
    pair, masses = read(space, samples)
    assert float(masses.beyond.sum()) >= 1 / 1024
    for part in (masses.row(0).partition().mass, space.compared_data.partition().mass):
        assert part.min() >= 0
        assert part.sum() == pytest.approx(1, abs=1e-12)
    assert float(pair.reverse_kl[0]) < 0.03
    far, apart = read(space, samples + 100)
    assert np.isinf(far.reverse_kl[0]) or float(far.reverse_kl[0]) > 5
    assert float(space.distance(apart)[0]) == pytest.approx(100 if dim == 1 else 100 * np.sqrt(2) * 2 / np.pi, rel=0.02)


@pytest.mark.parametrize("dim", [1, 2])
def test_transport_sees_at_the_edge_what_the_kernel_carries_over_it(dim):
    """Of samples heaped up at the edge half the mass is carried over it; their distance stays what it was."""
    space = space_of(np.random.default_rng(0).normal(size=(2000, dim)))
    samples = np.zeros((1024, dim))
    samples[:, 0] = space.grid.centres.reshape(-1, dim)[:, 0].max()
    _, masses = read(space, samples)
    raw = space.histogram(samples[None])
    assert 0.4 < float(masses.beyond.sum()) < 0.5
    assert float(space.distance(masses)[0]) == pytest.approx(float(space.distance(raw)[0]), rel=0.2)
