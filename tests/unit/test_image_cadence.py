"""Image runs at the usual cadence: the clock chooses which steps are recorded, and nothing else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from gandyn.app.training import train
from gandyn.recording.cadence import Thinning
from gandyn.recording.store.recording import open_recording
from gandyn.scenario.schema import Scenario
from gandyn.training.trainer import Trainer


def scenario(**changes):
    mlp = {"type": "mlp", "hidden": [16]}
    spec = {
        "name": "t",
        "data": {"type": "digits"},
        "latent": {"dim": 4},
        "generator": mlp,
        "discriminator": mlp,
        "train": {"steps": 90, "batch_size": 16, "device": "cpu"},
        "record": {"latent_points": 64, "quality_samples": 100, "grid": {"cells": 8}},
    }
    return Scenario.model_validate({**spec, **changes, "train": {**spec["train"], **changes.get("train", {})}})


@pytest.fixture
def hurried(monkeypatch):
    """Let the clock run fast, so that a tenth of the steps find time for a record."""
    hurry(monkeypatch)


def hurry(monkeypatch):
    now = iter(np.arange(1e6))
    monkeypatch.setattr(Thinning.__init__, "__kwdefaults__", {"recorded": (), "clock": lambda: float(next(now))})
    monkeypatch.setattr(Thinning, "free_seconds", 0.0)
    monkeypatch.setattr(Thinning, "rest", 6.0)


def stopped(monkeypatch, spec, folder, at, seed=0, error=KeyboardInterrupt):
    """Train until some step of a seed."""
    original = Trainer.advance

    def stop_here(self):
        if self.step == at and self.seeds[0] == seed:
            raise error
        original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", stop_here)
        patch.setattr("gandyn.recording.commit_buffer._SECONDS_BETWEEN_COMMITS", 0.0)
        with pytest.raises(error):
            train(spec, folder)


def weights(folder, group=0):
    return {k: v for k, v in load_file(folder / f"checkpoints/{group}.safetensors").items() if "means" not in k}


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(tensor, right[name]) for name, tensor in left.items())


def test_images_are_recorded_at_their_own_cadence_and_toys_at_every_step():
    assert scenario().record.every == "auto"
    assert Scenario.model_validate({"data": {"type": "ring"}}).record.every == 1
    assert scenario(record={"every": 7}).record.every == 7


def test_toys_have_no_cadence_of_their_own():
    with pytest.raises(ValueError, match="auto makes sense for images"):
        Scenario.model_validate({"data": {"type": "ring"}, "record": {"every": "auto"}})


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_the_clock_changes_nothing_of_training(tmp_path):
    spec, often = scenario(), scenario(record={"every": 1, "latent_points": 64, "grid": {"cells": 8}, "fields": False})
    recording, each = train(spec, tmp_path / "auto"), train(often, tmp_path / "each")
    steps = recording.steps()
    assert recording.complete
    assert (steps[0], steps[-1]) == (0, 90)
    assert 5 < len(steps) < 60
    assert same(weights(tmp_path / "auto"), weights(tmp_path / "each"))
    for name in ("js", "real_response"):
        np.testing.assert_array_equal(recording.scalars(name), each.scalars(name)[:, steps], err_msg=name)
    losses = [each.scalars("generator_loss")[0, a + 1 : b + 1].mean() for a, b in pairwise(steps)]
    np.testing.assert_allclose(recording.scalars("generator_loss")[0, 1:], losses, rtol=1e-12)


@pytest.mark.usefixtures("hurried")
def test_a_resumed_run_is_the_uninterrupted_one_in_training(tmp_path, monkeypatch):
    spec = scenario()
    train(spec, tmp_path / "whole")
    stopped(monkeypatch, spec, tmp_path / "parts", 53)
    before = open_recording(tmp_path / "parts").steps()
    kept = open_recording(tmp_path / "parts").scalars("js")
    resumed = train(spec, tmp_path / "parts", resume=True)
    steps = resumed.steps()
    assert resumed.complete
    assert steps[: len(before)].tolist() == before.tolist()
    assert (np.diff(steps) > 0).all()
    assert steps[-1] == 90
    np.testing.assert_array_equal(resumed.scalars("js")[:, : len(before)], kept)
    assert np.isfinite(resumed.scalars("js")).all()
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The folder of two seeds together, and the recording of the second alone at every step."""
    spec, folder = scenario(train={"seeds": [3, 4]}), tmp_path_factory.mktemp("both")
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        train(spec, folder / "whole")
        alone = scenario(train={"seeds": [4]}, record={**spec.record.model_dump(), "every": 1})
        return folder / "whole", train(alone, folder / "alone")


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(("at", "seed"), [(53, 3), (10, 4), (53, 4)])
def test_seeds_share_their_steps_also_where_a_run_is_gone_on_with(tmp_path, monkeypatch, both, at, seed):
    whole, alone = both
    spec = scenario(train={"seeds": [3, 4]})
    stopped(monkeypatch, spec, tmp_path / "parts", at, seed)
    resumed = train(spec, tmp_path / "parts", resume=True)
    assert resumed.complete
    assert np.isfinite(resumed.scalars("js")).all()
    np.testing.assert_array_equal(resumed.scalars("js")[1], alone.scalars("js")[0][resumed.steps()])
    for group in (0, 1):
        assert same(weights(whole, group), weights(tmp_path / "parts", group))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("diverging", [[3], [4], [3, 4]])
def test_a_seed_that_diverges_has_the_records_of_the_others(tmp_path, monkeypatch, diverging):
    original = Trainer.advance

    def advance(self):
        original(self)
        if self.step == 20 and self.seeds[0] in diverging:
            self._lost.fill_(self.step)
            self._give_up_lost()

    monkeypatch.setattr(Trainer, "advance", advance)
    recording = train(scenario(train={"seeds": [3, 4]}), tmp_path / "r")
    steps, js = recording.steps(), recording.scalars("js")
    assert recording.complete
    assert recording.diverged == dict.fromkeys(diverging, 20)
    assert steps[-1] == (90 if len(diverging) == 1 else steps[steps <= 20][-1])
    for row, seed in enumerate((3, 4)):
        whole = steps < 20 if seed in diverging else steps >= 0
        assert np.isfinite(js[row, whole]).all()
        assert np.isnan(js[row, steps > 20]).all() == (seed in diverging) or not (steps > 20).any()


def test_quality_is_measured_at_every_tenth_record_and_at_the_last(tmp_path):
    recording = train(scenario(train={"steps": 32}), tmp_path / "r")
    assert recording.steps().tolist() == list(range(33))
    measured = np.isfinite(recording.scalars("frechet_distance")[0])
    assert recording.steps()[measured].tolist() == [0, 10, 20, 30, 32]
