"""Recordings as other programs read them: netCDF, CSV, JSON and Parquet."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from torch import nn
from typer.testing import Result

import gandyn as package

Run = Callable[..., Result]


def line(folder: Path) -> package.Recording:
    scenario = package.load_scenario("toy.yaml", ["animation.story=step", "train.seeds=2"])
    recording = package.train(scenario, folder)
    assert recording is not None
    return recording


def images(folder: Path) -> package.Recording:
    quick = {"steps": 2, "batch_size": 8}
    recording = package.train(
        {"data": {"type": "digits"}, "generator": {"type": "mlp"}, "discriminator": {"type": "mlp"}, "train": quick},
        folder,
    )
    assert recording is not None
    return recording


def loop(folder: Path) -> package.Recording:
    generator, discriminator = nn.Linear(2, 2), nn.Linear(2, 1)
    with package.record(
        generator, discriminator, data=torch.randn(300, 2), latent=lambda n: torch.randn(n, 2), out=folder, every=1
    ) as recorder:
        for number in range(3):
            recorder.step(generator_loss=float(number), discriminator_loss=1.0, accuracy=0.5)
    return package.open_recording(folder)


@pytest.mark.parametrize("make", [line, images, loop])
@pytest.mark.parametrize("engine", ["scipy", "h5netcdf", "netcdf4"])
def test_netcdf_holds_the_same_numbers(workplace: Path, make: Callable[[Path], package.Recording], engine: str) -> None:
    pytest.importorskip({"netcdf4": "netCDF4"}.get(engine, engine))
    recording = make(workplace / "made")
    held = [recording, *([recording.sub_steps] if recording.sub_steps is not None else [])]
    for one in held:
        one.dataset.to_netcdf("made.nc", engine=engine)  # type: ignore[call-overload]
        with xr.open_dataset("made.nc", engine=engine) as read:  # type: ignore[arg-type]
            xr.testing.assert_equal(read.load(), one.dataset.load())
            assert read.attrs.keys() == one.dataset.attrs.keys()
            if make is line:
                assert json.loads(read.attrs["objective"]) == {"type": "non_saturating"}


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_tables_are_read_as_the_same_numbers(gandyn: Run, workplace: Path, suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    # A bounded latent has a bounded image, and the data has not: KL is infinite; what diverged has no numbers.
    wild = ["optimizers.generator={type: sgd, lr: 1e30}", "optimizers.discriminator.lr=1e30", "latent.type=uniform"]
    scenario = package.load_scenario("toy.yaml", [*wild, "train.seeds=2", "train.steps=3"])
    recording = package.train(scenario, "here")
    assert recording is not None
    assert gandyn("plot", "here", "--csv", f"numbers{suffix}").exit_code == 0
    # Without `precise_float` pandas reads JSON's numbers to 15 digits.
    readers = {".csv": pd.read_csv, ".json": partial(pd.read_json, precise_float=True), ".parquet": pd.read_parquet}
    read = readers[suffix](f"numbers{suffix}")
    assert read["step"].tolist() == [0, 1, 2, 3] * 2
    for name in ("kl", "js", "generator_loss"):
        np.testing.assert_array_equal(read[name].to_numpy(float), recording.scalars(name).ravel())
    assert np.isinf(recording.scalars("kl")[:, 0]).all()
    assert np.isnan(recording.scalars("js")[:, -1]).all()


def test_tables_that_cannot_be_written(gandyn: Run, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = gandyn("plot", "toy.yaml", "--csv", "numbers.jsno")
    assert (refused.exit_code, "did you mean .json?" in refused.stderr) == (2, True)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    refused = gandyn("plot", "toy.yaml", "--csv", "numbers.parquet")
    assert (refused.exit_code, "pip install 'gandyn[parquet]'" in refused.stderr) == (1, True)
    assert not Path("runs").exists()


def test_several_panels_of_several_recordings(gandyn: Run, workplace: Path) -> None:
    for name in ("a", "b"):
        gandyn("train", "toy.yaml", "-o", name, "--set", f"optimizers.generator.lr={'1e-3' if name == 'a' else '1e-4'}")
    panels = "losses,js,divergences,modes_captured"
    done = gandyn("plot", "a", "b", "-o", "all.svg", "--panels", panels, "--json")
    assert done.exit_code == 0, done.stderr
    drawn = Path("all.svg").read_text()
    for title in ("losses: D", "losses: G", "Jensen-Shannon divergence", "divergences: W1", "modes captured"):
        assert title in drawn
