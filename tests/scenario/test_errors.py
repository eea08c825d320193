"""Whatever goes wrong ends in one message and an exit code: 2 for usage and scenarios, 1 for the run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import Result

import gandyn as package
from gandyn.core.errors import RecordingError, UsageError

Run = Callable[..., Result]
DATA = "data: {type: gaussian}\n"

FILES = {
    "unknown key": (f"{DATA}train:\n  stepz: 3\n", ["bad.yaml:3:3", "train.stepz", "'steps'"]),
    "wrong type": (f"{DATA}train: {{steps: many}}\n", ["bad.yaml:2:9", "train.steps", "whole number"]),
    "negative std": ("data: {type: gaussian, std: -1}\n", ["bad.yaml:1:24", "data.std", "greater than 0"]),
    "weights": (
        "data:\n  type: gaussian_mixture\n  means: [0, 1]\n  stds: [1, 1]\n  weights: [0.5, 0.6]\n",
        ["bad.yaml:5:3", "data.weights", "sum to one"],
    ),
    "misspelt type": ("data: {type: gausian}\n", ["bad.yaml:1:8", "data.type", "'gaussian'"]),
    "key twice": (f"{DATA}title: a\ntitle: b\n", ["bad.yaml:3:1", "title", "line 2"]),
    "tab": ("data:\n\ttype: gaussian\n", ["bad.yaml:2:1", "tab", "spaces"]),
    "empty file": ("", ["bad.yaml", "empty"]),
}


def fails(done: Result | subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Assert a failure with one message that holds the words."""
    found = done.exit_code if isinstance(done, Result) else done.returncode
    assert found == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("gandyn: ") == 1
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("command", ["animate", "train", "plot"])
@pytest.mark.parametrize("what", FILES)
def test_a_bad_scenario_names_file_line_and_key(gandyn: Run, workplace: Path, what: str, command: str) -> None:
    text, words = FILES[what]
    Path("bad.yaml").write_text(text)
    fails(gandyn(command, "bad.yaml"), 2, *words)
    assert sorted(entry.name for entry in workplace.iterdir()) == ["bad.yaml", "toy.yaml"]


def test_a_folder_of_images_says_what_it_lacks(gandyn: Run, workplace: Path) -> None:
    Path("few").mkdir()
    for number in range(20):
        Image.new("L", (8, 8), number).save(f"few/{number}.png")
    text = "data: {type: image_folder, folder: few, size: 8}\n"
    Path("bad.yaml").write_text(f"{text}train:\n  batch_size: 21\n")
    fails(gandyn("train", "bad.yaml"), 2, "bad.yaml:3:3: train.batch_size", "21 is more than the 20 images")
    Path("bad.yaml").write_text(f"{text}conditional: true\ntrain: {{batch_size: 20}}\n")
    fails(gandyn("train", "bad.yaml"), 2, "bad.yaml:2:1", "put the images into subfolders, one a class")


def test_missing_files_and_folders(gandyn: Run, workplace: Path) -> None:
    fails(gandyn("animate", "toi.yaml"), 2, "toi.yaml", "did you mean toy.yaml?")
    fails(gandyn("train", "."), 2, "folder", "toy.yaml")
    Path("runs/other").mkdir(parents=True)
    fails(gandyn("animate", "runs/other"), 2, "runs/other", "not a recording")
    for command in ("show", "sample"):
        fails(gandyn(command, "runs/other"), 2, "runs/other", "not a recording")
        fails(gandyn(command, "runs/nothing"), 2, "runs/nothing", "no recording")
        fails(gandyn(command, "toy.yaml"), 2, "toy.yaml is a file")


def test_a_missing_recording_names_the_nearest(gandyn: Run, workplace: Path) -> None:
    gandyn("train", "toy.yaml")
    for command in ("animate", "show"):
        fails(gandyn(command, "runs/toi"), 2, "did you mean runs/toy?")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["animate", "toy.yaml", "-o", "x.gfi"], [".gfi", ".gif"]),
        (["animate", "toy.yaml", "-o", "x"], ["suffix"]),
        (["plot", "toy.yaml", "-o", "x.mp4"], [".mp4", ".png"]),
        (["animate", "toy.yaml", "--fps", "0"], ["--fps 0", "animation.fps"]),
        (["animate", "toy.yaml", "--frames", "0"], ["--frames 0", "animation.frames"]),
        (["animate", "toy.yaml", "--theme", "dark"], ["--theme dark", "talk-dark"]),
        (["animate", "toy.yaml", "--size", "big"], ["--size big", "1280x720"]),
        (["animate", "toy.yaml", "--size", "3x3"], ["--size 3x3", "animation.size"]),
        (["animate", "toy.yaml", "--set", "train.stepz=3"], ["--set train.stepz=3", "'steps'"]),
        (["animate", "toy.yaml", "--set", "animation.first_step=21"], ["animation.first_step", "beyond", "20"]),
        (
            ["animate", "toy.yaml", "--set", "animation.beside=[/etc/passwd]"],
            ["/etc/passwd:1: a scenario is"],
        ),
        (["animate", "toy.yaml", "--set", "animation.beside=[/dev/zero]"], ["/dev/zero: cannot be read"]),
        (["train", "toy.yaml", "--set", "x.type=[gaussian]"], ["--set x.type=[gaussian]: x: unknown key"]),
        (["train", "toy.yaml", "--set", "train.²=1"], ["--set train.²=1: train.²: unknown key"]),
        (["plot", "toy.yaml", "--filmstrip", "--steps", "²"], ["--steps ²", "whole numbers"]),
        (["animate", "toy.yaml", "--size", f"{'9' * 5000}x1"], ["1280x720"]),
        (["plot", "toy.yaml", "--steps", "1,2"], ["--steps", "--filmstrip"]),
        (["plot", "toy.yaml", "--width", "3.3"], ["'3.3' is no length", "3.3in, 17cm"]),
        (["plot", "toy.yaml", "--width", "3in", "--size", "480x270"], ["--size", "--width", "one of them"]),
        (["plot", "toy.yaml", "--height", "3in"], ["needs a width"]),
        (["plot", "toy.yaml", "other.yaml", "--filmstrip"], ["--filmstrip takes one"]),
        (["plot", "toy.yaml", "--filmstrip", "--panels", "density,losses"], ["of one panel"]),
        (["plot", "toy.yaml", "--filmstrip", "--steps", "1,x"], ["--steps 1,x", "whole numbers"]),
        (["train", "toy.yaml", "--resume", "--force"], ["--resume", "--force"]),
        (["animate", "toy.yaml", "-o", "x.mp4", "--transparent"], ["x.mp4", "no transparency", ".webp"]),
        (["animate", "toy.yaml", "-o", "x.png", "--poster", "./x.png"], ["--poster", "another"]),
        (["animate", "toy.yaml", "--panels", "map"], ["map", "on the plane"]),
        (["animate", "toy.yaml", "--panels", "density,losses,distance,modes_found"], ["at most 2", "layout: lab"]),
        (["animate", "toy.yaml", "other.yaml", "--panels", "losses"], ["one main panel"]),
        (["animate", "toy.yaml", "other.yaml", "--story", "morph"], ["one generator alone"]),
        (["animate", "toy.yaml", "--layout", "labs"], ["--layout labs", "'lab'"]),
        (["plot", "toy.yaml", "--panels", "revers_kl"], ["no panel 'revers_kl'; did you mean 'reverse_kl'?"]),
        (["plot", "toy.yaml", "--panels", "gradients"], ["record.gradients"]),
        (["plot", "toy.yaml", "--theme", "papr"], ["--theme papr", "'paper'"]),
        (["plot", "toy.yaml", "other.yaml", "--panels", "jss"], ["'jss'", "'js'"]),
        (["plot", "toy.yaml", "other.yaml", "--panels", "density"], ["draws no curves", "losses"]),
        (["plot", "toy.yaml", "--filmstrip", "--panels", "losses"], ["main picture", "density"]),
        (["plot", "toy.yaml", "--filmstrip", "--steps", "0,21"], ["step 21", "ends at step 20"]),
        (["plot", "toy.yaml", "--csv", "toy.yaml/x.csv"], ["toy.yaml/x.csv", "not a place"]),
    ],
)
def test_bad_options_are_refused_before_anything_is_trained(
    gandyn: Run, workplace: Path, arguments: list[str], words: list[str]
) -> None:
    Path("other.yaml").write_text(Path("toy.yaml").read_text())
    fails(gandyn(*arguments), 2, *words)
    assert not Path("runs").exists()


@pytest.mark.parametrize("arguments", [["animate", "toy.yaml", "--fsp", "3"], ["animat", "toy.yaml"], ["animate"]])
def test_unknown_options_and_commands_are_usage_errors(gandyn: Run, workplace: Path, arguments: list[str]) -> None:
    done = gandyn(*arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr


def test_a_recording_that_was_cut_off_or_damaged(gandyn: Run, workplace: Path) -> None:
    gandyn("train", "toy.yaml")
    journal = Path("runs/toy/journal.jsonl")
    whole = journal.read_bytes()
    journal.write_bytes(b"not a journal\n")
    for command in (["show", "runs/toy"], ["animate", "runs/toy"], ["animate", "toy.yaml"]):
        fails(gandyn(*command), 1, "runs/toy")
    journal.write_bytes(whole)
    shutil.rmtree("runs/toy/recording.zarr")
    fails(gandyn("show", "runs/toy"), 1, "runs/toy", "damaged")
    fails(gandyn("train", "toy.yaml"), 1, "runs/toy", "--force")
    assert gandyn("train", "toy.yaml", "--force").exit_code == 0
    assert gandyn("show", "runs/toy").exit_code == 0


def test_a_stored_scenario_that_was_cut_off(gandyn: Run, workplace: Path) -> None:
    gandyn("train", "toy.yaml")
    stored = Path("runs/toy/scenario.yaml")
    for text in ("", "data: {type: gauss", "just words\n", "- 1\n- 2\n"):
        stored.write_text(text)
        for command in ("show", "animate"):
            fails(gandyn(command, "runs/toy"), 1, "runs/toy/scenario.yaml is damaged")
    assert gandyn("train", "toy.yaml", "--force").exit_code == 0
    assert gandyn("show", "runs/toy").exit_code == 0


def test_other_peoples_folders_are_left_alone(gandyn: Run, workplace: Path) -> None:
    Path("thesis").mkdir()
    Path("thesis/chapter.tex").write_text("precious")
    for force in ([], ["--force"]):
        fails(gandyn("train", "toy.yaml", "-o", "thesis", *force), 1, "thesis", "other files")
    assert Path("thesis/chapter.tex").read_text() == "precious"
    gandyn("train", "toy.yaml")
    Path("other.yaml").write_text(DATA)
    fails(gandyn("train", "other.yaml", "-o", "runs/toy"), 1, "runs/toy", "'toy'", "--force")


def test_resume_never_starts_over(gandyn: Run, workplace: Path) -> None:
    fails(gandyn("train", "toy.yaml", "--resume"), 1, "runs/toy", "no recording")
    gandyn("train", "toy.yaml")
    fails(gandyn("train", "toy.yaml", "--resume", "--set", "train.steps=30"), 1, "other settings")


def test_a_recording_cannot_be_trained_otherwise(gandyn: Run, workplace: Path) -> None:
    gandyn("train", "toy.yaml")
    fails(gandyn("animate", "runs/toy", "--set", "train.steps=3"), 2, "--set train.steps=3", "animation")
    fails(gandyn("animate", "runs/toy", "--set", "animation.fsp=3"), 2, "animation.fsp", "'fps'")
    fails(gandyn("animate", "runs/toy", "--force"), 2, "--force", "scenario")


def test_a_file_where_a_folder_should_be(gandyn: Run, workplace: Path) -> None:
    Path("runs").write_text("in the way")
    fails(gandyn("train", "toy.yaml"), 1, "runs")
    fails(gandyn("animate", "toy.yaml", "-o", "runs/x.gif"), 2, "runs")
    assert Path("runs").read_text() == "in the way"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(gandyn: Run, workplace: Path) -> None:
    Path("locked").mkdir(mode=0o500)
    fails(gandyn("train", "toy.yaml", "-o", "locked/toy"), 1, "locked", "cannot be written")
    fails(gandyn("animate", "toy.yaml", "-o", "locked/toy.gif"), 2, "locked", "cannot be written")


@pytest.fixture
def tiny_disk(workplace: Path) -> Iterator[Path]:
    """A real file system with hardly any room."""
    disk = workplace / "tiny"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "none", disk], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk(gandyn: Run, tiny_disk: Path) -> None:
    fails(gandyn("train", "toy.yaml", "--set", "train.steps=2000", "-o", tiny_disk / "toy"), 1, "tiny", "disk")
    for entry in tiny_disk.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    fails(
        gandyn("animate", "toy.yaml", "--size", "1280x720", "--frames", 20, "-o", tiny_disk / "x.gif"),
        1,
        "x.gif",
        "disk",
    )
    assert list(tiny_disk.iterdir()) == []


def test_a_defect_is_one_line_and_how_to_see_more(
    gandyn: Run, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip of the pen")

    monkeypatch.setattr("gandyn.scenario.loading.load_scenario", broken)
    fails(gandyn("train", "toy.yaml"), 1, "ZeroDivisionError: a slip of the pen", "GANDYN_TRACEBACK=1")
    monkeypatch.setenv("GANDYN_TRACEBACK", "1")
    assert "Traceback" in gandyn("train", "toy.yaml").stderr


def test_numbers_alone_are_trained_whatever_the_scenario_draws_and_not_drawn(gandyn: Run, workplace: Path) -> None:
    toy = workplace / "toy.yaml"
    toy.write_text(toy.read_text().replace("{frames", "{panels: [density], frames"))
    alone = ("--set", "record.fields=false")
    refused = gandyn("animate", "toy.yaml", *alone)
    assert refused.exit_code == 2
    assert "density" in refused.stderr
    able = " ".join(refused.stderr.split()).partition("panels that need numbers alone: ")[2]
    assert {"distance", "divergences", "losses"} <= set(able.rstrip(".").split(", "))
    assert "density" not in able
    assert not (workplace / "runs").exists()
    assert gandyn("train", "toy.yaml", *alone).exit_code == 0
    assert gandyn("plot", "toy.yaml", *alone).exit_code == 0
    assert gandyn("animate", "toy.yaml", *alone, "--set", "animation.panels=[losses]").exit_code == 0


@pytest.mark.parametrize("out", ["/", "no\0name"])
def test_what_can_be_no_folder_is_told_in_a_sentence(workplace: Path, out: str) -> None:
    with pytest.raises(RecordingError, match=r"holds other files|not a place a file can be written to"):
        package.train("toy.yaml", out)


def test_what_can_be_no_file_is_told_in_a_sentence(workplace: Path) -> None:
    recording = package.train("toy.yaml")
    assert recording is not None
    with pytest.raises(UsageError, match="not a place a file can be written to"):
        package.animate(recording, "no\0name.png")
