"""Several processes train one network as one would; one of them records, and all stop and go on together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from gandyn.recording.store.journal import read_journal
from gandyn.recording.store.recording import open_recording
from gandyn.training import distributed

# No batch normalisation: each process would normalise by its own part of the batch.
SCENARIO = """
name: together
data: {{type: digits}}
latent: {{dim: 8}}
generator: {{type: dcgan, channels: 4, norm: instance}}
discriminator: {{type: dcgan, channels: 4, norm: none}}
train: {{steps: {steps}, batch_size: 16, device: cpu, seeds: {seeds}}}
record: {{every: {every}, latent_points: 64, quality_samples: 100, grid: {{cells: 16}}}}
"""
TOY = "{name: toy, data: {type: gaussian}, train: {steps: 20, batch_size: 32}}"
WHERE = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


class Together:
    """Processes that train together, as one that starts them sees them."""

    def __init__(self, members):
        self.members = members

    @property
    def returncode(self):
        return next((one.returncode for one in self.members if one.returncode), 0)

    def communicate(self, timeout):
        said, complaints = zip(*[one.communicate(timeout) for one in self.members], strict=True)
        return "".join(said), "".join(complaints)

    def send_signal(self, number):
        for one in self.members:
            one.send_signal(number)

    def kill(self):
        for one in self.members:
            one.kill()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def start(tmp_path, forks):
    """Start a command in one process, or in several that are told of each other as torchrun does."""
    started = []

    def begin(*arguments, processes=1, program=None):
        command, port = [*([program] if program else ["-m", "gandyn"]), *arguments], free_port()
        roles = [
            {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": processes, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
            for rank in range(processes)
        ]
        environments = [{**WHERE, **{key: str(value) for key, value in role.items()}} for role in roles]
        one = Together([forks.start(command, tmp_path, environment) for environment in environments])
        started.append(one)
        return one

    yield begin
    for one in started:
        one.kill()


@pytest.fixture
def launch(tmp_path):
    """Start a command in two processes by torchrun itself."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "gandyn"]
    started = []

    def begin(*arguments):
        one = subprocess.Popen(
            [sys.executable, *launcher, *arguments],
            cwd=tmp_path,
            env=WHERE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(one)
        return one

    yield begin
    for one in started:
        one.kill()
        one.communicate()


def scenario(tmp_path, *, steps=30, every=10, seeds=1):
    (tmp_path / "s.yaml").write_text(SCENARIO.format(steps=steps, every=every, seeds=seeds))


def ended(process, code=0):
    """Wait for a process, and return what it printed."""
    said, complaints = process.communicate(timeout=120)
    assert process.returncode == code, complaints
    return said


def weights(folder, group=0):
    return load_file(folder / f"checkpoints/{group}.safetensors")


def test_one_process_is_alone_whatever_is_asked():
    assert (distributed.world(), distributed.rank(), distributed.gpu()) == (1, 0, 0)
    assert not distributed.following()
    values = torch.arange(6.0)
    assert distributed.part(values, 0) is values
    assert distributed.average(values) is values
    assert distributed.agreed(True, False)
    assert not distributed.agreed(False)
    with distributed.joined(torch.device("cpu")):
        assert distributed.world() == 1


def test_roles_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert not distributed.following()
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert distributed.following()
    assert distributed.gpu() == 1
    monkeypatch.setattr(distributed, "_met", True)
    assert distributed.following()  # whoever has followed once does not begin to record
    assert distributed.gpu() == 0


@pytest.mark.slow
def test_two_processes_train_as_one_and_one_of_them_tells(start, launch, tmp_path):
    scenario(tmp_path, seeds=2)
    alone, both = start("train", "s.yaml", "-o", "alone"), launch("train", "s.yaml", "-o", "both")
    told, said = ended(alone), ended(both)
    assert said.count("at step 30") == 1  # the others say nothing
    assert len(said.splitlines()) == len(told.splitlines())
    for group in range(2):
        one, two = weights(tmp_path / "alone", group), weights(tmp_path / "both", group)
        assert one.keys() == two.keys()
        for name in ("generator", "discriminator"):
            torch.testing.assert_close(one[name], two[name], rtol=1e-3, atol=1e-4)
    one, two = (open_recording(tmp_path / name).dataset for name in ("alone", "both"))
    for name in ("generator_loss", "discriminator_loss", "js", "real_response"):
        np.testing.assert_allclose(two[name], one[name], rtol=2e-3, err_msg=name)
    # A recording that is there is reused; those that follow are let go.
    assert "reused" in ended(start("train", "s.yaml", "-o", "both", processes=2))


@pytest.mark.slow
def test_all_stop_at_one_step_and_go_on_bit_for_bit(start, tmp_path):
    scenario(tmp_path, steps=800, every=25)
    numbers = {"stopped": signal.SIGTERM, "killed": signal.SIGKILL}
    whole = start("train", "s.yaml", "-o", "whole", processes=2)
    parts = {name: start("train", "s.yaml", "-o", name, processes=2) for name in numbers}
    waiting, deadline = set(parts), time.monotonic() + 90
    while waiting and time.monotonic() < deadline:
        time.sleep(0.01)
        for name in sorted(waiting):
            journal = tmp_path / name / "journal.jsonl"
            if not journal.exists() or b'"records"' not in journal.read_bytes():
                continue
            waiting.remove(name)
            parts[name].send_signal(numbers[name])
    for name, process in parts.items():
        process.communicate(timeout=60)
        stopped = read_journal(tmp_path / name)
        assert not stopped.complete
        assert 0 < stopped.records < 33
        if name != "killed":
            assert int(weights(tmp_path / name)["step"]) == stopped.trained
    resumed = [start("train", "s.yaml", "-o", name, "--resume", processes=2) for name in parts]
    for process in (whole, *resumed):
        ended(process)
    expected = open_recording(tmp_path / "whole").dataset.load()
    for name in parts:
        for key, tensor in weights(tmp_path / "whole").items():
            assert torch.equal(weights(tmp_path / name)[key], tensor), (name, key)
        found = open_recording(tmp_path / name).dataset
        for key in expected.data_vars:
            np.testing.assert_array_equal(found[key], expected[key], err_msg=f"{name} {key}")


PROGRAM = """
import os, pathlib, sys, torch, gandyn
from torch import distributed
own, lines = sys.argv[1] == "own", []
if own:
    distributed.init_process_group("gloo")
for scenario, name in (("s", "first"), ("s", "second"), ("s", "first"), ("toy", "toy")):
    found = gandyn.train(f"{scenario}.yaml", name)
    lines.append(f"{name} {None if found is None else found.steps()[-1]}")
if own:
    distributed.all_reduce(total := torch.ones(()))
    lines.append(f"added up {int(total)}")
    distributed.destroy_process_group()
pathlib.Path(os.environ["RANK"]).write_text(", ".join(lines))
"""


@pytest.mark.slow
@pytest.mark.parametrize("own", ["own", "none"])
def test_a_program_goes_on_in_every_process(start, tmp_path, own):
    """Training returns, again and again, and leaves a process group of the program's own as it is."""
    scenario(tmp_path, steps=4, every=2)
    (tmp_path / "toy.yaml").write_text(TOY)
    (tmp_path / "program.py").write_text(PROGRAM)
    ended(start(own, processes=2, program="program.py"))
    added = ", added up 2" if own == "own" else ""
    assert (tmp_path / "0").read_text() == "first 4, second 4, first 4, toy 20" + added
    assert (tmp_path / "1").read_text() == "first None, second None, first None, toy None" + added


@pytest.mark.slow
def test_errors_and_toys_keep_nobody_waiting(start, tmp_path):
    scenario(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/letter.txt").write_text("mine")
    (tmp_path / "toy.yaml").write_text(TOY)
    refused = start("train", "s.yaml", "-o", "taken", processes=2)
    uneven = start("train", "s.yaml", "--set", "train.batch_size=15", "-o", "uneven", processes=2)
    ended(start("train", "toy.yaml", "-o", "toy", processes=2))
    assert open_recording(tmp_path / "toy").complete
    _, said = refused.communicate(timeout=60)
    assert refused.returncode
    assert "this folder holds other files" in said
    _, said = uneven.communicate(timeout=60)
    assert uneven.returncode
    assert "cannot be split evenly over 2 processes" in said
