"""Small recordings of every kind, with several chunks and groups, and ways to harm them and to read all they hold."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager

import torch

import gandyn
from gandyn.app import hardware as machine
from gandyn.app import training as run
from gandyn.recording.checkpoints import read_checkpoint
from gandyn.recording.store.checksums import sealed_line
from gandyn.recording.store.recording import open_recording
from gandyn.recording.user_loop import recorder as loop_recorder
from gandyn.scenario.schema import Scenario

NETWORKS = {"generator": {"type": "mlp", "hidden": [4]}, "discriminator": {"type": "mlp", "hidden": [4]}}
TOYS = {
    **NETWORKS,
    "name": "toys",
    "data": {"type": "gaussian_mixture"},
    "train": {"steps": 20, "batch_size": 8, "seeds": 2},
    "record": {"every": 1, "grid": {"cells": 16}, "latent_cells": 96},
}
IMAGES = {
    "name": "images",
    "data": {"type": "digits"},
    "latent": {"dim": 4},
    "generator": {"type": "mlp", "hidden": [4]},
    "discriminator": {"type": "mlp", "hidden": [4]},
    "train": {"steps": 20, "batch_size": 4, "device": "cpu"},
    "record": {"every": 4, "latent_points": 64, "quality_samples": 100, "grid": {"cells": 16}},
}


def make_all(folder, patch):
    """Make a recording of each kind, and return their folders by name."""
    patch.setattr(machine, "GROUP", (1, 1))
    patch.setattr(run, "chunk_length", lambda *_: 32)
    run.train(Scenario.model_validate(TOYS), folder / "toys")
    patch.setattr(run, "chunk_length", lambda *_: 4)
    run.train(Scenario.model_validate(IMAGES), folder / "images")
    patch.setattr(loop_recorder, "_CHUNK", 6)
    own_loop(folder / "loop")
    return {name: folder / name for name in ("toys", "images", "loop")}


def own_loop(folder):
    torch.manual_seed(0)
    G, D = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
    real = torch.randn(64, 2)
    with gandyn.record(
        G, D, data=real, latent=lambda n: torch.randn(n, 2), out=folder, every=1, cells=8, points=64
    ) as it:
        for number in range(10):
            it.step(generator_loss=1.0, **({"late": 2.0} if number > 5 else {}))


def contents(folder, **how):
    """Read everything that is in a recording."""
    recording = open_recording(folder, **how)
    data = recording.dataset.load()
    values = {str(name): (variable.values, variable.attrs) for name, variable in data.variables.items()}
    weights = (
        None if how else [read_checkpoint(folder, recording.journal, k) for k in range(len(recording.journal.groups))]
    )
    return recording, {
        "values": values,
        "attrs": {
            name: value for name, value in data.attrs.items() if name not in ("train_seconds", "steps_per_second")
        },
        "time": (recording.journal.seconds, recording.journal.trained),
        "scenario": recording.scenario,
        "weights": weights,
        "complete": recording.complete,
    }


def equal(one, other):
    """Say whether what was read is the same, bit for bit."""
    if one.keys() != other.keys() or any(one[key] != other[key] for key in one if key != "values"):
        return False
    if one["values"].keys() != other["values"].keys():
        return False
    return all(same(a, b) and about == known for (a, about), (b, known) in zip_by_key(one["values"], other["values"]))


def zip_by_key(one, other):
    return ((one[name], other[name]) for name in one)


def same(a, b):
    """Say whether two arrays are, bit for bit."""
    return (
        a.dtype == b.dtype
        and a.shape == b.shape
        and ((a.dtype.kind in "OU" and (a == b).all()) or a.tobytes() == b.tobytes())
    )


@contextmanager
def harmed(file, harm):
    """Let a file be harmed for a while."""
    whole = file.read_bytes()
    try:
        harm(file)
        yield
    finally:
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        file.unlink(missing_ok=True)
        file.write_bytes(whole)


def journal_of(folder):
    """Return the lines of a journal as values."""
    return [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]


def write_journal(folder, lines):
    """Write a journal as if nothing were wrong with it."""
    from gandyn.recording.store.checksums import checksum

    written = b""
    last = None
    for line in lines:
        values = {key: value for key, value in line.items() if key not in ("after", "crc32c")}
        last = sealed_line({**values, "after": checksum(last) if last else "00000000"})
        written += last + b"\n"
    (folder / "journal.jsonl").write_bytes(written)


def reseal_array(folder, name, change):
    """Change what `zarr.json` says of an array, and the checksum that the journal has of it."""
    from gandyn.recording.store.metadata import ArrayMetadata

    file = folder / "recording.zarr" / name / "zarr.json"
    document = {**json.loads(file.read_text()), **change}
    file.write_text(json.dumps(document))
    lines = journal_of(folder)
    try:
        lines[0]["arrays"][name] = ArrayMetadata.parse(document).checksum()
    except ValueError:
        return document  # refused whatever its checksum
    write_journal(folder, lines)
    return document
