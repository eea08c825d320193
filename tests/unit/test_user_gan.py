"""A script that knows nothing of gandyn is recorded by three added lines: it trains the same, and animates."""

from __future__ import annotations

import json

import pytest
import torch
import user_gan
from loops import same
from typer.testing import CliRunner

import gandyn
from gandyn.cli import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder where the script was run with and without being recorded."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("user")
    user_gan.main(["--save", str(folder / "plain.pt")])
    user_gan.main(["--save", str(folder / "watched.pt"), "--record", str(folder / "mine")])
    torch.set_num_threads(threads)
    return folder


def test_its_weights_gradients_modes_and_random_numbers_are_the_same(folder):
    plain, watched = (torch.load(folder / f"{name}.pt") for name in ("plain", "watched"))
    for part in ("G", "D"):
        assert all(same(plain[part][name], watched[part][name]) for name in plain[part])
    for part in ("grads", "modes", "numbers"):
        assert same(plain[part], watched[part])


def test_its_recording_is_whole(folder):
    recording = gandyn.open_recording(folder / "mine")
    assert recording.complete
    assert recording.scenario == {}
    assert recording.objective is None
    assert recording.steps().tolist() == [0, 10, 20, 30, 40]
    assert recording.dataset["samples"].shape == (1, 5, 25, 1, 8, 8)
    assert recording.dataset["discriminator"].attrs["kind"] == "probability"
    assert "estimate" in recording.dataset["js"].attrs["view"]


def test_it_animates(folder):
    assert gandyn.animate(folder / "mine", folder / "mine.gif", frames=4, size=[640, 360]).stat().st_size > 10_000
    assert gandyn.plot(folder / "mine", folder / "mine.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    "words",
    [
        ["animate", "{mine}", "-o", "{out}.gif", "--frames", "3", "--size", "640x360"],
        ["animate", "{mine}", "-o", "{out}.png", "--size", "640x360"],
        ["plot", "{mine}", "-o", "{out}.png"],
        ["plot", "{mine}", "-o", "{out}.pdf", "--filmstrip", "--steps", "0,20,40"],
        ["plot", "{mine}", "--csv", "{out}.csv"],
        ["show", "{mine}"],
    ],
    ids=" ".join,
)
def test_the_command_line_takes_its_folder(words, folder, tmp_path):
    given = [word.format(mine=folder / "mine", out=tmp_path / "out") for word in words]
    found = CliRunner().invoke(app, given)
    assert found.exit_code == 0, found.output
    written = list(tmp_path.iterdir())
    assert [file.stem for file in written] == (["out"] if "-o" in words or "--csv" in words else [])
    assert all(file.stat().st_size > 200 for file in written)


def test_what_is_shown_of_it_is_plain(folder):
    found = json.loads(CliRunner().invoke(app, ["show", str(folder / "mine"), "--json"]).output)
    assert found["last_step"] == 40
    assert found["steps_recorded"] == 5
    assert found["scenario"] == {}
    assert "samples" in found["variables"]
