"""The pushforward against closed forms: affine, folds, flat pieces, tails; and its bookkeeping under any map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from gandyn.densities.estimators import quasi_monte_carlo, smooth
from gandyn.densities.grid import LineGrid, data_masses
from gandyn.densities.pushforward import pushforward
from gandyn.distributions.latent import NormalLatent, UniformLatent
from gandyn.distributions.line import Gaussian
from gandyn.divergences.entropic import jensen_shannon, kl

GRID = LineGrid(-5.0, 5.0, 512)
LATTICE = NormalLatent().lattice(1024)
EDGES = LATTICE.edges


def push(function, grid=GRID, lattice=LATTICE):
    return pushforward(function(lattice.edges)[None], lattice, grid)


def total(masses):
    return masses.total.sum(-1) + masses.beyond.sum(-1)


@pytest.mark.parametrize(
    ("function", "law"),
    [
        (lambda z: 0.7 * z + 0.5, stats.norm(0.5, 0.7)),
        (lambda z: -1.3 * z - 1, stats.norm(-1, 1.3)),
        (np.abs, stats.halfnorm()),
        (lambda z: z**2, stats.chi2(1)),
    ],
    ids=["affine", "reflected", "fold", "square"],
)
def test_cell_masses_match_the_closed_form(function, law):
    masses = push(function)
    np.testing.assert_allclose(masses.cells[0], np.diff(law.cdf(GRID.edges)), atol=2e-4)
    np.testing.assert_allclose(masses.cdf()[0], law.cdf(GRID.edges), atol=2e-4)
    np.testing.assert_allclose(masses.beyond[0], [law.cdf(-5.0), law.sf(5.0)], atol=1e-5)


def test_cube_has_the_law_of_the_cube_root():
    expected = np.diff(stats.norm.cdf(np.cbrt(GRID.edges)))
    np.testing.assert_allclose(push(lambda z: z**3).cells[0], expected, atol=2e-4)


def test_many_folds_add_up():
    k = 5.0
    # P(sin(kz) <= x): the stretches of z where that holds, summed over all periods within reach
    x = GRID.edges[(GRID.edges > -1) & (GRID.edges < 1)]
    n = np.arange(-20, 21)[:, None]
    low, high = (np.pi - np.arcsin(x) + 2 * np.pi * n) / k, (2 * np.pi + np.arcsin(x) + 2 * np.pi * n) / k
    expected = (stats.norm.cdf(high) - stats.norm.cdf(low)).sum(0)
    errors = []
    for cells in (1024, 4096):
        masses = push(lambda z: np.sin(k * z), lattice=NormalLatent().lattice(cells))
        errors.append(np.abs(masses.cdf()[0][(GRID.edges > -1) & (GRID.edges < 1)] - expected).max())
    assert errors[0] < 2e-3  # ten folds; the worst cell is the one with the caustic
    assert errors[1] < 2e-4


def test_a_constant_is_a_point_mass():
    masses = push(lambda z: 0 * z + 1.2345)
    assert masses.atoms is not None
    assert masses.atoms[0].sum() == pytest.approx(1.0, abs=1e-12)
    assert masses.atoms[0].argmax() == int((1.2345 + 5) / GRID.width)
    p = data_masses(Gaussian(), GRID).partition()
    q = masses.partition()
    assert kl(p, q)[0] == np.inf
    assert kl(q, p)[0] == np.inf
    assert jensen_shannon(p, q)[0] == pytest.approx(np.log(2), abs=1e-12)  # singular to any density


def test_a_flat_piece_is_a_point_mass_beside_a_density():
    masses = push(lambda z: np.maximum(z, 0.0))
    assert masses.atoms is not None
    assert masses.atoms[0].sum() == pytest.approx(0.5, abs=1e-9)
    np.testing.assert_allclose(masses.cells[0].sum(), 0.5, atol=1e-6)


def test_a_symmetric_fold_is_not_a_point_mass():
    lattice = UniformLatent().lattice(11)  # the middle cell has the fold inside and equal ends
    masses = push(np.square, LineGrid(0.0, 1.0, 8), lattice)
    assert masses.atoms is None
    assert total(masses)[0] == pytest.approx(1.0, abs=1e-12)


def test_what_leaves_the_grid_is_counted_outside_with_its_first_moment():
    masses = push(lambda z: z + 100)
    np.testing.assert_allclose(masses.beyond[0], [0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(masses.reach[0].sum(-1), [0.0, 95.0], atol=1e-9)
    partly = push(lambda z: z + 5)
    np.testing.assert_allclose(partly.reach[0, 1].sum(), 1 / np.sqrt(2 * np.pi), atol=1e-5)


def test_empty_cells_are_exactly_empty():
    masses = push(lambda z: np.tanh(z))
    outside = np.abs(GRID.centres) > 1 + GRID.width
    assert (masses.cells[0][outside] == 0.0).all()


def test_a_lost_generator_gives_nan_and_leaves_the_others_alone():
    images = np.stack([EDGES, np.where(EDGES > 0, np.nan, EDGES), EDGES])
    masses = pushforward(images, LATTICE, GRID)
    assert np.isnan(masses.cells[1]).all()
    assert np.isnan(masses.beyond[1]).all()
    np.testing.assert_array_equal(masses.cells[0], masses.cells[2])


@given(
    images=arrays(
        np.float64,
        (3, 33),
        elements=st.one_of(st.floats(-8, 8), st.floats(-1e30, 1e30), st.sampled_from([-5.0, 0.0, 5.0, 1.25])),
    ),
    cells=st.integers(1, 40),
)
@settings(max_examples=600, deadline=None)
def test_mass_is_one_and_nonnegative_under_any_map(images, cells):
    grid = LineGrid(-5.0, 5.0, cells)
    latent = UniformLatent().lattice(32)
    masses = pushforward(images, latent, grid)
    assert np.abs(total(masses) - 1).max() < 1e-12
    assert (masses.total >= 0).all()
    assert (masses.beyond >= 0).all()
    atoms = 0.0 if masses.atoms is None else masses.atoms.sum(-1)
    assert masses.partition().mass.sum(-1) + atoms == pytest.approx(np.ones(3), abs=1e-12)


@given(images=arrays(np.float64, (4, 17), elements=st.floats(-6, 6, width=32)))
@settings(max_examples=100, deadline=None)
def test_every_row_is_pushed_as_if_alone(images):
    latent = UniformLatent().lattice(16)
    grid = LineGrid(-5.0, 5.0, 20)
    together = pushforward(images, latent, grid)
    for row, image in enumerate(images):
        alone = pushforward(image[None], latent, grid)
        np.testing.assert_allclose(together.total[row], alone.total[0], atol=1e-14)
        np.testing.assert_allclose(together.reach[row], alone.reach[0], atol=1e-12)


@pytest.mark.parametrize("shift", [0.5, 3.0, 9.0])
def test_kl_of_a_shifted_gaussian_is_finite_however_far_it_is(shift):
    grid = LineGrid(-5.0, 15.0, 1024)
    p = data_masses(Gaussian(), grid).partition()
    q = push(lambda z: z + shift, grid).partition()
    assert kl(p, q)[0] == pytest.approx(shift**2 / 2, rel=1e-3)
    assert kl(q, p)[0] == pytest.approx(shift**2 / 2, rel=1e-3)


@pytest.mark.parametrize(("shift", "scale"), [(9.0, 1.0), (-14.0, 0.5), (20.0, 2.0)])
def test_divergences_see_what_is_beyond_the_grid(shift, scale):
    p = data_masses(Gaussian(), GRID).partition()
    q = push(lambda z: scale * z + shift).partition()
    expected = np.log(1 / scale) + (scale**2 + shift**2) / 2 - 0.5
    assert kl(q, p)[0] == pytest.approx(expected, rel=1e-3)
    points = (scale * NormalLatent(dim=2).points(4096)[:, 0] + shift)[None]
    assert kl(quasi_monte_carlo(points, GRID).partition(), p)[0] == pytest.approx(expected, rel=0.06)


def test_a_perfect_generator_reads_zero():
    p = data_masses(Gaussian(mean=0.3, std=0.8), GRID).partition()
    q = push(lambda z: 0.8 * z + 0.3).partition()
    for value in (kl(p, q), kl(q, p), jensen_shannon(p, q)):
        assert 0 <= value[0] < 1e-5


def test_a_perfect_generator_of_many_latents_reads_below_its_stated_limit():
    latent = NormalLatent(dim=8)
    points = latent.points(4096)
    images = points.sum(1) / np.sqrt(8)
    grid = LineGrid(*Gaussian().extent()[0], 512)
    masses = quasi_monte_carlo(images[None], grid)
    assert total(masses)[0] == pytest.approx(1.0, abs=1e-12)
    p, q = smooth(data_masses(Gaussian(), grid)).partition(), smooth(masses).partition()
    assert kl(q, p)[0] < 0.02
    assert jensen_shannon(p, q)[0] < 0.01
