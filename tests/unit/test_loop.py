"""Laws of recording anybody's loop: training is the same to the last bit, and what was recorded is on disk."""

# ruff: noqa: PT012 - whole loops are what is interrupted

from __future__ import annotations

import copy
import io
import os
import signal
import threading
import time

import numpy as np
import pytest
import torch
from loops import (
    GAMES,
    Game,
    everything,
    mlp,
    noisy,
    normed,
    old_norms,
    plane,
    recorded,
    same,
    seeded,
    simple,
    start,
)
from torch import nn

import gandyn
from gandyn.core.errors import RecordingError, UsageError
from gandyn.recording.store.recording import open_recording
from gandyn.recording.user_loop import recorder as loop_recorder
from gandyn.recording.user_loop.isolation import uninterrupted


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


# What torch.compile says of spectral normalisation.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
@pytest.mark.parametrize("make", GAMES, ids=lambda make: make.__name__)
def test_training_is_the_same_bit_for_bit(make, tmp_path):
    game = seeded(make)
    expected = everything(game, game.train())
    found = recorded(make, tmp_path / "mine", every=1)
    differing = [name for name in expected if not same(found[name], expected[name])]
    assert differing == []
    assert found.keys() == expected.keys()
    recording = open_recording(tmp_path / "mine")
    assert recording.complete
    assert recording.steps().tolist() == [0, 1, 2, 3, 4, 5]
    for name in ("js", "tv", "real_response", "generated_response"):
        assert np.isfinite(recording.scalars(name)).all()


@pytest.mark.parametrize("make", [normed, noisy, old_norms], ids=lambda make: make.__name__)
def test_it_is_the_same_however_often_it_is_recorded(make, tmp_path):
    often, seldom = recorded(make, tmp_path / "often", every=1), recorded(make, tmp_path / "seldom", every=10)
    assert all(same(often[name], seldom[name]) for name in often)
    assert open_recording(tmp_path / "seldom").steps().tolist() == [0, 5]


def test_the_same_models_are_measured_the_same(tmp_path):
    """Random numbers drawn while looking are the same at every record and in every loop."""
    game = seeded(noisy)
    with start(game, tmp_path / "mine", every=1) as recorder:
        for _ in range(3):
            torch.randn(7)
            recorder.step()
    generated = recorder.recording.dataset.generated
    assert (generated == generated.isel(step=0)).all()
    other = seeded(simple)
    torch.manual_seed(99)
    with start(other, tmp_path / "a", every=1) as first:
        first.step()
    torch.manual_seed(100)
    with start(other, tmp_path / "b", every=1) as second:
        second.step()
    assert first.recording.dataset.generated.equals(second.recording.dataset.generated)


def test_nothing_is_left_on_the_modules(tmp_path):
    game = seeded(
        lambda: Game(mlp(4, 2, nn.BatchNorm1d(16)), mlp(2, 1, nn.Dropout()), plane(), lambda n: torch.randn(n, 4))
    )
    before = [sorted(vars(part)) for module in game.modules for part in module.modules()]
    with start(game, tmp_path / "mine", every=1) as recorder:
        optimizers = game.train(recorder)
        optimizers[0].step()
    assert before == [sorted(vars(part)) for module in game.modules for part in module.modules()]
    for module in game.modules:
        copy.deepcopy(module)
        torch.save(module.state_dict(), io.BytesIO())
        torch.save(module, io.BytesIO())
        torch.compile(module, backend="eager")(game.latent(4) if module is game.G else game.data[:4])


@pytest.mark.parametrize("make", [normed, lambda: seeded(GAMES[14])], ids=["logit", "probability"])
def test_recorded_responses_are_those_of_the_models(make, tmp_path):
    game = seeded(make)
    with start(game, tmp_path / "mine", every=1) as recorder:
        game.train(recorder)
    for model in game.modules:
        model.eval()
    with torch.no_grad():
        raw = game.D(game.data[recorder._space.kept])
        expected = raw if game.loss == "probability" else raw.sigmoid()
    # The last step was recorded before its update of the generator, and after the discriminator's.
    assert recorder.recording.scalars("real_response")[0, -1] == pytest.approx(float(expected.mean()), abs=1e-6)


def test_losses_are_means_since_the_record_before(tmp_path):
    game = simple()
    with start(game, tmp_path / "mine", every=2) as recorder:
        for number in range(1, 6):
            recorder.step(generator_loss=torch.tensor(float(number)), discriminator_loss=2 * number)
    losses = recorder.recording.scalars("generator_loss")[0]
    np.testing.assert_array_equal(losses, [np.nan, 1.5, 3.5, 5.0])
    np.testing.assert_array_equal(recorder.recording.scalars("discriminator_loss")[0], 2 * losses)


def test_a_tensor_may_be_changed_after_it_was_noted(tmp_path):
    total = torch.zeros((), dtype=torch.float64)
    with start(simple(), tmp_path / "mine", every=3) as recorder:
        for _ in range(3):
            total += 1
            recorder.step(generator_loss=total)
    assert recorder.recording.scalars("generator_loss")[0, -1] == 2.0


def test_numbers_of_ones_own_come_late_and_vanish(tmp_path):
    with start(simple(), tmp_path / "mine", every=1) as recorder:
        recorder.step(penalty=1.0)
        recorder.step()
        recorder.note(fid=7)
        recorder.step(generator_gradient_norm=torch.ones(1, requires_grad=True))
        recorder.step(penalty=np.float32(2.0))
    dataset = recorder.recording.dataset
    np.testing.assert_array_equal(dataset.penalty[0], [np.nan, 1, np.nan, np.nan, 2])
    np.testing.assert_array_equal(dataset.fid[0], [np.nan, np.nan, np.nan, 7, np.nan])
    np.testing.assert_array_equal(dataset.generator_gradient_norm[0], [np.nan, np.nan, np.nan, 1, np.nan])
    assert dataset.penalty.attrs["user"]


def test_an_attached_optimizer_counts_until_the_end(tmp_path):
    game = seeded(simple)
    optimizer = torch.optim.SGD(game.G.parameters(), 0.1)
    recorder = start(game, tmp_path / "mine", every=2).attach(optimizer)
    optimizer.step()  # not open yet: not counted
    with recorder:
        for _ in range(4):
            recorder.note(generator_loss=1.0)
            optimizer.step()
        with pytest.raises(UsageError, match=r"note\(\)"):
            recorder.step()
    optimizer.step()
    assert recorder.steps == 4
    assert recorder.recording.steps().tolist() == [0, 2, 4]
    assert not optimizer._optimizer_step_post_hooks
    with pytest.raises(UsageError, match="optimizer"):
        start(game, tmp_path / "other").attach(game.G)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, SystemExit])
def test_what_was_recorded_survives_an_exception(error, tmp_path):
    game = seeded(simple)
    optimizer = torch.optim.SGD(game.G.parameters(), 0.1)
    with pytest.raises(error), start(game, tmp_path / "mine", every=2) as recorder:
        recorder.attach(optimizer)
        for number in range(5):
            recorder.note(mine=number)
            optimizer.step()
        raise error
    recording = open_recording(tmp_path / "mine")
    assert recording.steps().tolist() == [0, 2, 4]
    np.testing.assert_array_equal(recording.scalars("mine")[0], [np.nan, 0.5, 2.5])
    assert not recording.complete
    assert not optimizer._optimizer_step_post_hooks
    with pytest.raises(RecordingError, match="with gandyn"):
        recorder.note(mine=1)


def test_ctrl_c_waits_until_models_and_records_are_whole(tmp_path):
    game = seeded(normed)
    reached = []

    def latent_and_interrupt(x):
        if recorder.steps == 3 and not reached:
            reached.append(True)
            os.kill(os.getpid(), signal.SIGINT)
        return D(x)

    D, handler = game.D, signal.getsignal(signal.SIGINT)
    game.D = latent_and_interrupt
    recorder = start(game, tmp_path / "mine", every=1)
    with pytest.raises(KeyboardInterrupt), recorder:
        for _ in range(5):
            recorder.step()
    assert open_recording(tmp_path / "mine").steps().tolist() == [0, 1, 2, 3]
    assert D.training
    assert signal.getsignal(signal.SIGINT) is handler
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second does not wait")
    with uninterrupted():
        pass


def test_a_model_that_fails_while_it_is_looked_at_is_left_as_it_was(tmp_path):
    game = seeded(normed)
    D = game.D

    def failing(x):
        if recorder.steps == 2:
            raise ZeroDivisionError("of its own")
        return D(x)

    game.D = failing
    recorder = start(game, tmp_path / "mine", every=1)
    state = torch.get_rng_state()
    with (
        pytest.raises(UsageError, match=r"discriminator: it failed on a batch of shape \(\d+, 2\).*of its own"),
        recorder,
    ):
        for _ in range(3):
            recorder.step()
    assert D.training
    assert torch.equal(torch.get_rng_state(), state)
    assert open_recording(tmp_path / "mine").steps().tolist() == [0, 1]


def test_a_generator_that_dies_is_recorded(tmp_path):
    game = seeded(GAMES[12])
    with (  # noqa: PT031
        pytest.warns(UserWarning, match="diverged") as told,
        start(game, tmp_path / "mine", every=1) as recorder,
    ):
        recorder.step()
        with torch.no_grad():
            for weight in game.G.parameters():
                weight.fill_(float("nan"))
        recorder.step(generator_loss=float("nan"))
        recorder.step(generator_loss=float("inf"))
    assert all("diverged" in str(one.message) for one in told)
    recording = recorder.recording
    assert recording.steps().tolist() == [0, 1, 2, 3]
    assert np.isfinite(recording.scalars("js")[0, :2]).all()
    gandyn.animate(recording, tmp_path / "dead.gif", frames=3, size=[480, 270])


def test_the_step_axis_has_no_end(tmp_path, monkeypatch):
    monkeypatch.setattr(loop_recorder, "_RECORDS", 3)
    monkeypatch.setattr(loop_recorder, "_CHUNK", 2)
    with start(simple(), tmp_path / "mine", every=1) as recorder:
        for number in range(13):
            recorder.step(mine=number)
    np.testing.assert_array_equal(recorder.recording.scalars("mine")[0, 1:], range(13))
    assert len(recorder.recording.steps()) == 14


def test_data_may_change_after_they_were_handed_over(tmp_path):
    game = seeded(simple)
    recorder = start(game, tmp_path / "mine", every=1)
    with recorder:
        game.data.zero_()
        recorder.step()
    responses = recorder.recording.scalars("real_response")[0]
    assert responses[0] == responses[1]


def test_a_default_device_of_ones_own_does_not_matter(tmp_path):
    game = seeded(simple)
    with start(game, tmp_path / "mine", every=1) as recorder, torch.device("meta"):
        recorder.step(generator_loss=1.0)
    assert recorder.recording.steps().tolist() == [0, 1]


def test_another_thread_may_train(tmp_path):
    game = seeded(simple)

    def work():
        with start(game, tmp_path / "mine", every=1) as recorder:
            recorder.step()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert open_recording(tmp_path / "mine").complete


def test_a_step_that_is_not_recorded_costs_next_to_nothing(tmp_path):
    """The limit is 50 microseconds; measured, with two losses that require gradients, 10."""
    losses = [torch.rand((), requires_grad=True) * 1.0 for _ in range(2)]
    with start(simple(), tmp_path / "mine", every=10**6) as recorder:
        costs = []
        for _ in range(20):
            began = time.perf_counter()
            for _ in range(100):
                recorder.step(generator_loss=losses[0], discriminator_loss=losses[1], learning_rate=1e-3)
            costs.append((time.perf_counter() - began) / 100)
    assert min(costs) < 50e-6


class Functional(nn.Module):
    """Ends in a sigmoid that is no module."""

    def __init__(self, inner, scale):
        super().__init__()
        self.inner, self.scale = inner, scale

    def forward(self, x):
        return torch.sigmoid(self.scale * self.inner(x))


class Shifted(nn.Module):
    """Returns logits that all lie between 0 and 1 near the data."""

    def forward(self, x):
        return 0.5 + 0.001 * x[:, 0]


def stepped(game, folder, every):
    """Record three steps in which nothing is learnt."""
    with start(game, folder, every=every) as recorder:
        for _ in range(3):
            recorder.step()


def how_read(discriminator, folder):
    """Return what the responses of a discriminator that is asked without being explained are taken for."""
    game = seeded(simple)
    game.D = discriminator
    with start(game, folder, every=1) as recorder:
        recorder.step()
    about = recorder.recording.dataset.attrs
    return about["response"], recorder._space.respond(torch.tensor(0.25)).item(), about["response_because"]


@pytest.mark.parametrize("scale", [0.1, 1.0, 20.0, 1000.0])
def test_a_sigmoid_that_is_no_module_is_seen(scale, tmp_path):
    assert how_read(Functional(mlp(2, 1), scale), tmp_path) == ("probability", 0.25, "it ends in a sigmoid")


def test_a_sigmoid_is_seen_behind_what_moves_and_averages(tmp_path):
    inner = mlp(2, 4)
    for number, last in enumerate(
        (
            lambda x: x.sigmoid().mean(1, keepdim=True).view(-1, 1).squeeze(1),
            lambda x: x.softmax(1)[:, 1:2].clamp(1e-6, 1 - 1e-6),
            lambda x: nn.functional.avg_pool1d(x.sigmoid()[:, None], 4).flatten(1),
        )
    ):
        judge = lambda x, last=last: last(inner(x))  # noqa: E731
        assert how_read(judge, tmp_path / str(number))[::2] == ("probability", "it ends in a sigmoid")


def test_ordinary_logits_are_taken_for_logits(tmp_path):
    judges = [Shifted(), nn.Sequential(mlp(2, 1), nn.ReLU()), nn.Sequential(mlp(2, 1), nn.Tanh())]
    for number in range(6):
        torch.manual_seed(number)
        judges += [mlp(2, 1), mlp(2, 1, nn.BatchNorm1d(16))]
    for number, judge in enumerate(judges):
        kind, value, because = how_read(judge, tmp_path / str(number))
        assert (kind, because) == ("probability", "it ends in no sigmoid")
        assert value == pytest.approx(0.5622, abs=1e-4)


def test_values_alone_are_doubted_and_corrected_once(tmp_path):
    """Where nobody can see the end, all values within 0 and 1 are probabilities, until one of them is not."""
    game, far = seeded(simple), [0.5]

    def judge(x):
        return torch.full((len(x), 1), far[0])

    game.D = judge
    recorder = start(game, tmp_path / "mine", every=1)
    with pytest.warns(UserWarning, match=r"read as probabilities, for all of them lie between 0 and 1"):
        recorder.start()
    recorder.step()
    far[0] = 1.5
    with pytest.warns(UserWarning, match=r"returned 1\.5 by step 2: .* response='logit'"):
        recorder.step()
    recorder.step()
    recorder.close()
    assert recorder.recording.dataset.attrs["response"] == "probability"


def test_a_loop_without_a_step_is_told_of(tmp_path):
    with pytest.warns(UserWarning, match=r"step\(\) was never called"), start(seeded(simple), tmp_path / "mine"):
        pass
    game = seeded(simple)
    with pytest.raises(ValueError, match="theirs"), start(game, tmp_path / "other"):
        raise ValueError("theirs")
    with start(game, tmp_path / "third") as recorder:
        recorder.attach(torch.optim.SGD(game.G.parameters(), 0.1))


def test_it_says_where_it_records(tmp_path):
    recorder = start(seeded(simple), tmp_path / "mine", every=1)
    told = [repr(recorder)]
    with recorder:
        recorder.step()
        told.append(repr(recorder))
    told.append(repr(recorder))
    assert all(str(tmp_path / "mine") in text for text in told)
    for text, state in zip(told, ("0 steps, not begun", "1 step, recording", "1 step, closed"), strict=True):
        assert state in text
