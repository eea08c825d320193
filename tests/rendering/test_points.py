"""Pictures of point masses: recordings of Dirac-GANs, trained for a few steps."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import gandyn
from gandyn.core.errors import SettingsWarning
from gandyn.rendering import panels
from gandyn.rendering.marks.marks import Dots, Line
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.scenario.loading import parse_scenario

ROOM = PanelSlot((20.0, 20.0, 520.0, 420.0), 13.5)


@pytest.fixture(scope="module", params=["saturating", "wasserstein"])
def density(request, tmp_path_factory):
    spec = {
        "data": {"type": "dirac"},
        "latent": {"type": "dirac"},
        "generator": {"type": "affine", "scale": 0.0, "bias": 1.0, "learns": ["bias"]},
        "discriminator": {"type": "affine", "scale": -1.0, "learns": ["scale"]},
        "objective": {"type": request.param},
        "optimizers": {player: {"type": "sgd", "lr": 0.1} for player in ("generator", "discriminator")},
        "train": {"steps": 4, "precision": "float64"},
    }
    with warnings.catch_warnings():  # of a critic that nothing bounds: four steps of it are seen
        warnings.simplefilter("ignore", SettingsWarning)
        recording = gandyn.train(parse_scenario(spec), tmp_path_factory.mktemp(request.param) / "run")
    return panels.find("density", 1)(RecordingView(recording), ROOM)


def test_a_point_is_a_spike_half_as_high_as_the_panel(density):
    top, width = density.axes["density"].y.high, density.view.cell
    marks = [mark for mark in (*density.background, *density.marks(0)) if mark.axes == "density"]
    for role, place in (("data", 0.0), ("generator", 1.0)):
        (curve,) = [mark for mark in marks if isinstance(mark, Line) and mark.role == role]
        assert np.max(curve.y) == pytest.approx(top / 2)
        assert curve.x[np.argmax(curve.y)] == pytest.approx(place, abs=width)


def test_what_is_best_is_drawn_where_it_is_known(density):
    (dots,) = [mark for mark in density.marks(0) if isinstance(mark, Dots) and mark.role == "optimum"]
    np.testing.assert_allclose(dots.x, [0.0, 1.0], atol=density.view.cell)
    assert dots.y[0] > dots.y[1]


def test_a_critic_of_a_point_is_seen_in_the_whole_window(density):
    place, marks = density.axes["response"].y, density.marks(0)
    (curve,) = [mark for mark in marks if isinstance(mark, Line) and mark.role == "discriminator"]
    inside = (place.low <= curve.y) & (curve.y <= place.high)
    assert inside.mean() > 0.9
    assert np.ptp(curve.y) > 0.2 * (place.high - place.low)


def test_one_arrow_leads_from_the_latent_to_the_point(density):
    (arrows,) = [mark for mark in density.marks(0) if mark.axes == "map"]
    assert np.isfinite(arrows.opacity).all()
    assert set(arrows.x1.tolist()) == {1.0}
