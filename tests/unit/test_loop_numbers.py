"""What a loop notes is numbers, and of those that are not finite everybody is told."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from loops import GAMES, plane, seeded, simple, start

import gandyn
from gandyn.app.show import contents, render_contents
from gandyn.core.errors import UsageError
from gandyn.rendering.recording_view import RecordingView

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"))]


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def noted(folder, name, values, every=1):
    """Record a loop that notes these values, from step 1 on, and return what was warned of."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with start(seeded(simple), folder, every=every) as recorder:
            for value in values:
                recorder.step(**{name: value})
    return recorder.recording, told


def tensor(device):
    return lambda value: torch.tensor(value, device=device, requires_grad=True) * 1.0


@pytest.mark.parametrize("every", [1, 2, 100])
@pytest.mark.parametrize("bad", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("make", [float, np.float32, tensor("cpu"), lambda value: torch.tensor([[value]])])
def test_a_loss_that_is_not_finite_is_told_of_at_its_step(make, bad, every, tmp_path):
    values = [make(float(value)) for value in ("1", "2", bad, "4", bad)]
    recording, told = noted(tmp_path / "mine", "generator_loss", values, every)
    assert [str(one.message) for one in told] == [
        f"gandyn.record: generator_loss: {bad} at step 3; the recording has diverged there"
    ]
    assert told[0].filename == __file__
    assert recording.diverged == {0: 3}
    assert recording.dataset.diverged_step.values.tolist() == [3]
    view = RecordingView(recording)
    seen = {int(step): view.diverged(index) for index, step in enumerate(view.steps)}
    assert seen == {step: 3 if step >= 3 else None for step in seen}


@pytest.mark.parametrize("device", DEVICES)
def test_it_is_told_of_by_the_next_record_wherever_the_number_is(device, tmp_path):
    values = [tensor(device)(value) for value in (1.0, float("inf"), float("nan"), 1.0)]
    recording, told = noted(tmp_path / "mine", "discriminator_loss", values, every=3)
    assert [str(one.message).partition(" at ")[2] for one in told] == ["step 2; the recording has diverged there"]
    assert recording.diverged == {0: 2}


def test_show_and_pictures_say_so(tmp_path, capsys):
    recording, _ = noted(tmp_path / "mine", "generator_loss", [1.0, float("nan"), 1.0])
    from rich.console import Console

    found = contents(recording)
    for part in render_contents(found):
        Console(width=120).print(part)
    assert "diverged at step 2" in " ".join(capsys.readouterr().out.split()).replace("diverged diverged", "diverged")
    assert gandyn.animate(recording, tmp_path / "mine.png", size=[480, 270]).stat().st_size > 1000


def test_of_ones_own_numbers_it_is_only_told(tmp_path):
    recording, told = noted(tmp_path / "mine", "fid", [float("nan"), 1.0, float("nan")])
    assert [str(one.message) for one in told] == ["gandyn.record: fid: nan at step 1"]
    assert recording.diverged == {}


@pytest.mark.parametrize("player", ["G", "D"])
def test_models_that_die_without_a_loss_that_says_so(player, tmp_path):
    game = seeded(simple)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with start(game, tmp_path / "mine", every=2) as recorder:
            for number in range(6):
                if number == 2:
                    with torch.no_grad():
                        next(getattr(game, player).parameters()).fill_(float("nan"))
                recorder.step(generator_loss=1.0)
    whose = {"G": "the generator's samples", "D": "the discriminator's responses"}[player]
    assert f"gandyn.record: {whose}: nan at step 4; the recording has diverged there" in [str(o.message) for o in told]
    assert {one.filename for one in told} == {__file__}
    assert recorder.recording.diverged == {0: 4}


@pytest.mark.parametrize(
    "value", [torch.zeros(3), "high", "0.5", b"1", None, torch.zeros(2, 2), [1, 2], np.zeros(2)], ids=repr
)
def test_a_number_is_one_number(value, tmp_path):
    with start(seeded(simple), tmp_path / "mine") as recorder:
        with pytest.raises(UsageError, match=r"mine: one number, not .*; take its mean"):
            recorder.step(mine=value)
        recorder.step()


def test_with_an_attached_optimizer_a_warning_is_of_the_users_own_line(tmp_path):
    game = seeded(simple)
    optimizer = torch.optim.SGD(game.G.parameters(), 0.0)
    with torch.no_grad():
        next(game.D.parameters()).fill_(float("nan"))
    with start(game, tmp_path / "mine", every=1).attach(optimizer), pytest.warns(UserWarning, match="nan at") as told:
        optimizer.step()
    assert {one.filename for one in told} == {__file__}


def test_a_good_loop_is_told_nothing(tmp_path):
    for number, make in enumerate((simple, GAMES[13])):
        game = seeded(make)
        with start(game, tmp_path / str(number), every=1) as recorder:
            game.train(recorder)
        assert recorder.recording.diverged == {}


SHAPES = {
    "a series in time": (torch.randn(64, 20, 6), None, None, "taken for no images.*image_shape=.1, 20, 6."),
    "a series said to be none": (torch.randn(64, 20, 6), (), None, None),
    "matrices said to be images": (torch.rand(64, 20, 6), (1, 20, 6), (1, 20, 6), None),
    "matrices of bytes": (torch.randint(0, 256, (64, 8, 8), dtype=torch.uint8), None, (1, 8, 8), None),
    "one channel": (torch.rand(64, 1, 8, 6), None, (1, 8, 6), None),
    "three channels": (torch.rand(64, 3, 8, 6), None, (3, 8, 6), None),
    "three series said to be none": (torch.randn(64, 3, 8, 6), (), None, None),
    "five channels": (torch.rand(64, 5, 8, 6), None, None, None),
    "points": (plane(), None, None, None),
}


@pytest.mark.parametrize(("data", "said", "image", "message"), SHAPES.values(), ids=SHAPES)
def test_images_are_what_has_channels_or_is_said_to_be_one(data, said, image, message, tmp_path):
    def record():
        return gandyn.record(
            torch.nn.Identity(), torch.nn.Identity(), data=data, latent=torch.zeros, image_shape=said, out=tmp_path
        )

    if message is None:
        recorder = record()
    else:
        with pytest.warns(UserWarning, match=message) as told:
            recorder = record()
        assert told[0].filename == __file__
    assert recorder._space.image == image
    assert bool(recorder._space.pictures) == (image is not None)
