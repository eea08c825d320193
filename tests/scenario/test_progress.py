"""A bar on stderr for what takes over a second, where somebody is there to see it."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import gandyn
from gandyn.scenario.console import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def sit_at(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in place of stderr; within the test, for pytest puts its own there between phases."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    return screen


def test_work_that_tells_of_nothing_on_its_way_shows_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = sit_at(monkeypatch)
    with progress(quiet=False) as tick:
        assert tick is not None
        tick(0, 0, "drawing")
        time.sleep(0.5)
        assert terminal.getvalue() == ""
        time.sleep(0.8)
    assert "drawing" in terminal.getvalue()


def test_what_is_done_at_once_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = sit_at(monkeypatch)
    with progress(quiet=False) as tick:
        assert tick is not None
        tick(1, 2, "training")
    assert "training" not in terminal.getvalue()


@pytest.mark.parametrize(("asked", "shown"), [({}, True), ({"progress": False}, False)])
def test_training_from_python_shows_a_bar(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any], shown: bool
) -> None:
    from gandyn.scenario import run

    terminal = sit_at(monkeypatch)
    train = run.train

    def slow(*arguments: Any, **options: Any) -> Any:
        done = train(*arguments, **options)
        time.sleep(1.2)
        return done

    monkeypatch.setattr(run, "train", slow)
    gandyn.train("toy.yaml", **asked)
    assert ("training" in terminal.getvalue()) == shown
