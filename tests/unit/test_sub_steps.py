"""Every single update of the first steps: recorded as it was, without a trace in training, and not lost."""

from __future__ import annotations

import itertools
import json
import shutil

import numpy as np
import pytest
import torch
from test_training import CPU, NEVER, Nobody, scenario

from gandyn.app.training import _trainer, train
from gandyn.core.catalog import members
from gandyn.core.errors import DamageError
from gandyn.dynamics.base import Dynamics
from gandyn.games.gan import Gan
from gandyn.recording.store.journal import append
from gandyn.recording.store.recording import open_recording
from gandyn.recording.store.verification import verify
from gandyn.scenario.schema import Scenario
from gandyn.training.trainer import Trainer

ROUNDS = {"type": "alternating", "discriminator_steps": 3, "generator_steps": 2}
RING = {"type": "ring", "radius": 2.0, "std": 0.2}


def closely(sub_steps=2, dynamics=ROUNDS, **changes):
    record = {"sub_steps": sub_steps, "grid": {"cells": 16}, **changes.pop("record", {})}
    train = {"steps": 5, "seeds": 2, **changes.pop("train", {})}
    return scenario(dynamics=dynamics, record=record, train=train, **changes)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A recording of two groups of one seed, with two steps of five updates each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gandyn.app.hardware.GROUP", (1, 1))
        return train(closely(), tmp_path_factory.mktemp("recorded") / "r")


@pytest.mark.parametrize("first", [{}, {"first": "generator"}])
@pytest.mark.parametrize("leads", [1, 3])
@pytest.mark.parametrize("name", members(Dynamics))
def test_an_update_moves_those_it_names_and_is_told_of(name, leads, first):
    options = {"discriminator_steps": leads, "generator_steps": 2, **first}
    kind = members(Dynamics)[name].between(Gan.players)
    dynamics = kind(**{key: options[key] for key in options if key in kind.model_fields})
    trainer = _trainer(closely(0, dynamics), [0, 1], CPU)
    players, told = trainer.players, []
    before = {name: player.flat.clone() for name, player in players.items()}

    def look():
        moved = [name for name, player in players.items() if not torch.equal(player.flat, before[name])]
        told.append(tuple(moved))
        before.update({name: player.flat.clone() for name, player in players.items()})

    trainer.between = look
    trainer.advance()
    assert tuple(told) == dynamics.updates(Gan.players)
    for player, count in (("discriminator", leads), ("generator", 2)):
        assert sum(player in movers for movers in told) == count


def test_batches_are_fresh_but_for_the_one_both_players_share():
    spec = closely(0, ROUNDS)
    trainer, dynamics = _trainer(spec, [0], CPU), spec.dynamics
    seen, network = [], trainer.players["generator"]["generator"]
    generator = type(network).__call__

    class Watched(type(network)):
        def __call__(self, x, label=None):
            seen.append(x.clone())
            return generator(self, x, label)

    network.__class__ = Watched
    trainer.advance()
    assert len(seen) == dynamics.batches(Gan.players) == 4
    assert all(not torch.equal(one, other) for i, one in enumerate(seen) for other in seen[:i])


def test_training_is_the_same_bit_for_bit_with_and_without(tmp_path, monkeypatch):
    kept = []
    original = Trainer.run

    def remember(self, steps, observer, stop):
        original(self, steps, observer, stop)
        kept.append((self.players["generator"].flat.clone(), self.players["discriminator"].flat.clone()))

    monkeypatch.setattr(Trainer, "run", remember)
    found = [train(closely(count), tmp_path / str(count)).dataset.load() for count in (0, 2)]
    bare = _trainer(closely(0), [0, 1], CPU)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    bare.run(5, Nobody(), NEVER)
    torch.set_num_threads(before)
    for generator, discriminator in kept:
        assert torch.equal(generator, kept[-1][0])
        assert torch.equal(discriminator, kept[-1][1])
    for name in found[0].data_vars:
        np.testing.assert_array_equal(found[1][name].values, found[0][name].values, err_msg=str(name))


def test_between_two_updates_one_player_stands_still(recorded):
    found = recorded.sub_steps.dataset.load()
    assert recorded.sub_steps.complete
    assert found.step.values.tolist() == list(range(11))
    assert found.training_step.values.tolist() == [0, *[1] * 5, *[2] * 5]
    names = json.loads(found.moved.attrs["names"])
    assert [names[k] for k in found.moved.values] == ["nobody", *(["discriminator"] * 3 + ["generator"] * 2) * 2]
    assert found.discriminator.shape == (2, 11, 16)
    for name, mover in (("discriminator", "discriminator"), ("generator_density", "generator"), ("js", "generator")):
        values = found[name].values.reshape(2, 11, -1)
        changed = (values[:, 1:] != values[:, :-1]).any(-1)
        assert (changed == (found.moved.values[1:] == names.index(mover))).all()


@pytest.mark.parametrize("data", [{"type": "gaussian_mixture"}, RING], ids=["line", "plane"])
def test_after_the_last_update_of_a_step_all_is_as_after_the_step(tmp_path, data):
    recording = train(closely(3, data=data, train={"steps": 2}, record={"latent_cells": 96}), tmp_path / "r")
    steps, updates = recording.dataset.load(), recording.sub_steps.dataset.load()
    assert updates.sizes["step"] == 11  # of a shorter run all there is
    names = {"discriminator", "generator_density", "generator_map", "js", "mode_mass"}
    for name in names | ({"generated", "force"} if "y" in steps else set()):
        np.testing.assert_allclose(updates[name][:, ::5], steps[name], rtol=1e-3, atol=1e-5, err_msg=name)
    assert "generator_loss" not in updates


def test_a_resumed_run_records_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("gandyn.app.training.chunk_length", lambda *_: 4)
    spec = closely(6, train={"steps": 6, "seeds": 1}, record={"fields": False})
    whole = train(spec, tmp_path / "whole").sub_steps.dataset.load()
    original = Trainer.advance

    def stop_here(self):
        if self.step == 5:
            raise KeyboardInterrupt
        original(self)

    monkeypatch.setattr(Trainer, "advance", stop_here)
    with pytest.raises(KeyboardInterrupt):
        train(spec, tmp_path / "parts")
    kept = open_recording(tmp_path / "parts")
    assert kept.steps()[-1] == 3  # the checkpoint is older than the last updates
    assert kept.sub_steps.steps()[-1] == 23
    assert not kept.sub_steps.complete
    monkeypatch.setattr(Trainer, "advance", original)
    resumed = train(spec, tmp_path / "parts", resume=True).sub_steps
    assert resumed.complete
    for name, values in whole.data_vars.items():
        np.testing.assert_array_equal(resumed.dataset[name].values, values.values, err_msg=str(name))


def test_a_crash_between_two_commits_loses_no_update_for_good(tmp_path, monkeypatch):
    monkeypatch.setattr("gandyn.app.training.chunk_length", lambda *_: 2)
    spec = closely(2, train={"steps": 4, "seeds": 1}, record={"fields": False})
    whole = train(spec, tmp_path / "whole").sub_steps.dataset.load()
    for crash, ahead in ((6, 0), (9, 5)):  # lines of both journals; the second dies between two that go together
        folder, left = tmp_path / str(crash), itertools.count(crash, -1)

        def dying(*line, left=left, **values):
            if next(left) == 0:
                raise _Killed
            append(*line, **values)

        monkeypatch.setattr("gandyn.recording.store.journal.append", dying)
        with pytest.raises(_Killed):
            train(spec, folder)
        monkeypatch.setattr("gandyn.recording.store.journal.append", append)
        assert verify(folder) == []
        found = open_recording(folder)
        assert found.sub_steps.steps()[-1] == 5 * found.steps()[-1] + ahead  # never behind the checkpoint
        resumed = train(spec, folder, resume=True).sub_steps.dataset
        for name in whole.data_vars:
            np.testing.assert_array_equal(resumed[name].values, whole[name].values, err_msg=str(name))
        assert verify(folder) == []


class _Killed(BaseException):
    """The end of a process."""


def test_what_is_lost_of_them_is_named(recorded, tmp_path):
    folder = shutil.copytree(recorded.path, tmp_path / "harmed")
    chunk = next((folder / "sub_steps/recording.zarr/discriminator").rglob("c/*/*/*"))
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"?")
    (damage,) = verify(folder)
    assert "discriminator at steps 0 to 10" in str(damage)
    assert "sub_steps" in str(damage)
    opened = open_recording(folder, salvage=True)
    assert opened.damage == []  # the steps themselves are whole
    assert np.isnan(opened.sub_steps.dataset.discriminator.values).any()
    assert opened.damage
    shutil.rmtree(folder / "sub_steps")
    (damage,) = verify(folder)
    assert "every update within the first 2 steps" in str(damage)
    with pytest.raises(DamageError, match="every update"):
        _ = open_recording(folder).sub_steps
    (folder / "sub_steps").symlink_to(recorded.path / "sub_steps")
    assert "link" in str(verify(folder)[0])


def test_recordings_without_them_have_none_and_the_hash_they_always_had(tmp_path):
    recording = train(closely(0, train={"steps": 1}), tmp_path / "r")
    assert recording.sub_steps is None
    assert not (tmp_path / "r" / "sub_steps").exists()
    assert Scenario.model_validate({"data": {"type": "gaussian"}}).fingerprint() == "1c61d4b9bc5ef5b6"
    assert closely(0).fingerprint() != closely(1).fingerprint()


def test_a_diverged_run_ends_them_where_it_ended(tmp_path):
    spec = closely(
        9,
        objective={"type": "least_squares"},
        optimizers={player: {"type": "sgd", "lr": 1e25} for player in ("generator", "discriminator")},
        train={"steps": 9},
    )
    recording = train(spec, tmp_path / "r")
    updates = recording.sub_steps
    assert updates.complete
    assert updates.dataset.sizes["step"] == 46
    for seed, at in recording.diverged.items():
        assert updates.diverged[seed] == at * 5 < 45


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": {"type": "digits"}, "record": {"sub_steps": 1}}, r"sub_steps[^\n]*\n[^\n]*line and on the plane"),
        ({"record": {"sub_steps": 5000}, "dynamics": ROUNDS, "train": {"steps": 5000}}, "more than 20,000"),
        ({"record": {"sub_steps": -1}}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_recorded_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        Scenario.model_validate({"data": {"type": "gaussian"}, **changes})
