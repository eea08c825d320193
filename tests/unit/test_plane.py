"""Laws of densities on the plane: mass is kept, folds add up, and a perfect generator reads zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from gandyn.densities.cells import Partition
from gandyn.densities.estimators import smooth
from gandyn.densities.latent_lattice import LatentLattice
from gandyn.densities.lattice import push_lattice
from gandyn.densities.plane import DIRECTIONS, PlaneGrid, PlaneMasses
from gandyn.densities.plane_data import plane_masses
from gandyn.densities.plane_points import quasi_monte_carlo_plane
from gandyn.distributions.curves import TwoMoons
from gandyn.distributions.gaussian_sum import Grid, Ring
from gandyn.distributions.latent import NormalLatent, UniformLatent
from gandyn.distributions.mixture import GaussianMixture
from gandyn.distributions.tiles import Checkerboard
from gandyn.divergences import entropic
from gandyn.divergences.coverage import SAMPLES, sample_coverage
from gandyn.divergences.transport import sliced_wasserstein_1
from gandyn.games.gan import Gan
from gandyn.recording.options import RecordOptions
from gandyn.recording.spaces import space_of

GRID = PlaneGrid((-4.0, -4.0), (4.0, 4.0), 64)
NORMAL = NormalLatent(dim=2)
GAUSSIAN = GaussianMixture(means=[(0.0, 0.0)], stds=[1.0])
NOWHERE = np.zeros((DIRECTIONS, GRID.places)), np.zeros((DIRECTIONS, 2))


def space(latent=NORMAL, cells=None, window=GRID, data=None, **record):
    grid = {"low": [*window.low], "high": [*window.high], "cells": window.cells}
    options = RecordOptions(grid=grid, latent_cells=cells, **record)
    return space_of(data or GaussianMixture(means=[(0.0, 0.0)], stds=[1.0]), Gan(latent=latent), options)


def push(function, latent=NORMAL, cells=None, dtype=np.float32, **record):
    """Push a latent through a map as a recording at default settings does."""
    return space(latent, cells, **record).masses(lambda z: function(z if z.ndim == 3 else z[None]).astype(dtype))


def fine(density, grid=GRID, parts=16):
    """Return the masses of a density by the midpoint rule on a fine grid."""
    middles = []
    for low, high in zip(grid.low, grid.high, strict=True):
        edges = np.linspace(low, high, grid.cells * parts + 1)
        middles.append((edges[1:] + edges[:-1]) / 2)
    values = density(*np.meshgrid(*middles, indexing="ij")) * grid.area / parts**2
    cells = values.reshape(grid.cells, parts, grid.cells, parts).sum((1, 3))
    return PlaneMasses(cells, np.asarray(max(1 - cells.sum(), 0.0)), *NOWHERE)


def coarse(masses):
    """Return the partition into the grid's cells and one part for all that lies beyond, without tilts."""
    whole, inside = masses.partition(), GRID.cells**2
    beyond = np.append(whole.mass[:inside], masses.outside), special.logsumexp(whole.log_mass[inside:])
    return Partition(beyond[0], np.append(whole.log_mass[:inside], beyond[1]))


def polar(z):
    """Send a normal latent to a ring of radius 2 with radial law N(2, 0.3^2)."""
    radius = np.linalg.norm(z, axis=-1)
    below, above = -np.expm1(-(radius**2) / 2), np.exp(-(radius**2) / 2)
    low, high = special.ndtri(np.maximum(below, 1e-12)), -special.ndtri(np.maximum(above, 1e-300))
    radius = 2 + 0.3 * np.where(below < 0.5, low, high)
    angle = np.arctan2(z[..., 1], z[..., 0])
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def ring(x, y):
    radius = np.hypot(x, y)
    return stats.norm.pdf(radius, 2, 0.3) / (2 * np.pi * radius)


MIX = np.array([[0.8, 0.3], [0.0, 0.5]])
AFFINE = stats.multivariate_normal([0.2, 0.2], MIX.T @ MIX)
KNOWN = {
    "affine": (lambda z: z @ MIX + 0.2, lambda x, y: AFFINE.pdf(np.stack([x, y], -1))),
    "polar": (polar, ring),
    "fold": (
        lambda z: np.stack([np.abs(z[..., 0]), 0.8 * z[..., 1]], -1),
        lambda x, y: np.where(x > 0, 2 * stats.norm.pdf(x), 0.0) * stats.norm.pdf(y, 0, 0.8),
    ),
    "stretch": (
        lambda z: np.stack([np.sinh(z[..., 0]) / 2, z[..., 1]], -1),
        lambda x, y: stats.norm.pdf(np.arcsinh(2 * x)) * 2 / np.sqrt(1 + 4 * x**2) * stats.norm.pdf(y),
    ),
}  # fmt: skip


def torn(apart, std):
    """Return the monotone map of z1 to two Gaussians, as steep between them as they are apart, and their mixture."""
    x = np.linspace(-apart - 9 * std, apart + 9 * std, 200_001)
    cdf = (stats.norm.cdf(x, -apart, std) + stats.norm.cdf(x, apart, std)) / 2
    z = special.ndtri(np.clip(cdf, 1e-300, 1 - 1e-16))
    mixture = GaussianMixture(means=[(-apart, 0.0), (apart, 0.0)], stds=[std, std]).law
    return lambda at: np.stack([np.interp(at[..., 0], z, x), std * at[..., 1]], -1), plane_masses(mixture, GRID)


@pytest.mark.parametrize("name", KNOWN)
def test_known_pushforwards_read_zero(name):
    function, density = KNOWN[name]
    p, q = fine(density).partition(), coarse(push(function).row(0))
    assert 0 <= entropic.kl(p, q._replace(resolution=1e-8)) < 0.0025
    assert 0 <= entropic.jensen_shannon(p, q) < 0.0003
    assert entropic.total_variation(p, q) < 0.01
    assert entropic.unreached_mass(p, q) < 1e-8


@pytest.mark.parametrize(("apart", "std"), [(2.0, 0.5), (1.5, 0.5), (1.0, 0.3)])
def test_a_map_that_tears_the_latent_apart_reads_nearly_zero(apart, std):
    function, data = torn(apart, std)
    p, q = data.partition(), push(function).row(0).partition()
    assert 0 <= entropic.kl(p, q._replace(resolution=1e-8)) < 0.03
    assert 0 <= entropic.jensen_shannon(p, q) < 0.01


@pytest.mark.parametrize("name", KNOWN)
def test_finer_lattices_are_nearer(name):
    function, density = KNOWN[name]
    p = fine(density).partition()
    found = [entropic.total_variation(p, coarse(push(function, cells=cells).row(0))) for cells in (10, 64)]
    assert found[0] > 2 * found[1]


@pytest.mark.parametrize("dim", [2, 5])
def test_a_perfect_generator_reads_zero_where_gan_lab_reads_half_a_nat(dim):
    """GAN Lab's 30 x 30 histogram drops points at its border: a perfect generator reads 0.72 bits there."""
    data = GaussianMixture(means=[(0.3, -0.2)], stds=[0.7])
    looked_at = space_of(data, Gan(latent=NormalLatent(dim=dim)), RecordOptions())

    def generate(z):
        z = z if z.ndim == 3 else z[None]
        pair = z if dim == 2 else np.stack([z[..., 0], z[..., 1:].sum(-1) / 2], -1)
        return (0.7 * pair + [0.3, -0.2]).astype(np.float32)

    masses = looked_at.masses(generate)
    assert masses.cells.sum() + masses.outside.sum() == pytest.approx(1.0, abs=1e-12)
    p, q = looked_at.compared_data.partition(), looked_at.compared(masses).row(0).partition()
    assert 0 <= entropic.kl(p, q._replace(resolution=looked_at.resolution)) < 0.02
    assert 0 <= entropic.jensen_shannon(p, q) < 0.01
    assert looked_at.distance(looked_at.compared(masses))[0] < 0.02


@pytest.mark.parametrize("latent_points", [512, 4096])
def test_points_do_not_prove_that_a_collapsed_generator_is_infinitely_far(latent_points):
    fine_window = PlaneGrid((-4.0, -4.0), (4.0, 4.0), 256)
    looked_at = space(NormalLatent(dim=3), window=fine_window, latent_points=latent_points)
    masses = looked_at.compared(looked_at.masses(lambda z: np.full((1, len(z), 2), 0.3, np.float32)))
    p, q = looked_at.compared_data.partition(), masses.partition()
    found = entropic.divergences(p, q._replace(resolution=looked_at.resolution))
    assert 5 < found.kl[0] < np.inf
    assert found.unresolved_mass[0] > 0.9
    assert found.unreached_mass[0] == 0


COEFFICIENT = st.floats(-3, 3)


@given(st.lists(COEFFICIENT, min_size=10, max_size=10), st.sampled_from([1e-9, 1e-4, 1.0, 30.0]))
def test_mass_is_one_whatever_the_map(c, scale):
    def function(z):
        u, v = z[..., 0], z[..., 1]
        x = c[0] + scale * (c[1] * u + c[2] * v + c[3] * np.sin(c[4] * u))
        y = c[5] + scale * (c[6] * u + c[7] * v + c[8] * np.sin(c[9] * v))
        return np.stack([x, y], -1)

    found = push(function, cells=16)
    assert found.cells.sum() + found.outside[0] == pytest.approx(1.0, abs=1e-12)
    assert found.cells.min() >= 0
    assert found.outside[0] >= 0


@pytest.mark.parametrize("shift", [0.0, 1e-3, 0.03, 0.0625])
def test_a_uniform_square_lies_on_the_cells_it_covers(shift):
    found = push(lambda z: 2 * z + shift, latent=UniformLatent(dim=2), dtype=np.float64)
    edges = GRID.edges[0]
    covered = np.maximum(np.minimum(edges[1:], 2 + shift) - np.maximum(edges[:-1], shift - 2), 0.0) / 4
    np.testing.assert_allclose(found.cells[0], np.outer(covered, covered), atol=1e-12)


def test_orientation_is_of_no_account():
    turned = push(lambda z: np.stack([-z[..., 0], z[..., 1]], -1))
    np.testing.assert_allclose(turned.cells, push(lambda z: z).cells, atol=1e-9)


def test_a_double_cover_weighs_twice():
    latent = UniformLatent(dim=2)
    once = push(lambda z: z, latent=latent, dtype=np.float64)
    folded = push(lambda z: np.stack([np.abs(z[..., 0]), z[..., 1]], -1), latent=latent, dtype=np.float64)
    right = once.cells[0][32:40]
    # The kink bends the spline beside it, and mass stays on its side.
    np.testing.assert_allclose(folded.cells[0][32:40], 2 * right, rtol=0.005)
    assert folded.cells[0][:32].sum() < 1e-12


@pytest.mark.parametrize(
    "function",
    [
        lambda z: 0 * z + [0.31, 0.27],
        lambda z: z * [1.0, 0.0],
        lambda z: z[..., :1] * np.array([1.0, 0.7]),
        lambda z: 1e-7 * z + 0.3,
    ],
)
def test_flat_images_lose_no_mass(function):
    found = push(function)
    assert found.cells.sum() + found.outside[0] == pytest.approx(1.0, abs=1e-12)
    assert found.cells.sum() > 0.999


def test_a_flattened_plane_is_the_law_on_its_line():
    found = push(lambda z: z * [1.0, 0.0] + [0.0, 0.01]).cells[0]
    along = stats.norm.cdf(GRID.edges[0])
    np.testing.assert_allclose(found.sum(1), np.diff(along), atol=4e-3)
    assert np.count_nonzero(found.sum(0)) == 1


def test_what_leaves_the_window_is_counted():
    found = push(lambda z: 0.5 * z + [20.0, -7.0])
    assert found.outside[0] == pytest.approx(1.0)
    np.testing.assert_allclose(found.shadow[0].sum(-1), 1.0)


def test_lost_rows_are_nan_alone():
    lattice = LatentLattice(NORMAL, 8)
    rows = np.stack([lattice.points, lattice.points])
    rows[1, 30, 0] = np.nan
    found = push_lattice(rows, lattice, GRID)
    assert np.isfinite(found.cells[0]).all()
    for part in (found.cells, found.outside, found.shadow, found.excess, found.log_mass):
        assert np.isnan(part[1]).all()
    points = quasi_monte_carlo_plane(rows, GRID)
    assert np.isfinite(points.cells[0]).all()
    assert np.isnan(points.cells[1]).all()


@pytest.mark.parametrize("latent", [NORMAL, UniformLatent(dim=2, low=-0.5, high=2.0)])
def test_lattices_of_the_bulk_hold_all_mass(latent):
    edges, masses = latent.bulk(48)
    assert masses.sum() == pytest.approx(1.0, abs=1e-14)
    assert len(edges) == 49
    assert (np.diff(edges) > 0).all()


def gaussian(mean, std, grid=GRID):
    return plane_masses(GaussianMixture(means=[mean], stds=[std]).law, grid)


def rows(*masses):
    parts = ("cells", "outside", "shadow", "excess")
    return PlaneMasses(*(np.stack([getattr(m, name) for m in masses]) for name in parts))


@pytest.mark.parametrize("shift", [(1.0, 0.0), (0.6, 0.8), (-0.3, 1.1)])
def test_a_shift_costs_its_mean_projection(shift):
    wide = PlaneGrid((-8.0, -8.0), (8.0, 8.0), 96)
    p, q = gaussian((0.0, 0.0), 0.8, wide), gaussian(shift, 0.8, wide)
    assert sliced_wasserstein_1(p, rows(q), wide)[0] == pytest.approx(2 / np.pi * np.hypot(*shift), rel=0.01)


def test_transport_reaches_beyond_the_window():
    p = gaussian((0.0, 0.0), 0.5)
    far = push(lambda z: 0.5 * z + [30.0, 40.0])
    assert sliced_wasserstein_1(p, far, GRID)[0] == pytest.approx(2 / np.pi * 50, rel=0.01)
    assert sliced_wasserstein_1(p, rows(p), GRID)[0] == pytest.approx(0.0, abs=1e-12)
    both = push(lambda z: 0.5 * z + 30.0 * np.sign(z) * [1.0, 0.0])
    assert sliced_wasserstein_1(p, both, GRID)[0] == pytest.approx(2 / np.pi * 30, rel=0.02)


@pytest.mark.parametrize("dim", [2, 3])
def test_a_generator_that_explodes_is_ever_further_away(dim):
    """Between round Gaussians about one point W1 is the difference of their stds times the mean of |N(0, 1)|."""
    p = gaussian((0.0, 0.0), 0.5)
    for std in (1.0, 2.0, 4.0, 20.0, 100.0):
        found = push(lambda z, std=std: std * z[..., :2], latent=NormalLatent(dim=dim))
        expected = (std - 0.5) * np.sqrt(2 / np.pi)
        assert sliced_wasserstein_1(p, found, GRID)[0] == pytest.approx(expected, rel=0.03)


def test_scales_apart_cost_the_difference_of_their_means():
    p, q = gaussian((0.0, 0.0), 0.5), gaussian((0.0, 0.0), 0.8)
    assert sliced_wasserstein_1(p, rows(q), GRID)[0] == pytest.approx(0.3 * np.sqrt(2 / np.pi), rel=0.01)


@pytest.mark.parametrize(("one", "two", "apart"), [(0.5, 0.5, 1.0), (0.5, 0.8, 0.0), (0.8, 0.5, 0.7)])
def test_gaussians_agree_with_closed_forms(one, two, apart):
    p, q = gaussian((0.0, 0.0), one).partition(), gaussian((apart, 0.0), two).partition()
    expected = 2 * np.log(two / one) + one**2 / two**2 - 1 + apart**2 / (2 * two**2)
    assert entropic.kl(p, q) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("data", [Ring(std=0.01), Ring(radius=2.0, std=0.02), Grid(std=0.05)])
def test_perfect_samples_are_at_the_limits_of_the_protocol(data):
    samples = np.stack([data.sample(np.random.default_rng(seed), SAMPLES) for seed in range(20)])
    found = sample_coverage(samples, data.modes())
    assert (found.modes_captured == len(data.modes().points)).all()
    assert found.high_quality_fraction.mean() == pytest.approx(1 - np.exp(-4.5), abs=0.002)
    floor = (len(data.modes().points) - 1) / (2 * SAMPLES)  # published as .0014 for the ring and .0049 for the grid
    assert found.mode_reverse_kl.mean() == pytest.approx(floor, rel=0.35)
    np.testing.assert_allclose(found.mode_mass.sum(-1), found.high_quality_fraction)


def test_one_sample_is_enough_to_capture_a_mode_and_far_ones_count_for_nothing():
    data = Ring(radius=2.0, std=0.1)
    samples = np.full((1, SAMPLES, 2), 9.0, dtype=np.float32)
    empty = sample_coverage(samples, data.modes())
    assert empty.modes_captured[0] == 0
    assert np.isnan(empty.mode_reverse_kl[0])
    samples[0, 0] = [2.0, 0.29]
    samples[0, 1] = [2.0, 0.31]
    one = sample_coverage(samples, data.modes())
    assert one.modes_captured[0] == 1
    assert one.high_quality_fraction[0] == pytest.approx(1 / SAMPLES)
    assert one.mode_reverse_kl[0] == pytest.approx(np.log(8))
    samples[0, 5] = np.nan
    assert np.isnan(sample_coverage(samples, data.modes()).modes_captured[0])


def test_smoothing_keeps_mass_and_smooths_data_and_points_alike():
    """Smoothed points of the data's own law are as the smoothed data."""
    points = quasi_monte_carlo_plane(NormalLatent(dim=2).points(16384)[None].astype(np.float32), GRID)
    data = gaussian((0.0, 0.0), 1.0)
    spread = smooth(points)
    assert spread.cells.sum() == pytest.approx(points.cells.sum(), abs=1e-12)
    assert entropic.total_variation(smooth(data).partition(), spread.row(0).partition()) < 0.01
    wider = np.sqrt(1 + (2 * GRID.widths[0]) ** 2)
    np.testing.assert_allclose(smooth(data).cells, gaussian((0.0, 0.0), wider).cells, atol=2e-6)


def compared(function, latent=NORMAL, data=None):
    """Return all divergences of a standard normal law (or data) and a generator, as a recording has them."""
    looked_at = space_of(data or GAUSSIAN, Gan(latent=latent), RecordOptions())
    masses = looked_at.masses(lambda z: function(z[None]).astype(np.float32))
    return entropic.divergences(looked_at.data_partition, looked_at.partition(masses.row(0)))


def affine(std, shift):
    return lambda z: std * z + np.array(shift)


def between_gaussians(std, shift):
    """Return KL(p || q) and KL(q || p) of p = N(0, I) and q = N(shift, std^2 I)."""
    apart = np.square(shift).sum()
    return 2 * np.log(std) + (1 + apart / 2) / std**2 - 1, -2 * np.log(std) + std**2 - 1 + apart / 2


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.5, -0.3), (2.0, 0.0), (1.2, 1.6)])
@pytest.mark.parametrize("std", [0.6, 0.8, 1.0, 1.3])
def test_affine_generators_agree_with_closed_forms_both_ways(std, shift):
    found, (kl, reverse_kl) = compared(affine(std, shift)), between_gaussians(std, shift)
    assert found.kl == pytest.approx(kl, rel=0.01, abs=0.003)
    assert found.reverse_kl == pytest.approx(reverse_kl, rel=0.01, abs=0.003)


@pytest.mark.parametrize("std", [1e-3, 0.05, 0.2, 0.4])
def test_narrow_generators_are_finitely_far_from_what_they_all_but_miss(std):
    found = compared(affine(std, (0.5, -0.3)))
    assert found.kl == pytest.approx(between_gaussians(std, (0.5, -0.3))[0], rel=0.01)
    assert found.unreached_mass == 0


@pytest.mark.parametrize("std", [3.0, 20.0])
def test_wide_generators_are_as_far_as_their_closed_form_beyond_the_window_too(std):
    assert compared(affine(std, (0.0, 0.0))).reverse_kl == pytest.approx(
        between_gaussians(std, (0.0, 0.0))[1], rel=0.01
    )


TWO = GaussianMixture(means=[(-1.0, 0.0), (1.0, 0.5)], stds=[0.4, 0.2])


@pytest.mark.parametrize("data", [GAUSSIAN, TWO, Ring(radius=2.0, std=0.2), Grid(std=0.1), Checkerboard()])
@pytest.mark.parametrize("latent", [NORMAL, UniformLatent(dim=2, low=-1.0, high=1.0)])
def test_infinite_is_what_truly_is_infinite(data, latent):
    """A bounded generator misses what is not bounded, an unbounded one whatever is."""
    turned = np.array([[0.6, -0.3], [0.2, 0.5]])
    found = compared(lambda z: z @ turned + [0.2, 0.1], latent, data)
    bounded = {"latent": latent is not NORMAL, "data": isinstance(data, Checkerboard)}
    assert np.isinf(found.kl) == (bounded["latent"])
    assert np.isinf(found.reverse_kl) == bounded["data"]
    assert (found.unreached_mass > 0.05) == bounded["latent"]
    assert found.unresolved_mass == 0


@pytest.mark.parametrize(
    "function",
    [
        lambda z: np.stack([np.abs(z[..., 0]), z[..., 1]], -1),
        lambda z: np.stack([z[..., 0] ** 2, z[..., 1]], -1),
        lambda z: 3 * np.tanh(z),
    ],
)
def test_nothing_is_reached_beyond_a_fold_or_a_bound(function):
    found = compared(function)
    assert np.isinf(found.kl)
    assert found.unreached_mass > 1e-3


def test_logarithms_and_masses_are_one_law():
    found = push(lambda z: 0.6 * z + [0.5, 0.2]).row(0).partition()
    heavy = found.mass > 1e-4
    np.testing.assert_allclose(np.exp(found.log_mass[heavy]), found.mass[heavy], rtol=0.1)
    assert np.exp(found.log_mass).sum() == pytest.approx(1.0, abs=0.003)
    assert found.mass.sum() == pytest.approx(1.0, abs=1e-9)
    assert np.isfinite(found.log_mass).all()


def bent(seed):
    """Return a network with random weights that bends and folds the plane as trained ones do."""
    rng = np.random.default_rng(seed)
    first, last = 1.2 * rng.standard_normal((2, 24)), rng.standard_normal((24, 2)) / 3
    offset = rng.standard_normal(24)
    return lambda z: np.tanh(z @ first + offset) @ last


@pytest.mark.parametrize("seed", [0, 1])
def test_a_bent_plane_has_the_density_of_its_samples(seed):
    """The histogram's noise, known from its counts, is on top of what is the lattice's own error."""
    function, count = bent(seed), 2_000_000
    x = function(np.random.default_rng(seed).standard_normal((count, 2), dtype=np.float32))
    counts = np.histogram2d(*x.T, bins=GRID.edges)[0]
    found = push(function).cells[0]
    noise = np.sqrt(found * (2 / np.pi) / count).sum() / 2
    assert np.abs(counts / count - found).sum() / 2 < np.hypot(noise, 0.005)


@pytest.mark.parametrize("data", [GAUSSIAN.law, Ring(std=0.01), TwoMoons()])
def test_log_densities_are_finite_at_any_distance(data):
    points = 10.0 ** np.arange(-2, 7)[:, None] * [0.6, 0.8]
    found = data.log_density(points)
    assert np.isfinite(found).all()
    near = data.density(points) > 1e-200
    np.testing.assert_allclose(found[near], np.log(data.density(points[near])))


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.5, 3.0, 4.5, 6.0])
def test_no_part_of_the_plane_is_lost_between_triangles(shift):
    # Edges of the window fall on the lattice's own for some of these, where rounding decides what belongs to which.
    seen = space(NormalLatent(dim=2))
    q = seen.partition(seen.masses(lambda z: np.broadcast_to(z + shift, (1, *z.shape[-2:]))))
    assert np.isfinite(q.log_mass).all()
    found = entropic.divergences(seen.data_partition, q)
    assert found.kl[0] == pytest.approx(shift**2, rel=0.01, abs=0.003)
    assert found.unreached_mass[0] == 0
    assert (found.js[0] > 0) == (found.tv[0] > 0)
    assert found.js[0] <= np.log(2) * found.tv[0]


@pytest.mark.parametrize("fold", [0.7, 1.5, 3.0])
def test_no_mass_is_without_a_logarithm(fold):
    # Bent where it leaves the window: there the patches that mass is laid from differ from the triangles of the tails.
    seen = space(NormalLatent(dim=2))

    def bent(z):
        x, y = z[..., 0], z[..., 1]
        return np.broadcast_to(
            np.stack([3 * x - fold * x**2, 2 * y + 0.5 * np.sin(3 * x)], axis=-1), (1, *z.shape[-2:])
        )

    q = seen.partition(seen.masses(bent))
    assert not ((q.mass > 0) & np.isneginf(q.log_mass)).any()
    found = entropic.divergences(seen.data_partition, q)
    assert found.reverse_kl[0] > 0
    assert found.js[0] > 0
