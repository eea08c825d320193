"""Whatever becomes of a recording's files: it is told, or it changes nothing of what is read."""

from __future__ import annotations

import json
import random
import resource
import time

import numpy as np
import pytest
from recordings import contents, equal, harmed, make_all, same

from gandyn.core.errors import GandynError
from gandyn.recording.store.verification import verify

MUTATIONS = 200
SECONDS, BYTES = 2.0, 500e6


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Recordings of every kind, and what is in them."""
    with pytest.MonkeyPatch.context() as patch:
        folders = make_all(tmp_path_factory.mktemp("fuzz"), patch)
    return {name: (folder, contents(folder)[1]) for name, folder in folders.items()}


def kind_of(file):
    if file.name == "zarr.json":
        return "array" if file.parent.name != "recording.zarr" else "group"
    return {".jsonl": "journal", ".yaml": "scenario", ".safetensors": "checkpoint"}.get(file.suffix, "chunk")


def flip(rng, data):
    at = rng.randrange(8 * len(data))
    changed = bytearray(data)
    changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


def truncate(rng, data):
    return data[: rng.randrange(len(data))]


def delete(rng, data):
    return None


def double(rng, data):
    return data + data


def swap_bytes(rng, data):
    a, b = sorted(rng.sample(range(len(data) + 1), 2))
    return data[b:] + data[a:b] + data[:a]


def retype(rng, data):
    """Put something of another type, or the value of another key, in the place of a value of JSON."""
    lines = data.split(b"\n") if data.count(b'"line"') else [data]
    number = rng.randrange(len([line for line in lines if line]))
    document = json.loads(lines[number])
    places = [*_places(document)]
    (owner, key), (other, from_) = rng.choice(places), rng.choice(places)
    another = json.loads(json.dumps(other[from_]))
    owner[key] = rng.choice([None, True, -1, 1e300, "text", [], {}, [[[]]], 10**30, another, _nested(500)])
    lines[number] = json.dumps(document).encode()
    return b"\n".join(lines)


def _places(document):
    keys = document if isinstance(document, dict) else range(len(document))
    for key in keys:
        yield document, key
        if isinstance(document[key], dict | list):
            yield from _places(document[key])


def _nested(depth):
    found = []
    for _ in range(depth):
        found = [found]
    return found


BYTES_OF = [flip, flip, flip, truncate, delete, double, swap_bytes]
JSON = {"journal", "group", "array"}


@pytest.mark.slow
def test_no_mutation_goes_unnoticed(whole):
    rng, began = random.Random(11), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    noticed = silent = salvaged = 0
    for number in range(MUTATIONS):
        name = ("toys", "images", "loop")[number % 3]
        folder, pristine = whole[name]
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        kinds = sorted({kind_of(file) for file in files})
        kind = kinds[number // 3 % len(kinds)]
        file = rng.choice([file for file in files if kind_of(file) == kind])
        mutate = rng.choice(BYTES_OF + [retype] * 4 * (kind in JSON))
        before = file.read_bytes()
        after = mutate(rng, before)
        what = f"{number}: {mutate.__name__} of {file.relative_to(folder)}"

        def harm(file, after=after):
            file.unlink() if after is None else file.write_bytes(after)

        with harmed(file, harm):
            started = time.process_time()
            found, error = None, None
            try:
                found = contents(folder)[1]
            except GandynError as caught:
                error = str(caught)
            damage = verify_or_error(folder)
            assert time.process_time() - started < SECONDS, what
            if error is not None:
                noticed += 1
                assert str(file) in error or (file.name == "journal.jsonl" and str(folder) in error), (what, error)
                assert any(str(file) in one or str(folder) in one for one in damage), (what, damage)
                salvaged += check_salvaged(folder, pristine, what)
            elif kind == "journal" and after is not None and before.startswith(after):
                check_begun(found, pristine, what)
            else:
                silent += 1
                assert equal(found, pristine), what
    assert noticed > MUTATIONS // 2
    assert salvaged > noticed // 2
    assert 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began) < BYTES


def verify_or_error(folder):
    try:
        return [str(one) for one in verify(folder)]
    except GandynError as error:
        return [str(error)]


def check_begun(found, pristine, what):
    """A journal that was cut off is that of a run that was: its records are the first of the whole."""
    for name, (values, _) in found["values"].items():
        known, _ = pristine["values"][name]
        if name != "diverged_step":
            part = known if known.ndim < 2 else known[:, : values.shape[1]] if known.shape != values.shape else known
            part = part[: len(values)] if name == "step" else part
            assert same(values, part), (what, name)


def check_salvaged(folder, pristine, what):
    """Say whether anything is salvaged; what is, is as it was, but for what is said to be lost."""
    try:
        recording, found = contents(folder, salvage=True)
    except GandynError:
        return False
    assert recording.damage or found["weights"] is None, what
    lost = " ".join(one.lost for one in recording.damage)
    steps, known_steps = found["values"]["step"][0], pristine["values"]["step"][0]
    rows = np.searchsorted(known_steps, steps)
    assert (known_steps[rows] == steps).all(), what
    for name, (values, _) in found["values"].items():
        known = pristine["values"][name][0]
        if name in ("step", "diverged_step"):
            continue
        if recording.dataset[name].dims[:2] == ("seed", "step"):
            known = known[:, rows]
            differs = (
                (values != known) & ~(np.isnan(values) & np.isnan(known))
                if values.dtype.kind == "f"
                else values != known
            )
            stored = name if name in recording.journal.variables else "scalars"
            assert not differs.any() or f"{stored} at steps" in lost, (what, name)
            assert values.dtype.kind != "f" or np.isnan(values[differs]).all(), (what, name)
        else:
            assert same(values, known), (what, name)
    return True
