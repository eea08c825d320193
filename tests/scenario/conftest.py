from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import Forked, Forks
from typer.testing import CliRunner, Result

TOY = """\
title: A toy
data: {type: gaussian_mixture, means: [-2, 2], stds: [0.5, 0.5], weights: [0.5, 0.5]}
generator: {type: mlp, hidden: [8]}
discriminator: {type: mlp, hidden: [8]}
train: {steps: 20, batch_size: 32}
record: {grid: {cells: 64}}
animation: {frames: 3, size: [480, 270]}
"""

Run = Callable[..., Result]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with `toy.yaml` in it: a scenario that trains in a moment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.yaml").write_text(TOY)
    return tmp_path


@pytest.fixture
def gandyn(workplace: Path) -> Run:
    """Run the command line in this process; the result has exit_code, stdout and stderr."""
    from gandyn.cli import app

    def run(*arguments: object) -> Result:
        # A table as wide as it likes, so that no word is cut.
        return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})

    return run


Start = Callable[..., Forked]
Begin = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(workplace: Path, forks: Forks) -> Iterator[Start]:
    """Start `python -m gandyn` as a process of its own, without the wait for imports."""
    started = []

    def begin(*arguments: object, **environment: str) -> Forked:
        command = ["-m", "gandyn", *map(str, arguments)]
        process = forks.start(command, workplace, {**os.environ, **environment})
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()


@pytest.fixture
def begin(workplace: Path) -> Iterator[Begin]:
    """Start `python -m gandyn` from nothing."""
    started = []

    def begin(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "gandyn", *map(str, arguments)],
            cwd=workplace,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
