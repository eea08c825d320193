"""What was committed is there as it was written, or it is said what is not."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil

import numpy as np
import pytest
from recordings import TOYS, contents, equal, journal_of, make_all, own_loop

from gandyn.app.training import train
from gandyn.core.errors import DamageError, RecordingError, UsageError
from gandyn.recording.store.checksums import checksum
from gandyn.recording.store.journal import append, read_journal
from gandyn.recording.store.recording import open_recording
from gandyn.recording.store.verification import verify
from gandyn.scenario.schema import Scenario


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        return make_all(tmp_path_factory.mktemp("damage"), patch)


@pytest.fixture
def toys(whole, tmp_path):
    """A copy to be harmed, of a recording of two groups."""
    return shutil.copytree(whole["toys"], tmp_path / "toys")


@pytest.mark.parametrize("kind", ["toys", "images", "loop"])
def test_a_whole_recording_has_no_damage(whole, kind):
    assert verify(whole[kind]) == []
    assert equal(contents(whole[kind])[1] | {"weights": None}, contents(whole[kind], salvage=True)[1])


@pytest.mark.slow
def test_every_flipped_bit_of_a_chunk_is_found(toys):
    rng, chunks = random.Random(3), sorted(toys.rglob("c/**/[0-9]*"))
    chunks = [file for file in chunks if file.is_file()]
    for _ in range(450):
        file = rng.choice(chunks)
        data = bytearray(file.read_bytes())
        at = rng.randrange(8 * len(data))
        data[at // 8] ^= 1 << at % 8
        whole = file.read_bytes()
        file.write_bytes(data)
        (damage,) = verify(toys)
        assert damage.file == file
        assert damage.lost.split(" at ")[0] == file.relative_to(toys / "recording.zarr").parts[0]
        file.write_bytes(whole)


def test_every_committed_chunk_has_to_be_there(toys):
    for file in sorted(file for file in toys.rglob("c/**/[0-9]*") if file.is_file()):
        moved = file.rename(file.with_name("away"))
        with pytest.raises(DamageError, match="is damaged: it is missing") as found:
            open_recording(toys)
        assert found.value.file == file
        assert [damage.file for damage in verify(toys)] == [file]
        moved.rename(file)
    assert verify(toys) == []


def test_chunks_beyond_what_is_committed_are_not_missed(toys):
    lines = (toys / "journal.jsonl").read_bytes().splitlines(keepends=True)
    first = next(k for k, line in enumerate(lines) if b'"commit"' in line)
    (toys / "journal.jsonl").write_bytes(b"".join(lines[: first + 1]))
    other = 1 - json.loads(lines[first])["group"]
    for name in read_journal(toys).variables:  # as a crash of the machine may leave them
        for file in (toys / f"recording.zarr/{name}/c/{other}").rglob("*"):
            if file.is_file():
                file.write_bytes(b"")
    assert read_journal(toys).written[other] == 0
    assert [damage for damage in verify(toys) if "checkpoints" not in str(damage)] == []


def test_a_chunk_of_nothing_but_nan_is_written(tmp_path):
    explosive = {"type": "sgd", "lr": 1e30}
    spec = {
        **TOYS,
        "optimizers": {"generator": explosive, "discriminator": explosive},
        "train": {"steps": 1100, "seeds": 1},
    }
    recording = train(Scenario.model_validate(spec), tmp_path / "r")
    assert recording.diverged
    assert recording.complete
    journal = read_journal(tmp_path / "r")
    assert journal.written[0] < journal.committed[0] == 1101
    assert verify(tmp_path / "r") == []
    assert np.isnan(recording.dataset["js"].values[0, -1])
    (tmp_path / "r" / "recording.zarr" / "scalars" / "c" / "0" / "0" / "0").unlink()
    assert [damage.lost for damage in verify(tmp_path / "r")] == ["scalars at steps 0 to 511"]


def test_a_number_that_came_late_is_missed_from_where_it_came(whole, tmp_path):
    loop = shutil.copytree(whole["loop"], tmp_path / "loop")
    files = sorted(file.name for file in (loop / "recording.zarr/late/c/0").iterdir())
    assert files == ["1"]
    assert read_journal(loop).variables["late"] == 7
    (loop / "recording.zarr/late/c/0/1").unlink()
    assert [damage.lost for damage in verify(loop)] == ["late at steps 6 to 10"]


def test_a_loop_that_outgrows_its_arrays_is_whole(tmp_path, monkeypatch):
    own_loop(tmp_path / "roomy")
    monkeypatch.setattr("gandyn.recording.user_loop.recorder._RECORDS", 2)
    own_loop(tmp_path / "tight")
    assert verify(tmp_path / "tight") == []
    roomy, tight = (open_recording(tmp_path / name).dataset.load() for name in ("roomy", "tight"))
    assert roomy.drop_attrs().equals(tight.drop_attrs())


@pytest.mark.parametrize("kind", ["toys", "loop"])
def test_no_line_of_a_journal_is_lost_changed_or_swapped_unnoticed(whole, tmp_path, kind):
    folder = shutil.copytree(whole[kind], tmp_path / "r")
    file = folder / "journal.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) > 4
    harmed = {"swapped": [*lines[:1], lines[2], lines[1], *lines[3:]], "twice": [*lines[:2], *lines[1:]]}
    harmed |= {f"without {k}": lines[:k] + lines[k + 1 :] for k in range(len(lines) - 1)}
    harmed |= {
        f"changed {k}": [*lines[:k], lines[k].replace(b'"', b"'", 1), *lines[k + 1 :]] for k in range(len(lines))
    }
    for what, remaining in harmed.items():
        file.write_bytes(b"".join(remaining))
        with pytest.raises(DamageError, match=r"journal\.jsonl is damaged: line"):
            read_journal(folder)
        assert verify(folder), what


def test_lost_steps_of_a_loop_are_left_out_where_they_are_not_known(whole, tmp_path):
    folder = shutil.copytree(whole["loop"], tmp_path / "r")
    file = folder / "journal.jsonl"
    known = open_recording(folder).dataset.load()
    lines = journal_of(folder)
    number = next(k for k, line in enumerate(lines) if line["line"] == "commit" and len(line["steps"]) > 1)
    raw = file.read_bytes().splitlines(keepends=True)
    raw[number] = raw[number].replace(b"commit", b"kommit")
    file.write_bytes(b"".join(raw))
    found = open_recording(folder, salvage=True).dataset.load()
    kept = [step for step in known.step.values.tolist() if step not in lines[number]["steps"]]
    assert found.step.values.tolist() == kept
    assert found.drop_attrs().equals(known.sel(step=kept).drop_attrs())


def test_the_checkpoint_before_is_gone_on_from_but_no_other(toys):
    scenario = Scenario.model_validate({**TOYS, "train": {**TOYS["train"], "steps": 20}})
    journal = read_journal(toys)
    assert all(len(noted) > 1 for noted in journal.checkpoints)
    before = (toys / "checkpoints/0.safetensors").read_bytes()
    # Killed after the next checkpoint was noted, and before it was put in place.
    commit = {"group": 0, "records": 21, "written": 21, "diverged": {}, "steps": None}
    append(toys, "commit", **commit, checkpoint=checksum(b"never there"))
    assert verify(toys) == []
    train(scenario, toys, resume=True)
    (toys / "checkpoints/1.safetensors").write_bytes(before)
    with pytest.raises(DamageError, match=r"1\.safetensors is damaged"):
        train(scenario, toys, resume=True)


def test_a_damaged_chunk_is_not_filled_up(toys):
    lines = (toys / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (toys / "journal.jsonl").write_bytes(b"".join(lines[:-1]))  # not yet complete
    file = toys / "recording.zarr/scalars/c/1/0/0"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(DamageError, match="scalars/c/1/0/0"):
        train(Scenario.model_validate(TOYS), toys, resume=True)


def test_a_line_that_the_disk_has_only_half_room_for_is_not_committed(toys):
    journal, before = toys / "journal.jsonl", resource.getrlimit(resource.RLIMIT_FSIZE)
    whole = journal.read_bytes()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 20, before[1]))
        with pytest.raises(OSError, match="File too large"):
            append(toys, "end", seconds=1.0, trained=1, complete=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert journal.read_bytes() == whole


def test_no_journal_is_written_that_would_not_be_read(toys, monkeypatch):
    whole = (toys / "journal.jsonl").read_bytes()
    monkeypatch.setattr("gandyn.recording.store.journal._MOST_BYTES", len(whole) + 20)
    with pytest.raises(RecordingError, match=r"journal.jsonl would be larger than"):
        append(toys, "end", seconds=1.0, trained=1, complete=True)
    assert (toys / "journal.jsonl").read_bytes() == whole
    assert read_journal(toys).complete


@pytest.mark.parametrize(
    ("limit", "said", "trained"),
    [
        ("metadata._MOST_CHUNK_BYTES", r"^\w+ cannot be recorded: its chunks are of", False),
        ("array_writer.MOST_DOCUMENT_BYTES", r"^the metadata of .* would hold", False),
        ("writer.MOST_SCENARIO_BYTES", r"^the scenario would hold", False),
        ("writer.MOST_CHECKPOINT_BYTES", r"^a checkpoint would hold", True),
    ],
)
def test_what_would_not_be_read_again_is_refused(tmp_path, monkeypatch, limit, said, trained):
    monkeypatch.setattr(f"gandyn.recording.store.{limit}", 20)
    if not trained:
        monkeypatch.setattr("gandyn.training.trainer.Trainer.advance", lambda _: pytest.fail("it was trained"))
    with pytest.raises(UsageError, match=said):
        train(Scenario.model_validate(TOYS), tmp_path / "r")


@pytest.mark.parametrize("there", ["folder", "pipe"])
def test_no_file_stays_open_where_something_else_has_its_name(toys, there):
    journal = toys / "journal.jsonl"
    journal.unlink()
    journal.mkdir() if there == "folder" else os.mkfifo(journal)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(DamageError, match="cannot be read"):
            read_journal(toys)
    assert len(os.listdir("/proc/self/fd")) == before
