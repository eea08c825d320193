"""Sets of few images: what is shown is made up of what there is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import gandyn
from gandyn.core.errors import DataError, ScenarioError
from gandyn.scenario.loading import parse_scenario


def folder_of(path, counts):
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        (path / name).mkdir(parents=True)
        for number in range(count):
            pixels = rng.integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(path / name / f"{number}.png")
    return path


def spec(folder, **more):
    return {
        "name": "few",
        "data": {"type": "image_folder", "folder": str(folder), "size": 8, "colour": False},
        "generator": {"type": "dcgan", "channels": 4},
        "discriminator": {"type": "dcgan", "channels": 4},
        "train": {"steps": 2, "batch_size": 8},
        "record": {"every": 1, "latent_points": 100},
        **more,
    }


@pytest.mark.parametrize("conditional", [False, True])
def test_recordings_of_few_images_open(tmp_path, conditional):
    folder = folder_of(tmp_path / "images", {"many": 17, "three": 3})
    data = gandyn.train(spec(folder, conditional=conditional), tmp_path / "run").dataset
    assert data.sizes["sample"] == (10 if conditional else 25)
    assert len(data.real_samples) == data.sizes["sample"]
    if conditional:
        threes = data.real_samples.values[data.sample_class.values == 1]
        assert len(np.unique(threes, axis=0)) == 3
    assert data.generated.sizes["point"] == 100


@pytest.mark.parametrize(("others", "said"), [(0, "all 30 samples"), (1, "nearly all of the 3000 samples")])
def test_identical_images_are_called_so(tmp_path, others, said):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(30 if not others else 3000):
        Image.new("L", (8, 8), 0 if number < others else 100).save(folder / f"{number:04}.png")
    with pytest.raises(DataError, match=f"{said} are identical: there is nothing to learn"):
        gandyn.train(spec(folder), tmp_path / "run")


def test_a_moved_folder_is_the_same_data(tmp_path):
    first = parse_scenario(spec(folder_of(tmp_path / "a", {"x": 9, "y": 9})))
    second = parse_scenario(spec(folder_of(tmp_path / "b", {"x": 9, "y": 9})))
    assert first.fingerprint() == second.fingerprint()


def test_views_that_do_not_fit_are_told_at_their_key(tmp_path):
    folder = folder_of(tmp_path / "images", {"x": 20})
    with pytest.raises(ScenarioError, match=r"record\.view: samples of 64 coordinates"):
        parse_scenario(spec(folder, record={"view": {"type": "identity"}}))


def test_somebody_s_discriminator_proves_its_bound_whatever_losses_were_noted(tmp_path):
    import torch

    from gandyn.rendering.panels.divergences import Divergences
    from gandyn.rendering.recording_view import RecordingView

    real = torch.randn(200, 2)
    with gandyn.record(
        torch.nn.Linear(2, 2), torch.nn.Linear(2, 1), data=real, latent=lambda n: torch.randn(n, 2), every=1,
        objective="non_saturating", out=tmp_path / "own",
    ) as recorder:  # fmt: skip
        recorder.step(generator_loss=0.69, discriminator_loss=0.69)  # the mean of real and fake
    roles = {curve.role for curve in Divergences.quantities(RecordingView(recorder.recording))}
    assert "js" in roles
    assert "js_bound" in roles
    found = recorder.recording.dataset
    assert (found.js_bound.values <= found.js.values).all()
