"""Completion at the tab key, by the protocol of the shells, in real processes."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gandyn.app.completion import offered
from gandyn.app.vocabulary import vocabulary
from gandyn.core.catalog import members
from gandyn.objectives.base import Objective
from gandyn.scenario.schema import scenario_type

Complete = Callable[..., list[str]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of words that is filled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def complete(workplace: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Press the tab key in bash behind some words, as bash takes them apart; return what is offered."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    vocabulary()

    def press(*words: str) -> list[str]:
        asked = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1), "_GANDYN_COMPLETE": "complete_bash"}
        done = subprocess.run(
            [sys.executable, "-m", "gandyn"], env={**os.environ, **asked}, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return done.stdout.split()

    return press


def test_what_bash_is_offered(complete: Complete, workplace: Path) -> None:
    Path("runs/toy").mkdir(parents=True)
    Path("runs/toy/journal.jsonl").touch()
    assert complete("gandyn", "animate", "") == ["toy.yaml", "runs/toy"]
    assert complete("gandyn", "animate", "--set", "data.type", "=", "ri") == ["ring"]
    assert complete("gandyn", "animate", "--set", "data.type", "=", "ring", "--set", "train.ste") == [
        "train.steps=2000"
    ]
    assert complete("gandyn", "plot", "--panels", "losses,div") == ["losses,divergences"]
    assert complete("gandyn", "animate", "runs/toy", "-o", "talk.m") == ["talk.mp4"]
    assert complete("gandyn", "animate", "--theme", "=", "pa") == ["paper"]


def seconds_of_work() -> float:
    """Return what processes have computed that were started here: other work on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_completion_waits_for_nothing_heavy(complete: Complete) -> None:
    took, least = [], []
    for _ in range(5):
        began = seconds_of_work()
        assert complete("gandyn", "train", "toy.yaml", "--set", "objective.type", "=", "hi") == ["hinge"]
        took.append(seconds_of_work() - began)
        began = seconds_of_work()
        subprocess.run([sys.executable, "-c", "import typer"], check=True)
        least.append(seconds_of_work() - began)
    assert min(took) < 6 * min(least)  # a shell, and the library that knows the commands
    code = "from gandyn.app.completion import offered; offered('settings', '', ''); import sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "numpy", "pydantic", "matplotlib", "xarray", "yaml", "rich"} & set(loaded)


def test_every_key_and_value_is_offered(workplace: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gandyn

    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    assert offered("values", "objective.type", "") == list(members(Objective))
    assert offered("values", "animation.layout", "") == ["talk", "lab"]
    sections = offered("settings", "", "")
    assert [one.removesuffix(".") for one in sections] == list(scenario_type().model_fields)
    assert {"data.", "train.", "regularizers.", "title"} < set(sections)
    # A single section is gone into, so that the shell puts no space behind its dot.
    assert "train.seeds" in offered("settings", "", "tr")
    assert "optimizers.generator.lr" in offered("settings", "", "optimizers.generator.")
    for name in ("ring", "empirical"):
        assert name in offered("data", "", "")
    assert {"spectral", "density", "talk-dark", "data"} - set(offered("catalogue", "", "")) == {"spectral"}
    # What is offered can be set.
    for key in ("train.steps", "record.gradients", "animation.pace"):
        (setting, *_) = offered("settings", "", key)
        gandyn.load_scenario("toy.yaml", [setting])


def test_a_cache_that_cannot_be_used(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("cache/gandyn").mkdir(parents=True)
    Path("cache/gandyn/vocabulary.json").write_text("{not json")
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    assert "ring" in vocabulary().data
    monkeypatch.setenv("XDG_CACHE_HOME", "toy.yaml")
    assert "ring" in vocabulary().data
    monkeypatch.setattr("gandyn.app.completion.vocabulary", lambda: 1 / 0)
    assert offered("data", "", "ri") == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_itself(complete: Complete, workplace: Path) -> None:
    shell = f"""
    gandyn() {{ {sys.executable} -m gandyn "$@"; }}; export -f gandyn
    eval "$(_GANDYN_COMPLETE=source_bash gandyn)"
    COMP_WORDS=(gandyn animate toy.yaml --set data.type = gri); COMP_CWORD=6
    printf '#!/bin/bash\\nexec {sys.executable} -m gandyn "$@"\\n' > ./gandyn; chmod +x gandyn
    PATH=$PWD:$PATH; _gandyn_completion ./gandyn; echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["grid"], done.stderr
