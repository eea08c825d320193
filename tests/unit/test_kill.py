"""`kill -9` at any moment leaves a recording that opens with every committed step."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from loops import seeded, simple, start

from gandyn.app.training import train
from gandyn.recording.store.journal import append, read_journal
from gandyn.recording.store.recording import open_recording
from gandyn.recording.store.verification import verify
from gandyn.scenario.schema import Scenario
from gandyn.training.trainer import Trainer

SMALL = {
    "name": "victim",
    "generator": {"type": "mlp", "hidden": [8]},
    "discriminator": {"type": "mlp", "hidden": [8]},
}
LINE = {
    **SMALL,
    "data": {"type": "gaussian_mixture"},
    "train": {"steps": 8, "batch_size": 16, "seeds": 3},
    "record": {"every": 2, "grid": {"cells": 64}, "latent_cells": 96},
}
PLANE = {
    **SMALL,
    "data": {"type": "ring", "radius": 2.0, "std": 0.2},
    "train": {"steps": 8, "batch_size": 16, "seeds": 1},
    "record": {"every": 2, "grid": {"cells": 16}, "latent_cells": 8},
}
NUMBERS = {**PLANE, "record": {**PLANE["record"], "fields": False}}
IMAGES = {
    "name": "victim",
    "data": {"type": "digits"},
    "latent": {"dim": 8},
    "generator": {"type": "dcgan", "channels": 2},
    "discriminator": {"type": "dcgan", "channels": 2},
    "train": {"steps": 8, "batch_size": 4, "device": "cpu", "average": 0.99},
    "record": {"every": 2, "latent_points": 64, "quality_samples": 100, "grid": {"cells": 16}},
}
TWO = {**IMAGES, "train": {**IMAGES["train"], "seeds": 2}}
EACH = {"line": LINE, "plane": PLANE, "numbers alone": NUMBERS, "images": IMAGES, "images of two seeds": TWO}
# A victim trains, and dies within a write: when half of a file is there, or just before the file gets its name.
VICTIM = """
import itertools, json, os, pathlib, signal, sys
from gandyn.recording import commit_buffer as ledger
from gandyn.app import training as run
from gandyn.scenario.schema import Scenario
spec = Scenario.model_validate(json.loads(sys.argv[1]))
folder, deadly = pathlib.Path(sys.argv[2]), int(sys.argv[3])
run.chunk_length = lambda *_: 3
ledger._SECONDS_BETWEEN_COMMITS = -1.0
write, replace = pathlib.Path.write_bytes, pathlib.Path.replace
calls = itertools.count()

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def written(file, data):
    if next(calls) == deadly:
        write(file, data[:len(data) // 2])
        die()
    return write(file, data)

def replaced(file, name):
    if next(calls) == deadly:
        die()
    return replace(file, name)

pathlib.Path.write_bytes, pathlib.Path.replace = written, replaced
run.train(spec, folder)
print(next(calls))
"""


@pytest.fixture
def _one_thread(monkeypatch):
    """Networks this small are slower on several busy cores than on one."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def _eager(monkeypatch):
    """Commit each record, so that chunks are filled up."""
    monkeypatch.setattr("gandyn.app.training.chunk_length", lambda *_: 3)
    monkeypatch.setattr("gandyn.recording.commit_buffer._SECONDS_BETWEEN_COMMITS", -1.0)


def check_whole(folder, whole):
    """Find that a recording opens with every committed step, if there is one, and return how many."""
    records = read_journal(folder).records if folder.exists() else 0
    if records:
        assert verify(folder) == []
        opened = open_recording(folder).dataset.load()
        for name in whole.data_vars:
            if "step" in whole[name].dims:
                np.testing.assert_array_equal(opened[name].values, whole[name].values[:, :records])
    return records


def check_resumed(scenario, folder, whole):
    """Find that a run which is gone on with ends as the uninterrupted one."""
    resumed = train(scenario, folder, resume=True).dataset
    for name in whole.data_vars:
        np.testing.assert_array_equal(resumed[name].values, whole[name].values, err_msg=str(name))
    assert verify(folder) == []


@pytest.mark.slow
@pytest.mark.usefixtures("_one_thread", "_eager")
@pytest.mark.parametrize("name", ["line", "images of two seeds"])
def test_a_process_that_is_killed_within_a_write_loses_no_committed_step(tmp_path, forks, name):
    scenario = Scenario.model_validate(EACH[name])
    whole = train(scenario, tmp_path / "whole").dataset.load()

    def ended(folder, deadly):
        victim = forks.start(["-c", VICTIM, json.dumps(EACH[name]), str(folder), str(deadly)], tmp_path, os.environ)
        said, _ = victim.communicate(timeout=60)
        return victim.returncode, said

    code, writes = ended(tmp_path / "alive", -1)
    assert code == 0
    found = {}
    for part in (0.0, 0.3, 0.55, 0.8, 0.97):
        folder = tmp_path / f"r{part}"
        assert ended(folder, int(part * int(writes)))[0] == -signal.SIGKILL
        found[folder] = check_whole(folder, whole)
    assert len({*found.values()} - {0}) > 1
    check_resumed(scenario, next(folder for folder, records in found.items() if records), whole)


@pytest.mark.usefixtures("_one_thread")
@pytest.mark.parametrize("spec", [LINE, TWO], ids=["toys", "images"])
def test_no_group_trains_on_before_each_has_its_first_record(tmp_path, monkeypatch, spec):
    monkeypatch.setattr("gandyn.app.hardware.GROUP", (1, 1))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    folder, found = tmp_path / "r", []
    advance = Trainer.advance

    def watched(trainer):
        journal = read_journal(folder)
        found.append((journal.records, [(folder / f"checkpoints/{i}.safetensors").exists() for i in range(groups)]))
        advance(trainer)

    monkeypatch.setattr(Trainer, "advance", watched)
    groups = spec["train"]["seeds"]
    train(Scenario.model_validate(spec), folder)
    assert len(found) == spec["train"]["steps"] * groups
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

    monkeypatch.setattr("gandyn.recording.store.journal.append", crashing(append))
    monkeypatch.setattr(Path, "replace", crashing(Path.replace))  # documents and chunks, and the checkpoints
    return crashes


@pytest.mark.slow
@pytest.mark.usefixtures("_one_thread", "_eager")
@pytest.mark.parametrize("spec", EACH.values(), ids=EACH)
def test_a_crash_before_any_write_leaves_a_recording_that_is_whole(tmp_path, monkeypatch, spec):
    monkeypatch.setattr("gandyn.app.hardware.GROUP", (1, 1))
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # one seed after the other
    scenario, folder = Scenario.model_validate(spec), tmp_path / "whole"
    crashes = copied_before_writes(monkeypatch, folder, tmp_path, 5)
    whole = train(scenario, folder).dataset.load()
    monkeypatch.setattr("gandyn.recording.store.journal.append", append)
    crashes, committed = [*crashes], set()
    for crash in crashes:
        records = check_whole(crash, whole)
        if records and (apart := tuple(read_journal(crash).committed)) not in committed:
            committed.add(apart)
            if len(committed) % 2:
                check_resumed(scenario, crash, whole)
    assert {min(records) for records in committed} >= {1, 2, 5}
    assert len(read_journal(folder).groups) == 1 or any(len({*records}) > 1 for records in committed)
    assert len(crashes) > 10


@pytest.mark.usefixtures("_one_thread")
def test_a_crash_while_a_loop_grows_leaves_a_recording_that_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("gandyn.recording.user_loop.recorder._RECORDS", 2)
    monkeypatch.setattr("gandyn.recording.user_loop.recorder._CHUNK", 2)
    folder = tmp_path / "loop"
    crashes = copied_before_writes(monkeypatch, folder, tmp_path, 1)
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
