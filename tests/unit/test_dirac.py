"""The Dirac-GAN in double precision: 500 steps of training against recurrences written out by hand, to 1e-12.

Theory: Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018. As there, the
discriminator is psi x with psi > 0 higher on the fake side (so the network's slope is -psi), and t = psi theta.
"""

from __future__ import annotations

import threading
from itertools import product

import numpy as np
import pytest
import torch

import gandyn
from gandyn.app.training import _trainer, train
from gandyn.core.catalog import members
from gandyn.dynamics.base import field
from gandyn.games.base import total
from gandyn.objectives.base import Objective, softplus
from gandyn.optimizers.base import Optimizer
from gandyn.recording.store.writer import Writer
from gandyn.regularizers.base import Regularizer
from gandyn.scenario.loading import parse_scenario
from gandyn.training.streams import Streams
from gandyn.training.trainer import Trainer

CPU = torch.device("cpu")


def f_prime(t):
    """The slope of f(t) = -ln(1 + exp(-t))."""
    return 1 / (1 + np.exp(t))


# psi climbs theta a(t), theta descends psi b(t).
SLOPES = {
    "saturating": (f_prime, f_prime),
    "non_saturating": (f_prime, lambda t: f_prime(-t)),
    "wasserstein": (lambda t: 1.0, lambda t: 1.0),
    "least_squares": (lambda t: -t, lambda t: t + 1),
    "hinge": (lambda t: float(t < 1), lambda t: 1.0),
}
PENALTIES = {
    "r1": lambda psi, weight: weight * psi,
    "r2": lambda psi, weight: weight * psi,
    "gradient_penalty": lambda psi, weight: 2 * weight * (abs(psi) - 1) * np.sign(psi),
}
SIMULTANEOUS = {"type": "simultaneous"}
GENERATOR_FIRST = {"type": "alternating", "first": "generator"}
ALTERNATING = {"type": "alternating"}


def recurrence(objective, dynamics, h, steps, start=(1.0, 1.0), regularizer=None):
    """Return (theta, psi) step by step, as the method is written down."""
    (a, b), (theta, psi) = SLOPES[objective], start
    spec = regularizer or {}
    limit, penalty = spec.get("limit", np.inf), PENALTIES.get(spec.get("type"), lambda psi, weight: 0.0)

    def climbed(theta, psi):
        return np.clip(psi + h * (theta * a(psi * theta) - penalty(psi, spec.get("weight"))), -limit, limit)

    path = [(theta, psi)]
    for _ in range(steps):
        leads, answers = dynamics.get("discriminator_steps", 1), dynamics.get("generator_steps", 1)
        if dynamics.get("first") == "generator":
            for _ in range(answers):
                theta -= h * psi * b(psi * theta)
            for _ in range(leads):
                psi = climbed(theta, psi)
        else:
            for _ in range(leads - 1):
                psi = climbed(theta, psi)
            met = psi
            psi = climbed(theta, psi)
            met = met if dynamics["type"] == "simultaneous" else psi
            for _ in range(answers):
                theta -= h * met * b(met * theta)
        path.append((theta, psi))
    return np.array(path)


def scenario(
    objective="saturating", dynamics=SIMULTANEOUS, h=0.1, steps=500, start=(1.0, 1.0), regularizer=None, **more
):
    theta, psi = start
    return parse_scenario(
        {
            "data": {"type": "dirac"},
            "latent": {"type": "dirac"},
            "generator": {"type": "affine", "scale": 0.0, "bias": theta, "learns": ["bias"]},
            "discriminator": {"type": "affine", "scale": -psi, "bias": 0.0, "learns": ["scale"]},
            "objective": {"type": objective},
            "regularizers": [] if regularizer is None else [regularizer],
            "dynamics": dynamics,
            "optimizers": {player: {"type": "sgd", "lr": h} for player in ("generator", "discriminator")},
            "train": {"steps": steps, "precision": "float64"},
            **more,
        }
    )


class Path:
    """An observer that keeps (theta, psi) of every step."""

    def __init__(self):
        self.points = []

    def observe(self, trainer):
        self.points.append(
            (trainer.players["generator"].flat[0, 1].item(), -trainer.players["discriminator"].flat[0, 0].item())
        )


def orbit(*args, **kwargs):
    """Return (theta, psi) step by step, as it is trained."""
    spec, path = scenario(*args, **kwargs), Path()
    _trainer(spec, [0], CPU).run(spec.train.steps, path, threading.Event())
    return np.array(path.points)


def radius(path):
    return np.hypot(*path.T)


def every_second(*factors):
    """Return half of the product: every other choice, so that any two values of different factors still meet."""
    return [chosen for chosen in product(*map(range, map(len, factors))) if sum(chosen) % 2 == 0]


ORDERS = {"simultaneous": SIMULTANEOUS, "d": ALTERNATING, "g": GENERATOR_FIRST}
OBJECTIVES = list(members(Objective))
TRAINED = [(OBJECTIVES[a], [*ORDERS][b], (1, 3)[c]) for a, b, c in every_second(OBJECTIVES, ORDERS, (1, 3))]
ANSWERED = [(OBJECTIVES[a], (1, 3)[b], ("d", "g")[c]) for a, b, c in every_second(OBJECTIVES, (1, 3), ("d", "g"))]


@pytest.mark.parametrize(("objective", "dynamics", "steps"), TRAINED)
def test_training_is_the_recurrence_to_twelve_digits(objective, dynamics, steps):
    dynamics = {**ORDERS[dynamics], "discriminator_steps": steps}
    args = (objective, dynamics, 0.05, 500, (0.9, -0.4))
    path, expected = orbit(*args), recurrence(*args)
    np.testing.assert_allclose(path, expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    assert radius(path[-100:]).min() > 1e-3  # something is still going on


@pytest.mark.parametrize(("objective", "leads", "dynamics"), ANSWERED)
def test_several_steps_of_the_generator_are_the_recurrence_to_twelve_digits(objective, leads, dynamics):
    dynamics = {**ORDERS[dynamics], "discriminator_steps": leads, "generator_steps": 4}
    args = (objective, dynamics, 0.02, 200, (0.9, -0.4))
    path, expected = orbit(*args), recurrence(*args)
    np.testing.assert_allclose(path, expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    assert np.abs(path - recurrence(*args[:1], {**dynamics, "generator_steps": 1}, *args[2:])).max() > 1e-2


@pytest.mark.parametrize(
    ("objective", "regularizer"),
    [
        ("saturating", {"type": "r1", "weight": 0.3}),
        ("non_saturating", {"type": "r1", "weight": 1.0}),
        ("non_saturating", {"type": "r2", "weight": 0.3}),
        ("wasserstein", {"type": "weight_clipping", "limit": 0.4}),
        ("wasserstein", {"type": "gradient_penalty", "weight": 0.5}),
    ],
    ids=lambda value: value if isinstance(value, str) else value["type"],
)
@pytest.mark.parametrize("dynamics", [SIMULTANEOUS, ALTERNATING, GENERATOR_FIRST], ids=["simultaneous", "d", "g"])
def test_regularized_training_is_the_recurrence_to_twelve_digits(objective, regularizer, dynamics):
    args = (objective, dynamics, 0.05, 500, (1.0, 0.3), regularizer)
    path, expected = orbit(*args), recurrence(*args)
    np.testing.assert_allclose(path, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def test_simultaneous_saturating_steps_grow_by_the_exact_factor():
    h = 0.3
    path = orbit("saturating", SIMULTANEOUS, h)
    slope = f_prime(path[:-1].prod(1))
    np.testing.assert_allclose(radius(path)[1:] ** 2, radius(path)[:-1] ** 2 * (1 + h**2 * slope**2), rtol=1e-13)


def test_a_wasserstein_critic_spirals_out_until_it_is_clipped():
    h, limit = 0.1, 5.0
    path = orbit("wasserstein", SIMULTANEOUS, h, regularizer={"type": "weight_clipping", "limit": limit})
    first = int(np.argmax(np.abs(path[:, 1]) >= limit))
    assert 100 < first < 400
    np.testing.assert_allclose(radius(path)[1:first] / radius(path)[: first - 1], np.sqrt(1 + h * h), rtol=1e-13)
    assert np.abs(path[:, 1]).max() == limit


@pytest.mark.parametrize(("dynamics", "sign"), [(ALTERNATING, 1), (GENERATOR_FIRST, -1)])
def test_alternation_keeps_its_ellipse_after_each_whole_step(dynamics, sign):
    h = 0.7
    theta, psi = orbit("wasserstein", dynamics, h).T
    kept = theta**2 + psi**2 + sign * h * theta * psi
    np.testing.assert_allclose(kept, 2 + sign * h, rtol=1e-12)
    other = theta**2 + psi**2 - sign * h * theta * psi  # which is kept between the halves
    assert np.ptp(other) > 1


def modulus(*args, **kwargs):
    """Return the largest modulus of the linearised step's eigenvalues, from three neighbouring points of a path."""
    return np.abs(np.linalg.eigvals(linearised(*args, **kwargs))).max()


def linearised(*args, **kwargs):
    path = orbit(*args, steps=2, start=(3e-9, 1e-9), **kwargs)
    return np.linalg.solve(path[:2], path[1:]).T


@pytest.mark.parametrize("dynamics", [ALTERNATING, GENERATOR_FIRST], ids=["d", "g"])
@pytest.mark.parametrize(("steps", "answers"), [(1, 1), (4, 1), (1, 4), (3, 3)])
def test_alternation_has_modulus_one_up_to_the_published_step(dynamics, steps, answers):
    # h f'(0) sqrt(n_d n_g) <= 2, and f'(0) = 1/2
    dynamics = {**dynamics, "discriminator_steps": steps, "generator_steps": answers}
    root = np.sqrt(steps * answers)
    assert modulus("saturating", dynamics, 3.9 / root) == pytest.approx(1, abs=1e-7)
    assert modulus("saturating", dynamics, 4.1 / root) == pytest.approx(1.5625, abs=1e-3)


def test_zero_centred_penalties_are_critical_at_one_and_need_small_steps_below():
    for kind in ("r1", "r2"):
        for gamma, complex_ in ((0.9, True), (1.1, False)):
            matrix = linearised("saturating", SIMULTANEOUS, 0.5, regularizer={"type": kind, "weight": gamma})
            np.testing.assert_allclose(matrix, np.eye(2) + 0.5 * np.array([[0, -0.5], [0.5, -gamma]]), atol=1e-7)
            assert np.iscomplexobj(np.linalg.eigvals(matrix)) == complex_
        for h, stable in ((1.9, True), (2.1, False)):  # h < 4 gamma
            assert (modulus("saturating", SIMULTANEOUS, h, regularizer={"type": kind, "weight": 0.5}) < 1) == stable


@pytest.mark.slow
def test_the_gradient_penalty_does_not_settle():
    path = orbit("wasserstein", ALTERNATING, 0.05, 2000, regularizer={"type": "gradient_penalty", "weight": 0.5})
    assert radius(path[-1000:]).min() > 0.05


def test_a_recording_of_points_says_what_is_true_of_points(tmp_path):
    spec = scenario("saturating", ALTERNATING, 0.3, 500, record={"fields": False})
    recording = gandyn.train(spec, tmp_path / "run")
    path = orbit("saturating", ALTERNATING, 0.3)
    data = {name: values.values[0] for name, values in recording.dataset.data_vars.items() if values.ndim > 1}
    assert np.abs(path[:, 0]).max() < 2  # inside the window
    np.testing.assert_allclose(data["w1"], np.abs(path[:, 0]), atol=1e-14)
    for name, value in {"kl": np.inf, "reverse_kl": np.inf, "js": np.log(2), "tv": 1, "hellinger": 1}.items():
        np.testing.assert_allclose(data[name], value, rtol=1e-15)
    met = path[1:, 1] * path[:-1, 0]  # the generator answers the slope that is there already
    np.testing.assert_allclose(data["generator_loss"][1:], -np.log1p(np.exp(-met)), rtol=1e-14)
    assert "lower_bound" not in recording.dataset["kl"].attrs
    state = Writer.reopen(tmp_path / "run").load_checkpoint(0)
    assert state["generator"].dtype == torch.float64
    assert (state["generator"][0, 1].item(), -state["discriminator"][0, 0].item()) == tuple(path[-1])


def test_a_generator_on_the_point_is_perfect(tmp_path):
    for at in (0.1, [0.1, 0.1]):  # 0.1 is rounded, and the middle of the window
        spec = scenario(steps=3, start=(0.1, 0.0), data={"type": "dirac", "at": at})
        found = gandyn.train(spec, tmp_path / f"run{len(spec.data.law.place)}").dataset
        for name in ("kl", "reverse_kl", "js", "tv", "hellinger", "unreached_mass"):
            assert (found[name] == 0).all(), name
        distance = found["w1" if "w1" in found else "sliced_w1"]
        np.testing.assert_allclose(distance, 0, atol=1e-12)
        assert (found["modes_captured"] == 1).all()
        assert (found["mode_mass"] == 1).all()
        assert not found["mode_std"].any()
        assert ("lower_bound" in found["kl"].attrs) == ("y" in found)  # cells of the plane do not tell points apart


def test_points_beyond_the_window_are_as_far_apart_as_they_are(tmp_path):
    far = {"type": "dirac", "at": 3.0}
    found = gandyn.train(scenario(steps=1, data=far, record={"grid": {"high": 2.0}}), tmp_path / "run").dataset
    assert found["w1"][0, 0] == pytest.approx(2.0, abs=1e-14)
    assert found["kl"][0, 0] == np.inf


def test_between_points_one_sample_is_the_expectation():
    def size(**more):
        spec = scenario(**more)
        return Streams(spec.played, spec.data, [0], 64, 1, CPU, torch.float64).batches(0)[0]["real"].shape[1]

    assert size() == 1
    assert size(regularizer={"type": "r1"}) == 1
    assert size(regularizer={"type": "gradient_penalty"}) == 64  # it is taken at random places between the two
    assert size(latent={"type": "normal"}) == size(data={"type": "gaussian"}) == 64


@pytest.mark.parametrize("regularizer", [None, *members(Regularizer)])
@pytest.mark.parametrize("objective", members(Objective))
def test_nothing_on_the_way_to_a_gradient_is_in_single_precision(objective, regularizer):
    spec = scenario(
        objective,
        regularizer=None if regularizer is None else {"type": regularizer},
        data={"type": "gaussian"},
        latent={"type": "normal"},
        generator={"type": "mlp", "hidden": [5]},
        discriminator={"type": "mlp", "hidden": [5]},
    )
    trainer = _trainer(spec, [0], CPU)
    game, players = trainer.game, trainer.players
    batch = Streams(game, spec.data, [0], 16, 1, CPU, torch.float64).batches(0)[0]

    def losses():
        return torch.stack([total(terms) for terms in field(game, players, batch).values()])[:, 0]

    assert losses().dtype == torch.float64
    for row, player in enumerate(players.values()):
        direction = torch.randn(player.flat.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        slope, step = (player.gradient * direction).sum(), 1e-5
        ends = []
        for sign in (1, -2):
            player.flat += sign * step * direction
            ends.append(losses()[row])
        player.flat += step * direction
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(slope.item(), rel=1e-7)
        losses()  # the gradients at the place itself


@pytest.mark.parametrize("optimizer", members(Optimizer))
def test_a_resumed_run_in_double_precision_is_the_uninterrupted_one(tmp_path, monkeypatch, optimizer):
    changes = {
        "data": {"type": "gaussian"},
        "latent": {"type": "normal"},
        "generator": {"type": "mlp", "hidden": [4]},
        "optimizers": {player: {"type": optimizer} for player in ("generator", "discriminator")},
        "train": {"steps": 8, "precision": "float64", "average": 0.9, "seeds": 2},
        "record": {"fields": False, "every": 4},
    }
    whole = gandyn.train(scenario(**changes), tmp_path / "whole")
    advance = Trainer.advance

    def stop_here(self):
        if self.step == 5:
            raise KeyboardInterrupt
        advance(self)

    monkeypatch.setattr(Trainer, "advance", stop_here)
    with pytest.raises(KeyboardInterrupt):
        train(scenario(**changes), tmp_path / "parts")
    monkeypatch.setattr(Trainer, "advance", advance)
    resumed = train(scenario(**changes), tmp_path / "parts", resume=True)
    for name, values in whole.dataset.data_vars.items():
        np.testing.assert_array_equal(resumed.dataset[name].values, values.values, err_msg=str(name))
    states = [Writer.reopen(tmp_path / part).load_checkpoint(0) for part in ("whole", "parts")]
    for name, tensor in states[0].items():
        assert torch.equal(tensor, states[1][name]), name
        assert tensor.dtype in (torch.float64, torch.int64) or name.endswith("steps")


@pytest.mark.filterwarnings("ignore::gandyn.core.errors.SettingsWarning")  # they are to spiral outwards
def test_a_picture_ends_where_single_precision_does(tmp_path):
    spec = scenario("wasserstein", h=30.0, steps=40, record={"grid": {"cells": 16}})
    found = gandyn.train(spec, tmp_path / "run").dataset
    assert found["w1"][0, -1] > 1e50
    for name in ("discriminator", "generator_map"):
        values = np.abs(found[name].values[0])
        assert values[-1].max() == np.finfo(np.float32).max
        assert np.isfinite(values).all()


def test_the_loss_of_a_sure_discriminator_has_all_digits_of_its_slope():
    logit = torch.tensor([-25.0, 19.0, 25.0, 35.0, 45.0], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(softplus(logit).sum(), logit)
    torch.testing.assert_close(slope, logit.detach().sigmoid(), rtol=1e-15, atol=0)
