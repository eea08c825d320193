"""Laws of the panels on the plane: finite marks, fixed axes, equal units, ink that is mass, levels that are true."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backend_bases import GraphicsContextBase

from gandyn.errors import UsageError
from gandyn.rendering import AnimationOptions, animate, panels
from gandyn.rendering.canvas import VectorCanvas
from gandyn.rendering.fields import band_colors, blend_bands, isolines, smooth, spline
from gandyn.rendering.layout import arrange
from gandyn.rendering.marks import Area, Arrows, Axes, Bands, Dots, Line, Mesh, Scale, Segments, Text
from gandyn.rendering.modes import Life, lives, shares
from gandyn.rendering.painter import Painter, arrow_outlines
from gandyn.rendering.panels.lattice import areas
from gandyn.rendering.plane import fit
from gandyn.rendering.squares import squares
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.theme import THEMES
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
    assert bands.levels[0] <= smooth(data).max() / 16
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


def test_where_modes_are_narrow_bands_reach_further_down():
    wide, narrow = (find(shown(make(2, std=std, lattice=40), "density").marks(2), Bands)[0] for std in (0.15, 0.01))
    assert narrow.levels[0] / narrow.levels[-1] < wide.levels[0] / wide.levels[-1] / 4


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
    assert np.allclose(shares(Stage(recording)), 1 / 8, atol=1e-3)
    assert "8/8 modes" in [mark.text for mark in find(marks, Text)]
    lost = shown(of("collapsed"), "modes").marks(12)
    assert "1/8 modes" in [mark.text for mark in find(lost, Text, "warning")]
    assert "100 %" in [mark.text for mark in find(lost, Text)]


def test_a_mode_is_born_and_lost_once_however_noisy_its_mass_between_the_thresholds():
    wobble = 0.015 + 0.009 * np.sin(np.arange(60))
    course = np.concatenate([np.zeros(10), np.full(5, 0.1), wobble, np.zeros(5), np.full(5, 0.2)])
    assert lives(course, 0.1) == [Life(10, 75), Life(80, None)]
    assert lives(np.append(course, np.full(4, np.nan)), 0.1)[-1] == Life(80, None)
    assert lives(np.zeros(9), 0.1) == []


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
    assert "25 % out of sight" in words


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


LEADS = (["density"], ["density", "discriminator"], ["density", "discriminator", "lattice"], ["seeds"])
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
