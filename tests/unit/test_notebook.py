"""A recording shows its numbers and a picture in a notebook."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gandyn
from gandyn.recording.html_repr import _last

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    spec = {"name": "toy", "title": "a < b", "data": {"type": "gaussian"}, "train": {"steps": 20, "seeds": 3}}
    return gandyn.train(spec, tmp_path_factory.mktemp("runs") / "toy")


def test_the_card_of_a_recording_holds_its_last_numbers_and_a_picture(recording):
    page = recording._repr_html_()
    assert "<b>a &lt; b</b>" in page
    assert "(complete)" in page
    assert f"{np.median(recording.scalars('w1')[:, -1]):.4g} (from " in page
    curve = re.search(r"<polyline points='([^']*)'", page).group(1).split()
    assert len(curve) == recording.dataset.sizes["x"]
    heights = np.array([float(point.split(",")[1]) for point in curve])
    density = recording.field("generator_density", 0, len(recording.steps()) - 1)
    cut = 2 * recording.dataset["data_density"].values.max()
    assert np.allclose(heights, 150 - 2 - 148 * np.minimum(density / cut, 1), atol=0.06)


def test_a_diverged_seed_is_told_and_another_is_drawn(recording, monkeypatch):
    monkeypatch.setitem(recording.journal.diverged, 0, 10)
    page = recording._repr_html_()
    assert "seed 0 at step 10" in page
    assert "densities of seed 1 at step 20" in page


def test_a_still_shows_itself(recording):
    picture = gandyn.still(recording, size=(480, 270))
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert repr(picture) == f"<Still, {len(picture)} bytes of PNG>"
    assert gandyn.still(Path(recording.path), 0, size=(480, 270)) != picture


def test_the_card_of_a_recording_on_the_plane_stains_its_cells_with_both_densities(tmp_path):
    spec = {
        "name": "ring",
        "data": {"type": "ring", "radius": 2.0, "std": 0.5},
        "train": {"steps": 2},
        "record": {"grid": {"cells": 24}},
    }
    recording = gandyn.train(spec, tmp_path / "ring")
    page = recording._repr_html_()
    (image,) = re.findall(r"src='data:image/png;base64,([^']*)'", page)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(image))).convert("RGB")).astype(int)
    assert pixels.shape == (24, 24, 3)
    data = recording.dataset["data_density"].values
    generator = recording.field("generator_density", 0, 2)
    bare = ((data < 1e-9) & (generator < 1e-9)).T[::-1]
    assert bare.any()
    assert (pixels[bare] == 255).all()
    only = ((data > 0.2 * data.max()) & (generator < 1e-9)).T[::-1]
    assert (pixels[only][:, 2] > pixels[only][:, 0]).all()


def test_a_number_that_was_measured_last_some_steps_ago_is_dated():
    steps = np.array([0, 10, 20])
    assert _last(np.array([[5.0, 3.0, np.nan]]), steps) == "3 at step 10"
    assert _last(np.array([[5.0, 3.0, 2.0]]), steps) == "2"
    assert _last(np.full((1, 3), np.nan), steps) == "none"
