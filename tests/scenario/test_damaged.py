"""Damage is told by `show --verify`, stops what would draw it, and is left out where that is asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import gandyn as package

RECORDING = Path("runs/toy")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged") / "kept"


@pytest.fixture
def trained(gandyn, kept, monkeypatch):
    """A recording of several chunks, trained once."""
    if not kept.exists():
        monkeypatch.setattr("gandyn.app.training.chunk_length", lambda *_: 8)
        assert gandyn("train", "toy.yaml", "-q", "-o", kept).exit_code == 0
    shutil.copytree(kept, RECORDING)
    return RECORDING


def flip(file, bit=300):
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)


def test_verify_names_every_damaged_file_and_what_is_lost(gandyn, trained):
    whole = gandyn("show", trained, "--verify")
    assert whole.exit_code == 0
    assert whole.stdout == gandyn("show", trained).stdout + "All of it was read, and every checksum fits.\n"
    flip(trained / "recording.zarr/scalars/c/0/1/0")
    (trained / "recording.zarr/generator_density/c/0/2/0").unlink()
    flip(trained / "checkpoints/0.safetensors")
    flip(trained / "scenario.yaml")
    found = gandyn("show", trained, "--verify")
    assert found.exit_code == 1
    assert [line.split(" is damaged: ")[0] for line in found.stdout.splitlines()] == [
        "runs/toy/recording.zarr/generator_density/c/0/2/0",
        "runs/toy/recording.zarr/scalars/c/0/1/0",
        "runs/toy/checkpoints/0.safetensors",
        "runs/toy/scenario.yaml",
    ]
    assert "lost: scalars at steps 8 to 15\n" in found.stdout
    assert "lost: generator_density at steps 16 to 20\n" in found.stdout
    assert "4 files are damaged" in found.stderr
    told = json.loads(gandyn("show", trained, "--verify", "--json").stdout)["damage"]
    assert [one["lost"] for one in told][:2] == ["generator_density at steps 16 to 20", "scalars at steps 8 to 15"]


@pytest.mark.parametrize("lost", ["generator_density", "discriminator", "scalars", "generator_map", "mode_mass"])
@pytest.mark.parametrize("chunk", [0, 2])
def test_what_is_whole_is_drawn_with_salvage(gandyn, trained, lost, chunk):
    flip(next((trained / f"recording.zarr/{lost}/c/0").rglob(f"{chunk}/*")))
    for command in (
        ["animate", trained, "-o", "a.gif"],
        ["plot", trained, "-o", "p.png", "--csv", "n.csv"],
        ["show", trained],
    ):
        refused = gandyn(*command)
        drawn = gandyn(*command, "--salvage")
        assert drawn.exit_code == 0, drawn.stderr
        assert f"{lost} at steps" in drawn.stdout
        # What is not looked at is not missed.
        assert refused.exit_code == 0 or f"{lost}/c/0/{chunk}" in refused.stderr
        assert "defect" not in refused.stderr
    assert gandyn("animate", trained, "-o", "a.gif").exit_code == 1 or lost == "mode_mass"


def test_arrays_that_are_lost_as_a_whole_are_left_out_or_refused(gandyn, trained):
    drawn = []
    for array in sorted(place for place in (trained / "recording.zarr").iterdir() if place.is_dir()):
        file = array / "zarr.json"
        whole = file.read_bytes()
        file.write_bytes(whole[:50])
        found = gandyn("animate", trained, "-o", "a.png", "--salvage")
        assert "defect" not in found.stderr, (array.name, found.stderr)
        assert found.exit_code == 0 or array.name in found.stderr
        assert found.exit_code or f"left out: {array.name}" in found.stdout
        drawn += [array.name] * (not found.exit_code)
        file.write_bytes(whole)
    assert {"scalars", "mode_mass", "generator_map"} < {*drawn}
    assert not {"x", "seed", "step", "data_density"} & {*drawn}


def test_salvage_is_of_recordings(gandyn):
    found = gandyn("animate", "toy.yaml", "--salvage")
    assert found.exit_code == 2
    assert "--salvage" in found.stderr
    assert not RECORDING.exists()


def test_damaged_weights_are_neither_gone_on_from_nor_drawn_from(gandyn, trained):
    flip(trained / "checkpoints/0.safetensors", 8 * 500)
    found = gandyn("sample", trained, "-o", "s.npy")
    assert found.exit_code == 1
    assert "0.safetensors is damaged" in found.stderr
    (trained / "checkpoints/0.safetensors").unlink()
    assert "0.safetensors is damaged: it is missing" in gandyn("sample", trained, "-o", "s.npy").stderr
    assert package.open_recording(trained).complete


def test_recordings_of_older_versions_are_told(gandyn, trained):
    old = {"format": 1, "groups": [[0, 1]], "every": 1, "steps": 20, "variables": ["js"]}
    (trained / "journal.jsonl").write_text(json.dumps(old) + "\n")
    found = gandyn("show", trained)
    assert found.exit_code == 1
    assert "older version of gandyn; train it again" in found.stderr
    assert gandyn("show", trained, "--verify").exit_code == 1
    assert gandyn("train", "toy.yaml", "--force", "-q").exit_code == 0
    assert gandyn("show", trained, "--verify").exit_code == 0


def test_a_recording_with_another_title_is_whole(gandyn, trained):
    text = Path("toy.yaml").read_text()
    Path("toy.yaml").write_text(text.replace("A toy", "Another"))
    assert gandyn("animate", "toy.yaml", "-q").exit_code == 0
    assert gandyn("show", trained, "--verify").exit_code == 0
    assert package.open_recording(trained).scenario["title"] == "Another"
    # The scenario in a recording is still one that can be trained.
    assert gandyn("train", trained / "scenario.yaml", "-o", "again", "-q").exit_code == 0


def test_salvaged_numbers_are_the_whole_ones_or_nan(gandyn, trained):
    whole = package.open_recording(trained).dataset.load()
    flip(trained / "recording.zarr/scalars/c/0/1/0")
    with pytest.raises(package.errors.DamageError, match="scalars at steps 8 to 15"):
        package.open_recording(trained).dataset.load()
    found = package.open_recording(trained, salvage=True).dataset.load()
    lost = np.arange(21) // 8 == 1
    for name, values in whole.data_vars.items():
        expected = np.where(lost, np.nan, values.values) if values.dims == ("seed", "step") else values.values
        np.testing.assert_array_equal(found[name].values, expected, err_msg=str(name))


@pytest.mark.parametrize("command", ["animate", "plot", "show"])
def test_where_a_damaged_recording_is_refused_salvage_is_offered(gandyn, trained, command):
    chunk = trained / "recording.zarr/scalars/c/0/0/0"
    chunk.write_bytes(chunk.read_bytes()[:-8])
    refused = gandyn(command, trained)
    assert refused.exit_code == 1
    assert "(--salvage leaves out what is damaged and takes the rest)" in refused.stderr
    assert gandyn(command, trained, "--salvage").exit_code == 0
