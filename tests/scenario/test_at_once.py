"""Commands that run at the same time, and those that come after one that was killed."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from processes import Forks
from scenario.conftest import Run

import gandyn as package
from gandyn.core.errors import RecordingError
from gandyn.core.replacing import alone
from gandyn.training.trainer import Trainer

LEADER = """
import os, pathlib, time
import gandyn
from gandyn.training.trainer import Trainer
advance = Trainer.advance

def paused(self):
    if self.step == 12:
        pathlib.Path("there").touch()
        while not pathlib.Path("fate").exists():
            time.sleep(0.005)
        if pathlib.Path("fate").read_text() == "die":
            os._exit(9)
    advance(self)

Trainer.advance = paused
gandyn.train("toy.yaml")
"""
BETWEEN_RENAMES = """
import os
from pathlib import Path
from gandyn.core.replacing import alone, replaced
rename = os.rename
os.rename = lambda old, new: (rename(old, new), os._exit(9))
with alone(Path("runs/toy")) as target, replaced(target) as part:
    part.mkdir()
"""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[str], None]]]:
    """Functions that are called as soon as somebody is told that he waits, and with what."""
    monkeypatch.setattr("gandyn.core.locks._UNSAID", 0.0)
    calls: list[Callable[[str], None]] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            for call in calls:
                call(record.getMessage())

    listener = Listener()
    logging.getLogger("gandyn").addHandler(listener)
    yield calls
    logging.getLogger("gandyn").removeHandler(listener)


@pytest.mark.parametrize(("fate", "how"), [("go on", "reused"), ("die", "trained")])
def test_the_same_scenario_is_recorded_once_and_gone_on_with_where_that_was_killed(
    workplace: Path, told: list[Callable[[str], None]], forks: Forks, fate: str, how: str
) -> None:
    from gandyn.app.runs import record
    from gandyn.scenario.loading import load_scenario

    said: list[str] = []
    leader, deadline = forks.start(["-c", LEADER], workplace, os.environ), time.monotonic() + 60
    while not Path("there").exists() and time.monotonic() < deadline and leader.poll() is None:
        time.sleep(0.005)

    def decide(_: str) -> None:
        Path("decided").write_text(fate)
        Path("decided").rename("fate")  # which is there as a whole or not at all

    told += [said.append, decide]
    second = record(load_scenario("toy.yaml"))
    assert leader.wait(60) == (9 if fate == "die" else 0)
    assert second.how == how
    assert second.recording.complete
    assert said == [f"gandyn: runs/toy is being written by process {leader.pid}; waiting for it (Ctrl-C gives up)"]
    assert os.listdir("runs") == ["toy"]
    whole = package.train("toy.yaml", "whole").dataset
    np.testing.assert_array_equal(second.recording.dataset["js"], whole["js"])


def test_other_settings_are_not_waited_for(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gandyn.app.runs import record
    from gandyn.scenario.loading import load_scenario

    advance, found = Trainer.advance, []

    def meanwhile(self: Trainer) -> None:
        monkeypatch.setattr(Trainer, "advance", advance)
        other = record(load_scenario("toy.yaml", ["train.steps=3"]))
        found.append((other.how, other.beside, other.recording.path.parent))
        with pytest.raises(RecordingError, match="runs/toy: is being written by this process"):
            record(load_scenario("toy.yaml", ["train.steps=3"]), Path("runs/toy"))
        advance(self)

    monkeypatch.setattr(Trainer, "advance", meanwhile)
    assert record(load_scenario("toy.yaml")).how == "trained"
    assert found == [("trained", Path("runs/toy"), Path("runs"))]
    assert len(os.listdir("runs")) == 2


def test_who_fails_makes_room_for_the_next(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, told: list[Callable[[str], None]]
) -> None:
    advance, waits, results = Trainer.advance, threading.Event(), []
    told.append(lambda _: waits.set())
    second = threading.Thread(target=lambda: results.append(package.train("toy.yaml")))

    def fail(self: Trainer) -> None:
        monkeypatch.setattr(Trainer, "advance", advance)
        second.start()
        waits.wait()
        raise ZeroDivisionError

    monkeypatch.setattr(Trainer, "advance", fail)
    with pytest.raises(ZeroDivisionError):
        package.train("toy.yaml")
    second.join()
    assert results[0].complete


def test_a_title_is_kept_in_no_recording_but_its_own(workplace: Path) -> None:
    from gandyn.app.run_folders import retitled
    from gandyn.scenario.loading import load_scenario

    first, place = package.train("toy.yaml", "there"), Path("there/scenario.yaml")
    assert first is not None
    assert retitled(first, load_scenario("toy.yaml", ["title=Kept"])).dataset.attrs["title"] == "Kept"
    assert package.open_recording("there").scenario["title"] == "Kept"
    for taken in (False, True):  # by another process, which records or has recorded there
        if taken:
            package.train(load_scenario("toy.yaml", ["train.steps=3"]), "there", force=True)
        before = place.read_text()
        with alone(Path("there")) if not taken else nullcontext():
            again = retitled(first, load_scenario("toy.yaml", ["title=Late"]))
        assert again.dataset.attrs["title"] == "Late"
        assert place.read_text() == before
        assert sorted(os.listdir("there")) == ["checkpoints", "journal.jsonl", "recording.zarr", "scenario.yaml"]


def test_a_finished_recording_is_drawn_while_somebody_holds_it(gandyn: Run, workplace: Path) -> None:
    package.train("toy.yaml")
    with alone(Path("runs/toy")):
        assert gandyn("animate", "toy.yaml").exit_code == 0
        assert gandyn("show", "runs/toy").exit_code == 0


def looped(workplace: Path) -> None:
    G, D = torch.nn.Linear(4, 2), torch.nn.Linear(2, 1)
    data = torch.randn(100, 2)
    with package.record(G, D, data=data, latent=lambda n: torch.randn(n, 4), out=workplace / "runs/toy"):
        raise AssertionError("a recording that is there should be kept")


@pytest.mark.parametrize("opening", ["show", "draw", "train", "open", "record"])
def test_a_recording_that_was_about_to_be_replaced_is_back_at_the_next_opening(
    gandyn: Run, workplace: Path, forks: Forks, opening: str
) -> None:
    before = package.train("toy.yaml").dataset.load()
    assert forks.start(["-c", BETWEEN_RENAMES], workplace, os.environ).wait(60) == 9
    assert not Path("runs/toy").exists()
    if opening == "record":
        with pytest.raises(RecordingError, match="holds a recording already"):
            looped(workplace)
    elif opening == "open":
        package.open_recording("runs/toy")
    else:
        command = {"show": ["show", "runs/toy"], "draw": ["animate", "runs/toy"], "train": ["train", "toy.yaml"]}
        done = gandyn(*command[opening])
        assert done.exit_code == 0
        assert "trained" not in done.stdout.replace("trained alone", "")
    assert os.listdir("runs") == ["toy"]
    np.testing.assert_array_equal(package.open_recording("runs/toy").dataset["js"], before["js"])


def test_what_a_killed_drawing_left_goes_with_the_next_picture(gandyn: Run, workplace: Path, forks: Forks) -> None:
    package.train("toy.yaml")
    code = "import os, sys\nfrom pathlib import Path\nfrom gandyn.rendering.encoders.output import atomic\n"
    code += "with atomic(Path(sys.argv[1])) as part:\n    part.write_text('half')\n    os._exit(9)\n"
    for left in ("a.gif", "runs/toy/scenario.yaml"):
        assert forks.start(["-c", code, left], workplace, os.environ).wait(60) == 9
    assert len(list(workplace.glob("**/.*.gandyn.*"))) == 4
    assert gandyn("animate", "toy.yaml", "-o", "b.gif", "--force").exit_code == 0
    assert list(workplace.glob("**/.*")) == []


def test_links_of_recordings_and_pictures_stay_links(gandyn: Run, workplace: Path) -> None:
    Path("runs").mkdir()
    Path("runs/toy").symlink_to("../far/toy")
    Path("toy.gif").symlink_to("far/picture.gif")
    for again in ([], ["--force"]):
        assert gandyn("animate", "toy.yaml", *again).exit_code == 0
        assert os.readlink("runs/toy") == "../far/toy"
        assert os.readlink("toy.gif") == "far/picture.gif"
    assert sorted(os.listdir("far")) == ["picture.gif", "toy"]
    assert package.open_recording("runs/toy").complete


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (["animate", "toy.yaml", "-o", "/proc/x.gif"], "/proc/x.gif: no file can be made in the folder /proc"),
        (["plot", "toy.yaml", "--csv", "/proc/x"], "/proc/x: no file can be made in the folder /proc"),
        (["train", "toy.yaml", "-o", "/proc/x"], "/proc/x: no file can be made in the folder /proc"),
        (["animate", "toy.yaml", "-o", "a.gif"], "a.gif: this is a link that leads back to itself"),
        (["train", "toy.yaml", "-o", "a.gif"], "a.gif: this is a link that leads back to itself"),
    ],
)
def test_where_nothing_can_be_written_is_told_before_anything_is_trained(
    gandyn: Run, workplace: Path, command: list[str], text: str
) -> None:
    Path("a.gif").symlink_to("b.gif")
    Path("b.gif").symlink_to("a.gif")
    done = gandyn(*command)
    assert done.exit_code in (1, 2)
    assert done.stderr == f"gandyn: {text}\n"
    assert not Path("runs").exists()


def test_numbers_may_go_to_a_device(gandyn: Run, workplace: Path) -> None:
    done = gandyn("plot", "toy.yaml", "--csv", "/dev/null")
    assert done.exit_code == 0, done.stderr
