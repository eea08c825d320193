"""What is written is zarr's third version, whoever reads it, and recordings of before are read."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
import xarray as xr
import zarr
from recordings import TOYS, journal_of, make_all, write_journal

import gandyn
from gandyn.app import hardware as machine
from gandyn.app.training import train
from gandyn.core.errors import RecordingError, UsageError
from gandyn.recording.store import writer
from gandyn.recording.store.checksums import checksum
from gandyn.recording.store.recording import open_recording
from gandyn.scenario.schema import Scenario


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        return make_all(tmp_path_factory.mktemp("whole"), patch)


@pytest.mark.parametrize("name", ["toys", "images", "loop"])
def test_zarr_reads_every_array_as_gandyn_does(folders, name):
    recording = open_recording(folders[name])
    group, records = zarr.open_group(folders[name] / "recording.zarr", mode="r"), recording.journal.records
    columns = dict(group["scalars"].attrs["scalars"])
    for variable, array in recording.contents.items():
        if variable in ("diverged_step", "class", "step"):
            continue
        if variable in columns:
            found = group["scalars"][:, :records, list(columns).index(variable)]
        else:
            found = group[variable][(slice(None), slice(records))] if "step" in array.dims else group[variable][...]
        np.testing.assert_array_equal(found, array.values, err_msg=variable)
        assert array.values.shape == array.shape


@pytest.mark.parametrize("name", ["toys", "images", "loop"])
def test_every_part_of_an_array_is_that_of_the_whole(folders, name):
    recording = open_recording(folders[name])
    lazy = xr.Dataset.load(recording.dataset.copy(deep=True))
    for variable, array in recording.contents.items():
        values = lazy[variable].values
        np.testing.assert_array_equal(array.values, values)
        if array.dims[:2] == ("seed", "step") and array.size:
            for where in ((0, -1), (slice(None), 1), (slice(0, 1), slice(None, None, 3)), (0, np.array([2, 0, 1]))):
                key = (*where, *(slice(None),) * (len(array.shape) - 2))
                np.testing.assert_array_equal(array.read(key), values[key], err_msg=f"{variable} {where}")
                part = open_recording(folders[name]).dataset[variable][key].values
                np.testing.assert_array_equal(part, values[key], err_msg=f"{variable} {where}")


def test_recordings_with_an_array_a_number_are_read(folders, tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "GROUP", (1, 1))
    monkeypatch.setattr(writer, "packed", list)
    monkeypatch.setattr("gandyn.recording.store.journal.FORMAT", 2)
    train(Scenario.model_validate(TOYS), tmp_path / "old")
    assert (tmp_path / "old/recording.zarr/js/c/0/0").exists()
    old, new = open_recording(tmp_path / "old").dataset.load(), open_recording(folders["toys"]).dataset.load()
    assert set(old.variables) == set(new.variables)
    for name in new.variables:
        np.testing.assert_array_equal(old[name].values, new[name].values, err_msg=str(name))
        assert old[name].attrs == new[name].attrs


@pytest.mark.parametrize("change", [lambda held: held[:-1], lambda held: [*held[:-1], held[0]], lambda held: 5])
def test_columns_that_do_not_fit_are_damage(folders, tmp_path, change):
    folder = shutil.copytree(folders["toys"], tmp_path / "r")
    file = folder / "recording.zarr/scalars/zarr.json"
    document = json.loads(file.read_text())
    document["attributes"]["scalars"] = change(document["attributes"]["scalars"])
    file.write_text(json.dumps(document))
    lines = journal_of(folder)
    fixed = {**document, "shape": [document["shape"][0], 0, *document["shape"][2:]]}
    lines[0]["arrays"]["scalars"] = checksum(json.dumps(fixed, sort_keys=True).encode())
    write_journal(folder, lines)
    with pytest.raises(RecordingError, match="damaged"):
        _ = open_recording(folder).dataset


def test_a_number_may_not_be_called_as_the_array_that_holds_them(tmp_path):
    G, D = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
    asked = {"data": torch.randn(64, 2), "latent": lambda n: torch.randn(n, 2), "points": 64}
    with gandyn.record(G, D, **asked, out=tmp_path / "r") as recorder:
        with pytest.raises(UsageError, match="'scalars' is taken"):
            recorder.step(scalars=1.0)
        recorder.step()
    assert "js" in open_recording(tmp_path / "r").contents
