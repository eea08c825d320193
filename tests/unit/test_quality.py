"""Quality measures: closed forms, limits, and what the judge says of real digits, of noise and of collapse."""

from __future__ import annotations

import hashlib
import os

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from gandyn.core.errors import RunError, UsageError
from gandyn.datasets.digits import Digits
from gandyn.datasets.mnist import Mnist
from gandyn.metrics import lenet
from gandyn.metrics.digits import DigitJudge
from gandyn.metrics.framing import SIDE, box, framed
from gandyn.metrics.frechet import frechet_distance, moments
from gandyn.metrics.neighbours import Manifold, precision_recall

RNG = np.random.default_rng(5)
needs_mnist = pytest.mark.skipif("GANDYN_DATA" not in os.environ, reason="GANDYN_DATA names no folder with MNIST")


def orthogonal(size):
    return np.linalg.qr(RNG.standard_normal((size, size)))[0]


def test_frechet_distance_of_commuting_covariances():
    rotation, spread, other = orthogonal(12), RNG.uniform(0, 3, 12), RNG.uniform(0, 3, 12)
    mean, other_mean = RNG.standard_normal((2, 12))
    distance = frechet_distance(mean, rotation * spread @ rotation.T, other_mean, rotation * other @ rotation.T)
    expected = ((mean - other_mean) ** 2).sum() + ((np.sqrt(spread) - np.sqrt(other)) ** 2).sum()
    assert distance == pytest.approx(expected, rel=1e-9)


def test_frechet_distance_on_the_line_and_of_two_by_two():
    one = np.ones((1, 1))
    assert frechet_distance(np.zeros(1), 4 * one, np.ones(1), 9 * one) == pytest.approx(2.0)
    # tr (AB)^1/2 of 2x2 matrices is sqrt(tr AB + 2 sqrt(det AB))
    a, b = (factor @ factor.T for factor in RNG.standard_normal((2, 2, 2)))
    overlap = np.sqrt(np.trace(a @ b) + 2 * np.sqrt(np.linalg.det(a @ b)))
    zero = np.zeros(2)
    assert frechet_distance(zero, a, zero, b) == pytest.approx(np.trace(a + b) - 2 * overlap, rel=1e-9)


def test_frechet_distance_of_singular_covariances():
    few = RNG.standard_normal((5, 40)) * 10
    mean, covariance = moments(few)
    assert np.linalg.matrix_rank(covariance) == 4
    assert frechet_distance(mean, covariance, mean, covariance) == pytest.approx(0, abs=1e-6)
    # A point is as far from a Gaussian as their means, and the Gaussian's own variance.
    point = mean + 1.0
    nothing = np.zeros((40, 40))
    assert frechet_distance(mean, covariance, point, nothing) == pytest.approx(40 + np.trace(covariance), rel=1e-9)
    # Gaussians on lines at right angles, and on one line.
    x, y = np.diag([4.0, 0.0]), np.diag([0.0, 9.0])
    zero = np.zeros(2)
    assert frechet_distance(zero, x, zero, y) == pytest.approx(13)
    assert frechet_distance(zero, x, zero, 4 * x) == pytest.approx(4)


def test_frechet_distance_is_symmetric_and_keeps_its_value_when_turned():
    one, two = moments(RNG.standard_normal((50, 8))), moments(RNG.standard_normal((60, 8)) * 2 + 1)
    distance = frechet_distance(*one, *two)
    assert distance > 0
    assert frechet_distance(*two, *one) == pytest.approx(distance, rel=1e-9)
    turn = orthogonal(8)
    turned = [(turn @ mean, turn @ covariance @ turn.T) for mean, covariance in (one, two)]
    assert frechet_distance(*turned[0], *turned[1]) == pytest.approx(distance, rel=1e-9)


def test_moments_are_those_of_numpy_in_float64():
    features = RNG.standard_normal((30, 4)).astype(np.float32) + 1000
    mean, covariance = moments(features)
    assert mean.dtype == covariance.dtype == np.float64
    np.testing.assert_allclose(covariance, np.cov(features.T.astype(np.float64)))


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_precision_and_recall_at_their_limits(offset):
    real = RNG.standard_normal((700, 20)) + offset
    assert precision_recall(real, real.copy()) == (1, 1)
    assert precision_recall(real, real + 100) == (0, 0)
    collapsed = np.repeat(real[:1], 700, axis=0)
    precision, recall = precision_recall(real, collapsed)
    assert precision == 1
    assert recall == pytest.approx(1 / 700)  # the very image it has collapsed to
    half = np.where(np.arange(700)[:, None] % 2, real, real + 100)
    precision, recall = precision_recall(real, half)
    assert precision == 0.5
    assert 0.5 <= recall <= 1


def test_precision_and_recall_by_the_definition():
    real, generated = RNG.standard_normal((40, 3)), RNG.standard_normal((30, 3)) + 0.7

    def share(known, others, k):
        between = np.linalg.norm(known[:, None] - known, axis=-1)
        radii = np.sort(between, axis=1)[:, k]
        return (np.linalg.norm(others[:, None] - known, axis=-1) <= radii).any(1).mean()

    for k in (1, 5):
        assert precision_recall(real, generated, k) == (share(real, generated, k), share(generated, real, k))
    shares = [Manifold(real, k).share(generated) for k in range(1, 39)]
    assert shares == sorted(shares)


def test_too_few_neighbours_are_refused():
    with pytest.raises(UsageError, match="more than 5 images, not 5"):
        precision_recall(np.zeros((5, 2)), np.zeros((9, 2)))


def test_shipped_weights_are_the_ones_that_are_named():
    content = lenet.WEIGHTS.read_bytes()
    assert hashlib.sha256(content).hexdigest() == lenet.WEIGHTS_SHA256
    assert len(content) < 500_000
    stored = load_file(lenet.WEIGHTS)
    assert set(stored) == set(lenet.trained().state_dict())
    assert lenet.TEST_ACCURACY >= 0.99


@pytest.mark.parametrize("content", [b"not these", None])
def test_damaged_or_missing_weights_are_refused(monkeypatch, tmp_path, content):
    path = tmp_path / "lenet.safetensors"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(lenet, "WEIGHTS", path)
    lenet.trained.cache_clear()
    with pytest.raises(RunError, match=r"lenet\.safetensors.*install gandyn anew"):
        lenet.trained()


@pytest.mark.slow
@needs_mnist
def test_accuracy_on_mnist_is_as_stated():
    pixels, labels = Mnist().load("test")
    assert (lenet.read(pixels, box(pixels)).classes == labels).mean() == pytest.approx(lenet.TEST_ACCURACY, abs=3e-4)


def test_accuracy_on_the_small_digits():
    for size in (8, 16, 28, 32):
        pixels, labels = Digits(size=size).load()
        assert (lenet.read(pixels, box(pixels)).classes == labels).mean() > 0.97


def test_images_with_a_margin_keep_it():
    image = np.zeros((3, 1, SIDE, SIDE), np.uint8)
    image[..., 6:22, 8:20] = 200
    assert box(image) is None
    plain = framed(image, None)
    assert torch.equal(plain, torch.tensor(image) / 255)
    padded = np.pad(image, ((0, 0), (0, 0), (2, 2), (2, 2)))
    assert torch.equal(framed(padded, box(padded)), plain)
    doubled = image.repeat(2, axis=2).repeat(2, axis=3)
    assert (framed(doubled, box(doubled)) - plain).abs().mean() < 0.02


@pytest.fixture(scope="module")
def judge():
    pixels, labels = Digits().load()
    return DigitJudge(pixels, labels, samples=5000)


def test_the_judge_splits_what_there_is(judge):
    assert judge.n == 1797 // 2
    assert judge.accuracy > 0.97
    assert judge.data_histogram.sum() == pytest.approx(1)
    assert judge.data_histogram == pytest.approx(np.full(10, 0.1), abs=0.03)
    assert 0 < judge.floor < 5
    assert judge.floor == judge.real["frechet_distance"]
    assert judge.real["class_kl"] < 0.02
    assert min(judge.real["precision"], judge.real["recall"]) > 0.85


def test_the_judge_knows_real_images(judge):
    pixels = Digits().load().pixels
    chosen = pixels[np.random.default_rng(9).permutation(len(pixels))[: judge.n]]
    measured = judge.measure(chosen)
    assert measured["class_histogram"] == pytest.approx(judge.data_histogram, abs=0.05)
    assert measured["class_kl"] < 0.02
    assert measured["frechet_distance"] < 2 * judge.floor
    assert min(measured["precision"], measured["recall"]) > 0.9
    assert all(value.dtype == np.float64 for value in measured.values())


def test_the_judge_knows_noise(judge):
    noise = RNG.integers(0, 256, (judge.n, 1, 8, 8), dtype=np.uint8)
    measured = judge.measure(noise)
    assert measured["frechet_distance"] > 20 * judge.floor
    assert measured["precision"] < 0.2
    assert measured["recall"] < 0.2


def test_the_judge_knows_collapse(judge):
    pixels, labels = Digits().load()
    zeros = judge.measure(np.resize(pixels[labels == 0], (judge.n, 1, 8, 8)))
    assert zeros["class_histogram"][0] > 0.98
    assert zeros["class_kl"] == pytest.approx(np.log(10), abs=0.15)
    assert zeros["precision"] > 0.9
    assert zeros["recall"] < 0.2
    assert zeros["frechet_distance"] > 20 * judge.floor
    same = judge.measure(np.repeat(pixels[:1], judge.n, axis=0))
    assert same["precision"] in (0, 1)
    assert same["recall"] <= 2 / judge.n


def test_a_digit_the_data_lack_counts_as_half_an_image():
    pixels, labels = Digits().load()
    judge = DigitJudge(pixels[labels == 0], samples=50)
    assert judge.accuracy is None
    assert judge.data_histogram.tolist() == [1] + 9 * [0]
    assert judge.real["class_kl"] == pytest.approx(np.log(55 / 50.5))
    fours = judge.measure(pixels[labels == 4][:50])
    assert fours["class_histogram"][4] == 1
    assert fours["class_kl"] == pytest.approx(np.log(55 / 0.5))


def test_measuring_changes_nothing_of_the_callers(judge):
    chosen = Digits().load().pixels[: judge.n]
    before = judge.measure(chosen)
    lenet.trained.cache_clear()
    state, threads, numpy_state = torch.get_rng_state(), torch.get_num_threads(), np.random.get_state()[1].copy()  # noqa: NPY002
    weight = torch.ones(3, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        again = judge.measure(chosen)
        assert torch.is_autocast_enabled("cpu")
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    (weight * 2).sum().backward()
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002
    for name, value in before.items():
        np.testing.assert_array_equal(value, again[name])


def test_measuring_heeds_no_default_of_torch(judge):
    chosen = Digits().load().pixels[: judge.n]
    before = judge.measure(chosen)
    lenet.trained.cache_clear()
    torch.set_default_device("meta")
    torch.set_default_dtype(torch.float64)
    try:
        again = judge.measure(chosen)
    finally:
        torch.set_default_device(None)
        torch.set_default_dtype(torch.float32)
    assert before.keys() == again.keys()
    for name, value in before.items():
        np.testing.assert_array_equal(value, again[name])


def test_the_judge_refuses_what_it_cannot_measure(judge):
    pixels = Digits().load().pixels
    with pytest.raises(UsageError, match="898 images are measured at a time, not 7"):
        judge.measure(pixels[:7])
    for wrong in (pixels / 255, pixels.repeat(3, axis=1), pixels[:, 0], pixels[..., :7]):
        with pytest.raises(UsageError, match=r"uint8 of shape \(n, 1, 8 x 8\)"):
            judge.measure(wrong[: judge.n])
    with pytest.raises(UsageError, match="6 or more at a time, not 5"):
        DigitJudge(pixels[:10])
    with pytest.raises(UsageError, match="grey"):
        DigitJudge(pixels.repeat(3, axis=1))


@pytest.mark.slow
@needs_mnist
def test_a_perfect_generator_of_mnist_is_at_the_floor():
    train = Mnist().load("train")
    judge = DigitJudge(train.pixels, train.labels, samples=5000)
    assert judge.n == 5000
    assert judge.accuracy > 0.985
    assert judge.real["class_kl"] < 0.01
    assert min(judge.real["precision"], judge.real["recall"]) > 0.9
    for seed in (1, 2, 3):  # the judge itself chooses by 0
        chosen = np.random.default_rng(seed).permutation(len(train.pixels))[:5000]
        assert 0.7 < judge.measure(train.pixels[chosen])["frechet_distance"] / judge.floor < 1.4
