"""The phase panel: of an affine game its course is that of the two parameters, and its trail ends where they are."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from gandyn.rendering.marks.marks import Dots, Line, Text
from gandyn.rendering.panels.phase import Phase, course
from gandyn.rendering.recording_view import PanelSlot, RecordingView, share_scales
from rendering.stand_in import make

ROOM = PanelSlot((0.0, 0.0, 340.0, 300.0), 11.25, alone=False, plain=True)
CENTRE = 0.5
ANGLE = np.linspace(0.0, 4.5 * np.pi, 61)
BIAS, SLOPE = CENTRE + 1.5 * np.cos(ANGLE), -0.8 * np.sin(ANGLE)


def affine(critic=False, mapped=True, bias=BIAS, slope=SLOPE, std=0.6, **options):
    """Return an affine game, G(z) = bias + std z and D(x) = slope x + 0.3, and data about a centre of its own."""
    found = make(len(bias) - 1, cells=256, critic=critic, latent_dim=1 if mapped else 8, **options)
    data = found.dataset
    x = data["x"].values
    data["data_density"].values[:] = np.exp(-((x - CENTRE) ** 2) / 0.5) / np.sqrt(0.5 * np.pi)
    for k, (at, tilt) in enumerate(zip(bias, slope, strict=True)):
        if not np.isfinite(data["js"].values[0, k]):
            continue
        logit = tilt * x + 0.3
        data["generator_density"].values[0, k] = np.exp(-(((x - at) / std) ** 2) / 2) / (std * np.sqrt(2 * np.pi))
        data["discriminator"].values[0, k] = logit if critic else 1 / (1 + np.exp(-logit))
        if mapped:
            data["generator_map"].values[0, k] = at + std * data["z"].values
    return found


def drawn(panel, kind, step, role="ink"):
    return [mark for mark in panel.marks(step) if isinstance(mark, kind) and mark.role == role]


@pytest.mark.parametrize("critic", [False, True])
@pytest.mark.parametrize("mapped", [True, False])
def test_the_course_of_an_affine_game_is_that_of_its_parameters(critic, mapped):
    x, y = course(RecordingView(affine(critic, mapped)))
    np.testing.assert_allclose(x, BIAS - CENTRE, atol=2e-3)
    np.testing.assert_allclose(y, SLOPE, atol=2e-3)


def test_a_slope_is_known_where_the_discriminator_is_sure_and_where_the_generator_is_out_of_sight():
    bias, slope = np.array([4.0, -4.0, 30.0, -30.0]), np.array([6.0, 6.0, -2.0, 6.0])
    x, y = course(RecordingView(affine(bias=bias, slope=slope, std=0.2)))
    np.testing.assert_allclose(x, bias - CENTRE, atol=2e-3)
    np.testing.assert_allclose(y, slope, atol=0.05)


@pytest.mark.parametrize("step", [0, 1, 17, 60])
def test_the_trail_leads_from_the_first_step_to_the_dot_and_is_fainter_where_it_is_older(step):
    panel = Phase(RecordingView(affine()), ROOM)
    (dot,) = drawn(panel, Dots, step)
    assert (dot.x[0], dot.y[0]) == pytest.approx((BIAS[step] - CENTRE, SLOPE[step]), abs=2e-3)
    pieces = drawn(panel, Line, step)
    opacities = [piece.opacity for piece in pieces]
    assert opacities == sorted(opacities)
    if step:
        along = np.concatenate([pieces[0].x, *(piece.x[1:] for piece in pieces[1:])])
        np.testing.assert_allclose(along, BIAS[: step + 1] - CENTRE, atol=2e-3)
        assert all(one.x[-1] == other.x[0] for one, other in itertools.pairwise(pieces))
        assert (pieces[-1].x[-1], pieces[-1].y[-1]) == (dot.x[0], dot.y[0])
    else:
        assert pieces == []
    assert step < 60 or len(set(opacities)) == 3


def test_a_long_course_is_thinned_and_still_ends_at_the_dot():
    recording = affine()
    again = np.arange(3001) % len(ANGLE)
    recording.dataset = recording.dataset.isel(step=again).assign_coords(step=np.arange(3001))
    panel = Phase(RecordingView(recording), ROOM)
    for step in (2, 1501, 3000):
        pieces = drawn(panel, Line, step)
        assert sum(len(piece.x) for piece in pieces) < 1300
        assert pieces[0].x[0] == pytest.approx(BIAS[0] - CENTRE, abs=2e-3)
        assert pieces[-1].x[-1] == pytest.approx(BIAS[again[step]] - CENTRE, abs=2e-3)


def test_scales_hold_every_step_of_the_company_about_the_origin_and_a_circle_is_one():
    views = [RecordingView(affine()), RecordingView(affine(critic=True, bias=CENTRE + 0.1 * BIAS, slope=5 * SLOPE))]
    share_scales(views)
    one, other = (Phase(view, ROOM).axes["phase"] for view in views)
    assert (one.x, one.y) == (other.x, other.y)
    assert one.width == pytest.approx(one.height)
    assert one.width > 0.6 * ROOM.width
    assert (one.x.low, one.y.low) == (-one.x.high, -one.y.high)
    for view in views:
        x, y = course(view)
        assert (np.abs(x) < one.x.high).all()
        assert (np.abs(y) < one.y.high).all()


def test_a_seed_that_diverged_leaves_its_trail_and_no_dot():
    panel = Phase(RecordingView(affine(diverged={0: 40})), ROOM)
    assert len(drawn(panel, Dots, 39)) == 1
    assert drawn(panel, Dots, 40) == drawn(panel, Dots, 60) == []
    assert drawn(panel, Line, 60)
    assert any("diverged at step 40" in text.text for text in drawn(panel, Text, 60, "warning"))
    lost = Phase(RecordingView(affine(diverged={0: 0})), ROOM)
    assert (lost.axes["phase"].x.high, lost.axes["phase"].y.high) == (1.0, 1.0)


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("size", [(340.0, 300.0), (700.0, 280.0), (230.0, 300.0)])
def test_both_ends_of_both_axes_are_named_inside_the_room(plain, size):
    slot = replace(ROOM, box=(0.0, 0.0, *size), plain=plain)
    panel = Phase(RecordingView(affine()), slot)
    words = [mark for mark in panel.background if isinstance(mark, Text) and not mark.axes]
    said = " ".join(mark.text for mark in words)
    ends = ("left of", "right", "on the left", "on the right") if plain else ("below", "above", "> 0", "< 0")
    assert all(end in said for end in ends)
    for mark in words:
        assert 0 <= mark.x <= size[0]
        assert 0 <= mark.y <= size[1]
        assert mark.size >= 1.0


def test_a_recording_that_ends_before_its_company_keeps_its_corner_free():
    views = [RecordingView(affine(), last=30), RecordingView(affine())]
    share_scales(views)
    short, long = (
        max(mark.x for mark in Phase(view, ROOM).background if isinstance(mark, Text) and mark.text.endswith("→"))
        for view in views
    )
    assert short < long - 8 * ROOM.em
