"""Recordings as other programs read them: netCDF, CSV, JSON and Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

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
