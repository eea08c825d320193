"""Laws of the panels on the plane: finite marks, fixed axes, equal units, ink that is mass, levels that are true."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backend_bases import GraphicsContextBase

from gandyn.divergences.coverage import SHARE
from gandyn.errors import UsageError
from gandyn.rendering import AnimationOptions, animate, panels
from gandyn.rendering.canvas import VectorCanvas
from gandyn.rendering.decor import Key, key
from gandyn.rendering.fields import band_colors, blend_bands, isolines, smooth, spline
from gandyn.rendering.layout import arrange
from gandyn.rendering.marks import Area, Arrows, Axes, Bands, Dots, Line, Mesh, Scale, Segments, Text
from gandyn.rendering.modes import Life, captured, lives
from gandyn.rendering.painter import Painter, arrow_outlines
from gandyn.rendering.panels.base import FOOT, SIDE, TITLE
from gandyn.rendering.panels.lattice import areas
from gandyn.rendering.picture import Picture
from gandyn.rendering.plane import density_levels, fit
from gandyn.rendering.squares import squares
from gandyn.rendering.stage import Room, Stage, together
from gandyn.rendering.theme import THEMES
from gandyn.rendering.typeface import measure
from rendering import stand_in
from rendering.stand_in_plane import make

ROOM = Room((20.0, 20.0, 520.0, 420.0), 13.5)
SMALL = {"steps": 12, "cells": 24, "lattice": 40}
KINDS = {
    "one seed": {},
    "many seeds": {"seeds": 5, "diverged": {3: 6}},
    "critic": {"critic": True},
    "diverged at once": {"diverged": {0: 0}},
    "latent of three dimensions": {"latent_dim": 3},
    "one mode": {"modes": 1},
    "twenty-five modes": {"modes": 25, "std": 0.05},
    "narrow modes": {"std": 0.01},
    "collapsed": {"collapsed": True},
    "nothing trained": {"steps": 0},
}
_MADE: dict[str, stand_in.StandIn] = {}


def of(kind):
    if kind not in _MADE:
        _MADE[kind] = make(**{**SMALL, **KINDS[kind]})
    return _MADE[kind]


@pytest.fixture(params=list(KINDS))
def any_plane(request):
    return of(request.param)


def shown(recording, name, room=ROOM):
    stage = Stage(recording)
    return panels.find(name, len(stage.dims))(stage, room)


def points(mark):
    if isinstance(mark, Line | Dots):
        return [(mark.x, mark.y)]
    if isinstance(mark, Area):
        return [(mark.x, mark.low), (mark.x, mark.high)]
    if isinstance(mark, Segments | Arrows):
        return [(mark.x0, mark.y0), (mark.x1, mark.y1)]
    if isinstance(mark, Text):
        return [(np.array([mark.x]), np.array([mark.y]))]
    if isinstance(mark, Bands):
        return [(np.array(mark.x), np.array(mark.y))]
    if isinstance(mark, Mesh):
        return [(mark.x.ravel(), mark.y.ravel())]
    return [(np.array([label.x]), np.array([label.y])) for label in mark.labels]


def find(marks, kind, role=None):
    return [mark for mark in marks if isinstance(mark, kind) and (role is None or mark.role == role)]


PLANE = panels.names(2)


@pytest.mark.parametrize("name", PLANE)
def test_marks_are_finite_have_known_axes_and_roles_and_lie_in_or_near_their_axes(any_plane, name):
    panel = shown(any_plane, name)
    for index in {0, len(any_plane.steps()) // 2, len(any_plane.steps()) - 1}:
        for mark in [*panel.background, *panel.marks(index)]:
            assert mark.axes == "" or mark.axes in panel.axes
            roles = [role for role, _ in mark.fills] if isinstance(mark, Bands) else [getattr(mark, "role", "ink")]
            assert all(role in theme.roles for theme in THEMES.values() for role in roles)
            if isinstance(mark, Bands):
                assert np.isfinite(mark.values).all()
                assert len(mark.fills) == len(mark.levels) + 1
                assert (np.diff(mark.levels) > 0).all()
            if isinstance(mark, Mesh):
                assert ((mark.opacity >= 0) & (mark.opacity <= 1)).all()
            for x, y in points(mark):
                x, y = panel.axes[mark.axes].pixels(x, y) if mark.axes else (np.asarray(x), np.asarray(y))
                good = np.isfinite(x) & np.isfinite(y)
                assert not np.isinf(x).any()
                assert (np.abs(x[good]) < 5e3).all()
                assert (np.abs(y[good]) < 1e5).all()
                if isinstance(mark, Dots | Bands) and mark.axes:
                    left, bottom, right, top = panel.axes[mark.axes].box
                    assert ((x[good] >= left - 1) & (x[good] <= right + 1)).all()
                    assert ((y[good] >= bottom - 1) & (y[good] <= top + 1)).all()


@pytest.mark.parametrize("name", PLANE)
def test_axes_lie_in_the_room_and_do_not_depend_on_the_step(any_plane, name):
    panel = shown(any_plane, name)
    before = {key: (axes.box, axes.x, axes.y) for key, axes in panel.axes.items()}
    for index in range(len(any_plane.steps())):
        panel.marks(index)
    assert before == {key: (axes.box, axes.x, axes.y) for key, axes in panel.axes.items()}
    for axes in panel.axes.values():
        left, bottom, right, top = axes.box
        assert ROOM.box[0] <= left < right <= ROOM.box[2]
        assert ROOM.box[1] <= bottom < top <= ROOM.box[3]


@pytest.mark.parametrize("name", PLANE)
def test_marks_depend_on_the_step_alone(name):
    panel = shown(of("one seed"), name)
    there = repr(panel.marks(8))
    panel.marks(3)
    assert repr(panel.marks(8)) == there


@pytest.mark.parametrize("name", ["density", "discriminator", "lattice", "forces", "seeds"])
@pytest.mark.parametrize("box", [(20.0, 20.0, 520.0, 420.0), (0.0, 0.0, 260.0, 700.0), (0.0, 0.0, 900.0, 200.0)])
def test_a_unit_is_as_long_in_x_as_in_y(name, box):
    for axes in shown(of("one seed"), name, Room(box, 13.5)).axes.values():
        assert axes.width / (axes.x.high - axes.x.low) == pytest.approx(
            axes.height / (axes.y.high - axes.y.low), abs=1 / (axes.x.high - axes.x.low)
        )


def test_axes_that_are_not_square_have_equal_units_too():
    axes = fit((0, 0, 400, 400), (0.0, 4.0), (0.0, 1.0))
    assert (axes.width, axes.height) == (400, 100)


def test_a_panel_is_refused_where_it_does_not_draw_the_dimension():
    with pytest.raises(UsageError, match="the lattice panel draws recordings on the plane; this one is on the line"):
        panels.find("lattice", 1)
    for dim in (1, 2):
        assert all(panels.find(name, dim).dim in (None, dim) for name in panels.names(dim))
        assert set(panels.default_panels(dim)) <= set(panels.names(dim))
    with pytest.raises(UsageError, match="did you mean 'lattice'"):
        panels.known("latice")


def test_a_field_that_is_linear_stays_so_and_none_goes_beyond_its_values():
    x, y = np.arange(9) + 0.5, np.arange(7) + 0.5
    fine = spline(2 * x[:, None] - 3 * y, 90, 35)
    u, v = (np.arange(90) + 0.5) / 10, (np.arange(35) + 0.5) / 5
    assert np.allclose(fine, 2 * u[:, None] - 3 * v, atol=1e-4)
    noise = np.random.default_rng(0).random((9, 7))
    inner = smooth(noise, 6)[3:-3, 3:-3]
    assert noise.min() - 1e-6 <= inner.min()
    assert inner.max() <= noise.max() + 1e-6


def test_bands_of_a_ramp_meet_where_the_levels_are_and_mix_there_by_area():
    columns, levels = 200, (0.25, 0.5025, 0.8)
    values = np.tile(((np.arange(columns) + 0.5) / columns).astype(np.float32), (10, 1))
    colors = band_colors(tuple(((c, c, c), 1.0) for c in (0.0, 0.2, 0.6, 1.0)), None)
    target = np.zeros((10, columns, 4), np.uint8)
    blend_bands(target, values, levels, colors)
    row = target[5, :, 0].astype(float)
    assert set(row[[10, 70, 130, 190]]) == {0, 51, 153, 255}
    # What is under the curve of grey is what it would be with edges finer than pixels.
    expected = 255 * (0.2 * (0.5025 - 0.25) + 0.6 * (0.8 - 0.5025) + 0.2)
    assert row.mean() == pytest.approx(expected, abs=0.6)


def test_clear_bands_leave_what_was_there_and_others_mix_with_it():
    values = np.tile(np.linspace(0, 1, 50, dtype=np.float32), (8, 1))
    target = np.full((8, 50, 4), 100, np.uint8)
    blend_bands(target, values, (0.5,), band_colors((((1, 1, 1), 0.0), ((1, 1, 1), 0.5)), None))
    assert (target[:, :20] == 100).all()
    assert abs(int(target[4, 45, 0]) - 177) <= 1


def test_isolines_of_a_cone_are_circles_at_their_level():
    centres = (np.arange(64) + 0.5) / 64 * 6 - 3
    cone = np.hypot(*np.meshgrid(centres, centres, indexing="ij"))
    for level in (1.0, 2.0):
        x, y = isolines(cone, (-3, 3), (-3, 3), level)
        assert np.allclose(np.hypot(x, y)[np.isfinite(x)], level, atol=0.02)


def test_the_generators_bands_end_at_twice_the_datas_peak():
    panel = shown(of("one seed"), "density")
    marks = panel.marks(12)
    data = of("one seed").dataset["data_density"].values
    (bands,) = find(marks, Bands)
    assert bands.levels[-1] == pytest.approx(2 * smooth(data).max())
    assert np.array_equal(bands.values, of("one seed").field("generator_density", 0, 12))
    opacity = [o for _, o in bands.fills]
    assert opacity[0] == 0
    assert (np.diff(opacity) > 0).all()


def test_modes_narrower_than_a_cell_are_ringed_and_wide_ones_have_three_contours():
    wide = shown(make(0, lattice=40), "density").marks(0)
    assert len(find(wide, Line, "data")) == 3
    narrow = make(0, std=0.01, lattice=40)
    (rings,) = find(shown(narrow, "density").marks(0), Line, "data")
    points = np.column_stack([rings.x, rings.y])[np.isfinite(rings.x)]
    away = np.linalg.norm(points[:, None] - narrow.dataset["mode_position"].values, axis=-1).min(axis=1)
    assert np.allclose(away, away[0])
    assert away[0] >= 0.01 * np.sqrt(-2 * np.log(0.08))


@pytest.mark.parametrize("spread", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("std", [0.15, 0.01])
def test_nearly_all_that_is_generated_in_sight_is_in_the_bands_however_thin_it_is_spread(spread, std):
    recording = make(**SMALL, std=std)
    x, y = np.meshgrid(recording.dataset["x"], recording.dataset["y"], indexing="ij")
    bell = np.exp(-(x**2 + y**2) / (2 * spread**2))
    recording.dataset["generator_density"][:] = bell / (bell.sum() * (x[1, 0] - x[0, 0]) ** 2)
    for name in ("density", "seeds"):
        (bands,) = find(shown(recording, name).marks(7), Bands)
        unseen = bands.values[bands.values < bands.levels[0]].sum() / bands.values.sum()
        assert unseen <= 0.02
        assert 4 <= len(bands.levels) <= 7
        factors = np.log2(np.divide(bands.levels[1:], bands.levels[:-1]))
        assert np.allclose(factors, factors[0])
        assert factors[0] in (1, 2, 3)


def test_every_step_counts_alike_and_the_whole_company_in_where_bands_begin():
    wide, narrow = make(**SMALL), make(**SMALL)
    wide.dataset["generator_density"][:, 6:] = 1e-3
    stages = [Stage(one) for one in (wide, narrow)]
    alone = density_levels(stages[1], lambda one: [0])
    together(stages)
    first, second = (density_levels(one, lambda one: [0]) for one in stages)
    assert first == second
    assert first.parts[0] * first.top <= 1e-3 < alone.parts[0] * alone.top


def test_the_map_is_cut_at_one_half_and_leans_to_the_datas_colour_where_the_discriminator_says_data():
    recording = of("one seed")
    (bands,) = find(shown(recording, "discriminator").marks(6), Bands)
    response = recording.field("discriminator", 0, 6)
    assert np.allclose(bands.values, response - 0.5)
    assert 0.0 in bands.levels
    side = np.searchsorted(bands.levels, bands.values.ravel())
    roles = np.array([bands.fills[k][0] for k in side])
    assert ((roles == "data") == (response.ravel() > 0.5)).all()


def test_a_critic_known_up_to_a_constant_is_cut_at_its_mean_and_one_with_targets_between_them():
    recording = make(**SMALL, critic=True)
    (bands,) = find(shown(recording, "discriminator").marks(6), Bands)
    recording.dataset["discriminator"][:] += 7.0
    (moved,) = find(shown(recording, "discriminator").marks(6), Bands)
    assert np.allclose(bands.values, moved.values, atol=1e-4)
    assert np.allclose(bands.levels, moved.levels, rtol=1e-4)
    recording.objective = SimpleNamespace(**{**vars(recording.objective), "real": 1.0, "fake": 0.0})
    (aimed,) = find(shown(recording, "discriminator").marks(6), Bands)
    assert np.allclose(aimed.values, recording.field("discriminator", 0, 6) - 0.5)


def test_a_cells_ink_is_its_latent_mass():
    recording = of("one seed")
    panel = shown(recording, "lattice")
    (mesh,) = find(panel.marks(12), Mesh)
    net = np.stack([mesh.x, mesh.y], axis=-1)
    ink = mesh.opacity * areas(net)
    free = mesh.opacity < mesh.opacity.max()
    mass = recording.dataset["latent_mass"].values
    ratio = (ink / mass)[free & (areas(net) > 0)]
    assert free.sum() > 100
    assert np.allclose(ratio, np.median(ratio), rtol=1e-4)


def test_areas_are_those_of_the_image_however_it_is_turned_or_folded():
    u, v = np.meshgrid(np.linspace(0, 2, 5), np.linspace(0, 1, 4), indexing="ij")
    net = np.stack([u, v], axis=-1)
    turn = np.array([[0.8, -0.6], [0.6, 0.8]]) * 3
    assert np.allclose(areas(net @ turn.T), 9 * 0.5 / 3)
    folded = net.copy()
    folded[..., 0] = np.abs(folded[..., 0] - 1)
    assert areas(folded).sum() == pytest.approx(2.0)


def test_without_a_latent_plane_points_are_shown_and_it_is_said():
    panel = shown(of("latent of three dimensions"), "lattice")
    assert not find(panel.marks(5), Mesh)
    assert find(panel.marks(5), Dots)
    assert any("no lattice" in mark.text for mark in find(panel.background, Text))


def test_arrows_begin_at_points_and_point_along_the_force_all_to_one_scale():
    recording = of("one seed")
    panel = shown(recording, "forces")
    lengths, forces = [], []
    for index in (4, 9):
        (arrows,) = find(panel.marks(index), Arrows)
        origin, push = recording.field("generated", 0, index), recording.field("force", 0, index)
        at = np.array(
            [np.flatnonzero((origin == [x, y]).all(axis=1))[0] for x, y in zip(arrows.x0, arrows.y0, strict=True)]
        )
        drawn = np.column_stack([arrows.x1 - arrows.x0, arrows.y1 - arrows.y0])
        assert np.allclose(drawn[:, 0] * push[at, 1], drawn[:, 1] * push[at, 0], atol=1e-5)
        assert ((drawn * push[at]).sum(axis=1) >= 0).all()
        lengths.append(np.hypot(*drawn.T))
        forces.append(np.hypot(*push[at].T))
    lengths, forces = np.concatenate(lengths), np.concatenate(forces)
    short = (lengths < 0.999 * lengths.max()) & (forces > 1e-6)
    ratio = lengths[short] / forces[short]
    assert np.allclose(ratio, ratio[0], rtol=1e-3)
    assert lengths.max() <= 0.17 * 6.4


def test_an_arrow_ends_at_its_tip_and_none_is_drawn_for_no_force():
    outlines = arrow_outlines(np.zeros((3, 2)), np.array([[10.0, 0.0], [0.0, 0.1], [0.0, -30.0]]), 2.0)
    assert len(outlines) == 2
    assert np.allclose(outlines[:, 3], [[10.0, 0.0], [0.0, -30.0]])
    assert np.allclose(outlines[:, 0], outlines[:, -1])


def test_bars_are_the_mass_of_modes_and_the_heading_counts_those_captured():
    recording = of("one seed")
    panel = shown(recording, "modes")
    marks = panel.marks(12)
    bars = find(marks, Area, "generator")
    mass = recording.scalars("mode_mass")[0, 12]
    assert np.allclose([bar.high[0] for bar in bars], mass[mass > 0])
    assert "8/8 captured" in [mark.text for mark in find(marks, Text)]
    lost = shown(of("collapsed"), "modes").marks(12)
    assert "1/8 captured" in [mark.text for mark in find(lost, Text, "warning")]
    assert "100 %" in [mark.text for mark in find(lost, Text)]


def test_lines_across_the_bars_are_the_datas_own_shares():
    recording, weights = make(**SMALL, modes=3), np.array([0.5, 0.3, 0.2])
    recording.dataset["mode_weight"][:] = weights
    (lines,) = find(shown(recording, "modes").marks(3), Segments, "data")
    assert np.array_equal(lines.y0, weights)
    assert np.array_equal(lines.y1, weights)


def test_which_modes_are_told_lost_follows_the_rule_of_the_recording():
    plane, line = make(**SMALL), stand_in.make(6, cells=64)
    plane.dataset["mode_mass"][:] = 1 / 2500
    line.dataset["mode_mass"][:] = 0.99 * SHARE * 0.5
    assert captured(Stage(plane), plane.scalars("mode_mass")[0, 3]).all()
    assert not captured(Stage(line), line.scalars("mode_mass")[0, 3]).any()


@pytest.mark.parametrize("box", [(0.0, 0.0, 900.0, 80.0), (0.0, 0.0, 300.0, 400.0)])
def test_headings_say_by_which_rule_modes_count(box):
    plane, line = of("one seed"), stand_in.make(6, cells=64)
    for recording, name, rule in (
        (plane, "modes", "one sample within 3 stds"),
        (line, "modes", "25 % of the data’s share"),
        (plane, "timeline", "alive from 25 %"),
    ):
        panel = shown(recording, name, Room(box, 13.5))
        (said,) = [mark for mark in find(panel.background, Text) if rule in mark.text]
        (end,) = [mark for mark in find(panel.marks(3), Text) if mark.align == "right" and mark.bold]
        assert said.x + measure(said.text, 13.5) <= box[2]
        assert said.y < end.y or said.x + measure(said.text, 13.5) < end.x - measure(end.text, 13.5, bold=True)
        assert said.y > panel.axes[name].box[3]


def test_a_mode_is_born_and_lost_once_however_noisy_its_mass_between_the_thresholds():
    wobble = 0.015 + 0.009 * np.sin(np.arange(60))
    course = np.concatenate([np.zeros(10), np.full(5, 0.1), wobble, np.zeros(5), np.full(5, 0.2)])
    assert lives(course, 0.1) == [Life(10, 75), Life(80, None)]
    assert lives(np.append(course, np.full(4, np.nan)), 0.1)[-1] == Life(80, None)
    assert lives(np.zeros(9), 0.1) == []


def test_chance_around_the_thresholds_makes_few_marks_and_living_ribbons_are_counted():
    recording = make(steps=240, cells=4, lattice=8)
    chance = np.random.default_rng(0).uniform(0.0, 0.1, (1, 241, 8))
    recording.dataset["mode_mass"][:] = chance
    recording.dataset["mode_mass"][..., 5:] = 0.0
    recording.dataset["mode_mass"][0, 120:, 0] = 0.0
    raw = sum(len(lives(chance[0, :, mode], 1 / 8)) for mode in range(5))
    panel = shown(recording, "timeline")
    marks = panel.marks(240)
    (born,), (lost,) = find(marks, Dots), find(marks, Segments, "warning")
    assert len(born.x) < 10 < raw
    assert len(lost.x0) // 2 == 1 + len(born.x) - 5
    assert "4/8 alive" in [mark.text for mark in find(marks, Text)]
    heads = [mark.text for mark in find(panel.background, Text)]
    assert any("25 %" in text for text in heads)


def test_the_marks_of_the_timeline_stand_where_its_ribbons_pass_the_thresholds():
    recording = make(steps=480, cells=4, lattice=8)
    at = np.arange(481)
    recording.dataset["mode_mass"][0] = (0.06 + 0.06 * np.sin(at / 40))[:, None]
    marks = shown(recording, "timeline").marks(480)
    (born,) = find(marks, Dots)
    for x, row in zip(born.x, born.y, strict=True):
        ribbon = find(marks, Area)[int(row)]
        share = (ribbon.high - ribbon.low) / 0.88 * 1.6
        here = int(np.searchsorted(ribbon.x, x))
        assert share[here] >= 0.25
        assert here == 0 or share[here - 1] < 0.25


def test_a_timeline_in_a_column_with_trajectories_has_their_axis_of_steps():
    stage = Stage(of("one seed"))
    drawn = Picture(stage, ["density", "timeline", "losses", "divergences"], (960, 540), THEMES["paper"]).panels[1:]
    ends = {(round(axes.box[0]), round(axes.box[2])) for panel in drawn for axes in panel.axes.values()}
    assert len(ends) == 1


def test_the_timeline_never_looks_ahead():
    recording = make(**SMALL)
    recording.dataset["mode_mass"][:] = 0.0
    recording.dataset["mode_mass"][0, 3:8, 2] = 0.2
    panel = shown(recording, "timeline")
    born = [bool(find(panel.marks(k), Dots)) for k in range(13)]
    lost = [bool(find(panel.marks(k), Segments, "warning")) for k in range(13)]
    assert born.index(True) == 3
    assert lost.index(True) == 8


@pytest.mark.parametrize("dim", [1, 2])
def test_recordings_of_numbers_alone_are_drawn_with_the_panels_that_need_no_more(dim):
    recording = stand_in.make(6, cells=64) if dim == 1 else make(**SMALL)
    fields = [
        name for name in recording.dataset.data_vars if {"x", "point", "z", "z1"} & set(recording.dataset[name].dims)
    ]
    recording.dataset = recording.dataset.drop_vars([name for name in fields if name != "data_density"])
    stage = Stage(recording)
    assert panels.telling(panels.default_panels(dim), [stage]) == ["losses", "divergences"]
    for name in panels.names(dim):
        if name not in panels.telling(panels.names(dim), [stage]):
            with pytest.raises(UsageError, match=f"the {name} panel .* record.fields: false"):
                shown(recording, name)


@pytest.mark.parametrize("name", ["modes", "timeline"])
def test_modes_are_shown_on_the_line_too_and_refused_where_data_has_none(name):
    assert find(shown(stand_in.make(6, cells=64), name).marks(6), Area)
    plain = make(**SMALL)
    plain.dataset = plain.dataset.drop_vars("mode_mass")
    with pytest.raises(UsageError, match="no modes"):
        shown(plain, name)


@pytest.mark.parametrize("name", ["density", "discriminator", "lattice", "forces"])
def test_a_diverged_seed_is_said_to_be(name):
    words = [mark.text for mark in find(shown(of("diverged at once"), name).marks(5), Text)]
    assert "diverged at step 0" in words


def test_mass_out_of_sight_is_told():
    recording = make(**SMALL)
    recording.dataset["outside_mass"][:] = 0.25
    words = [mark.text for mark in find(shown(recording, "density").marks(5), Text)]
    assert "25 % of G outside" in words


@pytest.mark.parametrize("width", [400.0, 180.0, 120.0, 90.0])
def test_what_is_said_of_mass_outside_stays_inside_the_axes(width):
    recording = make(**SMALL)
    recording.dataset["outside_mass"][:] = 0.123
    panel = shown(recording, "density", Room((0.0, 0.0, width, 400.0), 13.5))
    (note,) = [mark for mark in find(panel.marks(5), Text) if "12 %" in mark.text]
    assert panel.place.box[0] <= note.x - measure(note.text, 13.5)
    assert note.x <= panel.place.box[2]


@pytest.mark.parametrize("modes", [3, 8])
@pytest.mark.parametrize("name", ["density", "discriminator", "lattice", "forces"])
def test_modes_are_numbered_on_the_map_beside_a_panel_that_names_them_by_number(name, modes):
    recording = make(**SMALL, modes=modes)
    assert not [mark for mark in find(shown(recording, name).marks(3), Text) if mark.text.isdigit()]
    panel = shown(recording, name, replace(ROOM, numbered=True))
    written = [mark for mark in find(panel.marks(3), Text) if mark.text.isdigit()]
    assert [mark.text for mark in written] == [str(k + 1) for k in range(modes)]
    where = np.array([[mark.x, mark.y] for mark in written])
    middles = recording.dataset["mode_position"].values
    away = np.linalg.norm(where[:, None] - middles, axis=-1)
    assert (away.argmin(axis=1) == np.arange(modes)).all()
    assert (away.min(axis=1) > 2 * 0.15).all()


def test_no_mode_is_numbered_where_one_of_them_finds_no_room():
    recording = make(**SMALL, modes=25, std=0.25)
    panel = shown(recording, "density", Room((20.0, 20.0, 220.0, 420.0), 13.5, numbered=True))
    assert not [mark for mark in panel.marks(3) if isinstance(mark, Text) and mark.text.isdigit()]


def test_maps_are_numbered_where_modes_or_a_timeline_stand_beside():
    for rest, numbered in (("modes", True), ("timeline", True), ("losses", False)):
        layout = arrange([panels.find(name, 2) for name in ("density", rest)], (960, 540))
        assert [room.numbered for room in layout.rooms] == [numbered, numbered]


@pytest.mark.parametrize("name", PLANE)
@pytest.mark.parametrize("width", [160.0, 300.0, 500.0])
def test_no_text_is_smaller_than_the_base_font(any_plane, name, width):
    panel = shown(any_plane, name, Room((20.0, 20.0, 20.0 + width, 420.0), 13.5, numbered=True))
    last = len(any_plane.steps()) - 1
    assert all(mark.size >= 1.0 for mark in find([*panel.background, *panel.marks(last)], Text))


@pytest.mark.parametrize("name", ["density", "discriminator", "lattice", "forces"])
@pytest.mark.parametrize("width", [150.0, 220.0, 320.0])
def test_what_stands_around_a_square_is_left_out_rather_than_cut_and_stays_in_its_room(name, width):
    box = (20.0, 20.0, 20.0 + width, 420.0)
    for mark in find(shown(of("one seed"), name, Room(box, 13.5)).background, Text):
        assert "…" not in mark.text
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[mark.align]
        left = mark.x - share * measure(mark.text, 13.5)
        assert left + measure(mark.text, 13.5) <= box[2] + 1 or mark.y > 300
        assert left >= box[0] - 13.5


@pytest.mark.parametrize("width", [60.0, 140.0, 220.0, 500.0])
def test_a_key_keeps_its_ends_and_writes_nothing_on_top_of_anything(width):
    fills = tuple(("data", 0.1 * k) for k in range(1, 9))
    given = Key(fills, ("−1.25", "", "", "", "0", "", "", "", "+1.25"), ("D says generator", "generator"), ("data",))
    marks = key(10.0, 50.0, given, 13.5, 10.0 + width)
    written = [mark for mark in find(marks, Text) if mark.valign == "top"]
    if width > 100:
        assert {"−1.25", "+1.25"} <= {mark.text for mark in written}
        assert [mark.text for mark in written].count("0") == (width > 100)
    spans = sorted((m.x - measure(m.text, 13.5) / 2, m.x + measure(m.text, 13.5) / 2) for m in written)
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    boxes = find(marks, Area)
    assert len(boxes) == 8
    for word in find(marks, Text):
        if word.valign != "top":
            end = word.x + measure(word.text, 13.5)
            assert end <= boxes[0].x[0] or word.x >= boxes[-1].x[1]
            assert end <= 10.0 + width


@pytest.mark.parametrize("name", ["density", "discriminator", "seeds"])
def test_a_panel_with_bands_hands_out_their_key_whoever_draws_it(name):
    alone, shared = (shown(of("one seed"), name, replace(ROOM, alone=alone)) for alone in (True, False))
    assert alone.key() == shared.key()
    assert [fill for fill in alone.key().fills if fill[1] > 0] == [
        fill for fill in find(alone.marks(3), Bands)[0].fills if fill[1] > 0
    ]
    assert [mark for mark in alone.background if isinstance(mark, Area) and mark.band]
    assert not [mark for mark in shared.background if isinstance(mark, Area) and mark.band]


def test_points_of_the_generator_have_one_name_everywhere():
    named = set()
    for kind in ("one seed", "latent of three dimensions"):
        for name in ("discriminator", "lattice", "forces"):
            named |= {entry.text for entry in shown(of(kind), name).entries() if entry.dot}
    assert named == {"G(z)"}


def test_a_legend_above_discriminator_and_critic_names_both():
    stages = [Stage(of("one seed")), Stage(of("critic"))]
    assert shown(of("critic"), "discriminator").entries()[-1].text == "C undecided"
    together(stages)
    kind, room = panels.find("discriminator", 2), replace(ROOM, alone=False)
    assert {kind(one, room).entries()[-1].text for one in stages} == {"C/D undecided"}
    assert kind(stages[1], ROOM).entries()[-1].text == "C undecided"


@pytest.mark.parametrize("dim", [1, 2])
def test_the_seed_in_the_light_is_among_those_shown_and_headings_are_alike(dim):
    many = stand_in.make(3, seeds=20, cells=64) if dim == 1 else make(steps=3, cells=8, lattice=8, seeds=20)
    panel = panels.find("seeds", dim)(Stage(many, seed=18), Room((20.0, 20.0, 720.0, 520.0), 13.5))
    assert panel.seeds == [*range(15), 18]
    (bold,) = [mark for mark in find(panel.marks(3), Text, "ink") if mark.bold]
    assert bold.text.split()[-1] == "18"
    heads = find(panel.marks(3), Text)
    counts = [mark for mark in heads if "/" in mark.text]
    assert len(counts) == 16
    assert all(mark.text.split("/")[1].isdigit() for mark in counts)
    for left in (mark for mark in heads if mark.align == "left"):
        assert any(abs(left.y - right.y) < 1e-6 for right in counts)
    assert "16 of 20 seeds" in " ".join(mark.text for mark in find(panel.background, Text))


def test_bands_on_a_dark_ground_are_lifted_and_the_key_with_them():
    painted = []
    canvas = SimpleNamespace(
        bands=lambda _box, _values, _levels, colors: painted.extend(colors[:, 3].tolist()),
        polygon=lambda _points, color, _clip: painted.append(color[3]),
    )
    axes = {"plane": Axes((0.0, 0.0, 9.0, 9.0), Scale(0, 1), Scale(0, 1))}
    ends = np.array([0.0, 1.0])
    marks = [
        Bands("plane", (0.0, 1.0), (0.0, 1.0), np.zeros((4, 4)), (0.5,), (("data", 0.0), ("data", 0.2))),
        Area("plane", "data", ends, ends * 0, ends, 0.2, band=True),
    ]
    for name in ("talk-light", "talk-dark"):
        Painter(canvas, THEMES[name], 13.5).paint(marks, axes)
    light, dark = painted[:3], painted[3:]
    assert light == pytest.approx([0.0, 0.2, 0.2])
    assert dark[0] == 0
    assert dark[1] == pytest.approx(dark[2])
    assert dark[1] > 0.3


@pytest.mark.parametrize("number", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("others", [0, 1, 2, 3])
@pytest.mark.parametrize("strips", [0, 1])
@pytest.mark.parametrize("size", [(904.0, 449.0), (1208.0, 605.0), (680.0, 330.0), (560.0, 800.0)])
def test_squares_and_what_stands_beside_them_share_the_area(number, others, strips, size):
    area, em = (20.0, 10.0, 20.0 + size[0], 10.0 + size[1]), 13.5
    cut = squares(number, [2.4] * others, [6.0] * strips, area, 2.2 * em, em)
    boxes = [*cut.squares, *([cut.rest] if others else []), *([cut.under] if cut.under else [])]
    for left, bottom, right, top in boxes:
        assert area[0] - 1 <= left < right <= area[2] + 1
        assert area[1] - 1 <= bottom < top <= area[3] + 1
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_squares_have_the_shape_of_the_window(aspect, number):
    em = 13.5
    cut = squares(number, [2.4], [], (20.0, 10.0, 924.0, 460.0), 2.2 * em, em, aspect)
    for left, bottom, right, top in cut.squares:
        assert (right - left - SIDE * em) / (top - bottom - (TITLE + FOOT) * em) == pytest.approx(aspect)


@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (720, 405)])
def test_strips_alone_leave_no_hole_under_squares(size):
    for rest in (["modes"], ["timeline"], ["modes", "timeline"]):
        rooms = arrange([panels.find(name, 2) for name in ["density", "discriminator", *rest]], size).rooms
        lowest = min(room.box[1] for room in rooms)
        under = [room for room in rooms[2:] if room.box[3] <= rooms[0].box[1]]
        assert under
        assert min(room.box[1] for room in under) == lowest
        assert rooms[0].box[1] - max(room.box[3] for room in under) < 3 * 14


LEADS = (
    ["density"],
    ["density", "seeds"],
    ["density", "discriminator"],
    ["density", "discriminator", "lattice"],
    ["seeds"],
)
REST = ([], ["losses"], ["losses", "divergences"], ["modes", "losses", "divergences"], ["timeline"])


@pytest.mark.parametrize("leads", LEADS, ids="+".join)
@pytest.mark.parametrize("rest", REST, ids="+".join)
@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (720, 405), (320, 180), (600, 900)])
def test_panels_lie_inside_the_picture_and_apart(size, leads, rest):
    layout = arrange([panels.find(name, 2) for name in leads + rest], size)
    for i, room in enumerate(layout.rooms):
        left, bottom, right, top = room.box
        assert 0 <= left < right <= size[0]
        assert 0 <= bottom < top <= layout.header[1]
        for other in layout.rooms[:i]:
            assert right <= other.box[0] or other.box[2] <= left or top <= other.box[1] or other.box[3] <= bottom


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("suffix", [".gif", ".png", ".pdf", ".svg"])
def test_every_panel_is_drawn_in_every_theme_and_format(tmp_path, theme, suffix):
    names = [name for name in PLANE if name != "seeds"]
    out = tmp_path / f"all{suffix}"
    animate(of("one seed"), out, AnimationOptions(frames=3, size=(1280, 720), theme=theme, panels=names))
    assert out.stat().st_size > 5000


def test_an_image_in_a_vector_picture_stands_where_its_field_does():
    placed = []
    renderer = SimpleNamespace(
        new_gc=GraphicsContextBase, draw_image=lambda _gc, x, y, image, place: placed.append((x, y, image, place))
    )
    field = np.zeros((8, 8))
    field[1, 6] = 1.0
    axes = {"plane": Axes((10.0, 20.0, 90.0, 100.0), Scale(0, 8), Scale(0, 8))}
    bands = Bands("plane", (0.0, 8.0), (0.0, 8.0), field, (0.3,), (("data", 0.0), ("data", 1.0)))
    Painter(VectorCanvas(renderer, 300.0), THEMES["paper"], 14.0).paint([bands], axes)
    ((x, y, image, place),) = placed
    low, high = place.transform([(0, 0), (1, 1)]) + np.array([x, y])
    assert (*low, *high) == pytest.approx((10, 20, 90, 100))
    rows, columns = np.nonzero(image[..., 3])
    # Images are handed over bottom row first.
    assert columns.mean() / image.shape[1] == pytest.approx(1.5 / 8, abs=0.01)
    assert rows.mean() / image.shape[0] == pytest.approx(6.5 / 8, abs=0.01)


def test_colours_of_bands_survive_in_a_gif(tmp_path):
    from PIL import Image

    out = tmp_path / "bands.gif"
    options = AnimationOptions(frames=6, size=(720, 405), panels=["density", "discriminator"])
    animate(of("one seed"), out, options)
    animate(of("one seed"), tmp_path / "bands.png", options)
    with Image.open(out) as film, Image.open(tmp_path / "bands.png") as still:
        film.seek(film.n_frames - 1)
        away = np.abs(np.asarray(film.convert("RGB"), dtype=int) - np.asarray(still.convert("RGB"), dtype=int))
    assert (away.max(axis=-1) > 8).mean() < 0.02
