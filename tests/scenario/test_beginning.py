"""New scenarios: data given in place of one, `gandyn new` with options and with questions, and the bare command."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import Result

import gandyn as package
from gandyn.app.new_scenario import Answers, begun, data_types

Run = Callable[..., Result]

SHIPPED = {"gaussian_mixture": "line/two_modes.yaml", "ring": "plane/ring.yaml"}
TABLE = "name,height_cm,weight_kg\n" + "".join(f"p{k},{150 + k % 37},{50 + k % 23}\n" for k in range(40))


@pytest.fixture
def own(workplace: Path) -> Path:
    """A folder with data of the user's own: a table, an array, a drawing and a folder of images."""
    Path("my heights.csv").write_text(TABLE)
    np.save("points.npy", np.random.default_rng(0).normal(size=(40, 2)))
    np.save("column.npy", np.arange(40.0))
    drawing = np.full((8, 8), 255, np.uint8)
    drawing[2:5, 3:6] = 0
    Image.fromarray(drawing).save("drawing.png")
    Path("photos").mkdir()
    for number in range(130):
        Image.fromarray(drawing).save(f"photos/{number}.png")
    return workplace


@pytest.mark.slow
def test_data_in_place_of_a_scenario_are_told_the_scenario(gandyn: Run, own: Path) -> None:
    for name, says in {
        "my heights.csv": "data: {type: empirical, file: my heights.csv, column: height_cm}",
        "points.npy": "data: {type: empirical, file: points.npy, column: 0}",
        "column.npy": "data: {type: empirical, file: column.npy}",
        "drawing.png": "data: {type: image, file: drawing.png}",
        "photos": "data: {type: image_folder, folder: photos}",
    }.items():
        for command in ("animate", "train", "plot"):
            refused = gandyn(command, name)
            assert refused.exit_code == 2
            assert f"  {says}\n" in refused.stderr
            assert "p0,150" not in refused.stderr
        lines = [line[2:] for line in refused.stderr.splitlines() if line.startswith("  ")]
        Path("written.yaml").write_text("\n".join(lines))
        assert package.load_scenario("written.yaml").resolved()["data"]["type"] == yaml.safe_load(says)["data"]["type"]
        again = shlex.split(refused.stderr.split("to write it: gandyn ")[1])
        assert gandyn(*again).exit_code == 0, again
        package.load_scenario(again[1])
    assert "or column: weight_kg, columns: [height_cm, weight_kg] there" in gandyn("animate", "my heights.csv").stderr
    Path("empty.csv").write_text("a,b\nx,y\n")
    assert "cannot be learnt as data either: file empty.csv has no column" in gandyn("animate", "empty.csv").stderr


def test_new_writes_what_was_said_and_it_animates(gandyn: Run, own: Path) -> None:
    options = ("--data", "ring", "--modes", 5, "--steps", 3, "--objective", "hinge", "--set", "record.grid.cells=16")
    told = gandyn("new", "deep/mine.yaml", *options)
    assert told.exit_code == 0, told.stderr
    assert "gandyn animate deep/mine.yaml" in told.stdout
    scenario = package.load_scenario("deep/mine.yaml")
    assert (scenario.data.type, scenario.data.count, scenario.objective.type, scenario.train.steps) == (  # type: ignore[union-attr, attr-defined]
        "ring", 5, "hinge", 3,
    )  # fmt: skip
    assert gandyn("animate", "deep/mine.yaml", "--frames", 2, "-q").exit_code == 0
    told = gandyn("new", "deep/own.yaml", "--data", "my heights.csv", "--column", "height_cm,weight_kg")
    assert told.exit_code == 0, told.stderr
    assert yaml.safe_load(Path("deep/own.yaml").read_text())["data"]["file"] == "../my heights.csv"
    assert package.load_scenario("deep/own.yaml").data.dim == 2  # type: ignore[union-attr]


@pytest.mark.parametrize("data", [*sorted({*data_types()} - {"empirical", "image", "image_folder"}), "my heights.csv"])
def test_whatever_is_commented_out_holds_anyway(own: Path, data: str) -> None:
    text = begun(
        Answers(data, steps=7, overrides=["optimizers.generator.lr=2e-4", "animation.theme=paper"]), Path("x.yaml")
    )
    assert max(map(len, text.splitlines())) < 130
    assert "# " in text
    Path("x.yaml").write_text(text)
    Path("full.yaml").write_text(uncommented := re.sub(r"(?m)^( *)#(?=\S)", r"\1", text))
    assert len(yaml.safe_load(uncommented)) > 10
    short, full = (package.load_scenario(name, ["name=x"]).resolved() for name in ("x.yaml", "full.yaml"))
    assert short == full
    assert short["train"]["steps"] == 7


@pytest.mark.parametrize("name", sorted(data_types()))
def test_as_many_modes_as_asked_for(name: str) -> None:
    kind = data_types()[name]
    for count in (1, 6, 7):
        fields = kind.with_modes(count)
        if fields is not None:
            assert len(kind(**fields).modes().points) == count  # type: ignore[union-attr]


def test_the_one_column_of_a_table_may_be_named(own: Path) -> None:
    Path("heights.csv").write_text("height_cm\n" + "".join(f"{150 + k % 37}\n" for k in range(40)))
    for column in (None, "height_cm", "0"):
        text = begun(Answers("heights.csv", column=column), Path("heights.yaml"))
        scenario = package.Scenario.model_validate(yaml.safe_load(text), context={"folder": Path()})
        assert scenario.data.sample(np.random.default_rng(0), 4).shape == (4, 1)


@pytest.mark.parametrize("data", ["gaussian_mixture", "ring"])
def test_it_begins_with_settings_that_learn_and_what_is_said_stands_over_them(data: str) -> None:
    shipped = package.load_scenario(Path(__file__).parents[2] / "scenarios" / SHIPPED[data])
    scenario = package.Scenario.model_validate(yaml.safe_load(begun(Answers(data), Path("new.yaml"))))
    for section in ("latent", "generator", "discriminator", "objective", "regularizers", "dynamics", "optimizers"):
        assert getattr(scenario, section) == getattr(shipped, section)
    assert (scenario.train.steps, scenario.train.average) == (shipped.train.steps, shipped.train.average)
    answers = Answers(data, steps=7, overrides=["optimizers.generator.lr=1", "dynamics.type=simultaneous"])
    scenario = package.Scenario.model_validate(yaml.safe_load(begun(answers, Path("new.yaml"))))
    assert (scenario.train.steps, scenario.optimizers.generator.lr) == (7, 1)
    assert scenario.dynamics.type == "simultaneous"


def test_new_overwrites_nothing_and_says_what_is_missing(gandyn: Run, own: Path) -> None:
    before = Path("toy.yaml").read_text()
    for arguments, words in (
        (["toy.yaml", "--data", "ring"], ["toy.yaml: this file is there already", "--force"]),
        (["x.yaml"], ["--data TYPE", "in a terminal"]),
        (["x.yml", "--data", "rign"], ["--data rign", "did you mean 'ring'?"]),
        (["x.yaml", "--data", "photo.csv"], ["photo.csv", "no such file"]),
        (["x.yaml", "--data", "toy.yaml"], ["toy.yaml", "neither a .csv"]),
        (["x.yaml", "--data", "spiral", "--modes", "3"], ["--modes 3", "ring"]),
        (["x.yaml", "--data", "ring", "--column", "a"], ["--column a", "no columns"]),
        (["x.yaml", "--data", "my heights.csv", "--column", "hight"], ["--column hight", "height_cm"]),
        (["x.yaml", "--data", "ring", "--objective", "hing"], ["--objective hing", "'hinge'"]),
        (["x.txt", "--data", "ring"], ["x.txt", "x.yaml"]),
    ):
        refused = gandyn("new", *arguments)
        assert refused.exit_code == 2
        assert all(word in refused.stderr for word in words), refused.stderr
    assert Path("toy.yaml").read_text() == before
    assert not list(own.glob("x.*"))
    assert gandyn("new", "toy.yaml", "--data", "ring", "--force").exit_code == 0
    assert gandyn("new", "--data", "drawing.png").exit_code == 0
    assert Path("drawing.yaml").is_file()


def in_a_terminal(*arguments: str, typed: str = "") -> str:
    """Run the command line in a terminal; return what is on the screen at the end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "gandyn", *arguments], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, typed.encode())
    screen = b""
    while True:
        try:
            screen += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    assert process.wait(60) == 0, screen.decode()
    os.close(ours)
    return screen.decode()


@pytest.mark.slow
def test_questions_in_a_terminal(own: Path) -> None:
    screen = in_a_terminal("new", "mine.yaml", typed="rign\nmy heights.csv\nweight_kg\n\n12\n")
    assert "did you mean 'ring'?" in screen
    assert "columns: [height_cm, weight_kg]" in screen
    scenario = package.load_scenario("mine.yaml")
    assert scenario.resolved()["data"]["column"] == "weight_kg"
    assert (scenario.objective.type, scenario.train.steps) == ("non_saturating", 12)  # type: ignore[attr-defined]


def test_the_bare_command(gandyn: Run, workplace: Path) -> None:
    screen = in_a_terminal()
    begun = [line.strip() for line in screen.splitlines() if line.strip().startswith("gandyn ")]
    assert len([line for line in begun if line.endswith((".yaml", "--help"))]) == 3
    done = gandyn()
    assert done.exit_code == 2
    assert "Usage: gandyn" in done.stdout
