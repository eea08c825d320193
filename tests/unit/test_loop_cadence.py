"""A loop that says nothing of how often it is recorded: which steps are, and how much of its models is looked at."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from loops import everything, same, seeded, simple
from torch import nn

import gandyn
from gandyn.recording.cadence import Thinning
from gandyn.recording.spaces.coarse import Coarse
from gandyn.recording.user_loop import affordable


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that is put forward by hand."""
    now = [0.0]
    monkeypatch.setattr(Thinning.__init__, "__kwdefaults__", {"recorded": (), "clock": lambda: now[0]})
    return now


def started(game, folder, **more):
    return gandyn.record(game.G, game.D, data=game.data, latent=game.latent, out=folder, cells=16, **more)


def test_a_short_loop_is_recorded_at_every_step(tmp_path, clock):
    with started(seeded(simple), tmp_path / "mine", points=64) as recorder:
        for _ in range(40):
            recorder.step()
    assert recorder.recording.steps().tolist() == list(range(41))


def test_a_long_loop_is_recorded_ever_less_and_at_its_end(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(Thinning, "dense", 4)
    with started(seeded(simple), tmp_path / "mine", points=64) as recorder:
        for _ in range(333):
            recorder.step()
    steps = recorder.recording.steps()
    assert (steps[0], steps[-1]) == (0, 333)
    assert 15 < len(steps) < 30
    assert np.diff(steps)[-2] > 30


def test_time_that_records_take_is_waited_for(tmp_path, clock, monkeypatch):
    game = seeded(simple)
    original = game.G.forward

    def slow(z):
        clock[0] += 1.0 if not game.G.training else 0.0
        return original(z)

    monkeypatch.setattr(game.G, "forward", slow)
    with started(game, tmp_path / "mine", points=64) as recorder:
        for _ in range(200):
            clock[0] += 0.5
            recorder.step()
    assert recorder.recording.steps().tolist()[:6] == [0, 1, 2, 3, 7, 11]


def test_training_is_the_same_whatever_the_clock_says(tmp_path):
    game = seeded(simple)
    expected = everything(game, game.train())
    game = seeded(simple)
    with started(game, tmp_path / "mine") as recorder:
        optimizers = game.train(recorder)
    found = everything(game, optimizers)
    assert found.keys() == expected.keys()
    assert all(same(found[name], expected[name]) for name in found)


def images(wide=8):
    torch.manual_seed(0)
    G = nn.Sequential(nn.Linear(4, wide * wide), nn.Tanh(), nn.Unflatten(1, (1, wide, wide)))
    D = nn.Sequential(nn.Flatten(), nn.Linear(wide * wide, 1))
    return G, D, torch.rand(300, 1, wide, wide) * 2 - 1, lambda n: torch.randn(n, 4)


@pytest.mark.parametrize(("seconds", "points", "asked"), [(1e-9, 256, "16 x 16"), (1e9, 1024, None)])
def test_less_is_looked_at_of_slow_models_and_the_recording_says_so(tmp_path, monkeypatch, seconds, points, asked):
    monkeypatch.setattr(affordable, "_SECONDS", seconds)
    G, D, data, latent = images()
    with gandyn.record(G, D, data=data, latent=latent, out=tmp_path / "mine") as recorder:
        for _ in range(3):
            recorder.step()
    found = recorder.recording.dataset
    assert found.generator_density.attrs["latent_points"] == points
    assert found.discriminator.attrs.get("asked_at") == asked
    assert found.discriminator.shape == (1, 4, 48, 48)
    assert found.js.attrs["kl_floor"] > 0
    np.testing.assert_array_equal(found.js.values[0], found.js.values[0, 0])  # the same samples at every record


def test_fewer_places_show_nearly_the_same_slice(tmp_path, monkeypatch):
    G, D, data, latent = images()
    slices = []
    for number, seconds in enumerate((1e-9, 1e9)):
        monkeypatch.setattr(affordable, "_SECONDS", seconds)
        with gandyn.record(G, D, data=data, latent=latent, out=tmp_path / str(number), every=1) as recorder:
            recorder.step()
        slices.append(recorder.recording.field("discriminator", 0, 0))
    assert np.ptp(slices[1]) > 0.05
    np.testing.assert_allclose(*slices, atol=0.01)


def test_what_is_asked_for_is_looked_at_however_slow_models_are(tmp_path, monkeypatch):
    monkeypatch.setattr(affordable, "_SECONDS", 1e-9)
    G, D, data, latent = images()
    with gandyn.record(G, D, data=data, latent=latent, out=tmp_path / "mine", points=700) as recorder:
        recorder.step()
    assert recorder.recording.dataset.generator_density.attrs["latent_points"] == 700
    assert "asked_at" not in recorder.recording.dataset.discriminator.attrs


def test_large_samples_are_computed_a_few_at_a_time():
    nets = images()[:2]
    assert affordable.batch(nets, (2,)) == 256
    assert affordable.batch(nets, (1, 28, 28)) == 41
    assert affordable.batch(nets, (3, 64, 64)) == 32
    assert affordable.batch([nn.Linear(2, 2, device="meta")], (3, 64, 64)) == 256


@pytest.mark.parametrize("most", [2, 5, 9, 40])
def test_planes_are_interpolated_exactly(most):
    few = Coarse((np.linspace(-1, 2, 9), np.linspace(0, 1, 13)), most)
    cells = np.stack(np.meshgrid(*few.centres, indexing="ij"), -1).reshape(-1, 2)
    values = few.points @ [[2.0, 1.0], [-3.0, 0.5]] + 1
    np.testing.assert_allclose(few.everywhere(values.T), (cells @ [[2.0, 1.0], [-3.0, 0.5]] + 1).T, atol=1e-12)


def test_what_every_cell_was_asked_for_stays_as_it_is():
    line = Coarse((np.linspace(0, 1, 7),), 7)
    values = np.array([[0.1, np.inf, -np.inf, np.nan, 3.0, 0.0, 1.0]])
    assert line.everywhere(values) is not None
    np.testing.assert_array_equal(line.everywhere(values), values)
