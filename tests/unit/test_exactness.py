"""Divergences on the line against the truth: data of every type, generators near and far, wide and narrow."""

from __future__ import annotations

import numpy as np
import pytest

from gandyn.densities.grid import LineGrid, data_masses
from gandyn.densities.pushforward import pushforward
from gandyn.distributions.kernels import LineKernels
from gandyn.distributions.latent import NormalLatent, UniformLatent
from gandyn.distributions.line import Exponential, Gaussian, Laplace, StudentT, Uniform
from gandyn.distributions.mixture import GaussianMixture, UniformMixture
from gandyn.divergences.entropic import divergences
from gandyn.divergences.transport import wasserstein_1
from gandyn.objectives.minimax import NonSaturating
from gandyn.scenario.schema import Scenario

DATA = {
    "gaussian": Gaussian(),
    "narrow": Gaussian(std=0.1),
    "far": Gaussian(mean=3.0, std=2.0),
    "laplace": Laplace(),
    "student_t": StudentT(dof=3.0),
    "heavier": StudentT(dof=2.5),
    "exponential": Exponential(),
    "uniform": Uniform(),
    "two_modes": GaussianMixture().law,
    "three_modes": GaussianMixture(means=[-3, 0, 1.5], stds=[0.2, 0.7, 0.1], weights=[0.2, 0.5, 0.3]).law,
    "apart": GaussianMixture(means=[-3.0, 3.0], stds=[0.1, 0.2]).law,
    "pieces": UniformMixture(),
    "kernels": LineKernels(values=np.random.default_rng(0).normal(size=200), kernel_std=0.03),
}
GENERATORS = [(0.0, 1.0), (0.3, 0.8), (0.0, 0.2), (0.0, 6.0), (2.0, 0.5), (-1.0, 2.0)]
NAMES = ("kl", "reverse_kl", "js", "tv", "w1")
LATTICE = NormalLatent().lattice(384)


def window(data, cells=512):
    ((low, high),) = data.extent()
    return LineGrid(float(low), float(high), cells)


def measured(data, images, lattice, grid):
    p, q = data_masses(data, grid), pushforward(np.asarray(images, np.float64)[None], lattice, grid)
    found = divergences(p.partition(), q.partition())
    return dict(
        zip(
            NAMES,
            (found.kl[0], found.reverse_kl[0], found.js[0], found.tv[0], wasserstein_1(p, q, grid)[0]),
            strict=True,
        )
    )


def truth(data, law):
    """Return all five by quadrature on twenty thousand nodes, between jumps and out to 1e9 on either side."""
    ((low, high),) = data.extent()
    jumps = np.concatenate([data.support().ravel(), law.support().ravel(), [0.0]])
    ((left, right),) = law.extent()
    near = np.concatenate([np.linspace(low, high, 801), np.linspace(left, right, 801), jumps[np.isfinite(jumps)]])
    far = np.geomspace(1e-3, 1e9, 150)
    ends = np.unique(np.concatenate([near, near.min() - far, near.max() + far]))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half = np.diff(ends)[:, None] / 2
    x, weights = ends[:-1, None] + half * (1 + nodes), half * weights
    log_p, log_q = data.log_pdf(x), law.log_pdf(x)
    p, q = np.exp(log_p), np.exp(log_q)
    with np.errstate(invalid="ignore", divide="ignore"):
        kl, reverse_kl = (
            np.inf
            if (there & (other == -np.inf)).any()
            else (np.where(mass > 0, mass * (log - other), 0) * weights).sum()
            for mass, log, other, there in ((p, log_p, log_q, log_p > -np.inf), (q, log_q, log_p, log_q > -np.inf))
        )
        middle = np.log(np.maximum((p + q) / 2, 1e-300))
        js = (
            sum((np.where(m > 1e-290, m * (log - middle), 0) * weights).sum() for m, log in ((p, log_p), (q, log_q)))
            / 2
        )
    gap = np.where(x > 0, data.sf(x) - law.sf(x), data.cdf(x) - law.cdf(x))
    found = (kl, reverse_kl, js, (np.abs(p - q) * weights).sum() / 2, (np.abs(gap) * weights).sum())
    return dict(zip(NAMES, found, strict=True))


def agree(found, expected, least=1e-3, share=1e-3):
    for name in NAMES:
        assert np.isinf(found[name]) == np.isinf(expected[name]), (name, found, expected)
        if np.isfinite(expected[name]):
            assert found[name] == pytest.approx(expected[name], abs=least, rel=share), (name, found, expected)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize(("shift", "scale"), GENERATORS)
def test_default_settings_read_the_truth(name, shift, scale):
    data, law = DATA[name], Gaussian(mean=shift, std=scale)
    images = np.float32(shift) + np.float32(scale) * LATTICE.edges.astype(np.float32)
    agree(measured(data, images, LATTICE, window(data)), truth(data, law))


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize(("shift", "scale"), GENERATORS)
def test_the_density_is_the_change_of_variables(name, shift, scale):
    grid = window(DATA[name])
    masses = pushforward(shift + scale * LATTICE.edges[None], LATTICE, grid)
    expected = Gaussian(mean=shift, std=scale).masses(grid.edges)
    seen = expected > 1e-3 * expected.max()
    np.testing.assert_allclose(masses.cells[0][seen], expected[seen], rtol=0.01)


def test_the_density_of_a_bent_generator_is_the_change_of_variables():
    bent = lambda z: 2 * z + np.sin(2 * z) + 0.3 * z**2 / (1 + 0.1 * z**2)  # noqa: E731
    grid = LineGrid(-8.0, 8.0, 512)
    found = pushforward(bent(LATTICE.edges)[None], LATTICE, grid).cells[0] / grid.width
    z = np.linspace(-7, 7, 2_000_001)
    fine = np.histogram(bent(z), grid.edges, weights=np.exp(-0.5 * z**2))[0] * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    seen = fine / grid.width > 1e-3 * found.max()
    slope = np.abs(np.diff(bent(z)))
    caustics = np.histogram(bent(z[:-1][slope < 1e-3 * slope.max()]), grid.edges)[0] > 0
    clear = seen & ~caustics
    assert clear.sum() > 100
    np.testing.assert_allclose(found[clear], (fine / grid.width)[clear], rtol=0.01)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("generate", [np.tanh, np.sin, lambda z: 0.995 * np.tanh(3 * z), lambda z: 0.4 * z + 1])
def test_all_divergences_agree_with_each_other(name, generate):
    data, grid = DATA[name], window(DATA[name])
    masses = pushforward(generate(LATTICE.edges)[None], LATTICE, grid)
    found = divergences(data_masses(data, grid).partition(), masses.partition())
    assert (found.unreached_mass > 0) <= np.isinf(found.kl)
    assert found.kl_skew <= found.kl * (1 + 1e-6)
    assert found.reverse_kl_skew <= found.reverse_kl * (1 + 1e-6)
    assert found.js <= np.log(2) * found.tv + 1e-4
    assert 2 * found.tv**2 <= found.kl + 1e-4
    assert found.hellinger**2 <= found.tv + 1e-4


@pytest.mark.parametrize("half", [1.3, 1.5, 2.0, 4.0])
def test_a_generator_that_saturates_at_the_ends_of_the_data_goes_no_further(half):
    # 1 is an edge of some of these grids; tanh rounds to it far out in the latent.
    data, grid = Uniform(), LineGrid(-half, half, 512)
    found = measured(data, np.tanh(LATTICE.edges), LATTICE, grid)
    z = np.linspace(-6, 6, 200_001)
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    expected = np.sum(density * (np.log(density) + 2 * np.log(np.cosh(z)) + np.log(2))) * (z[1] - z[0])
    assert found["reverse_kl"] == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(("end", "kl"), [(1.0, 0.0), (0.995, np.inf), (0.97, np.inf)])
def test_what_ends_within_a_cell_is_told_from_what_does_not(end, kl):
    data, lattice = Uniform(low=0.0, high=1.0), UniformLatent(low=0.0, high=1.0).lattice(384)
    grid = window(data)
    images = np.float32(end) * lattice.edges.astype(np.float32)
    found = divergences(
        data_masses(data, grid).partition(), pushforward(images[None].astype(float), lattice, grid).partition()
    )
    assert found.kl[0] == pytest.approx(kl, abs=1e-6)
    assert found.unreached_mass[0] == pytest.approx(1 - end, abs=1e-6)
    assert found.reverse_kl[0] == pytest.approx(-np.log(end), abs=1e-5)
    assert found.tv[0] == pytest.approx(1 - end, abs=1e-5)


def test_a_lost_generator_has_no_divergence_at_all():
    data, grid = Gaussian(), window(Gaussian())
    images = np.stack([LATTICE.edges, np.full(len(LATTICE.edges), np.nan)])
    p, q = data_masses(data, grid).partition(), pushforward(images, LATTICE, grid).partition()
    for value in divergences(p, q):
        assert np.isfinite(value[0])
        assert np.isnan(value[1])
    for value in divergences(q, p):
        assert np.isnan(value[1])


@pytest.mark.parametrize(
    "bent",
    [
        lambda z: 2.5 * np.sin(1.5 * z) + 0.3 * z,
        lambda z: 3 * np.tanh(2 * z) - 1.5 * np.tanh(4 * z - 2) + 0.2 * z,
        lambda z: z + 1.5 * np.sin(2 * z),
        lambda z: np.abs(z) - 1.5 + 0.1 * z,
    ],
    ids=["sine", "steps", "ripples", "corner"],
)
@pytest.mark.parametrize("name", ["gaussian", "two_modes", "laplace"])
def test_folds_cost_no_accuracy(name, bent):
    # Against sixty-four times as many cells, of a lattice twenty times as fine.
    data, fine = DATA[name], NormalLatent().lattice(8192)
    found = measured(data, bent(LATTICE.edges), LATTICE, window(data))
    expected = measured(data, bent(fine.edges), fine, window(data, 32768))
    for key, share, least in (("kl", 0.015, 1e-3), ("reverse_kl", 0.03, 3e-3), ("js", 0.01, 1e-3), ("tv", 5e-3, 1e-3)):
        assert found[key] == pytest.approx(expected[key], rel=share, abs=least), (key, found, expected)


@pytest.mark.parametrize("dof", [1.0, 2.0])
@pytest.mark.parametrize(("shift", "scale"), GENERATORS)
def test_no_infinity_is_missed_under_heavy_tails(dof, shift, scale):
    # Student's t has no second moment for two degrees of freedom or fewer, and no first one for one.
    data = StudentT(dof=dof)
    found = measured(data, shift + scale * LATTICE.edges, LATTICE, window(data))
    assert found["kl"] == np.inf
    assert np.isfinite(found["reverse_kl"])
    assert np.isinf(found["w1"]) == (dof == 1)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize(
    "bounded", [np.tanh, lambda z: 2 + 0.5 * np.sin(z), lambda z: np.abs(z) - 1], ids=["tanh", "sine", "fold"]
)
def test_bounded_generators_are_infinitely_far_from_what_they_do_not_reach(name, bounded):
    data = DATA[name]
    images = bounded(LATTICE.edges)
    reached = data.cdf(np.array([images.min(), images.max()]))
    unreached = reached[0] + data.sf(images.max())
    found = measured(data, images, LATTICE, window(data))
    assert np.isinf(found["kl"]) == (unreached > 0)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-0.503, 2.2), (0.1, 0.4)])
def test_bounded_latents_read_the_truth(low, high):
    lattice = UniformLatent().lattice(384)
    middle, half = (low + high) / 2, (high - low) / 2
    for data in (Gaussian(), Laplace(), Uniform(low=-2.03, high=3.01)):
        agree(
            measured(data, middle + half * lattice.edges, lattice, window(data)),
            truth(data, Uniform(low=low, high=high)),
        )


@pytest.mark.parametrize("scale", [1e-3, 0.02, 50.0, 500.0])
def test_extreme_scales_stay_finite_and_near(scale):
    data = Gaussian()
    found = measured(data, scale * LATTICE.edges, LATTICE, window(data))
    assert found["kl"] == pytest.approx(np.log(scale) + 1 / (2 * scale**2) - 0.5, rel=5e-3)
    if scale > 0.01:  # narrower than a cell the reverse is a lower bound
        assert found["reverse_kl"] == pytest.approx(-np.log(scale) + scale**2 / 2 - 0.5, rel=2e-3, abs=0.01)


def test_log_densities_and_masses_know_no_underflow():
    for data in DATA.values():
        x = np.linspace(-4, 4, 101)
        with np.errstate(divide="ignore"):
            for log, plain in ((data.log_pdf, data.pdf), (data.log_cdf, data.cdf), (data.log_sf, data.sf)):
                held = plain(x) > 1e-290
                np.testing.assert_allclose(log(x)[held], np.log(plain(x)[held]), rtol=1e-9, atol=1e-12)
        far = np.array([-1e5, 1e5])
        inside = data.cover(far)[0] > 0 and np.isinf(data.support()).all()
        if inside:
            assert np.isfinite(data.log_pdf(far)).all()
            assert np.isfinite(data.log_masses(np.array([-np.inf, -1e5, 1e5, np.inf]))).all()


@pytest.mark.parametrize("latent_dim", [1, 4])
def test_the_best_response_to_a_perfect_generator_is_a_half_however_narrow_it_is(latent_dim):
    # Of larger latents the generator's density is smoothed, which more than doubles the width of this one.
    space = Scenario.model_validate(
        {
            "data": {"type": "gaussian", "std": 0.05},
            "latent": {"dim": latent_dim},
            "record": {"grid": {"low": -4, "high": 4}},
        }
    ).space()
    masses = space.compared(space.masses(lambda z: 0.05 * z.sum(-1, keepdims=True)[None] / np.sqrt(latent_dim)))
    p = space.coords["data_density"][1].astype(float)
    q = masses.total[0] / space.cell
    there = p + q > 1e-3 * p.max()
    best = NonSaturating().optimal_response(p, q)
    np.testing.assert_allclose(best[there], 0.5, atol=0.05)
    assert ("smoothing_std" in space.coords["data_density"][2]) == (latent_dim > 1)
