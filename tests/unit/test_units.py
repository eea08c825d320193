"""Data in its own units: trained on in standard ones, recorded and drawn in its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gandyn
from gandyn.app.runs import open_source
from gandyn.core.errors import ScenarioError
from gandyn.distributions.units import OWN, Units
from gandyn.rendering.marks.marks import Text
from gandyn.rendering.panels import find
from gandyn.rendering.quantities import EARTH_MOVER
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.scenario.loading import load_scenario, parse_scenario

UNITS = Units((172.0, 70.0), (8.0, 15.0))
SMALL = {
    "generator": {"hidden": [8]},
    "discriminator": {"hidden": [8]},
    "train": {"steps": 40, "batch_size": 32, "seeds": [0, 3]},
    "regularizers": [{"type": "r1", "weight": 0.1}, {"type": "weight_clipping", "limit": 0.6}],
    "record": {"every": 10, "gradients": True, "grid": {"cells": 32}},
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Heights and weights of 200 people, as they are and in standard deviations from their means."""
    folder = tmp_path_factory.mktemp("table")
    rng = np.random.default_rng(0)
    standard = np.column_stack([rng.standard_normal(200), rng.gamma(4.0, size=200)])
    standard = (standard - standard.mean(0)) / standard.std(0)
    for name, values in (("own", UNITS.own(standard)), ("standard", standard)):
        rows = [",".join(map(repr, row)) for row in values.tolist()]
        (folder / f"{name}.csv").write_text("\n".join(["height,weight", *rows]))
    return folder


def trained(table: Path, name: str, columns: dict, **more):
    data = {"type": "empirical", "file": str(table / f"{name}.csv"), **columns, "standardize": name == "own"}
    scenario = parse_scenario({"name": name, "data": data, **SMALL, **more})
    return gandyn.train(scenario, table / f"{name}-{len(columns)}-{'columns' in columns}", progress=False)


LINE, PLANE = {"column": "height"}, {"columns": ["height", "weight"]}


@pytest.mark.parametrize("columns", [LINE, PLANE], ids=["line", "plane"])
def test_a_run_is_the_same_in_whatever_units_its_data_is(table, columns):
    own, standard = (trained(table, name, columns) for name in ("own", "standard"))
    dim = 2 if "columns" in columns else 1
    scale = np.array(UNITS.scale[:dim])
    for name in ("js", "tv", "kl_skew", "reverse_kl_skew", "outside_mass", "generator_loss", "discriminator_loss"):
        np.testing.assert_allclose(own.scalars(name), standard.scalars(name), rtol=2e-3, atol=2e-4, err_msg=name)
    a, b = own.dataset, standard.dataset
    np.testing.assert_allclose(a["discriminator"], b["discriminator"], atol=2e-3)
    np.testing.assert_allclose(a["data_density"] * scale.prod(), b["data_density"], atol=1e-5)
    for axis, middle, std in zip(("x", "y"), UNITS.offset[:dim], scale, strict=False):
        np.testing.assert_allclose(a[axis], middle + std * b[axis], rtol=1e-6)
    images = a["generator_map"].values.reshape(-1, dim), b["generator_map"].values.reshape(-1, dim)
    np.testing.assert_allclose(images[0], images[1] * scale + UNITS.offset[:dim], rtol=1e-5)
    force = [one["force"].values.reshape(-1, dim) for one in (a, b)]
    np.testing.assert_allclose(force[0] * scale, force[1], atol=5e-3 * np.abs(force[1]).max())
    if dim == 1:
        np.testing.assert_allclose(own.scalars("w1"), 8.0 * standard.scalars("w1"), rtol=1e-4)


def test_new_samples_are_in_the_datas_units(table):
    recording = trained(table, "own", PLANE)
    made = gandyn.sample(recording, 500, seed=3)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made.mean(0), UNITS.offset, atol=2 * max(UNITS.scale))


def test_own_data_is_learnt_by_default(table):
    scenario = {
        "data": {"type": "empirical", "file": str(table / "own.csv"), "column": 0},
        "train": {"steps": 120, "seeds": 3},
    }
    recording = gandyn.train(scenario, table / "default", progress=False)
    assert (recording.scalars("js").min(axis=1) < 0.05).all()


def written(panel: str, view: RecordingView, plain: bool) -> list[str]:
    drawn = find(panel, len(view.dims))(view, PanelSlot((40.0, 40.0, 640.0, 500.0), 14.0, plain=plain, alone=not plain))
    return [mark.text for mark in [*drawn.background, *drawn.marks(len(view.steps) - 1)] if isinstance(mark, Text)]


@pytest.mark.parametrize("plain", [True, False], ids=["talk", "lab"])
def test_axes_say_what_was_measured(table, plain):
    line, plane = RecordingView(trained(table, "own", LINE)), RecordingView(trained(table, "own", PLANE))
    assert "height" in written("density", line, plain)
    assert {"height", "weight"} <= set(written("density", plane, plain))
    assert {"height", "weight"} <= set(written("forces", plane, plain))


def test_names_and_units_are_no_part_of_training(table):
    given = {"type": "empirical", "file": str(table / "own.csv"), "column": "height"}
    trained(table, "own", LINE)
    folder = table / "own-1-False"
    again = parse_scenario({"name": "own", "data": {**given, "axis": "height [cm]"}, **SMALL})
    recording = gandyn.train(again, folder, progress=False)
    for view in (RecordingView(recording), RecordingView(open_source(folder).recorded.recording)):
        assert view.axis_name(0) == "height [cm]"
        assert EARTH_MOVER.headline(view, 0.4) == "0.40 cm apart"
        assert "height [cm]" in written("density", view, plain=True)
        assert any(text.endswith(" cm") and text.startswith("W1") for text in _ends(view))


def _ends(view: RecordingView) -> list[str]:
    panel = find("divergences", 1)(view, PanelSlot((0.0, 0.0, 640.0, 400.0), 14.0, gutter=120.0))
    return [one.text for one in panel.end_labels(len(view.steps) - 1).labels]


def test_two_quantities_have_equally_long_standard_deviations(table):
    view = RecordingView(trained(table, "own", PLANE))
    assert view.lengths == pytest.approx((1.0, 15.0 / 8.0))
    assert view.aspect == pytest.approx(1.0, abs=0.5)
    place = find("density", 2)(view, PanelSlot((0.0, 0.0, 500.0, 500.0), 14.0)).axes["plane"]
    pixels = [np.ptp(place.pixels([0.0, x], [0.0, y]), axis=1).max() for x, y in ((8.0, 0.0), (0.0, 15.0))]
    assert pixels[0] == pytest.approx(pixels[1], rel=0.02)


def test_older_recordings_of_numbers_as_they_are_keep_their_hash(table):
    data = {"type": "empirical", "file": str(table / "own.csv"), "column": 0}
    as_they_are = parse_scenario({"data": {**data, "standardize": False}})
    assert as_they_are.fingerprint() != parse_scenario({"data": data}).fingerprint()
    assert as_they_are.data.units == OWN
    assert as_they_are.data.standard is as_they_are.data.law
    assert (
        as_they_are.fingerprint() == parse_scenario({"data": {**data, "standardize": False, "axis": "m"}}).fingerprint()
    )


def test_a_label_for_each_axis(tmp_path):
    (tmp_path / "toy.yaml").write_text("data:\n  type: ring\n  axis: height [cm]\n")
    with pytest.raises(ScenarioError, match=r"toy.yaml:3.*data\.axis: axis must be two texts here, not 1"):
        load_scenario(tmp_path / "toy.yaml")
    assert parse_scenario({"data": {"type": "gaussian", "axis": "t [s]"}}).data.axis_labels == ("t [s]",)
    assert "axis" not in parse_scenario({"data": {"type": "gaussian"}}).resolved()["data"]
