"""Mixtures of thousands of parts are the sums they always were, found at once."""

from __future__ import annotations

import time

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import special

from gandyn.distributions.line import Gaussian, Uniform
from gandyn.distributions.mixture import GaussianMixture, UniformMixture
from gandyn.distributions.mode_finding import _neighbours
from gandyn.scenario.loading import parse_scenario

MEANS, STDS, WEIGHTS = [-2.0, 0.5, 3.0], [0.5, 1.0, 0.1], [0.2, 0.5, 0.3]
INTERVALS = [(-2.0, -1.0), (-1.0, 0.5), (3.0, 3.1)]
CASES = [
    (
        GaussianMixture(means=MEANS, stds=STDS, weights=WEIGHTS).law,
        [Gaussian(mean=mean, std=std) for mean, std in zip(MEANS, STDS, strict=True)],
    ),
    (UniformMixture(intervals=INTERVALS, weights=WEIGHTS), [Uniform(low=low, high=high) for low, high in INTERVALS]),
]


@pytest.mark.parametrize(("mixture", "parts"), CASES)
@pytest.mark.parametrize("method", ["pdf", "cdf", "sf"])
@pytest.mark.parametrize("shape", [(), (7,), (3, 5), (0,)])
def test_a_mixture_is_the_sum_of_its_parts(mixture, parts, method, shape) -> None:
    x = np.random.default_rng(0).normal(0, 5, shape)
    expected = sum(w * getattr(part, method)(x) for w, part in zip(WEIGHTS, parts, strict=True))
    found = getattr(mixture, method)(x)
    assert np.shape(found) == shape
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_sums_of_many_parts_and_points_are_made_in_blocks(monkeypatch) -> None:
    mixture, x = CASES[0][0], np.linspace(-9, 9, 50)
    whole = mixture.pdf(x)
    monkeypatch.setattr("gandyn.distributions.mixture._PAIRS", 7)
    np.testing.assert_array_equal(mixture.pdf(x), whole)


@pytest.mark.parametrize("mixture", [case[0] for case in CASES])
def test_samples_come_from_the_parts_as_often_as_they_weigh(mixture) -> None:
    drawn = np.sort(mixture.sample(np.random.default_rng(0), 40_000)[:, 0].astype(np.float64))
    assert drawn.shape == (40_000,)
    gap = np.abs(mixture.cdf(drawn) - (np.arange(40_000) + 0.5) / 40_000).max()
    assert special.kolmogorov(gap * np.sqrt(40_000)) > 0.01


@pytest.mark.parametrize(
    ("data", "modes"),
    [
        ({"type": "gaussian_mixture", "means": np.linspace(-100, 100, 3000).tolist(), "stds": 0.001}, 3000),
        ({"type": "gaussian_mixture", "means": [[i % 50, i // 50] for i in range(3000)], "stds": 0.1}, 3000),
        ({"type": "uniform_mixture", "intervals": [(i, i + 0.5) for i in range(20_000)]}, 20_000),
    ],
)
def test_thousands_of_parts_are_checked_in_seconds(data, modes) -> None:
    began = time.process_time()
    scenario = parse_scenario({"data": data})
    assert len(scenario.data.modes().points) == modes
    assert scenario.space().coords["data_density"][1].sum() > 0
    assert time.process_time() - began < 5


@pytest.mark.parametrize("field", ["means", "intervals"])
def test_more_parts_than_that_are_refused(field) -> None:
    kind, parts = (
        (GaussianMixture, list(map(float, range(5001))))
        if field == "means"
        else (UniformMixture, [(float(i), i + 0.5) for i in range(50_001)])
    )
    with pytest.raises(ValidationError, match=f"{field}\n.*at most"):
        kind(**{field: parts})


@pytest.mark.parametrize("layout", ["anywhere", "in a row", "in a ring around one"])
def test_neighbours_among_many_peaks_are_those_among_few(layout, monkeypatch) -> None:
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False) + 0.01
    peaks = {
        "anywhere": rng.normal(size=(60, 2)),
        "in a row": np.stack([np.sort(rng.normal(size=60)), np.zeros(60)], axis=1),
        "in a ring around one": np.concatenate([np.zeros((1, 2)), np.stack([np.cos(angles), np.sin(angles)], axis=1)]),
    }[layout]
    few = {tuple(sorted(pair)) for pair in _neighbours(peaks).tolist()}
    monkeypatch.setattr("gandyn.distributions.mode_finding._MANY", 0)
    assert {tuple(sorted(pair)) for pair in _neighbours(peaks).tolist()} == few


def test_neighbours_on_the_line_follow_each_other() -> None:
    peaks = np.array([[3.0], [-1.0], [7.0], [0.0]])
    assert sorted(map(sorted, _neighbours(peaks).tolist())) == [[0, 2], [0, 3], [1, 3]]
