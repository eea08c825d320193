"""New samples from recordings: the generator that was trained, and none other."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

import gandyn
from gandyn.cli import app
from gandyn.core.errors import RecordingError, UsageError

GAN = {
    "data": {"type": "digits"},
    "generator": {"type": "dcgan", "channels": 8},
    "discriminator": {"type": "dcgan", "channels": 8},
    "train": {"steps": 4, "batch_size": 32},
    "record": {"every": 2, "latent_points": 64, "quality_samples": 100},
}


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return gandyn.train({"name": "d", "conditional": True, **GAN}, tmp_path_factory.mktemp("runs") / "d")


def test_samples_are_images_of_the_class_that_is_asked_for(digits):
    sevens = gandyn.sample(digits, 12, label="7")
    assert sevens.shape == (12, 1, 8, 8)
    assert np.abs(sevens).max() <= 1
    np.testing.assert_array_equal(gandyn.sample(digits.path, 12, label="7"), sevens)
    assert not np.array_equal(gandyn.sample(digits, 12, label="3"), sevens)
    assert not np.array_equal(gandyn.sample(digits, 12, label="7", rng=1), sevens)
    in_turn = gandyn.sample(digits, 10)
    np.testing.assert_allclose(in_turn[7], gandyn.sample(digits, 8, label="7")[7], atol=1e-6)


def test_samples_are_those_of_the_recorded_generator(digits):
    # The recording's own pictures are drawn from the same weights: their mean image agrees.
    shown = np.asarray(digits.dataset["samples"].values[0, -1], dtype=float) / 127.5 - 1
    np.testing.assert_allclose(gandyn.sample(digits, 2000).mean(0), shown.mean(0), atol=0.1)


@pytest.mark.parametrize("average", [None, 0.5])
def test_toys_are_sampled_as_points_seed_by_seed(tmp_path, average):
    spec = {"name": "t", "data": {"type": "ring"}, "train": {"steps": 30, "seeds": 3, "average": average}}
    toy = gandyn.train({**spec, "record": {"every": 30}}, tmp_path / "t")
    each = [gandyn.sample(toy, 4000, seed=seed) for seed in range(3)]
    assert each[0].shape == (4000, 2)
    for index, points in enumerate(each):
        recorded = toy.dataset["generated"].values[index, -1]
        np.testing.assert_allclose(points.mean(0), recorded.mean(0), atol=0.3)
        np.testing.assert_allclose(points.std(0), recorded.std(0), rtol=0.3)
    assert not np.allclose(each[0], each[1])


def test_classes_that_were_never_learnt_are_not_drawn(tmp_path):
    folder = tmp_path / "images"
    for name in "ab":
        (folder / name).mkdir(parents=True)
        for number in range(20):
            pixels = np.full((8, 8), 9 * number, dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    data = {"type": "image_folder", "folder": str(folder), "size": 8, "colour": False}
    made = gandyn.train({"name": "f", "conditional": True, **GAN, "data": data}, tmp_path / "f")
    assert gandyn.sample(made, 4, label="b").shape == (4, 1, 8, 8)
    with pytest.raises(UsageError, match="known: a, b"):
        gandyn.sample(made, label="c")
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(RecordingError, match="cannot be made again"):
        gandyn.sample(made)


def test_what_cannot_be_sampled_is_told(digits, tmp_path):
    for complaint, asked in (("no class 'x'", {"label": "x"}), ("seed 5", {"seed": 5}), ("1 to", {"count": 0})):
        with pytest.raises(UsageError, match=complaint):
            gandyn.sample(digits, **asked)
    plain = gandyn.train({"name": "p", **GAN}, tmp_path / "p")
    with pytest.raises(UsageError, match="not told classes"):
        gandyn.sample(plain, label="7")
    with gandyn.record(
        lambda z: z, lambda x: x.sum(1), data=np.zeros((64, 2)) + np.arange(64)[:, None],
        latent=lambda n: torch.randn(n, 2), out=tmp_path / "own",
    ) as recorder:  # fmt: skip
        recorder.step()
    with pytest.raises(RecordingError, match="holds no weights"):
        gandyn.sample(tmp_path / "own")


def test_the_command_writes_sheets_and_arrays(digits, tmp_path):
    run = CliRunner().invoke
    sheet, array = tmp_path / "sevens.png", tmp_path / "all.npy"
    done = run(app, ["sample", str(digits.path), "-o", str(sheet), "--class", "7", "-n", "9"])
    assert done.exit_code == 0, done.output
    assert "9 samples at step 4" in done.output
    with Image.open(sheet) as drawn:
        width, height = drawn.size
        pixels = np.asarray(drawn)
    assert width == height == pytest.approx(600, rel=0.05)
    factor = (width - 2 * 2) // (3 * 8)
    first = np.clip((gandyn.sample(digits, 9, label="7")[0, 0] + 1) * 127.5, 0, 255).round()
    np.testing.assert_array_equal(pixels[: 8 * factor, : 8 * factor], first.repeat(factor, 0).repeat(factor, 1))
    assert run(app, ["sample", str(digits.path), "-o", str(array), "-n", "30"]).exit_code == 0
    assert np.load(array).shape == (30, 1, 8, 8)
    refused = run(app, ["sample", str(digits.path), "-o", str(tmp_path / "a.jpg")])
    assert refused.exit_code == 2


def test_a_walk_begins_at_the_image_that_grew_up_and_comes_back_to_it(digits):
    from gandyn.app.walking import walk_of
    from gandyn.rendering import AnimationOptions

    found = walk_of(digits, AnimationOptions(story="walk", frames=100))
    shown = digits.dataset["samples"].values[0, -1]
    assert len(found.images) == 65
    for one in (found.images[0], found.anchors[0]):
        assert np.abs(one.astype(int) - shown[0]).max() <= 1
    assert found.places[0] == 0
    assert (np.diff(found.places) >= 0).all()
    assert found.places[-1] < 1
    hops = np.abs(np.diff([*found.images, found.images[0]], axis=0).astype(int)).mean(axis=(1, 2, 3))
    assert hops[-1] <= hops.max()
    assert len(walk_of(digits, AnimationOptions(story="walk", frames=40, loop=True)).images) == 40
    assert walk_of(digits, AnimationOptions()) is None
    with pytest.raises(UsageError, match="that of step 4"):
        walk_of(digits, AnimationOptions(story="walk", last_step=2))


def test_points_are_written_as_an_array_where_nothing_is_said(gandyn, workplace):
    gandyn("train", "toy.yaml")
    told = gandyn("sample", "runs/toy", "-n", 7)
    assert told.exit_code == 0, told.stderr
    assert "toy_samples.npy  (7 samples at step 20)" in told.stdout
    assert np.load("toy_samples.npy").shape == (7, 1)
