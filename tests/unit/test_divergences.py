"""Laws and closed forms of every divergence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import integrate, stats

from gandyn.densities.grid import LineGrid, Masses, data_masses
from gandyn.distributions.line import Gaussian, StudentT, Uniform
from gandyn.distributions.mixture import GaussianMixture
from gandyn.divergences import entropic
from gandyn.divergences.coverage import coverage, least_masses
from gandyn.divergences.transport import wasserstein_1

GRID = LineGrid(-12.0, 12.0, 4096)
ENTROPIC = [entropic.kl, entropic.skew_kl, entropic.jensen_shannon, entropic.total_variation, entropic.hellinger]

simplices = (
    arrays(np.float64, (2, 12), elements=st.sampled_from([0.0, 1e-12, 0.1, 0.5, 1.0, 3.0]))
    .filter(lambda a: (a.sum(1) > 0.05).all())
    .map(lambda a: a / a.sum(1, keepdims=True))
)


@given(simplices)
@settings(max_examples=200, deadline=None)
def test_never_negative_zero_at_equality_and_bounded(pair):
    p, q = pair
    for divergence in ENTROPIC:
        assert divergence(p, q) >= 0
        assert divergence(p, p) == pytest.approx(0, abs=1e-12)
    assert entropic.jensen_shannon(p, q) <= np.log(2) + 1e-12
    assert entropic.jensen_shannon(p, q) == pytest.approx(entropic.jensen_shannon(q, p), abs=1e-12)
    assert entropic.total_variation(p, q) <= 1 + 1e-12
    assert entropic.hellinger(p, q) <= 1 + 1e-12
    assert entropic.skew_kl(p, q) <= -np.log(entropic.SKEW) + 1e-9
    assert entropic.skew_kl(p, q) <= entropic.kl(p, q) + 1e-9
    # Pinsker, and the reach of the support
    assert 2 * entropic.total_variation(p, q) ** 2 <= entropic.kl(p, q) + 1e-9
    assert np.isinf(entropic.kl(p, q)) == (entropic.unreached_mass(p, q) > 0)


@pytest.mark.parametrize(("m1", "s1", "m2", "s2"), [(0, 1, 0.5, 0.7), (-1, 0.5, 1, 2), (2, 1, 2, 1.3)])
def test_gaussians_match_closed_forms(m1, s1, m2, s2):
    a, b = (data_masses(Gaussian(mean=m, std=s), GRID) for m, s in ((m1, s1), (m2, s2)))
    p, q = a.partition(), b.partition()
    delta = m1 - m2
    forward = np.log(s2 / s1) + (s1**2 + delta**2) / (2 * s2**2) - 0.5
    backward = np.log(s1 / s2) + (s2**2 + delta**2) / (2 * s1**2) - 0.5
    assert entropic.kl(p, q) == pytest.approx(forward, rel=1e-4)
    assert entropic.kl(q, p) == pytest.approx(backward, rel=1e-4)
    bhattacharyya = np.sqrt(2 * s1 * s2 / (s1**2 + s2**2)) * np.exp(-(delta**2) / (4 * (s1**2 + s2**2)))
    assert entropic.hellinger(p, q) == pytest.approx(np.sqrt(1 - bhattacharyya), rel=1e-4)
    n1, n2 = stats.norm(m1, s1), stats.norm(m2, s2)
    tv = integrate.quad(lambda x: abs(n1.pdf(x) - n2.pdf(x)) / 2, -12, 12, limit=500)[0]
    assert entropic.total_variation(p, q) == pytest.approx(tv, rel=1e-3)
    s = abs(s1 - s2)
    w1 = s * np.sqrt(2 / np.pi) * np.exp(-(delta**2) / (2 * s**2)) + delta * (1 - 2 * stats.norm.cdf(-delta / s))
    assert wasserstein_1(a, b, GRID) == pytest.approx(abs(w1), rel=1e-4)


def test_equal_variances_differ_by_their_shift():
    a, b = (data_masses(Gaussian(mean=m), GRID) for m in (0.0, 1.7))
    assert wasserstein_1(a, b, GRID) == pytest.approx(1.7, rel=1e-6)


def test_disjoint_supports_are_at_the_ceiling():
    a, b = (data_masses(Uniform(low=low, high=low + 1), LineGrid(0.0, 4.0, 64)) for low in (0.0, 3.0))
    p, q = a.partition(), b.partition()
    assert entropic.jensen_shannon(p, q) == pytest.approx(np.log(2))
    assert entropic.total_variation(p, q) == pytest.approx(1.0)
    assert entropic.kl(p, q) == np.inf
    assert entropic.skew_kl(p, q) == pytest.approx(-np.log(1e-6), abs=1e-4)
    assert entropic.unreached_mass(p, q) == pytest.approx(1.0)
    assert wasserstein_1(a, b, LineGrid(0.0, 4.0, 64)) == pytest.approx(3.0)


def test_w1_counts_what_is_beyond_the_grid():
    grid = LineGrid(-2.0, 2.0, 256)
    a, b = data_masses(Gaussian(std=1.0), grid), data_masses(Gaussian(std=3.0), grid)
    assert wasserstein_1(a, b, grid) == pytest.approx(2 * np.sqrt(2 / np.pi), rel=1e-3)
    heavy = data_masses(StudentT(dof=1.0), grid)
    assert wasserstein_1(a, heavy, grid) == np.inf


def test_nan_stays_nan():
    p, q = np.array([0.5, 0.5]), np.array([np.nan, np.nan])
    for divergence in [*ENTROPIC, entropic.unreached_mass]:
        assert np.isnan(divergence(p, q))


def _mixed(weights):
    mixture = GaussianMixture(means=[-2.0, 2.0], stds=[0.1, 0.1], weights=weights)
    return data_masses(mixture.law, GRID)


def covered(masses, data, modes, grid):
    return coverage(masses, least_masses(data, modes, grid), modes, grid)


def test_coverage_of_the_data_itself_is_full():
    data = data_masses(mixture := GaussianMixture(means=[-2.0, 0.0, 2.0], stds=[0.1] * 3).law, GRID)
    found = covered(data, data, mixture.modes(), GRID)
    assert found.modes_captured == 3
    assert found.high_quality_fraction == pytest.approx(0.9973, abs=2e-4)
    np.testing.assert_allclose(found.mode_mass, 0.9973 / 3, atol=2e-4)


@pytest.mark.parametrize(("share", "captured"), [(0.5, 2), (0.13, 2), (0.12, 1), (1e-6, 1)])
def test_a_mode_counts_from_a_quarter_of_its_mass(share, captured):
    modes = GaussianMixture(means=[-2.0, 2.0], stds=[0.1, 0.1]).modes()
    found = covered(_mixed([share, 1 - share]), _mixed(None), modes, GRID)
    assert found.modes_captured == captured


def test_a_mode_the_grid_does_not_reach_is_not_captured():
    mixture = GaussianMixture(means=[0.0, 10.0], stds=[0.5, 0.5], weights=[0.997, 0.003]).law
    narrow = LineGrid(-2.0, 2.0, 128)
    data = data_masses(mixture, narrow)
    assert covered(data, data, mixture.modes(), narrow).modes_captured == 1
    wide = LineGrid(*mixture.extent()[0], 512)  # the window chosen from the data reaches every mode, however light
    data = data_masses(mixture, wide)
    assert covered(data, data, mixture.modes(), wide).modes_captured == 2


def test_windows_of_close_modes_do_not_overlap():
    mixture = GaussianMixture(means=[-1.0, 1.0], stds=[0.6, 0.6]).law
    grid = LineGrid(-5.0, 5.0, 500)
    data = data_masses(mixture, grid)
    found = covered(data, data, mixture.modes(), grid)
    assert found.high_quality_fraction == pytest.approx(0.9986, abs=1e-3)
    np.testing.assert_allclose(found.mode_mass, found.high_quality_fraction / 2, atol=1e-9)


def test_many_rows_at_once_equal_each_alone():
    data = _mixed(None)
    rows = [_mixed([w, 1 - w]) for w in (0.3, 0.5, 0.9)]
    names = ("cells", "tails", "reach", "logs", "tilts", "cover")
    stacked = Masses(**{name: np.stack([getattr(row, name) for row in rows]) for name in names})
    np.testing.assert_allclose(wasserstein_1(data, stacked, GRID), [wasserstein_1(data, r, GRID) for r in rows])
    np.testing.assert_allclose(
        entropic.kl(data.partition(), stacked.partition()), [entropic.kl(data.partition(), r.partition()) for r in rows]
    )
