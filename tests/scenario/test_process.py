"""The command as a process: signals, pipes, and the time it takes to say how it is used."""

from __future__ import annotations

import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scenario.conftest import Begin, Start

import gandyn


def committed(folder: Path) -> int:
    journal = folder / "journal.jsonl"
    return journal.read_text().count('"records"') if journal.exists() else 0


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_commits_says_how_and_resumes(
    start: Start, workplace: Path, number: signal.Signals, code: int
) -> None:
    options = ["--set", "train.steps=1000", "--set", "train.seeds=[3]"]
    process = start("train", "toy.yaml", *options)
    deadline = time.monotonic() + 40
    while committed(workplace / "runs/toy") < 1 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=40)
    assert process.returncode == code, said
    assert "Traceback" not in said
    recording = gandyn.open_recording("runs/toy")
    assert not recording.complete
    assert f"up to step {recording.steps()[-1]} of 1000" in said
    for command in ("animate", "plot", "show"):
        drawn, _ = start(command, "runs/toy").communicate(timeout=60)
        assert f"up to step {recording.steps()[-1]} of 1000; go on with: gandyn train runs/toy" in drawn
        assert "--force" not in drawn
    if code != 130:
        return
    again = shlex.split(said.split("go on with: gandyn ")[1])
    assert again[:3] == ["train", "toy.yaml", "--set"]
    resumed = start(*again)
    _, said = resumed.communicate(timeout=60)
    assert resumed.returncode == 0, said
    whole = gandyn.train(gandyn.load_scenario("toy.yaml", options[1::2]), "runs/whole")
    for name in ("generator_loss", "js", "generator_density"):
        np.testing.assert_array_equal(gandyn.open_recording("runs/toy").dataset[name], whole.dataset[name])


def test_an_interrupted_drawing_leaves_no_file(start: Start, workplace: Path) -> None:
    gandyn.train("toy.yaml")
    process = start("animate", "runs/toy", "--frames", 20, "--size", "1920x1080", "-o", "x.png")
    deadline, first = time.monotonic() + 40, ".x-*/x-0001.png"
    while not list(workplace.glob(first)) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert list(workplace.glob(first))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=40)
    assert process.returncode == 130
    assert not [file.name for pattern in (".x*", "x*") for file in workplace.glob(pattern)]


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_error(begin: Begin) -> None:
    process = begin("catalog")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.wait(timeout=40)
    assert said == ""


def seconds_of(*command: str) -> float:
    """Return how long a command computes: on a busy machine it waits besides."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True, timeout=20).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "animate" in text or command[0] == "-c"
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_comes_at_once() -> None:
    pairs = [(seconds_of("-m", "gandyn", "--help"), seconds_of("-c", "import typer")) for _ in range(5)]
    took, least = (min(one) for one in zip(*pairs, strict=True))
    assert took < 6 * least  # the library that knows the commands, and the words that it sets in frames


def test_what_is_in_a_recording_is_told_without_anything_heavy(workplace: Path) -> None:
    gandyn.train("toy.yaml")
    code = "import sys\nfrom gandyn.cli import app\ntry: app(['show', 'runs/toy'])\nfinally: print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "scipy", "matplotlib", "xarray", "pandas", "numba"} & set(loaded)


def test_nothing_heavy_is_imported_for_help() -> None:
    heavy = {"torch", "numpy", "scipy", "matplotlib", "xarray", "zarr", "pydantic", "yaml", "PIL", "av"}
    code = "import sys, gandyn, gandyn.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert not heavy & set(loaded.stdout.split())


@pytest.mark.parametrize("command", [["animate", "toy.yaml"], ["train", "toy.yaml"], ["catalog"], ["sample", "runs/x"]])
def test_what_needs_torch_says_how_to_install_it(workplace: Path, command: list[str]) -> None:
    code = f"import sys; sys.modules['torch'] = None\nfrom gandyn.cli import app\napp({command})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=workplace)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("gandyn: this needs torch, which is not installed here: pip install 'torch>=")
    assert done.stderr.count("\n") == 1


def test_drawing_a_recording_needs_no_torch(workplace: Path) -> None:
    gandyn.train("toy.yaml")
    code = "import sys; sys.modules['torch'] = None\nfrom gandyn.cli import app\napp(['animate', 'runs/toy', '-q'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=workplace)
    assert done.returncode == 0, done.stderr
    assert (workplace / "toy.gif").exists()
