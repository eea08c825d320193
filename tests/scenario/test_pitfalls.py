"""Settings that are known to fail: said before training, with what cures them, and again of the recording."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from scenario.conftest import Run

import gandyn as package
from gandyn.core.catalog import members
from gandyn.core.errors import SettingsWarning
from gandyn.objectives.base import Objective
from gandyn.scenario.loading import load_scenario, parse_scenario, scenario_files
from gandyn.scenario.pitfalls import pitfalls
from gandyn.scenario.pitfalls.base import Pitfall
from gandyn.scenario.pitfalls.outward_spiral import _slopes

ROOT = Path(__file__).parents[2]
SCENARIOS = scenario_files(ROOT / "scenarios")
ON_PURPOSE = {"orbit": ["spiral outwards", "bounds the critic's slope"]}

SIMULTANEOUS = {"dynamics": {"type": "simultaneous"}, "data": {"type": "dirac"}, "latent": {"type": "dirac"}}
WASSERSTEIN = {"objective": {"type": "wasserstein"}}


def sgd(generator: float, discriminator: float | None = None, momentum: float = 0.0) -> dict:
    rates = {"generator": generator, "discriminator": discriminator or generator}
    return {"optimizers": {player: {"type": "sgd", "lr": lr, "momentum": momentum} for player, lr in rates.items()}}


FAILING = {
    "unbounded_critic": [WASSERSTEIN, {**WASSERSTEIN, "regularizers": [{"type": "r1", "weight": 0}]}],
    "batch_penalty": [{"data": {"type": "digits"}, "regularizers": [{"type": "gradient_penalty"}]}],
    "idle_penalty": [{"regularizers": [{"type": "weight_clipping"}, {"type": "r2", "weight": 0}]}],
    "narrow_modes": [
        {"data": {"type": "ring", "std": 0.01}},
        {"data": {"type": "grid", "std": 0.05}},
        {"data": {"type": "gaussian_mixture", "means": [-2, 2], "stds": [0.001, 1], "weights": [0.5, 0.5]}},
    ],
    "far_start": [{"data": {"type": "gaussian", "mean": 300.0}}],
    "outward_spiral": [
        {**SIMULTANEOUS, **sgd(0.1)},
        {**SIMULTANEOUS, **sgd(0.1), "objective": {"type": "saturating"}},
        {"data": {"type": "dirac"}, **sgd(4.1)},
        {"data": {"type": "gaussian", "std": 0.01}, "record": {"grid": {"cells": 4096}}, **sgd(0.5, 40.0)},
    ],
}
SOUND = [
    {},
    {"data": {"type": "ring"}},
    {"data": {"type": "grid"}},
    {**WASSERSTEIN, "regularizers": [{"type": "weight_clipping"}]},
    {**WASSERSTEIN, "regularizers": [{"type": "gradient_penalty", "target": 0.0}]},
    {**WASSERSTEIN, "data": {"type": "digits"}, "discriminator": {"type": "dcgan", "norm": "spectral"}},
    {"data": {"type": "digits"}, "regularizers": [{"type": "r1"}]},
    {"data": {"type": "dirac"}, **sgd(3.9)},
    {"data": {"type": "gaussian"}, "dynamics": {"type": "simultaneous"}, **sgd(0.1)},
    {**SIMULTANEOUS, **sgd(0.1), "regularizers": [{"type": "r1", "weight": 0.5}]},
    {**SIMULTANEOUS, **sgd(0.1, momentum=0.5)},
    {"data": {"type": "gaussian", "mean": 8.0}},
]


def found(given: dict, overrides: tuple[str, ...] = ()) -> list[str]:
    return pitfalls(parse_scenario({"data": {"type": "gaussian"}, **given}, overrides))


@pytest.mark.parametrize("file", SCENARIOS, ids=[file.stem for file in SCENARIOS])
def test_scenarios_that_are_shipped_fail_on_purpose_or_not_at_all(file):
    warnings, expected = pitfalls(load_scenario(file)), ON_PURPOSE.get(file.stem, [])
    assert len(warnings) == len(expected)
    assert all(part in text for part, text in zip(expected, warnings, strict=True))


def test_every_pitfall_is_met_here():
    assert FAILING.keys() == members(Pitfall).keys()


@pytest.mark.parametrize(("kind", "given"), [(kind, given) for kind, some in FAILING.items() for given in some])
def test_a_pitfall_is_told_in_a_sentence_and_its_cure_cures(kind, given):
    scenario = parse_scenario({"data": {"type": "gaussian"}, **given})
    text = members(Pitfall)[kind]().check(scenario, scenario.played)
    assert text is not None
    assert text in pitfalls(scenario)
    assert "\n" not in text
    _, _, cure = text.rpartition(": --set ")
    if cure != text:
        overrides = [part for part in shlex.split(f"--set {cure}") if part != "--set"]
        cured = parse_scenario({"data": {"type": "gaussian"}, **given}, overrides)
        assert members(Pitfall)[kind]().check(cured, cured.played) is None


@pytest.mark.parametrize("given", SOUND)
def test_sound_settings_are_not_warned_of(given):
    assert found(given) == []


def test_a_table_that_is_learnt_as_it_is_lies_far_away(tmp_path):
    np.savetxt(tmp_path / "heights.csv", np.random.default_rng(0).normal(172.0, 8.0, 200))
    data = {"type": "empirical", "file": str(tmp_path / "heights.csv")}
    (text,) = found({"data": {**data, "standardize": False}})
    assert text.endswith(": --set data.standardize=true")
    assert found({"data": data}) == []


@pytest.mark.parametrize("kind", sorted(members(Objective)))
def test_the_linearised_game_is_that_of_the_losses(kind):
    objective = members(Objective)[kind]()
    pull, push, bend = _slopes(objective)
    # On data of no width the players turn: they pull against each other.
    assert pull * push < 0
    assert bend >= 0
    if kind in ("saturating", "non_saturating"):
        assert (pull, push, bend) == pytest.approx((-0.5, 0.5, 0.5))


def test_warnings_come_before_training_and_stay_with_the_recording(gandyn: Run):
    worst = ("--set", "objective.type=wasserstein", "--set", "record.fields=false")
    done = gandyn("train", "toy.yaml", *worst)
    assert done.exit_code == 0
    assert done.stderr.startswith("gandyn: warning: nothing bounds the critic's slope")
    assert "nothing bounds" not in gandyn("train", "toy.yaml", *worst).stderr  # nothing is trained
    assert "nothing bounds the critic's slope" in gandyn("show", "runs/toy").stdout
    (text,) = json.loads(gandyn("show", "runs/toy", "--json").stdout)["warnings"]
    assert "--set 'regularizers=[{type: gradient_penalty}]'" in text
    told = json.loads(gandyn("train", "toy.yaml", "--json").stdout)
    assert told["warnings"] == []


def test_from_python_they_are_warnings(workplace: Path):
    with pytest.warns(SettingsWarning, match="nothing bounds"):
        package.train({"data": {"type": "gaussian"}, **WASSERSTEIN, "train": {"steps": 1}}, "out", progress=False)


def test_a_theme_is_found_by_a_part_of_its_name(gandyn: Run):
    refused = gandyn("animate", "toy.yaml", "--theme", "dark")
    assert refused.exit_code == 2
    assert "did you mean 'talk-dark'?" in refused.stderr
