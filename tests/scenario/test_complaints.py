"""Every mistake is told in the words of the file: place, dotted key, what is wrong, and the nearest right thing."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from gandyn.core.errors import ScenarioError
from gandyn.core.suggestions import nearest
from gandyn.scenario.explanations import ExplainedLayer
from gandyn.scenario.loading import load_scenario, parse_scenario
from gandyn.scenario.schema import KINDS, scenario_type, types_of
from gandyn.scenario.validation import validate
from gandyn.scenario.yaml12 import Document

DATA = {"type": "gaussian"}
HOMES = {
    "data": ["data"],
    "images": ["data"],
    "latent": ["latent"],
    "network": ["generator", "discriminator"],
    "objective": ["objective"],
    "regularizer": ["regularizers.0"],
    "dynamics": ["dynamics"],
    "optimizer": ["optimizers.generator", "optimizers.discriminator"],
    "view": ["record.view"],
    "layer": ["layer"],
}


def nested(key: str, value: Any) -> Any:
    """Build the mapping in which a dotted key has a value."""
    first, _, rest = key.partition(".")
    inner = nested(rest, value) if rest else value
    return [inner] if first.isdigit() else {first: inner}


def parse_layer(values: dict[str, Any]) -> ExplainedLayer:
    return validate(ExplainedLayer, Document(values), "layer", folder=Path())


def complaint(values: dict[str, Any]) -> str:
    read = parse_layer if "layer" in values else parse_scenario
    with pytest.raises(ScenarioError) as refused:
        read(values)
    text = str(refused.value)
    assert "pydantic" not in text.lower()
    assert "validation error" not in text.lower()
    return text


def catalogue() -> Iterator[tuple[str, str, type[BaseModel]]]:
    for kind, base in KINDS.items():
        for name, cls in types_of(base).items():
            for home in HOMES[kind]:
                yield home, name, cls


ENTRIES = list(catalogue())
SECTIONS = [(name, scenario_type().model_fields[name].annotation) for name in ("train", "record", "animation")]


def slips(word: str) -> Iterator[str]:
    """Yield ways of misspelling a word by one letter."""
    middle = len(word) // 2
    yield word + "z"
    yield word[:middle] + "z" + word[middle:]
    if len(word) > 3:
        yield word[:-1]
        yield word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]


@pytest.mark.parametrize(("home", "name", "cls"), ENTRIES, ids=[f"{home}-{name}" for home, name, _ in ENTRIES])
def test_a_misspelt_field_or_type_is_put_right(home: str, name: str, cls: type[BaseModel]) -> None:
    fields = set(cls.model_fields)
    base = {} if home in ("data", "layer") else {"data": DATA}
    for field in fields - {"type"}:
        for slip in set(slips(field)) - fields:
            text = complaint({**base, **nested(home, {"type": name, slip: 1})})
            assert f"{home}.{slip}: unknown key {slip!r}; did you mean {field!r}?" in text
    for slip in set(slips(name)) - {name}:
        text = complaint({**base, **nested(home, {"type": slip})})
        if slip not in {other for where, other, _ in ENTRIES if where == home}:
            assert f"{home}.type: unknown type {slip!r}; did you mean {name!r}?" in text


@pytest.mark.parametrize(("section", "model"), [("", scenario_type()), *SECTIONS, ("record.grid", None)])
def test_a_misspelt_key_of_a_section_is_put_right(section: str, model: type[BaseModel] | None) -> None:
    fields = {"cells", "low", "high"} if model is None else set(model.model_fields)
    for field in fields:
        for slip in set(slips(field)) - fields:
            values = {"data": DATA, slip: 1} if not section else {"data": DATA, **nested(section, {slip: 1})}
            assert f"unknown key {slip!r}; did you mean {field!r}?" in complaint(values)


@given(st.sampled_from(sorted({name for _, name, _ in ENTRIES})), st.data())
def test_one_slip_is_always_found(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word)))
    wrong = data.draw(st.sampled_from([word[:place] + "q" + word[place:], word[:place] + word[place + 1 :]]))
    names = [word, "something_else_entirely"]
    assert nearest(wrong, names) == word or len(wrong) < 2


MIXTURE = "{type: gaussian_mixture, means: [-2, 2], stds: [0.5, 0.5], weights: [0.5, 0.5]}"

BAD = {
    "unknown key": ("train:\n  stepz: 4\n", ":3:3: train.stepz: unknown key 'stepz'; did you mean 'steps'?"),
    "key of another section": ("steps: 4\n", ":2:1: steps: unknown key 'steps'; did you mean train.steps?"),
    "field of another type": ("generator: {type: affine, hidden: [3]}\n", "belongs to another type: fourier, mlp"),
    "misspelt type": ("objective:\n  type: non-saturatin\n", ":3:3: objective.type: unknown type"),
    "misspelt word type": ("latent: {tpye: normal}\n", ":2:10: latent.tpye: unknown key 'tpye'; did you mean 'type'?"),
    "wrong type": ("train: {steps: many}\n", ":2:9: train.steps: expected a whole number, got 'many'"),
    "fraction": ("train: {batch_size: 1.5}\n", "train.batch_size: expected a whole number, got 1.5"),
    "truth value": ("train: {steps: true}\n", ":2:9: train.steps: expected a number, got a truth value"),
    "text item": ("train: {seeds: [0, a]}\n", ":2:20: train.seeds.1: expected a whole number, got 'a'"),
    "word for section": (
        "objective: hinge\n",
        ":2:1: objective: expected a mapping such as {type: hinge}, got 'hinge'",
    ),
    "mapping for list": ("regularizers: {type: r1}\n", ":2:1: regularizers: expected a list"),
    "number for mapping": ("train: 5\n", ":2:1: train: expected a mapping"),
    "choice": ("generator: {activation: rellu}\n", "generator.activation: unknown value 'rellu'; did you mean 'relu'?"),
    "out of range": ("train: {batch_size: 0}\n", ":2:9: train.batch_size: must be greater than 0, got 0"),
    "negative rate": ("optimizers: {generator: {lr: -1}}\n", "optimizers.generator.lr: must be greater than 0, got -1"),
    "too short": ("optimizers: {generator: {betas: [0.5]}}\n", "optimizers.generator.betas: too few items"),
    "fewer seeds than one": ("train: {seeds: -2}\n", ":2:9: train.seeds: must be at least 1, got -2"),
    "no number of seeds": ("train: {seeds: 0}\n", ":2:9: train.seeds: must be at least 1, got 0"),
    "no seed": ("train: {seeds: []}\n", ":2:9: train.seeds: needs at least 1 item, got []"),
    "seed twice": ("train: {seeds: [0, 0]}\n", ":2:9: train.seeds: seeds must differ"),
    "seed not trained": ("animation: {seed: 3}\n", ":2:13: animation.seed: seed 3 is to be drawn but not trained"),
    "theme": ("animation: {theme: talk-lite}\n", "did you mean 'talk-light'"),
    "panel": ("animation: {panels: [densities]}\n", "density"),
    "slash in name": ("name: a/b\n", ":2:1: name:"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_scenarios_name_place_key_and_cure(tmp_path: Path, what: str) -> None:
    text, said = BAD[what]
    file = tmp_path / "bad.yaml"
    file.write_text(f"data: {MIXTURE}\n{text}")
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file)
    assert str(refused.value).startswith(f"{file}:")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("{type: gaussian, std: -1}", ":1:24: data.std: must be greater than 0, got -1"),
        ("{type: gaussian, std: wide}", ":1:24: data.std: expected a number, got 'wide'"),
        (MIXTURE.replace("[0.5, 0.5]}", "[0.5, 0.6]}"), "data.weights: weights must sum to one"),
        ("{type: gausian}", "did you mean 'gaussian'?"),
        ("{mean: 3}", "data: needs a type"),
        ("", "data: expected a mapping"),
        ("{type: empirical, file: nowhere.csv}", "data.file: cannot read"),
    ],
)
def test_bad_data_names_place_key_and_cure(tmp_path: Path, data: str, said: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(f"data: {data}\n")
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file)
    assert said in str(refused.value)


@pytest.mark.parametrize(("home", "name", "cls"), ENTRIES, ids=[f"{home}-{name}" for home, name, _ in ENTRIES])
def test_no_number_of_the_catalogue_may_be_infinite(home: str, name: str, cls: type[BaseModel]) -> None:
    base = {} if home in ("data", "layer") else {"data": DATA}
    for field, info in cls.model_fields.items():
        if isinstance(info.default, float) or field in ("bandwidth", "scale"):
            for value in (float("inf"), float("nan")):
                assert f"{home}.{field}: " in complaint({**base, **nested(home, {"type": name, field: value})})


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (b"", {}, "data.file: .* holds no array that NumPy can read"),
        (np.array([1.0, 2.0j]), {}, "data.file: .*must hold one array of real numbers, not complex128"),
        (np.array(["a", "b"]), {}, "must hold one array of real numbers"),
        (np.empty((0, 3)), {}, "must hold at least two different numbers"),
        (np.array([1.0, 2.0]), {"column": -5}, "data.column: column -5: columns count from 0"),
        (np.array([1.0, 2.0]), {"column": 1}, "has 1 columns, so no column 1"),
    ],
)
def test_numbers_that_cannot_be_used_are_told(
    tmp_path: Path, content: bytes | np.ndarray, fields: dict[str, Any], said: str
) -> None:
    file = tmp_path / "numbers.npy"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        np.save(file, content)
    assert re.search(said, complaint({"data": {"type": "empirical", "file": str(file), **fields}}))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scale": [1, 2], "powers": [1]}, "generator.scale: scale has 2 coefficients for 1 powers"),
        ({"scale": [1], "powers": [1, 2]}, "generator.scale: scale has 1 coefficients for 2 powers"),
        ({"powers": [0]}, "generator.powers.0: must be greater than 0"),
        ({"powers": [-1]}, "generator.powers.0: must be greater than 0"),
    ],
)
def test_an_affine_player_has_one_scale_a_power(fields: dict[str, Any], said: str) -> None:
    assert said in complaint({"data": DATA, "generator": {"type": "affine", **fields}})


@pytest.mark.parametrize("seeds", [5000, 10**12, list(range(5000))])
def test_too_many_seeds_are_refused_at_once(seeds: Any) -> None:
    count = seeds if isinstance(seeds, int) else len(seeds)
    assert f"seeds: {count:,} are too many (at most 4,096)" in complaint({"data": DATA, "train": {"seeds": seeds}})


def test_as_many_seeds_as_there_may_be_are_checked_at_once() -> None:
    began = time.perf_counter()
    assert len(parse_scenario({"data": DATA, "train": {"seeds": 4096}}).train.seeds) == 4096
    assert time.perf_counter() - began < 0.2
    assert "5 stands there more than once" in complaint({"data": DATA, "train": {"seeds": [*range(4000), 5]}})


def test_every_mistake_is_listed() -> None:
    text = complaint({"data": {"type": "gaussian", "men": 1, "std": -1}, "train": {"stepz": 3}, "reccord": {}})
    assert len(text.splitlines()) == 4


def test_without_data_an_example_is_given() -> None:
    assert "data: {type: gaussian}" in complaint({"train": {"steps": 3}})


def test_missing_files_name_a_neighbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("two_modes.yaml").write_text("data: {type: gaussian}\n")
    with pytest.raises(ScenarioError, match=r"two_mods.yaml: there is no such file; did you mean two_modes.yaml\?"):
        load_scenario("two_mods.yaml")


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="folder"):
        load_scenario(tmp_path)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("data: {type: gaussian}\ntitle: é\n".encode("latin-1"))
    with pytest.raises(ScenarioError, match=r"latin.yaml:2: not UTF-8"):
        load_scenario(latin)


def test_an_empty_section_means_its_defaults() -> None:
    text = yaml.safe_load("{data: {type: gaussian}, train: , generator: , optimizers: {generator: }}")
    assert parse_scenario(text) == parse_scenario({"data": DATA})


PLACES: list[tuple[str, list[str], str]] = [
    ("animation:\n  panels:\n    - density\n    - lattice\n", [], "mine.yaml:5:7: animation.panels.1:"),
    ("", ["animation.panels=[lattice]"], "--set animation.panels=[lattice]: animation.panels.0:"),
    ("record:\n  every: 1\n  latent_cells: 20\n", [], "mine.yaml:4:3: record.latent_cells: 96"),
    ("record:\n  grid:\n    low: 90\n", [], "mine.yaml:3:3: record.grid: low"),
    ("latent: {dim: 5}\nanimation:\n  story: morph\n", [], "mine.yaml:4:3: animation.story:"),
    ("animation:\n  story: morph\n  panels: [losses]\n", [], "mine.yaml:3:3: animation.story:"),
    ("record: {gradients: false}\nanimation: {panels: [gradients]}\n", [], "mine.yaml:3:22: animation.panels.0:"),
]


@pytest.mark.parametrize(("text", "overrides", "complaint"), PLACES)
def test_what_does_not_go_together_is_complained_of_where_it_stands(
    tmp_path: Path, text: str, overrides: list[str], complaint: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("data: {type: gaussian}\n" + text)
    with pytest.raises(ScenarioError) as raised:
        load_scenario(path, overrides)
    assert str(raised.value).removeprefix(f"{tmp_path}/").startswith(complaint)


def test_data_that_float32_does_not_resolve_is_refused(tmp_path: Path) -> None:
    (tmp_path / "far.yaml").write_text("data: {type: gaussian, mean: 1.0e9}\n")
    with pytest.raises(ScenarioError, match=r"far.yaml:1:\d+: data.*single precision"):
        load_scenario(tmp_path / "far.yaml")
