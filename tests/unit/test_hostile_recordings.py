"""A recording from a stranger runs no code, fills no memory, and reads nothing outside its folder."""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import time
import tracemalloc
from contextlib import suppress

import numcodecs.abc
import numpy as np
import pytest
from google_crc32c import value as crc32c
from numcodecs import blosc
from numcodecs.registry import codec_registry
from recordings import contents, equal, journal_of, make_all, reseal_array, write_journal
from test_fuzz_recordings import retype

from gandyn.app.sampling import sample
from gandyn.app.show import contents as shown
from gandyn.app.training import train
from gandyn.core.errors import DamageError, GandynError
from gandyn.recording.checkpoints import load_checkpoint
from gandyn.recording.store.checksums import checksum, sealed_text
from gandyn.recording.store.journal import read_journal
from gandyn.recording.store.recording import open_recording
from gandyn.recording.store.verification import verify
from gandyn.scenario.schema import Scenario

BYTES, SECONDS = 100e6, 2.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        return make_all(tmp_path_factory.mktemp("hostile"), patch)


@pytest.fixture(params=["toys"])
def folder(whole, tmp_path, request):
    """A copy to be harmed."""
    return shutil.copytree(whole[request.param], tmp_path / "r")


def refused(folder, match):
    """Say of everything that reads a recording that it refuses this one, soon and without filling memory."""
    for read in (contents, lambda it: contents(it, salvage=True), verified):
        tracemalloc.start()
        began = time.process_time()
        try:
            with pytest.raises(GandynError, match=match):
                read(folder)
            assert time.process_time() - began < SECONDS
            assert tracemalloc.get_traced_memory()[1] < BYTES
        finally:
            tracemalloc.stop()


def verified(folder):
    for damage in verify(folder):
        raise damage


class Touch:
    """Unpickled, it leaves a file behind."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return os.mkdir, (os.fspath(self.file),)


class Pickle(numcodecs.abc.Codec):
    """A codec that runs whatever it reads."""

    codec_id = "pickle"

    def __init__(self, protocol=5):
        self.protocol = protocol

    def encode(self, buf):
        return pickle.dumps(buf)

    def decode(self, buf, out=None):
        return pickle.loads(bytes(buf))


VERSION_2 = {
    "zarr_format": 2,
    "shape": [20],
    "chunks": [20],
    "dtype": "|O",
    "order": "C",
    "fill_value": None,
    "compressor": None,
    "filters": [{"id": "pickle", "protocol": 5}],
}


@pytest.mark.parametrize("where", ["scalars", "step", ""], ids=["a variable", "a coordinate", "all"])
@pytest.mark.parametrize(
    "how",
    [{}, {"dtype": "<f8", "filters": None, "compressor": {"id": "stranger", "protocol": 5}}],
    ids=["filter", "compressor"],
)
def test_pickles_of_the_second_version_are_not_opened(folder, tmp_path, monkeypatch, where, how):
    # As numcodecs had one up to 0.16.5, and as other packages may have theirs.
    monkeypatch.setitem(codec_registry, "pickle", Pickle)
    monkeypatch.setitem(codec_registry, "stranger", Pickle)
    place = folder / "recording.zarr" / where
    shutil.rmtree(place)
    place.mkdir()
    (folder / "recording.zarr" / ".zgroup").write_text('{"zarr_format": 2}')
    for name in [where] if where else ["scalars", "seed", "step", "x"]:
        array = folder / "recording.zarr" / name
        array.mkdir(exist_ok=True)
        (array / ".zarray").write_text(json.dumps({**VERSION_2, **how}))
        (array / ".zattrs").write_text('{"_ARRAY_DIMENSIONS": ["step"]}')
        (array / "0").write_bytes(pickle.dumps(Touch(tmp_path / "ran")))
    with pytest.raises(DamageError):
        contents(folder)
    with pytest.raises(DamageError):
        verified(folder)
    with suppress(GandynError):
        contents(folder, salvage=True)
    assert not (tmp_path / "ran").exists()


CODECS = [
    [{"name": "numcodecs.pickle", "configuration": {"protocol": 5}}],
    [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "zstd", "configuration": {"level": 1}}],
    [{"name": "sharding_indexed", "configuration": {}}],
    [{"name": "vlen-utf8"}],
    [],
    "bytes",
    None,
]


@pytest.mark.parametrize(
    "change",
    [
        *({"codecs": codecs} for codecs in CODECS),
        *(
            {"data_type": kind}
            for kind in ("object", "string", "variable_length_utf8", "complex128", "int8", 5, [], {"name": "x"})
        ),
        {"storage_transformers": [{"name": "x"}]},
        {"chunk_key_encoding": {"name": "default", "configuration": {"separator": "/../"}}},
        {"fill_value": 1.0},
        {"zarr_format": 2},
        {"node_type": "group"},
        {"extra": {"must_understand": True}},
        {"dimension_names": ["seed", "../.."]},
        {"dimension_names": None},
        {"shape": [2, 1 << 62]},
        {"shape": [-2, 21]},
        {"shape": [2.0, 21]},
        {"shape": [True, 21]},
        {"shape": "ab"},
        {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1, 0]}}},
        {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1, 1 << 40]}}},
        {"chunk_grid": {"name": "rectilinear", "configuration": {"chunk_shape": [1, 32]}}},
    ],
    ids=lambda change: str(change)[:60],
)
def test_arrays_that_are_not_gandyns_are_not_opened(folder, change):
    reseal_array(folder, "scalars", change)
    with pytest.raises(DamageError, match=r"scalars.zarr\.json is damaged"):
        open_recording(folder)
    assert [damage.lost for damage in verify(folder)] == ["scalars"]
    recording, _ = contents(folder, salvage=True)
    assert "js" not in recording.dataset


def test_claims_of_many_steps_make_no_arrays(folder):
    many = 700_000_000
    lines = journal_of(folder)
    lines[0]["steps"] = many
    for line in lines:
        if line["line"] == "commit":
            line["records"] = line["written"] = many
    write_journal(folder, lines)
    refused(folder, "scalars|step|room")
    for name in lines[0]["arrays"]:
        document = json.loads((folder / "recording.zarr" / name / "zarr.json").read_text())
        if "step" in document["dimension_names"]:
            at = document["dimension_names"].index("step")
            document["shape"][at] = many
            if name == "step":
                document["chunk_grid"]["configuration"]["chunk_shape"] = [many]
            reseal_array(folder, name, document)
    refused(folder, "chunks were committed|its chunks are of|cannot hold|is damaged")
    for name in lines[0]["variables"]:
        document = json.loads((folder / "recording.zarr" / name / "zarr.json").read_text())
        document["chunk_grid"]["configuration"]["chunk_shape"][1] = 1 << 24
        reseal_array(folder, name, document)
    refused(folder, "cannot hold|its chunks are of|is damaged")


@pytest.mark.parametrize("size", [1 << 27, 1 << 31, 1 << 50])
def test_claims_of_large_arrays_make_none(folder, size):
    for change in (
        {"shape": [size], "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [size]}}},
        {"shape": [size]},
    ):
        for name in ("x", "data_density"):
            reseal_array(folder, name, change)
        refused(folder, "is damaged")


KINDS = {
    "journal": "journal.jsonl",
    "scenario": "scenario.yaml",
    "group": "recording.zarr/zarr.json",
    "array": "recording.zarr/scalars/zarr.json",
    "chunk": "recording.zarr/scalars/c/0/0/0",
    "coordinate": "recording.zarr/x/c/0",
    "checkpoint": "checkpoints/0.safetensors",
}


@pytest.mark.parametrize("name", KINDS.values(), ids=KINDS.keys())
def test_only_files_in_the_folder_are_read(folder, tmp_path, name):
    file, elsewhere = folder / name, tmp_path / "elsewhere"
    whole = file.read_bytes()
    elsewhere.write_bytes(whole)  # what it holds is right: where it lies is not
    for strange in (
        lambda: os.mkfifo(file),
        lambda: file.symlink_to("/dev/zero"),
        lambda: file.symlink_to(elsewhere),
        lambda: file.symlink_to(tmp_path / "nowhere"),
        lambda: file.symlink_to(file),
        lambda: file.mkdir(),
    ):
        file.unlink()
        strange()
        began = time.process_time()
        with pytest.raises(GandynError, match=r"not a regular file|leads out|cannot be read"):
            contents(folder)
        with pytest.raises(GandynError, match=r"not a regular file|leads out|cannot be read"):
            verified(folder)
        assert time.process_time() - began < SECONDS
        file.rmdir() if file.is_dir() else file.unlink()
        file.write_bytes(whole)
    verified(folder)


@pytest.mark.parametrize(
    "name", ["recording.zarr", "recording.zarr/scalars", "recording.zarr/scalars/c/0", "checkpoints"]
)
def test_folders_elsewhere_are_neither_read_nor_written(folder, tmp_path, name):
    shutil.move(folder / name, tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    before = {file: file.read_bytes() for file in (tmp_path / "elsewhere").rglob("*") if file.is_file()}
    with pytest.raises(DamageError, match="leads out"):
        contents(folder)
    scenario = Scenario.model_validate(contents_of_scenario(folder))
    with pytest.raises(DamageError, match="leads out"):
        train(scenario, folder, resume=True)
    assert {file: file.read_bytes() for file in (tmp_path / "elsewhere").rglob("*") if file.is_file()} == before


def contents_of_scenario(folder):
    import yaml

    return yaml.safe_load((folder / "scenario.yaml").read_text())


def test_links_that_stay_inside_are_followed(folder, tmp_path):
    pristine = contents(folder)[1]
    (tmp_path / "link").symlink_to(folder)
    assert equal(contents(tmp_path / "link")[1], pristine)
    (folder / "recording.zarr/scalars").rename(folder / "recording.zarr/kept")
    (folder / "recording.zarr/scalars").symlink_to("kept")
    assert equal(contents(folder)[1], pristine)


@pytest.mark.parametrize(
    "text",
    [
        "title: !!python/object/apply:os.mkdir [{ran}]\n",
        "a: &a [x, x]\nb: &b [*a, *a]\n",
        "a: " + "[" * 3000 + "]" * 3000 + "\n",
        "[1, 2]\n",
        "1: 2\n",
        "a: b: c\n",
        "\0",
        "# nothing\n",
    ],
)
def test_scenarios_are_plain_values(folder, tmp_path, text):
    (folder / "scenario.yaml").write_text(sealed_text(text.replace("{ran}", os.fspath(tmp_path / "ran"))))
    with pytest.raises(DamageError, match=r"scenario\.yaml is damaged"):
        contents(folder)
    assert [damage.file.name for damage in verify(folder)] == ["scenario.yaml"]
    assert contents(folder, salvage=True)[0].scenario == {}
    assert not (tmp_path / "ran").exists()


def test_chunks_that_are_no_arrays_are_told_with_their_place(folder):
    file = folder / "recording.zarr/scalars/c/1/0/0"
    whole = file.read_bytes()[:-4]
    length = (
        32 * 8 * len(json.loads((folder / "recording.zarr/scalars/zarr.json").read_text())["attributes"]["scalars"])
    )
    for body in (
        b"",
        whole[:15],
        whole[:16],
        whole[:4] + (1 << 30).to_bytes(4, "little") + whole[8:],
        blosc.compress(bytes(8 * length), b"lz4", 1, 0, 0),
        bytes(blosc.compress(bytes(length), b"lz4", 1, 0, 0))[:-1],
        bytes(random.Random(0).randbytes(len(whole))),
    ):
        file.write_bytes(body + crc32c(bytes(body)).to_bytes(4, "little"))
        with pytest.raises(DamageError, match=r"scalars/c/1/0/0 is damaged.*scalars at steps 0 to 20"):
            contents(folder)
        (damage,) = verify(folder)
        assert damage.file == file
        _, found = contents(folder, salvage=True)
        assert np.isnan(found["values"]["js"][0][1]).all()
        assert not np.isnan(found["values"]["js"][0][0]).any()


def test_checkpoints_hold_tensors_of_these_networks(folder):
    lines, scenario = journal_of(folder), Scenario.model_validate(contents_of_scenario(folder))
    file = folder / "checkpoints/0.safetensors"
    for data, match in (
        (b"\x80\x04nonsense", "holds no tensors"),
        (pickle.dumps({}), "holds no tensors"),
        (b"\x02\0\0\0\0\0\0\0{}", "tensors are not"),
        (b"\xff" * 64, "holds no tensors"),
    ):
        file.write_bytes(data)
        for line in lines:
            if line["line"] == "commit" and line["group"] == 0:
                line["checkpoint"] = checksum(data)
        write_journal(folder, lines)
        with pytest.raises(GandynError, match=match):
            train(scenario, folder, resume=True)
        with pytest.raises(DamageError, match=match):
            sample(folder)
    with pytest.raises(DamageError):
        load_checkpoint(folder, read_journal(folder), 0)


@pytest.mark.parametrize("folder", ["toys", "images", "loop"], indirect=True)
def test_mistyped_json_is_told_even_if_its_checksums_fit(folder):
    rng = random.Random(7)
    names = list(journal_of(folder)[0]["arrays"])
    refusals = []
    for number in range(30):
        file = folder / f"recording.zarr/{rng.choice(names)}/zarr.json"
        before = {one: one.read_bytes() for one in (file, folder / "journal.jsonl")}
        if number % 2:
            what = reseal_array(folder, file.parent.name, json.loads(retype(rng, file.read_bytes())))
        else:
            data = b"\n".join(json.dumps(line).encode() for line in journal_of(folder)) + b"\n"
            what = retype(rng, data)
            write_journal(folder, [json.loads(line) for line in what.splitlines()])
        try:
            verify(folder)
            contents(folder, salvage=True)
            shown(open_recording(folder))
        except GandynError as error:
            refusals.append((str(error), what))
        for one, held in before.items():
            one.write_bytes(held)
    assert len(refusals) > 15
    assert all(str(folder) in text for text, _ in refusals), refusals
