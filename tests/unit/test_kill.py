"""`kill -9` at any moment leaves a recording that opens with every committed step."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from loops import seeded, simple, start

from gandyn.errors import RecordingError
from gandyn.recording.journal import append, read_journal
from gandyn.recording.store import open_recording
from gandyn.recording.verification import verify
from gandyn.scenario.run import train
from gandyn.scenario.schema import Scenario
from gandyn.training import Trainer

SMALL = {
    "name": "victim",
    "generator": {"type": "mlp", "hidden": [8]},
    "discriminator": {"type": "mlp", "hidden": [8]},
}
LINE = {
    **SMALL,
    "data": {"type": "gaussian_mixture"},
    "train": {"steps": 2000, "batch_size": 16, "seeds": 9},
    "record": {"every": 2, "grid": {"cells": 64}, "latent_cells": 96},
}
PLANE = {
    **SMALL,
    "data": {"type": "ring", "radius": 2.0, "std": 0.2},
    "train": {"steps": 1600, "batch_size": 16, "seeds": 1},
    "record": {"every": 2, "grid": {"cells": 16}, "latent_cells": 8},
}
NUMBERS = {**PLANE, "record": {**PLANE["record"], "fields": False}}
IMAGES = {
    "name": "victim",
    "data": {"type": "digits"},
    "latent": {"dim": 8},
    "generator": {"type": "dcgan", "channels": 2},
    "discriminator": {"type": "dcgan", "channels": 2},
    "train": {"steps": 1100, "batch_size": 4, "device": "cpu", "average": 0.99},
    "record": {"every": 40, "latent_points": 64, "quality_samples": 100, "grid": {"cells": 16}},
}
TWO = {**IMAGES, "train": {**IMAGES["train"], "steps": 700, "seeds": 2}}
# The parent process imports everything once; each victim is a fork of it that begins to train at once.
CHILD = """
import json, os, sys, pathlib
from gandyn.scenario.run import train
from gandyn.scenario.schema import Scenario
import zarr, safetensors.torch, xarray
spec = Scenario.model_validate(json.loads(sys.argv[1]))
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        train(spec, pathlib.Path(line.strip()))
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


@pytest.fixture
def _one_thread(monkeypatch):
    """Networks this small are slower on several busy cores than on one."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _wait_for_records(folder: Path, number: int) -> None:
    """Return when a recording that is being made holds so many."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(RecordingError):  # it has not begun yet
            if read_journal(folder).records >= number:
                return
        time.sleep(0.02)
    raise AssertionError(f"{folder} has not come to {number} records")


@pytest.mark.slow
@pytest.mark.usefixtures("_one_thread")
@pytest.mark.parametrize(
    ("spec", "kills"),
    [(LINE, 16), (PLANE, 6), (NUMBERS, 4), (IMAGES, 4), (TWO, 4)],
    ids=["line", "plane", "numbers alone", "images", "images of two seeds"],
)
def test_kills_at_random_instants_lose_no_committed_step(tmp_path, spec, kills):
    began = time.perf_counter()
    whole = train(Scenario.model_validate(spec), tmp_path / "whole").dataset.load()
    between = (time.perf_counter() - began) / whole.sizes["step"]
    parent = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps(spec)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    rng, opened, committed = random.Random(5), 0, []
    with parent:
        for attempt in range(kills):
            folder = tmp_path / f"r{attempt}"
            parent.stdin.write(f"{folder}\n")
            parent.stdin.flush()
            child = int(parent.stdout.readline())
            # Counted in records, since a busy machine trains at any pace; then anywhere between two of them.
            _wait_for_records(folder, rng.randrange(whole.sizes["step"]))
            time.sleep(rng.uniform(0.0, 2 * between))
            with suppress(ProcessLookupError):  # it has ended
                os.kill(child, signal.SIGKILL)
            assert parent.stdout.readline().strip() == "gone"
            if not folder.exists():
                continue  # killed before there was a recording
            records = read_journal(folder).records
            if records == 0:
                with pytest.raises(RecordingError, match="no committed step"):
                    open_recording(folder)
                continue
            recording = open_recording(folder)
            opened += 1
            committed.append(records)
            assert recording.dataset.sizes["step"] == records
            for name in read_journal(folder).variables:
                np.testing.assert_array_equal(recording.dataset[name].values, whole[name].values[:, :records])
            if attempt % 8 == 0 or opened == 1:
                resumed = train(Scenario.model_validate(spec), folder, resume=True).dataset
                for name in whole.data_vars:
                    np.testing.assert_array_equal(resumed[name].values, whole[name].values, err_msg=str(name))
        parent.stdin.close()
    assert opened >= max(kills // 3, 1)
    assert len(set(committed)) >= (2 if kills > 10 else 1)  # the instants differed


@pytest.mark.slow
@pytest.mark.usefixtures("_one_thread")
def test_a_kill_while_the_first_of_two_seeds_trains_keeps_both(tmp_path):
    scenario, folder = Scenario.model_validate(TWO), tmp_path / "killed"
    command, pipe = [sys.executable, "-c", CHILD, json.dumps(TWO)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as victim:
        victim.stdin.write(f"{folder}\n")
        victim.stdin.flush()
        child, deadline = int(victim.stdout.readline()), time.monotonic() + 60
        while not (folder.exists() and read_journal(folder).committed[0] > 1) and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(child, signal.SIGKILL)
        victim.stdin.close()
    first, second = read_journal(folder).committed
    assert first > second == open_recording(folder).dataset.sizes["step"] == 1
    resumed = train(scenario, folder, resume=True).dataset
    for name, values in train(scenario, tmp_path / "whole").dataset.data_vars.items():
        np.testing.assert_array_equal(resumed[name].values, values.values, err_msg=str(name))


@pytest.mark.usefixtures("_one_thread")
@pytest.mark.parametrize("spec", [LINE, TWO], ids=["toys", "images"])
def test_no_group_trains_on_before_each_has_its_first_record(tmp_path, monkeypatch, spec):
    monkeypatch.setattr("gandyn.scenario.machine.GROUP", (1, 1))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    folder, found = tmp_path / "r", []
    advance = Trainer.advance

    def watched(trainer):
        journal = read_journal(folder)
        found.append((journal.records, [(folder / f"checkpoints/{i}.safetensors").exists() for i in range(groups)]))
        advance(trainer)

    monkeypatch.setattr(Trainer, "advance", watched)
    groups = spec["train"]["seeds"]
    short = {**spec, "train": {**spec["train"], "steps": 2}}
    train(Scenario.model_validate(short), folder)
    assert len(found) == 2 * groups
    assert all(records >= 1 and all(saved) for records, saved in found)


def copied_before_writes(monkeypatch, folder, place, each):
    """Keep what would be there if the process were killed just before a write: before each, of chunks every so many."""
    crashes, calls = [], itertools.count()

    def crashing(function):
        def wrapped(file, *arguments, **values):
            chunk = "recording.zarr" in str(file)
            if folder.exists() and not (chunk and next(calls) % each):
                crashes.append(shutil.copytree(folder, place / f"{len(crashes)}"))
            return function(file, *arguments, **values)

        return wrapped

    monkeypatch.setattr("gandyn.recording.journal.append", crashing(append))
    monkeypatch.setattr(Path, "replace", crashing(Path.replace))  # zarr's documents and chunks, and the checkpoints
    return crashes


@pytest.mark.usefixtures("_one_thread")
@pytest.mark.parametrize("spec", [LINE, IMAGES], ids=["toys", "images"])
def test_a_crash_before_any_write_leaves_a_recording_that_is_whole(tmp_path, monkeypatch, spec):
    monkeypatch.setattr("gandyn.scenario.run.chunk_length", lambda *_: 3)
    monkeypatch.setattr("gandyn.recording.ledger._SECONDS_BETWEEN_COMMITS", -1.0)  # commit each record: chunks fill up
    every = 1 if spec is LINE else 2
    train_options = {**spec["train"], "steps": 4 * every, "seeds": 1}
    short = {**spec, "train": train_options, "record": {**spec["record"], "every": every}}
    scenario, folder = Scenario.model_validate(short), tmp_path / "whole"
    crashes = copied_before_writes(monkeypatch, folder, tmp_path, 20)
    whole = train(scenario, folder).dataset.load()
    monkeypatch.undo()
    committed = set()
    for crash in crashes:
        records = read_journal(crash).records
        if not records:
            continue
        assert verify(crash) == []
        opened = open_recording(crash).dataset.load()
        for name in read_journal(crash).variables:
            np.testing.assert_array_equal(opened[name].values, whole[name].values[:, :records])
        if records not in committed:
            committed.add(records)
            resumed = train(scenario, crash, resume=True).dataset
            for name in whole.data_vars:
                np.testing.assert_array_equal(resumed[name].values, whole[name].values, err_msg=str(name))
            assert verify(crash) == []
    assert committed == {1, 2, 3, 4, 5}
    assert len(crashes) > 15


@pytest.mark.usefixtures("_one_thread")
def test_a_crash_while_a_loop_grows_leaves_a_recording_that_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("gandyn.recording.loop_recorder._RECORDS", 2)
    monkeypatch.setattr("gandyn.recording.loop_recorder._CHUNK", 2)
    folder = tmp_path / "loop"
    crashes = copied_before_writes(monkeypatch, folder, tmp_path, 3)
    with start(seeded(simple), folder, every=1) as recorder:
        for step in range(5):
            recorder.step(generator_loss=0.1 * step, **({"late": 1.0 + step} if step > 2 else {}))
    monkeypatch.undo()
    whole, lengths = open_recording(folder).dataset.load(), set()
    for crash in crashes:
        if not read_journal(crash).records:
            continue
        assert verify(crash) == []
        documents = [json.loads(file.read_text()) for file in crash.glob("recording.zarr/*/zarr.json")]
        lengths.add(len({one["shape"][1] for one in documents if one["dimension_names"][:2] == ["seed", "step"]}))
        opened = open_recording(crash).dataset.load()
        for name in opened.data_vars:
            kept = whole[name].values[:, : opened.sizes["step"]] if "step" in whole[name].dims else whole[name].values
            np.testing.assert_array_equal(opened[name].values, kept, err_msg=str(name))
    assert lengths == {1, 2}  # some crashed between the arrays' documents


def test_a_torn_last_line_of_the_journal_is_ignored(tmp_path):
    begin = {"format": 2, "groups": [[0, 1]], "every": 1, "steps": 10, "scenario": True, "variables": ["js"]}
    append(tmp_path, "begin", **begin, attributes="0" * 8, arrays={"js": "0" * 8})
    commit = {"group": 0, "diverged": {}, "steps": None, "checkpoint": None}
    append(tmp_path, "commit", **commit, records=4, written=4)
    whole = (tmp_path / "journal.jsonl").read_bytes()
    append(tmp_path, "commit", **commit, records=7, written=7)
    line = (tmp_path / "journal.jsonl").read_bytes().removeprefix(whole)
    for length in range(len(line)):
        (tmp_path / "journal.jsonl").write_bytes(whole + line[:length])
        assert read_journal(tmp_path).records == 4
    append(tmp_path, "commit", **{**commit, "diverged": {"0": 7}}, records=9, written=8)
    journal = read_journal(tmp_path)
    assert journal.records == 9
    assert journal.written == [8]
    append(tmp_path, "commit", **commit, records=6, written=8)  # gone on with from a checkpoint further back
    assert read_journal(tmp_path).records == 9
    assert journal.diverged == {0: 7}
