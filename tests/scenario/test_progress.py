"""A bar on stderr for what takes longer than a glance, where somebody is there to see it."""

from __future__ import annotations

import io
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import gandyn
from gandyn.app.console import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def sit_at(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in place of stderr; within the test, for pytest puts its own there between phases."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    return screen


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Timers that go off when the test says so."""
    made: list[Any] = []

    class ByHand:
        def __init__(self, seconds: float, function: Any) -> None:
            self.seconds, self.function = seconds, function
            made.append(self)

        start = cancel = join = lambda self: None

    monkeypatch.setattr(threading, "Timer", ByHand)
    return made


def test_that_something_is_done_shows_before_anything_tells_of_it(
    monkeypatch: pytest.MonkeyPatch, timers: list[Any]
) -> None:
    terminal = sit_at(monkeypatch)
    with progress(quiet=False) as tick:
        assert tick is not None
        assert terminal.getvalue() == ""
        assert timers[0].seconds < 0.5  # what is imported before that takes as long again
        timers[0].function()
        assert "starting" in terminal.getvalue()
        tick(0, 0, "drawing")
    assert "drawing" in terminal.getvalue()


def test_what_is_done_at_once_shows_nothing(monkeypatch: pytest.MonkeyPatch, timers: list[Any]) -> None:
    terminal = sit_at(monkeypatch)
    with progress(quiet=False) as tick:
        assert tick is not None
        tick(1, 2, "training")
    assert "training" not in terminal.getvalue()
    assert "starting" not in terminal.getvalue()


@pytest.mark.parametrize(("asked", "shown"), [({}, True), ({"progress": False}, False)])
def test_training_from_python_shows_a_bar(
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    timers: list[Any],
    asked: dict[str, Any],
    shown: bool,
) -> None:
    from gandyn.app import training as run

    terminal = sit_at(monkeypatch)
    train = run.train

    def watched(*arguments: Any, **options: Any) -> Any:
        for timer in timers:
            timer.function()
        return train(*arguments, **options)

    monkeypatch.setattr(run, "train", watched)
    gandyn.train("toy.yaml", **asked)
    assert ("training" in terminal.getvalue()) == shown
