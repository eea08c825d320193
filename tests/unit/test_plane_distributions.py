"""Laws of every distribution on the plane."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageDraw
from pydantic import ValidationError
from scipy import special, stats

from gandyn.core.catalog import create, members
from gandyn.distributions.base import Distribution, LineDistribution, PlaneDistribution
from gandyn.distributions.blobs import Blobs
from gandyn.distributions.curves import Circles, Line, Spiral
from gandyn.distributions.gaussian_sum import Grid, Ring
from gandyn.distributions.mixture import GaussianMixture
from gandyn.distributions.point_density import Cloud
from gandyn.distributions.weights import Chooser

VARIANTS = {
    "ring": [
        {"count": 3, "radius": 2.0, "std": 0.3, "weights": [0.5, 0.3, 0.2]},
        {"count": 1},
        {"count": 200, "std": 0.1},
        {"std": 0.35},
        {"std": 0.7},
    ],
    "grid": [{"columns": 3, "rows": 1, "spacing": 0.5, "std": 0.2}, {"columns": 6, "rows": 4, "std": 1.5}],
    "swiss_roll": [{"turns": 3.0, "std": 0.02, "radius": 1.0}],
    "circles": [{"radii": [0.3], "std": 0.5}],
    "spiral": [{"arms": 2, "turns": -1.0, "inner_radius": 0.1}],
    "line": [{"start": [0.0, 1.0], "end": [0.0, 5.0], "std": 0.01}],
    "star": [{"points": 2, "inner_radius": 3.0}],
    "checkerboard": [{"squares": 5, "width": 1.0}],
    "blobs": [{"centres": [[0, 0], [3, 0.5]], "radii": [1.0, 0.2], "weights": [0.1, 0.9]}],
    "image": [{"ink": "light", "width": 1.0}],
    "gaussian_mixture": [
        {"means": [[0, 0], [1, 2]], "stds": 0.3},
        {"means": [[0, 0], [0.1, 0], [2, 2]], "stds": [0.5, 0.5, 0.1], "weights": [0.2, 0.3, 0.5]},
    ],
    "empirical": [{"columns": [1, 0]}, {"columns": [0, 1], "bandwidth": 0.05}],
    "dirac": [{"at": [0.0, 0.0]}, {"at": [0.5, -1.0]}],
}
ON_THE_LINE_BY_DEFAULT = ("gaussian_mixture", "empirical", "dirac")
PLANE = [name for name, cls in members(Distribution).items() if not issubclass(cls, LineDistribution)]
CASES = [
    (name, fields)
    for name in PLANE
    for fields in [*([] if name in ON_THE_LINE_BY_DEFAULT else [{}]), *VARIANTS.get(name, [])]
]


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """A table of two columns and a drawing, by the type that reads them."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(3)
    turn = rng.random(600) * 6
    table = np.stack([turn * np.cos(turn), turn * np.sin(turn)], axis=1) + 0.1 * rng.standard_normal((600, 2))
    np.save(folder / "table.npy", table)
    picture = Pillow.new("L", (60, 40), 250)
    ImageDraw.Draw(picture).ellipse((10, 5, 50, 20), fill=0, outline=128)
    picture.save(folder / "drawing.png")
    return {"empirical": folder / "table.npy", "image": folder / "drawing.png"}


@pytest.fixture(params=CASES, ids=[f"{name}-{i}" for i, (name, _) in enumerate(CASES)])
def spec(request, files):
    name, fields = request.param
    return {"type": name, **({"file": str(files[name])} if name in files else {}), **fields}


@pytest.fixture
def distribution(spec):
    law = create(Distribution, spec).law
    assert isinstance(law, PlaneDistribution)
    return law


def edges_of(distribution, cells):
    return [np.linspace(*span, cells + 1) for span in distribution.extent()]


def gauss(edges, nodes):
    """Return Gauss-Legendre points and weights of each cell, shape (cell, node)."""
    at, weights = np.polynomial.legendre.leggauss(nodes)
    half = np.diff(edges)[:, None] / 2
    return edges[:-1, None] + half * (1 + at), half * weights


def test_density_integrates_to_one_and_agrees_with_masses(distribution):
    if isinstance(distribution, Cloud):
        x_edges, y_edges = edges_of(distribution, 64)
        masses = distribution.masses(x_edges, y_edges)
        column, row = np.nonzero(masses > 1e-6)
        nodes = 10 if np.diff(x_edges)[0] > 2.5 * distribution.spreads.min() else 5
        (x, x_weights), (y, y_weights) = gauss(x_edges, nodes), gauss(y_edges, nodes)
        shape = (len(column), nodes, nodes)
        points = np.stack(
            [np.broadcast_to(x[column][:, :, None], shape), np.broadcast_to(y[row][:, None, :], shape)], axis=-1
        )
        found = np.einsum("cij,ci,cj->c", distribution.density(points), x_weights[column], y_weights[row])
        np.testing.assert_allclose(found, masses[column, row], atol=2e-5)
        assert found.sum() + masses[masses <= 1e-6].sum() == pytest.approx(1.0, abs=1e-3)
    else:
        x, y = (np.linspace(*span, 4097)[1::2] for span in distribution.extent())  # middles of 2048 cells
        area = (x[1] - x[0]) * (y[1] - y[0])
        fine = distribution.density(np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)) * area
        found = fine.reshape(64, 32, 64, 32).sum((1, 3))
        points, weights = distribution.atoms()
        found += np.histogram2d(*points.T, bins=edges_of(distribution, 64), weights=weights)[0]
        assert np.abs(found - distribution.masses(*edges_of(distribution, 64))).sum() < 2e-2
        assert found.sum() == pytest.approx(1.0, abs=1e-3)


def test_masses_of_the_whole_plane_sum_to_one_on_any_grid(distribution):
    whole = np.array([-np.inf, np.inf])
    assert distribution.masses(whole, whole) == pytest.approx(1.0, abs=1e-9)
    rng = np.random.default_rng(1)
    x_edges, y_edges = (np.array([-np.inf, *np.sort(rng.uniform(*span, 20)), np.inf]) for span in distribution.extent())
    masses = distribution.masses(x_edges, y_edges)
    assert masses.shape == (21, 21)
    assert (masses >= 0).all()
    assert masses.sum() == pytest.approx(1.0, abs=1e-9)
    pairs = masses[:20].reshape(10, 2, 21).sum(1)
    np.testing.assert_allclose(distribution.masses(x_edges[:21:2], y_edges), pairs, atol=1e-12)


def test_samples_match_the_masses(distribution):
    count = 50_000
    sample = distribution.sample(np.random.default_rng(0), count)
    assert sample.shape == (count, 2)
    assert sample.dtype == (np.float64 if len(distribution.atoms().weights) else np.float32)
    x_edges, y_edges = edges_of(distribution, 64)
    expected = count * distribution.masses(x_edges, y_edges).ravel()
    seen = np.histogram2d(*sample.T.astype(np.float64), bins=(x_edges, y_edges))[0].ravel()
    full = expected >= 8
    # Single precision moves a sample by 1e-7 of its size: only on a cell's very edge could that matter.
    rest = count - expected[full].sum()
    terms = (seen[full] - expected[full]) ** 2 / expected[full]
    assert seen[expected == 0].sum() <= 2
    statistic = terms.sum() + ((count - seen[full].sum() - rest) ** 2 / rest if rest > 8 else 0.0)
    assert stats.chi2.sf(statistic, max(full.sum() - (rest <= 8), 1)) > 1e-3


def test_seeds_draw_different_samples_and_the_same_seed_the_same(distribution):
    first, again, other = (distribution.sample(np.random.default_rng(seed), 64) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any() != distribution.constant


def test_modes_are_local_maxima_and_share_all_of_the_mass(distribution):
    modes = distribution.modes()
    assert modes.points.shape == (len(modes.stds), 2)
    assert len(modes.stds) == len(modes.weights)
    if len(modes.weights):
        assert modes.weights.sum() == pytest.approx(1.0)
        assert (modes.weights > 0).all()
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for point, std in zip(modes.points, modes.stds, strict=True):
        assert distribution.density(point) > 0
        assert distribution.density(point) >= distribution.density(point + 0.02 * std * around).max() * (1 - 1e-9)


def test_the_density_drops_between_modes(distribution):
    points = distribution.modes().points
    for first, second in combinations(points, 2):
        between = distribution.density(np.linspace(first, second, 41))
        assert between.min() <= 0.99 * min(between[0], between[-1])


def test_all_that_is_of_high_quality_lies_on_a_disc():
    law = Blobs()
    for point, std in zip(*law.modes()[:2], strict=True):
        angles = np.linspace(0, 2 * np.pi, 50)
        rim = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        assert (law.density(point + 2.999 * std * rim) > 0).all()
        assert (law.density(point + 3.001 * std * rim) == 0).all()


def test_a_ring_that_has_become_one_ridge_has_no_modes():
    assert len(Ring(std=0.4).modes().stds) == len(Ring(radius=1e300).modes().stds) == 8
    for ring in (Ring(std=0.5), Ring(count=200, std=0.1), Ring(count=12, std=0.4)):
        assert not len(ring.modes().stds)
    # Broader still, its middle fills up to one bump.
    (point,), (std,), (weight,) = Ring(std=2.0).modes()
    np.testing.assert_allclose([*point, std, weight], [0, 0, np.sqrt(4.5), 1], atol=1e-6)
    # A bump in the middle does not make a ridge a bump.
    turns = 2 * np.pi * np.arange(40) / 40
    means = [(0.0, 0.0), *zip(np.cos(turns), np.sin(turns), strict=True)]
    assert not len(GaussianMixture(means=means, stds=0.1).modes().stds)


def test_window_is_a_square_that_holds_nearly_all_of_the_data(distribution):
    extent = distribution.extent()
    across, up = np.ptp(extent, axis=1) / distribution.law.lengths
    assert across == pytest.approx(up)
    assert distribution.masses(*extent)[0, 0] > 0.985
    points, stds, _ = distribution.modes()
    for axis in range(2):
        assert (points[:, axis] - 3 * stds >= extent[axis, 0]).all()
        assert (points[:, axis] + 3 * stds <= extent[axis, 1]).all()


def test_a_resolved_distribution_loads_equal(spec):
    first = create(Distribution, spec)
    first.law.sample(np.random.default_rng(0), 1)
    second = create(Distribution, json.loads(first.model_dump_json()))
    assert first == second
    assert first.dim == second.dim == 2
    assert first != Ring(count=77)


def test_circle_has_the_density_of_rice():
    radius, std = 1.3, 0.1
    law = Circles(radii=[radius], std=std)
    r = np.array([0.0, 0.9, 1.2, 1.3, 1.5, 2.0])
    exact = special.ive(0, r * radius / std**2) * np.exp(-((r - radius) ** 2) / (2 * std**2)) / (2 * np.pi * std**2)
    np.testing.assert_allclose(law.density(np.stack([0.6 * r, 0.8 * r], axis=1)), exact, rtol=1e-9)


def test_segment_has_masses_in_closed_form():
    std = 0.05
    law = Line(start=(-1, 0.5), end=(1, 0.5), std=std)
    x_edges, y_edges = np.linspace(-1.5, 1.5, 31), np.linspace(0, 1, 11)

    def integral(t):  # of the normal distribution function
        return t * special.ndtr(t) + np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi)

    along = np.diff(std / 2 * (integral((x_edges + 1) / std) - integral((x_edges - 1) / std)))
    across = np.diff(special.ndtr((y_edges - 0.5) / std))
    np.testing.assert_allclose(law.masses(x_edges, y_edges), np.outer(along, across), atol=1e-9)


def test_far_cells_keep_their_tiny_masses():
    law = GaussianMixture(means=[[0, 0]], stds=1.0).law
    mass = law.masses(np.array([30.0, 31.0]), np.array([-1.0, 1.0]))
    exact = (special.ndtr(-30.0) - special.ndtr(-31.0)) * (special.ndtr(1.0) - special.ndtr(-1.0))
    assert mass[0, 0] == pytest.approx(exact, rel=1e-9)
    assert mass[0, 0] > 0


def test_a_mass_that_underflows_is_zero():
    law = GaussianMixture(means=[[0, 0]], stds=1.0).law
    assert law.masses(np.array([60.0, 61.0]), np.array([-1.0, 1.0]))[0, 0] == 0


def test_discs_have_their_area_and_nothing_between_them():
    law = Blobs(centres=[(0, 0), (5, 0)], radii=[2.0, 1.0], weights=[0.8, 0.2])
    cut = law.masses(np.array([-3, 1, 3, 4, 5, 7.0]), np.array([-3, 0, 3.0]))
    segment = 0.8 * (np.pi / 3 - np.sqrt(3) / 4) / np.pi  # beyond half the radius
    np.testing.assert_allclose(cut.sum(1), [0.8 - segment, segment, 0.0, 0.1, 0.1], atol=1e-12)
    np.testing.assert_allclose(cut[:, 0], cut[:, 1], atol=1e-12)
    assert (law.masses(np.linspace(2.01, 3.99, 50), np.linspace(-4, 4, 50)) == 0).all()


def test_the_published_ring_and_grid():
    points, stds, _ = Ring(std=0.01).modes()
    turns = 2 * np.pi * np.arange(8) / 8
    np.testing.assert_allclose(points, np.stack([np.cos(turns), np.sin(turns)], axis=1), atol=1e-9)
    assert (stds == 0.01).all()
    points, stds, _ = Grid(std=0.05).modes()
    assert {tuple(point) for point in points.round(9) + 0.0} == {
        (x, y) for x in range(-4, 5, 2) for y in range(-4, 5, 2)
    }
    assert (stds == 0.05).all()
    points, _, weights = Grid(columns=2, rows=2, weights=[0.1, 0.2, 0.3, 0.4]).modes()
    np.testing.assert_allclose(points[weights == 0.2], [[1, -1]], atol=1e-9)


@given(
    means=st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=6),
    stds=st.lists(st.floats(0.2, 1.0), min_size=6, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_modes_of_any_mixture_are_local_maxima(means, stds):
    law = GaussianMixture(means=means, stds=stds[: len(means)]).law
    points, widths, weights = law.modes()
    assert 1 <= len(points) <= len(means)
    assert weights.sum() == pytest.approx(1.0)
    step = 0.02 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    for point, width in zip(points, widths, strict=True):
        assert law.density(point) >= law.density(point + width * step).max() * (1 - 1e-3)


def test_merged_bumps_are_one_mode_with_their_joint_mass():
    merged = GaussianMixture(means=[[0, 0], [0.2, 0], [5, 5]], stds=1.0, weights=[0.3, 0.2, 0.5]).modes()
    np.testing.assert_allclose(merged.weights, [0.5, 0.5])
    # The middle mean is a saddle by symmetry, and none of the maxima.
    assert (
        len(GaussianMixture(means=[[-2, 0], [0, 0], [2, 0]], stds=1.0, weights=[0.495, 0.01, 0.495]).modes().stds) == 2
    )
    near = GaussianMixture(means=[(-0.999, 0), (0.999, 0)], stds=1.0).modes()
    np.testing.assert_allclose([*near.points[0], *near.weights], [0, 0, 1], atol=1e-6)
    assert len(GaussianMixture(means=[-2, 0, 2], stds=1.0, weights=[0.495, 0.01, 0.495]).modes().stds) == 2


def test_a_mixture_is_on_the_line_or_on_the_plane_by_its_means():
    line, plane = GaussianMixture(means=[0.0, 3.0], stds=0.5), GaussianMixture(means=[(0.0, 1.0), (3.0, 0.0)], stds=0.5)
    assert (line.dim, plane.dim) == (1, 2)
    assert isinstance(line.law, LineDistribution)
    np.testing.assert_array_equal(line.modes().weights, [0.5, 0.5])


@given(shares=st.lists(st.sampled_from([0.0, 1e-9, 0.2, 1.0, 30.0]), min_size=1, max_size=300), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_parts_are_chosen_by_their_shares(shares, seed):
    shares = np.array([*shares, 1.0, 0.0])
    drawn = np.bincount(Chooser(shares)(np.random.default_rng(seed), 20_000), minlength=len(shares))
    assert drawn[shares == 0].sum() == 0
    expected = 20_000 * shares / shares.sum()
    assert (np.abs(drawn - expected) <= 6 * np.sqrt(expected) + 6).all()


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: GaussianMixture(means=[0.0, (1.0, 2.0)]), "all numbers .* or all pairs"),
        (lambda: GaussianMixture(means=[(0, 0), (1, 2), (3, 3)], stds=[1, 1]), "2 entries for 3 means"),
        (lambda: Ring(weights=[0.5, 0.5]), "2 entries for 8"),
        (lambda: Grid(columns=1, rows=2, weights=[0.5, 0.6]), "sum to one"),
        (lambda: Blobs(centres=[(0, 0), (1, 0)], radii=0.6), r"must not overlap.*\(0.0, 0.0\) and \(1.0, 0.0\)"),
        (lambda: Blobs(radii=[0.1]), "1 entries for 3 centres"),
        (lambda: Spiral(inner_radius=3.0), "inner_radius must be less"),
        (lambda: Line(start=(1, 1), end=(1, 1)), "must differ"),
        (lambda: Circles(std=1e-9), "too small for a curve"),
    ],
)
def test_impossible_distributions_are_refused(build, text):
    with pytest.raises(ValidationError, match=text):
        build()
