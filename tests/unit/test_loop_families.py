"""Loops of the published families are recorded at the first try, train the same to the last bit, and are drawn."""

from __future__ import annotations

import contextlib
import random
import warnings

import numpy as np
import pytest
import torch
from families import BATCH, FAMILIES
from loops import same

import gandyn

SMALL = {"every": 2, "cells": 16, "points": 64}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def trained(make, folder=None):
    """Train a family for a few steps, recorded or not, and return it and all that is left of it."""
    torch.manual_seed(3)
    np.random.seed(4)  # noqa: NPY002
    random.seed(5)
    family = make()
    recorder = None if folder is None else gandyn.record(**family.given, out=folder, **SMALL)
    with recorder or contextlib.nullcontext():
        for _ in range(3):
            losses = family.step(torch.randperm(96)[:BATCH])
            if recorder is not None:
                recorder.step(**losses)
    left = [[*module.state_dict().values()] for module in family.modules]
    left += [[weight.grad for weight in module.parameters()] for module in family.modules]
    left += [[part.training for part in module.modules()] for module in family.modules]
    return family, [*left, torch.rand(3), np.random.rand(3), random.random()]  # noqa: NPY002


@pytest.mark.parametrize("make", FAMILIES, ids=lambda make: make.__name__)
def test_the_first_try_records_trains_the_same_and_is_drawn(make, tmp_path):
    _, plain = trained(make)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        family, watched = trained(make, tmp_path / "mine")
    assert same(plain, watched)
    assert len(told) == bool(family.warns), [str(one.message) for one in told]
    assert all(text in str(told[0].message) for text in family.warns), str(told[0].message)
    recording = gandyn.open_recording(tmp_path / "mine")
    assert recording.steps().tolist() == [0, 2, 3]
    about = recording.contents.attrs
    rows = family.holds.pop("rows", None)
    assert {name: about.get(name) for name in family.holds} == family.holds
    assert ("discriminator" in recording.dataset) == ("unseen" not in about)
    assert np.isfinite(recording.scalars("generator_loss")[0, 1:]).all()
    if rows:
        classes = recording.dataset.sample_class.values
        assert (np.diff(classes) >= 0).all()
        assert len(set(np.bincount(classes))) == 1
    assert gandyn.animate(recording, tmp_path / "mine.png", size=[480, 270]).stat().st_size > 1000
