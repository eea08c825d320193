"""Whatever a scenario says, it is checked as it stands or refused with a place: soon, in little memory, and briefly."""

from __future__ import annotations

import copy
import os
import random
import resource
import time
from collections.abc import Callable
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenario.mutations import MUTATIONS, PIECES, SHIPPED, bases, overridden, written

from gandyn.core.errors import ScenarioError
from gandyn.recording.commit_buffer import recorded_variables
from gandyn.scenario import loading, yaml12
from gandyn.scenario.loading import load_scenario, parse_scenario
from gandyn.scenario.schema import Scenario
from gandyn.scenario.yaml12 import parse_document

COUNT = 500
SECONDS, KILOBYTES = 2.0, 500_000
LONGEST = "Q" * 201
"""No message echoes so much of a file."""


def prepared(scenario: Scenario) -> None:
    """Do all that is done with a scenario before it trains, but for what images are needed for."""
    scenario.fingerprint()
    scenario.to_yaml()
    space = scenario.space(pretended=True)
    recorded_variables(space, scenario.played)
    assert np.isfinite(space.coords["data_density"][1]).all()


def outcome(path: Path, overrides: list[str]) -> str | None:
    """Return the complaint about a scenario, None if there is none.

    Raises:
        AssertionError: it is not as complaints are to be, or it took too much to find out.
    """
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = None
    try:
        prepared(load_scenario(path, overrides))
    except ScenarioError as error:
        told = str(error)
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < KILOBYTES
    if told is not None:
        lines = told.splitlines()
        assert len(lines) <= 40
        assert all(line.startswith((str(path), "--set ", "... and ")) for line in lines)
        assert LONGEST not in told
        assert max(map(len, lines)) < 3000
    return told


@pytest.fixture(scope="module")
def _warm() -> None:
    """Import and compile what the first scenario of each kind would be charged for."""
    for file in ("line/two_modes", "plane/ring", "images/digits_dcgan"):
        prepared(load_scenario(SHIPPED / f"{file}.yaml"))


@pytest.mark.slow
@pytest.mark.usefixtures("_warm")
def test_no_mutation_of_a_scenario_is_a_defect(tmp_path: Path) -> None:
    originals = bases()
    # Each is mutated in each way, a few times if there are fewer than COUNT such pairs.
    ways: list[Callable[[random.Random, dict[str, Any]], str | bytes] | None] = [*dict.fromkeys(MUTATIONS), None]
    pairs = [*product(originals, ways)]
    for picture in (SHIPPED / "plane").glob("*.png"):
        (tmp_path / picture.name).write_bytes(picture.read_bytes())
    accepted = 0
    for number, (original, mutated) in enumerate(islice(cycle(pairs), COUNT)):
        rng = random.Random(number)
        values, overrides = copy.deepcopy(original), []
        if mutated is None:
            mutant: str | bytes = written(values)
            overrides = overridden(rng, values)
        else:
            mutant = mutated(rng, values)
        path = tmp_path / "mutant.yaml"
        path.write_bytes(mutant if isinstance(mutant, bytes) else mutant.encode())
        try:
            accepted += outcome(path, overrides) is None
        except BaseException as error:
            raise AssertionError(f"mutant {number} {overrides}") from error
    assert COUNT / 20 < accepted < COUNT / 2  # some come far enough for their numbers to matter


@pytest.mark.usefixtures("_warm")
@pytest.mark.parametrize(
    "place", ["title: {}", "name: {}", "data: {}", "x: {}", "train: {{seeds: {}}}", "data: {{type: {}}}"]
)
def test_no_piece_of_yaml_is_a_defect_anywhere(place: str, tmp_path: Path) -> None:
    for piece in PIECES.values():
        text = place.format(piece)
        path = tmp_path / "piece.yaml"
        path.write_text(text if text.startswith("data") else f"data: {{type: gaussian}}\n{text}", encoding="utf-8")
        outcome(path, [])
        key, _, value = text.partition(": ")
        path.write_text("data: {type: gaussian}\n")
        outcome(path, [f"{key}={value}"])


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: !!int x", "1:4", "tags such as !!int"),
        ("a: !!str 5", "1:4", "tags such as !!str"),
        (f"a: {'9' * 4301}", "1:4", "a whole number of 4,301 digits"),
        ('a: "\\U00110000"', "1:7", "an escape"),
        ('a: "\\ud800"', "1:4", "surrogate"),
        ("a: " + "[" * 100, "1:54", "more than 50 deep"),
        ("a: &x [*x]", "1:4", "without end"),
        ("a: {<<: 1}", "1:9", "'<<' merges a mapping"),
        ("root:x:0:0\nnobody:x:1:1", "1", "this is the single value 'root:x:0:0"),
        ("Q" * 5000, "1", "this is the single value 'QQ"),
        ("a: *" + "Q" * 5000, "1:4", "found undefined alias 'QQ"),
        ("a: !" + "Q" * 5000, "1:4", "tags such as !QQ"),
        ("? " + "Q" * 5000 + "\n? " + "Q" * 5000, "2:3", "this key is already given on line 1"),
    ],
)
def test_what_yaml_alone_can_say_is_refused_where_it_stands(text: str, place: str, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        parse_document(text, "f.yaml")
    assert str(refused.value).startswith(f"f.yaml:{place}: ")
    assert said in str(refused.value)
    assert LONGEST not in str(refused.value)


def test_many_plain_values_are_no_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml12, "MOST_VALUES", 1000)
    with pytest.raises(ScenarioError, match=r"f.yaml:1:\d+: more than 1,000 values; .* file") as refused:
        parse_document(f"a: [{'1, ' * 1000}]", "f.yaml")
    assert "alias" not in str(refused.value)


def test_merges_are_counted_while_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}], y{i}: 1}}" for i in range(1, 12)]
    built = []
    scalar = yaml12._scalar
    monkeypatch.setattr(yaml12, "_scalar", lambda node: built.append(node) or scalar(node))
    with pytest.raises(ScenarioError, match="merges"):
        parse_document("\n".join(lines), "f.yaml")
    assert len(built) < yaml12.MOST_VALUES


def test_of_merges_the_first_wins_and_what_stands_there_wins_over_both() -> None:
    text = "a: &a {p: 1, q: 1, r: 1}\nb: &b {p: 2, q: 2, s: 2}\nc: {q: 3, <<: [*a, *b], '<<': 4}\n"
    assert parse_document(text, "f.yaml").values["c"] == {"p": 1, "q": 3, "r": 1, "s": 2, "<<": 4}


def test_a_scenario_file_is_a_regular_file_of_some_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    monkeypatch.setattr(loading, "MOST_BYTES", 100)
    (tmp_path / "large.yaml").write_text("#" * 101)
    for name, said in {
        "/dev/zero": "device",
        "pipe.yaml": "pipe",
        "loop.yaml": "symbolic links",
        "large.yaml": "it has 101 bytes, and at most 100 are read",
        "a\0b": "NUL",
        "~nosuchuser": "no such file",
    }.items():
        with pytest.raises(ScenarioError, match=said):
            load_scenario(tmp_path / name)


@pytest.mark.parametrize("kind", ["empirical", "image", "image_folder"])
def test_data_files_are_regular_files_where_they_are_said_to_be(kind: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    field = "folder" if kind == "image_folder" else "file"
    for name in ("/dev/zero", "pipe", "loop", "~nosuchuser/x", "a\0b", "x" * 300, "x/" * 3000):
        path = tmp_path / "mine.yaml"
        path.write_text(written({"data": {"type": kind, field: name}}))
        told = outcome(path, [])
        assert told is not None
        assert told.startswith(f"{path}:3:3: data.{field}: cannot read")


@pytest.mark.parametrize("name", ["~nosuchuser/x", "a\0b"])
def test_scenarios_beside_another_have_names_of_files(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"animation.beside: cannot find"):
        parse_scenario({"data": {"type": "ring"}, "animation": {"beside": [name]}})


@pytest.mark.parametrize("name", [".", "..", "", " ", "...", "a/b", "a\\b", "a\nb", "\x1b[31m", "x" * 201, "é" * 101])
def test_a_name_is_that_of_a_folder(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"name: .* cannot name the folder of the recording"):
        parse_scenario({"name": name, "data": {"type": "gaussian"}})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"train": {"seeds": [2**63]}}, "train.seeds.0: must be at most 9223372036854775807"),
        ({"train": {"seeds": 10**400}}, "train.seeds: seeds: a whole number of about 400 digits are too many"),
        ({"train": {"batch_size": 2**64}}, "train.batch_size: must be at most 1000000"),
        ({"train": {"steps": 10**8}, "record": {"every": 9}}, "record.every: .* more than 10,000,000 records"),
        ({"generator": {"hidden": [10**12]}}, "generator.hidden.0: must be at most 65536"),
        ({"record": {"grid": {"low": 0, "high": 1e-320}}}, "record.grid: the window is .* wide, which is not between"),
        ({"record": {"grid": {"low": 1e7, "high": 1e7 + 1}}}, "record.grid: the window .* single precision"),
        ({"animation": {"first_step": 2001}}, "animation.first_step: 2001 lies beyond the last step drawn, 2000"),
        ({"record": {"every": 7}, "animation": {"first_step": 8, "last_step": 9}}, "last step drawn, 7"),
        ({"title": "x" * 501}, "title: "),
    ],
)
def test_numbers_have_bounds_that_are_told(values: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        parse_scenario({"data": {"type": "gaussian"}, **values})


def test_the_last_step_may_be_the_first_drawn() -> None:
    animation = {"first_step": 2000}
    assert parse_scenario({"data": {"type": "gaussian"}, "animation": animation}).animation.first_step == 2000


def test_very_many_mistakes_are_not_all_told() -> None:
    values = {"data": {"type": "gaussian"}, **{f"key{i}": i for i in range(1000)}}
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(values)
    lines = str(refused.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 980 more mistakes"


def test_values_given_in_python_may_not_nest_without_end() -> None:
    endless: dict[str, object] = {"type": "gaussian"}
    endless["x"] = endless
    with pytest.raises(ScenarioError, match="more than 50 deep"):
        parse_scenario({"data": endless})


@pytest.mark.parametrize("section", ["data", "latent", "generator", "objective", "dynamics", "optimizers.generator"])
@pytest.mark.parametrize("kind", [["gaussian"], {}, 1, None, 1.5, True])
def test_a_type_is_a_word(section: str, kind: object, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("data: {type: gaussian}\n")
    with pytest.raises(ScenarioError, match=rf"--set .*: {section}.type: unknown type"):
        load_scenario(path, [f"{section}.type={written(kind).removesuffix('...').strip() or '{}'}"])
