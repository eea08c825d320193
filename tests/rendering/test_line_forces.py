"""The forces panel on the line: arrows on the generator's samples, as long as the push is strong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gandyn.rendering.marks.marks import Area, Arrows, Dots, Line, Segments, Text
from gandyn.rendering.panels.density import Density
from gandyn.rendering.panels.earth_mover import EarthMover
from gandyn.rendering.panels.line_forces import LineForces
from gandyn.rendering.panels.losses import Losses
from gandyn.rendering.recording_view import PanelSlot, RecordingView, share_scales
from rendering.stand_in import make
from rendering.test_gradients import ROOM, drawn, given


def test_arrows_are_as_long_as_the_push_is_strong_and_point_where_it_points():
    views = [given(lambda x: np.full_like(x, -0.4)), given(lambda x: np.full_like(x, 0.1))]
    share_scales(views)
    (strong,), (weak,) = (drawn(LineForces(view, ROOM), Arrows) for view in views)
    assert (strong.x1 < strong.x0).all()
    assert (weak.x1 > weak.x0).all()
    np.testing.assert_allclose(strong.x0 - strong.x1, 4 * (weak.x1 - weak.x0))
    np.testing.assert_array_equal(strong.y0, strong.y1)


def test_arrows_start_at_quantiles_of_the_generator_and_inside_of_its_density():
    view = given(lambda x: np.full_like(x, 0.1))
    (arrows,) = drawn(LineForces(view, ROOM), Arrows)
    density = view.field("generator_density", 1)
    mass = np.cumsum(density) / density.sum()
    np.testing.assert_allclose(np.interp(arrows.x0, view.x, mass), [0.1, 0.3, 0.5, 0.7, 0.9], atol=0.01)
    assert (arrows.y0 < np.interp(arrows.x0, view.x, density)).all()


def test_a_push_that_has_vanished_is_no_arrow_and_its_number_still_there():
    views = [given(lambda x: np.full_like(x, 3e-20)), given(lambda x: np.full_like(x, -0.4))]
    share_scales(views)
    for plain, words in ((False, "3·10⁻²⁰"), (True, "under 0.001")):
        panel = LineForces(views[0], replace(ROOM, plain=plain))
        (arrows,) = drawn(panel, Arrows)
        assert arrows.x0.size == 0  # no speck either
        assert any(mark.text.endswith(words) for mark in drawn(panel, Text))


def test_densities_are_drawn_as_they_are_without_arrows():
    view = given(lambda x: np.full_like(x, 0.1))
    plain, pushed = (kind(view, replace(ROOM, plain=False)).marks(1) for kind in (Density, LineForces))
    outlines = [[(mark.role, *mark.x) for mark in marks if isinstance(mark, Area)] for marks in (plain, pushed)]
    assert outlines[0] == outlines[1]
    assert not [mark for mark in pushed if isinstance(mark, Segments)]  # what carries noise to data plays no part


def test_a_point_has_one_arrow_and_a_spread_out_density_several():
    view = given(lambda x: np.full_like(x, 0.1))
    assert drawn(LineForces(view, ROOM), Arrows)[0].x0.size == 5
    density = view.recording.dataset["generator_density"].values
    density[...] = 0.0
    density[..., 100] = 1.0
    panel = LineForces(view, ROOM)
    (arrow,) = drawn(panel, Arrows)
    assert arrow.x0.size == 1
    assert arrow.y0[0] == pytest.approx(0.5 * min(panel.axes["density"].y.high, 1.0))


def test_for_an_audience_the_discriminator_is_faint_where_nobody_asks_it_and_not_where_it_pushes_from_afar():
    view = given(lambda x: np.full_like(x, 0.1))
    whole, asked = (mark for mark in drawn(Density(view, ROOM), Line) if mark.role == "discriminator")
    assert whole.opacity < 0.5 < asked.opacity == 1.0
    assert np.isfinite(whole.y).all()
    there = (view.data > 0.01 * view.data.max()) | (view.field("generator_density", 1) > 0.01 * view.data.max())
    np.testing.assert_array_equal(np.isfinite(asked.y), there)
    (line,) = (mark for mark in drawn(LineForces(view, ROOM), Line) if mark.role == "discriminator")
    assert line.opacity == 1.0


@pytest.mark.parametrize("force", [lambda x: 0 * x, lambda x: 1e37 * x, lambda x: np.full_like(x, np.nan)])
def test_no_push_is_too_strange_to_be_drawn(force):
    for arrows in drawn(LineForces(given(force), ROOM), Arrows):
        assert np.isfinite([arrows.x0, arrows.x1, arrows.y0, arrows.y1]).all()
        assert np.abs(arrows.x1 - arrows.x0).max(initial=0.0) < 2.0


def test_losses_in_plain_words_show_how_both_end_and_keep_their_dots_in_the_axes():
    recording = make(30, cells=64)
    recording.dataset["generator_loss"].values[:, :20] = 50.0
    panel = Losses(RecordingView(recording), PanelSlot((0.0, 0.0, 500.0, 160.0), 15.0, alone=False, plain=True))
    place = panel.axes["losses"]
    assert place.y.high < 4.0
    for step in (5, 15, 30):
        assert all(place.y.low <= dot.y[0] <= place.y.high for dot in drawn(panel, Dots, step))
    words = [mark for mark in panel.marks(30) if isinstance(mark, Text) and mark.text == "at equilibrium"]
    assert len(words) == 1
    rules = [mark.y[0] for mark in panel.background if isinstance(mark, Line) and mark.role == "muted" and mark.axes]
    assert {round(float(at), 3) for at in rules} >= {0.693, 1.386}


def test_losses_that_stay_high_are_seen_at_their_end_and_so_are_those_of_critics():
    recording = make(30, cells=64)
    recording.dataset["generator_loss"].values[:] = 5.0
    critics = make(30, cells=64, critic=True)
    for name in ("generator_loss", "discriminator_loss"):
        critics.dataset[name].values[:] = 3.0
    for made, most in ((recording, 5.0), (critics, 3.0)):
        panel = Losses(RecordingView(made), PanelSlot((0.0, 0.0, 500.0, 160.0), 15.0, alone=False, plain=True))
        place = panel.axes["losses"].y
        assert place.low < most <= place.high


def test_what_is_not_a_number_has_no_arrow():
    view = given(lambda x: np.where(x < 0, np.nan, 0.1))
    (arrows,) = drawn(LineForces(view, ROOM), Arrows)
    assert 0 < arrows.x0.size < 5
    assert np.isfinite([arrows.x0, arrows.x1, arrows.y0, arrows.y1]).all()


def test_a_number_that_stands_beside_others_has_their_axis():
    near, far = make(6, cells=64), make(6, cells=64)
    far.dataset["w1"].values[:] *= 10
    views = [RecordingView(near), RecordingView(far)]
    share_scales(views)
    one, other = (EarthMover(view, PanelSlot((0.0, 0.0, 500.0, 160.0), 15.0, plain=True)) for view in views)
    assert one.axes["earth_mover"].y == other.axes["earth_mover"].y
    assert one.axes["earth_mover"].y.high >= far.dataset["w1"].values.max()
