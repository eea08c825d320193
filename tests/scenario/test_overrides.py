"""Values laid over a scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from gandyn.core.errors import ScenarioError
from gandyn.scenario.loading import load_scenario, parse_scenario
from gandyn.scenario.overrides import as_overrides
from gandyn.scenario.schema import Scenario


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two.yaml"
    path.write_text("data: {type: gaussian_mixture, means: [-2, 2], stds: [0.5, 0.5], weights: [0.5, 0.5]}\n")
    return path


def test_an_override_is_the_same_as_writing_it_in_the_file(file: Path) -> None:
    written = file.with_name("other.yaml")
    written.write_text(
        "name: two\ndata: {type: gaussian_mixture, means: [-3, 2], stds: [0.5, 0.5], weights: [0.5, 0.5]}\n"
        "regularizers: [{type: r1, weight: 0.1}]\ntrain: {steps: 7}\noptimizers: {generator: {lr: 1e-4}}\n"
    )
    overrides = ["train.steps=7", "data.means.0=-3", "optimizers.generator.lr=1e-4"]
    overrides += ["regularizers.0.type=r1", "regularizers.0.weight=.1"]
    assert load_scenario(file, overrides).resolved() == load_scenario(written, ["title=Two"]).resolved()


def test_a_mapping_does_as_well_and_later_ones_win(file: Path) -> None:
    assert load_scenario(file, {"train.steps": 7}).train.steps == 7
    assert load_scenario(file, ["train.steps=7", "train.steps=8"]).train.steps == 8
    assert load_scenario(file, ["data.means[1]=5"]).data.means[1] == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize("order", [1, -1])
def test_a_new_type_drops_what_it_does_not_have_in_any_order(file: Path, order: int) -> None:
    data = load_scenario(file, ["data.type=laplace", "data.scale=3"][::order]).resolved()["data"]
    assert data == {"type": "laplace", "mean": 0.0, "scale": 3.0}


def test_a_type_keeps_the_fields_that_both_have(file: Path) -> None:
    scenario = load_scenario(file, ["optimizers.generator={type: adam, lr: 0.5}"])
    assert scenario.optimizers.generator.lr == 0.5
    file.write_text(file.read_text() + "optimizers: {generator: {type: adam, lr: 0.5, betas: [0, 0.9]}}\n")
    scenario = load_scenario(file, ["optimizers.generator.type=sgd"])
    assert scenario.resolved()["optimizers"]["generator"] == {"type": "sgd", "lr": 0.5, "momentum": 0.0}


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("train.stepz=5", "--set train.stepz=5: train.stepz: unknown key 'stepz'; did you mean 'steps'?"),
        ("train.steps=five", "--set train.steps=five: train.steps: expected a whole number, got 'five'"),
        ("train={stepz: 5}", "--set train={stepz: 5}: train.stepz: unknown key"),
        ("data.type=gausian", "did you mean 'gaussian'?"),
        ("data.means.7=1", "the list data.means has no item 7 (0 to 1; 2 adds one)"),
        ("data.means.0.x=1", "data.means.0 is the single value -2"),
        ("train.steps", "expected key=value"),
        ("=3", "expected key=value"),
        ("train..steps=3", "expected key=value"),
        ("train.steps=[1", "not YAML"),
    ],
)
def test_a_bad_override_is_quoted(file: Path, override: str, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file, [override])
    assert str(refused.value).startswith(f"--set {override}:")
    assert said in str(refused.value)


def test_the_fingerprint_tells_training_from_drawing(file: Path) -> None:
    plain = load_scenario(file)
    drawn = load_scenario(file, ["title=x", "caption=y", "animation.fps=7", "name=z"])
    assert drawn.fingerprint() == plain.fingerprint()
    for key in ("train.steps=5", "data.means.0=-1", "record.every=2", "optimizers.generator.lr=1", "latent.dim=2"):
        assert load_scenario(file, [key]).fingerprint() != plain.fingerprint()


def test_a_scenario_cannot_be_changed(file: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_scenario(file).title = "other"  # type: ignore[misc]


def test_the_defaults_are_those_of_the_design() -> None:
    scenario = Scenario.model_validate({"data": {"type": "gaussian"}}).resolved()
    assert scenario["latent"] == {"type": "normal", "dim": 1}
    assert scenario["generator"]["hidden"] == [32, 32]
    assert scenario["discriminator"]["activation"] == "silu"
    assert scenario["objective"] == {"type": "non_saturating"}
    once = {"discriminator_steps": 1, "generator_steps": 1}
    assert scenario["dynamics"] == {"type": "alternating", "first": "discriminator", **once}
    for player in ("generator", "discriminator"):
        assert scenario["optimizers"][player]["lr"] == 1e-3
        assert scenario["optimizers"][player]["betas"] == [0.5, 0.999]
    usual = {"steps": 2000, "batch_size": 256, "seeds": [0], "device": "auto", "precision": "auto", "average": None}
    assert scenario["train"] == usual
    assert scenario["record"]["every"] == 1


def test_what_is_to_be_drawn_is_recorded_unless_the_scenario_says_otherwise(file: Path) -> None:
    plain = load_scenario(file)
    assert not plain.record.gradients
    for panels in ("gradients", "[density, gradients]"):
        asked = load_scenario(file, [f"animation.panels={panels}"])
        assert asked.record.gradients
        assert asked.fingerprint() != plain.fingerprint()
    with pytest.raises(ScenarioError, match=r"it is made without record\.gradients: true"):
        load_scenario(file, ["animation.panels=gradients", "record.gradients=false"])


def test_a_note_is_set_where_there_are_none_yet(file: Path) -> None:
    noted = load_scenario(file, ["animation.notes.170=found", "animation.notes.end=kept"])
    assert noted.animation.notes == {"170": "found", "end": "kept"}


def test_a_mistyped_key_with_a_number_below_it_is_unknown_and_no_list(file: Path) -> None:
    with pytest.raises(ScenarioError, match=r"unknown key 'note'.*did you mean 'notes'"):
        load_scenario(file, ["animation.note.100=x"])


def test_panels_are_quoted_as_they_were_written(file: Path) -> None:
    (panels,) = as_overrides("animation", {"panels": ["foo", "phase"]})
    (size,) = as_overrides("animation", {"size": [640, 360]})
    assert (panels.origin, size.origin) == ("--panels foo,phase", "--size 640x360")


def test_text_is_taken_as_it_stands_where_text_is_wanted() -> None:
    asked = ["title=1984: a title # not a comment", "caption=Wow: nice: indeed", "animation.notes.3=so: here"]
    scenario = parse_scenario({"data": {"type": "gaussian"}}, asked)
    assert scenario.title == "1984: a title # not a comment"
    assert scenario.caption == "Wow: nice: indeed"
    assert scenario.animation.notes == {"3": "so: here"}
    assert parse_scenario({"data": {"type": "gaussian"}}, ['title="quoted: \\u00e9"']).title == "quoted: \u00e9"
    assert parse_scenario({"data": {}}, ["data=type: ring"]).resolved()["data"]["type"] == "ring"
    with pytest.raises(ScenarioError, match=r"a text that holds one needs quotes: \{0: \"so: here\"\}"):
        parse_scenario({"data": {"type": "gaussian"}}, ["animation.notes={0: so: here}"])
