"""Laws of every distribution and latent of the catalogue."""

from __future__ import annotations

import contextlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import integrate, stats

from gandyn.core.catalog import create, members
from gandyn.core.errors import UsageError
from gandyn.distributions.base import Distribution, PlaneDistribution
from gandyn.distributions.dirac import Dirac
from gandyn.distributions.empirical import Empirical
from gandyn.distributions.latent import Latent
from gandyn.distributions.line import Gaussian, StudentT, Uniform
from gandyn.distributions.mixture import GaussianMixture, UniformMixture

VARIANTS = {
    "student_t": [{"dof": 1.0}, {"dof": 30.0, "mean": -2.0, "scale": 0.1}],
    "gaussian": [{"mean": 3.0, "std": 0.01}],
    "gaussian_mixture": [
        {"means": [0.0, 1.0, 5.0], "stds": [1.0, 0.2, 0.5], "weights": [0.2, 0.3, 0.5]},
        {"means": [-0.999, 0.999, 4.0, 6.1, 8.2], "stds": 1.0},
    ],
    "uniform_mixture": [
        {"intervals": [(-3.0, -2.5), (0.0, 2.0)], "weights": [0.75, 0.25]},
        {"intervals": [(2, 3), (-1.0, 0.0), (0.0, 2.0), (4, 4.5)], "weights": [0.1, 0.2, 0.4, 0.3]},
    ],
    "laplace": [{"mean": 1.0, "scale": 0.3}],
    "exponential": [{"low": -1.0, "scale": 4.0}],
    "uniform": [{"low": 2.0, "high": 2.5}],
    "dirac": [{"at": -1.5}],
}


@pytest.fixture(scope="session")
def column(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "numbers.npy"
    rng = np.random.default_rng(3)
    np.save(path, np.concatenate([rng.normal(-1, 0.3, 300), rng.normal(2, 0.5, 500)]))
    return path


LINE = [name for name, cls in members(Distribution).items() if not issubclass(cls, PlaneDistribution)]
CASES = [(name, fields) for name in LINE for fields in [{}, *VARIANTS.get(name, [])]]


@pytest.fixture(params=CASES, ids=[f"{name}-{i}" for i, (name, _) in enumerate(CASES)])
def distribution(request, column):
    name, fields = request.param
    if name == "empirical":
        fields = {"file": column}
    return create(Distribution, {"type": name, **fields}).law


def test_density_integrates_to_one(distribution):
    low, high = distribution.quantile(np.array([1e-5, 1 - 1e-5]))
    edges = np.unique(
        np.concatenate([np.linspace(low, high, 200_001), distribution.quantile(np.linspace(1e-5, 1 - 1e-5, 20_001))])
    )
    centres = (edges[1:] + edges[:-1]) / 2
    spread = np.sum(distribution.density(centres[:, None]) * np.diff(edges))
    assert spread + distribution.atoms().weights.sum() == pytest.approx(1.0, abs=1e-3)


def test_density_is_the_derivative_of_both_tails(distribution):
    atoms = distribution.atoms().points[:, 0]
    beside = 0.3 * np.ptp(distribution.extent()) * np.array([-1.0, 1.0])
    points = distribution.quantile(np.array([0.02, 0.21, 0.4, 0.63, 0.9, 0.98]))
    points = np.concatenate([points[~np.isin(points, atoms)], np.add.outer(atoms, beside).ravel()])
    step = 1e-5 * np.ptp(points)
    from_cdf = (distribution.cdf(points + step) - distribution.cdf(points - step)) / (2 * step)
    from_sf = (distribution.sf(points - step) - distribution.sf(points + step)) / (2 * step)
    np.testing.assert_allclose(from_cdf, distribution.pdf(points), rtol=1e-3)
    np.testing.assert_allclose(from_sf, distribution.pdf(points), rtol=1e-3)
    np.testing.assert_allclose(distribution.cdf(points) + distribution.sf(points), 1.0, atol=1e-12)


def test_quantile_inverts_both_tails(distribution):
    u = np.array([1e-9, 1e-3, 0.3, 0.5, 0.77, 0.999])
    for x, tail, up in ((distribution.quantile(u), "cdf", 1), (distribution.quantile(u, upper=True), "sf", -1)):
        # At an atom a tail jumps over u; elsewhere both sides are u.
        at, before = (getattr(distribution, tail)(end) for end in (x, np.nextafter(x, -np.inf)))
        assert (up * at >= up * u * (1 - up * 1e-5)).all()
        assert (up * before <= up * u * (1 + up * 1e-5)).all()


def test_samples_match_the_density(distribution):
    sample = distribution.sample(np.random.default_rng(0), 20_000)
    assert sample.shape == (20_000, distribution.dim)
    assert sample.dtype == (np.float64 if len(distribution.atoms().weights) else np.float32)
    # Uniform numbers, also where the distribution function jumps: at an atom, drawn anew from within the jump.
    x = sample[:, 0].astype(float)
    before = distribution.cdf(np.nextafter(x, -np.inf))
    u = before + np.random.default_rng(1).random(len(x)) * (distribution.cdf(x) - before)
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert (len(np.unique(sample)) == 1) == distribution.constant


def test_modes_lie_at_maxima_of_the_density(distribution):
    modes = distribution.modes()
    assert len(modes.points) == len(modes.stds) == len(modes.weights)
    assert not len(modes.weights) or modes.weights.sum() == pytest.approx(1.0)
    for point, std in zip(modes.points, modes.stds, strict=True):
        near = point[0] + std * np.linspace(-0.05, 0.05, 21)
        assert distribution.density(point[None])[0] >= distribution.pdf(near).max() * (1 - 1e-6)


def test_the_density_drops_between_modes(distribution):
    points = np.sort(distribution.modes().points[:, 0])
    for left, right in pairwise(points):
        between = distribution.pdf(np.linspace(left, right, 101))
        assert between.min() <= 0.99 * min(between[0], between[-1])


def test_window_holds_nearly_all_of_the_data(distribution):
    ((low, high),) = distribution.extent()
    assert distribution.cdf(np.array(low)) < 0.006
    assert distribution.sf(np.array(high)) < 0.006


def test_masses_are_exact_in_both_tails(distribution):
    edges = np.linspace(*distribution.extent()[0], 65)
    masses = distribution.masses(edges)
    assert (masses >= 0).all()
    total = masses.sum() + distribution.cdf(edges[:1])[0] + distribution.sf(edges[-1:])[0]
    assert total == pytest.approx(1.0, abs=1e-12)


def test_excess_is_the_partial_moment(distribution):
    if isinstance(distribution, StudentT) and distribution.dof <= 1:
        assert distribution.excess(0.0, upper=True) == np.inf
        return
    for quantile in (0.3, 0.9):
        x = float(distribution.quantile(np.array(quantile)))
        far = float(distribution.quantile(np.array(1e-12), upper=True))
        points = distribution.quantile(np.array([0.95, 0.99, 0.999])) if isinstance(distribution, Empirical) else None
        expected, _ = integrate.quad(
            lambda t: float(distribution.sf(np.array(t))), x, min(far, x + 1e4), limit=400, points=points, epsabs=1e-7
        )
        tolerance = 2e-2 if isinstance(distribution, StudentT) and distribution.dof < 5 else 1e-3
        assert distribution.excess(x, upper=True) == pytest.approx(expected, rel=tolerance, abs=1e-6)


@given(
    means=st.lists(st.floats(-5, 5), min_size=1, max_size=5),
    std=st.floats(0.05, 2.0),
)
@settings(max_examples=30, deadline=None)
def test_modes_of_any_gaussian_mixture_are_local_maxima(means, std):
    mixture = GaussianMixture(means=means, stds=[std] * len(means)).law
    modes = mixture.modes().points[:, 0]
    assert 1 <= len(modes) <= len(means)
    for x in modes:
        assert mixture.pdf(np.array(x)) >= mixture.pdf(x + std * np.array([-0.02, 0.02])).max() * (1 - 1e-4)


def test_bumps_that_merge_are_one_mode():
    assert len(GaussianMixture(means=[-0.5, 0.5], stds=[1.0, 1.0]).modes().points) == 1
    for apart in (0.999, 1.0, 1.05):  # in theory two from 1 on, but 1.05 leaves a dent of less than 1 %
        points, stds, weights = GaussianMixture(means=[-apart, apart], stds=[1.0, 1.0]).modes()
        assert abs(points[0, 0]) < 0.6
        np.testing.assert_allclose(stds, [np.sqrt(1 + apart**2)])
        np.testing.assert_allclose(weights, [1.0])
    assert len(GaussianMixture(means=[-1.5, 1.5], stds=[1.0, 1.0]).modes().points) == 2


def test_a_foothill_does_not_join_the_summits_beside_it():
    mixture = GaussianMixture(means=[-2.0, 0.0, 2.0], stds=[0.6, 0.6, 0.6], weights=[0.4925, 0.015, 0.4925])
    assert len(mixture.modes().points) == 2


def test_pieces_that_touch_are_one_mode_unless_a_lower_one_lies_between():
    flat = UniformMixture(intervals=[(0, 1), (1, 2), (3, 4)], weights=[0.25, 0.25, 0.5]).modes()
    np.testing.assert_allclose(flat.points[:, 0], [1.0, 3.5])
    np.testing.assert_allclose(flat.stds, np.array([2, 1]) / np.sqrt(12))
    assert len(UniformMixture(intervals=[(0, 1), (1, 2), (2, 3)], weights=[0.4, 0.2, 0.4]).modes().points) == 2


@pytest.mark.parametrize("name", members(Distribution))
def test_data_that_single_precision_cannot_hold_is_refused(name, column):
    cls = members(Distribution)[name]
    if name not in ("empirical", "image"):
        cls().check_resolution()
    lengths = {"at", "mean", "std", "scale", "low", "radius", "spacing", "width"} & cls.model_fields.keys()
    for field in lengths:
        for value in (1e300, 1.7e308) if field != "low" else (-1e300, -1.7e308):
            try:
                distribution = cls.model_validate({"file": column, field: value} if name == "image" else {field: value})
            except ValidationError:
                continue
            with pytest.raises(ValueError, match="centre or scale the data"):
                distribution.check_resolution()
        if cls.model_fields[field].default > 0:  # no warning, whether it is refused or not
            with contextlib.suppress(ValueError):
                cls.model_validate({field: 1e-30}).check_resolution()


def test_the_limits_of_single_precision(tmp_path):
    Gaussian(mean=1000.0, std=0.1).check_resolution()
    with pytest.raises(ValueError, match=r"wide but lies as far out as .*centre or scale"):
        Gaussian(mean=1.7e9, std=1.0).check_resolution()
    np.save(tmp_path / "far.npy", 1.7e9 + np.random.default_rng(0).standard_normal((300, 2)))
    for asked in ({"column": 0}, {"columns": (0, 1)}):
        with pytest.raises(ValueError, match="centre or scale the data"):
            Empirical(file=tmp_path / "far.npy", **asked).check_resolution()
        with pytest.raises(ValidationError, match="bandwidth 1e-30 is finer"):
            Empirical(file=tmp_path / "far.npy", **asked, bandwidth=1e-30)
    with pytest.raises(ValueError, match="modes of standard deviation 1e-09 are points"):
        GaussianMixture(means=[-2.0, 2.0], stds=1e-9).check_resolution()
    for size in (1e-30, 1e30):
        with pytest.raises(ValueError, match=r"which is not between.*centre or scale"):
            Gaussian(std=size).check_resolution()


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: GaussianMixture(means=[0, 1], stds=[1, 1], weights=[0.5, 0.6]), "sum to one, not 1.1"),
        (lambda: GaussianMixture(means=[0, 1], stds=[1]), "1 entries for 2"),
        (lambda: GaussianMixture(means=[0], stds=[-1]), "greater than 0"),
        (lambda: GaussianMixture(means=[[0, 0, 1]]), r"a number \(on the line\) or a pair .*, not \[0, 0, 1\]"),
        (lambda: GaussianMixture(means=[[0]]), r"or a pair \[x, y\] .*, not \[0\]"),
        (lambda: Dirac(at=[0, 0, 1]), r"a number \(on the line\) or a pair .*, not \[0, 0, 1\]"),
        (lambda: UniformMixture(intervals=[(0, 2), (1, 3)]), "must not overlap"),
        (lambda: UniformMixture(intervals=[(2, 0)]), "low to high"),
        (lambda: Uniform(low=1, high=1), "less than high"),
        (lambda: Empirical(file="nowhere.npy"), "cannot read"),
    ],
)
def test_impossible_distributions_are_refused(build, text):
    with pytest.raises(ValidationError, match=text):
        build()


def test_a_column_is_read_by_number_and_by_name(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n" + "\n".join(f"{i},{i * 2}" for i in range(50)))
    by_number = Empirical.model_validate({"file": "t.csv", "column": 1}, context={"folder": tmp_path})
    by_name = Empirical(file=tmp_path / "t.csv", column="b")
    np.testing.assert_array_equal(by_number.values, np.arange(50) * 2.0)
    np.testing.assert_array_equal(by_name.values, by_number.values)
    for column in ("c", 2):
        with pytest.raises(ValidationError, match="no column"):
            Empirical(file=tmp_path / "t.csv", column=column)


def test_one_line_is_the_header_of_all_columns_or_of_none(tmp_path):
    rows = "\n".join(f"{i},{i * 2}" for i in range(50))
    expected = np.stack([np.arange(50.0), np.arange(50) * 2.0], axis=1)
    (tmp_path / "t.csv").write_text(f"1990,a\n{rows}")
    for columns in ((0, 1), ("1990", "a"), (0, "a")):
        np.testing.assert_array_equal(Empirical(file=tmp_path / "t.csv", columns=columns).values, expected)
    np.testing.assert_array_equal(Empirical(file=tmp_path / "t.csv", column=0).values, expected[:, 0])
    (tmp_path / "t.csv").write_text(f"1990,7\n{rows}")
    assert Empirical(file=tmp_path / "t.csv", columns=(0, 1)).values.tolist()[0] == [1990, 7]
    # A column of words says nothing about the first line.
    (tmp_path / "t.csv").write_text("\n".join(f"w{i},{i}" for i in range(9)))
    np.testing.assert_array_equal(Empirical(file=tmp_path / "t.csv", column=1).values, np.arange(9))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a;b\n1;2\n3;4", "separated by semicolons"),
        ("1,5;2,5\n3,0;4,5", "separated by semicolons"),
        ("1\t2\n3\t4", "separated by tabs"),
        ("1,2\n3,4,5", "no table of columns"),
        ("", "no table of columns"),
        ("w\nv\nu", "column 0 of file .* finite numbers"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path, text, said):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ValidationError, match=said):
        Empirical(file=tmp_path / "t.csv")


def test_a_changed_file_is_noticed(column, tmp_path):
    first = Empirical(file=column)
    assert Empirical(file=column, sha256=first.sha256).values.shape == first.values.shape
    other = tmp_path / "other.npy"
    np.save(other, np.arange(9.0))
    with pytest.raises(ValidationError, match="has changed"):
        Empirical(file=other, sha256=first.sha256)


@pytest.mark.parametrize("name", members(Latent))
def test_latent_lattice_and_points_carry_the_latent_law(name):
    latent = create(Latent, {"type": name})
    lattice = latent.lattice(1000)
    edges, masses = lattice.parts, np.exp(lattice.log_masses)
    assert (edges[lattice.first] == lattice.edges).all()
    assert len(lattice.edges) == (3 if latent.constant else 1001)
    assert masses.sum() == pytest.approx(1.0, abs=1e-14)
    centres = (edges[1:] + edges[:-1]) / 2
    inner = (np.abs(centres) < 3) & (np.diff(edges) > 0)
    assert inner.any() != latent.constant
    np.testing.assert_allclose(masses[inner], (latent.pdf(centres) * np.diff(edges))[inner], rtol=1e-3)
    points = create(Latent, {"type": name, "dim": 3}).points(1024)
    assert points.shape == (1024, 3)
    np.testing.assert_allclose(np.sort(points[:, 1]), latent.quantile((np.arange(1024) + 0.5) / 1024), atol=0.2)
    assert latent.sample(np.random.default_rng(0), 7).shape == (7, 1)
    assert (len(np.unique(latent.sample(np.random.default_rng(0), 7))) == 1) == latent.constant


def test_an_unknown_type_names_the_nearest():
    with pytest.raises(UsageError, match=r"no distribution of type 'Gausian'; did you mean 'gaussian'\? \(known: "):
        create(Distribution, {"type": "Gausian"})
