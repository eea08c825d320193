"""Anybody's loop in several processes, and in one that is killed."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from loops import everything, normed, recorded, same, seeded
from torch import nn

from gandyn.recording.store.journal import read_journal
from gandyn.recording.store.recording import open_recording

HERE = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def one_process():
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def test_data_parallel_wrappers_are_reached_through(tmp_path, one_process):
    def wrapped():
        game = normed()
        game.seen = game.G, game.D
        game.G, game.D = (nn.parallel.DistributedDataParallel(one) for one in game.seen)
        return game

    game = seeded(wrapped)
    expected = everything(game, game.train())
    found = recorded(wrapped, tmp_path / "mine", every=1)
    assert [name for name in expected if not same(found[name], expected[name])] == []


PROCESS = """
import sys, torch
from torch.nn.parallel import DistributedDataParallel as DDP
sys.path.insert(0, sys.argv[3])
from loops import SMALL, everything, normed, same, seeded
import gandyn

rank, folder = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(1)
torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)


def train(recording):
    game = seeded(normed)
    game.seen = game.G, game.D
    game.G, game.D = DDP(game.G), DDP(game.D)
    if not recording:
        return everything(game, game.train())
    with gandyn.record(game.G, game.D, data=game.data, latent=game.latent, out=f"{folder}/mine", every=1, **SMALL) as r:
        return everything(game, game.train(r))


plain, watched = train(False), train(True)
assert [name for name in plain if not same(plain[name], watched[name])] == []
torch.distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_of_two_processes_the_first_records(tmp_path, forks):
    commands = [["-c", PROCESS, str(rank), str(tmp_path), HERE] for rank in (0, 1)]
    both = [forks.start(command, tmp_path, os.environ) for command in commands]
    for one in both:
        _, complaints = one.communicate(timeout=120)
        assert one.returncode == 0, complaints
    assert open_recording(tmp_path / "mine").steps().tolist() == [0, 1, 2, 3, 4, 5]


VICTIM = """
import sys, torch
sys.path.insert(0, sys.argv[2])
from loops import SMALL, seeded, simple
import gandyn
torch.set_num_threads(1)
game = seeded(simple)
with gandyn.record(game.G, game.D, data=game.data, latent=game.latent, out=sys.argv[1], every=1, **SMALL) as recorder:
    number = 0
    while True:
        number += 1
        recorder.step(generator_loss=number, **({"late": -number} if number > 20 else {}))
        print(number, flush=True)
"""


def test_kill_leaves_every_committed_record(tmp_path, forks):
    victim, deadline = forks.start(["-c", VICTIM, str(tmp_path / "mine"), HERE], tmp_path, os.environ), 60
    began = time.monotonic()
    while "40\n" not in victim.stdout.read_text():
        assert time.monotonic() < began + deadline, victim.stderr.read_text()
        time.sleep(0.005)
    time.sleep(random.Random(1).uniform(0, 0.05))
    victim.kill()
    committed = read_journal(tmp_path / "mine").records
    assert committed >= 32
    dataset = open_recording(tmp_path / "mine").dataset
    np.testing.assert_array_equal(dataset.step, range(committed))
    np.testing.assert_array_equal(dataset.generator_loss[0, 1:], range(1, committed))
    np.testing.assert_array_equal(dataset.late[0, 21:], -np.arange(21, committed))
    assert np.isfinite(dataset.js.values).all()
    assert np.isfinite(dataset.generator_density.values).all()
