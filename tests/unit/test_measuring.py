"""What measures beside training changes no number, and is gone with it, whoever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

import numpy as np
import pytest

from gandyn.app import training as run
from gandyn.recording import measuring
from gandyn.scenario.schema import Scenario

SCENARIO = {
    "data": {"type": "ring"},
    "train": {"steps": 70, "batch_size": 16},
    "record": {"grid": {"cells": 16}, "latent_cells": 16},
}
SEVERAL = """
import os, sys
from gandyn.recording.measuring import Measuring

def measure(kept, first, count):
    return {"process": os.getpid()}

with Measuring(2) as beside:
    number = beside.add(measure)
    beside.start()
    found = {beside.submit(number, {}, 0, 1, waiting=0).result()["process"] for _ in range(20)}
    print(*found, flush=True)
    sys.stdin.read()
"""


def recorded(folder):
    return run.train(Scenario.model_validate(SCENARIO), folder).dataset.load()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The recording of a process that measures all by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "measuring_of", lambda groups, device: nullcontext())
        return recorded(tmp_path_factory.mktemp("alone"))


def same(found, expected):
    for name in expected.data_vars:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


@pytest.mark.parametrize("forks", [True, False])
@pytest.mark.parametrize("pending", [0, 1, 100])
def test_no_number_depends_on_who_measures_it(alone, forks, pending, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "measuring_of", lambda groups, device: measuring.Measuring(2))
    monkeypatch.setattr(measuring, "_PENDING", pending)
    monkeypatch.setattr(measuring, "_FORKS", forks and measuring._FORKS)
    same(recorded(tmp_path / "beside"), alone)


TRAINER = os.getpid()


def killed(*arguments):
    """Be killed for what was asked, in a process that measures."""
    assert os.getpid() != TRAINER
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_was_sent_to_a_process_that_is_killed_is_measured_here(alone, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "measuring_of", lambda groups, device: measuring.Measuring(1))
    monkeypatch.setattr(measuring, "_measured", killed)
    same(recorded(tmp_path / "killed"), alone)


def alive(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
@pytest.mark.parametrize("end", [signal.SIGKILL, None])
def test_processes_that_measure_end_with_the_one_that_trains(end):
    with subprocess.Popen(
        [sys.executable, "-c", SEVERAL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as trainer:
        found = [int(one) for one in trainer.stdout.readline().split()]
        assert found
        assert trainer.pid not in found
        for one in found:  # Ctrl-C and SIGTERM reach them too, and it is not for them to end the run
            os.kill(one, signal.SIGINT)
            os.kill(one, signal.SIGTERM)
        if end is None:
            trainer.stdin.close()
        else:
            trainer.send_signal(end)
        assert trainer.wait(20) == (0 if end is None else -end)
    deadline = time.monotonic() + 10
    while any(map(alive, found)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(alive, found))
