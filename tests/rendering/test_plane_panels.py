"""Laws of the panels on the plane: finite marks, fixed axes, equal units, ink that is mass, words that fit."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gandyn.core.errors import UsageError
from gandyn.rendering import AnimationOptions, animate, panels
from gandyn.rendering.canvas.painter import arrow_outlines
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import Arrows, Bands, Cells, Dots, Line, Mesh, Text
from gandyn.rendering.panels.lattice import areas
from gandyn.rendering.plane import fit
from gandyn.rendering.recording_view import PanelSlot, RecordingView, share_scales
from gandyn.rendering.theme import THEMES
from rendering import stand_in
from rendering.planes import KINDS, ROOM, SMALL, drawn, find, of, points, shown
from rendering.stand_in_plane import make


@pytest.fixture(params=list(KINDS))
def any_plane(request):
    return of(request.param)


PLANE = panels.names(2)


@pytest.mark.parametrize("name", PLANE)
def test_marks_are_finite_have_known_axes_and_roles_and_lie_in_or_near_their_axes(any_plane, name):
    panel = drawn(any_plane, name)
    for index in {0, len(any_plane.steps()) // 2, len(any_plane.steps()) - 1}:
        for mark in [*panel.background, *panel.marks(index)]:
            assert mark.axes == "" or mark.axes in panel.axes
            filled = isinstance(mark, Bands | Cells)
            roles = [role for role, _ in mark.fills] if filled else [getattr(mark, "role", "ink")]
            assert all(theme.style(role) for theme in THEMES.values() for role in roles)
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
    panel = drawn(any_plane, name)
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
    for axes in shown(of("one seed"), name, PanelSlot(box, 13.5)).axes.values():
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


def test_modes_narrower_than_a_cell_are_ringed_and_wide_ones_have_three_contours():
    wide = shown(make(0, lattice=40), "density").marks(0)
    assert len(find(wide, Line, "data")) == 3
    narrow = make(0, std=0.01, lattice=40)
    (rings,) = find(shown(narrow, "density").marks(0), Line, "data")
    points = np.column_stack([rings.x, rings.y])[np.isfinite(rings.x)]
    away = np.linalg.norm(points[:, None] - narrow.dataset["mode_position"].values, axis=-1).min(axis=1)
    assert np.allclose(away, away[0])
    assert away[0] >= 0.01 * np.sqrt(-2 * np.log(0.08))


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


@pytest.mark.parametrize("dim", [1, 2])
def test_recordings_of_numbers_alone_are_drawn_with_the_panels_that_need_no_more(dim):
    recording = stand_in.make(6, cells=64) if dim == 1 else make(**SMALL)
    fields = [
        name for name in recording.dataset.data_vars if {"x", "point", "z", "z1"} & set(recording.dataset[name].dims)
    ]
    recording.dataset = recording.dataset.drop_vars([name for name in fields if name != "data_density"])
    view = RecordingView(recording)
    assert panels.telling(panels.default_panels(dim), [view]) == ["losses", "divergences"]
    for name in panels.names(dim):
        if name not in panels.telling(panels.names(dim), [view]):
            with pytest.raises(UsageError, match=f"the {name} panel .* record.fields: false"):
                shown(recording, name)


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
@pytest.mark.parametrize("numbered", [False, True])
def test_what_is_said_of_mass_outside_stays_inside_the_axes_and_off_the_numbers(width, numbered):
    recording = make(**SMALL)
    recording.dataset["outside_mass"][:] = 0.123
    recording.dataset["mode_position"][:] = 1.15 * recording.dataset["mode_position"]
    panel = shown(recording, "density", PanelSlot((0.0, 0.0, width, 400.0), 13.5, numbered=numbered))
    written = find(panel.marks(5), Text)
    (note,) = [mark for mark in written if "12 %" in mark.text]
    wide = measure(note.text, 13.5)
    left = note.x - (wide if note.align == "right" else 0.0)
    assert panel.place.box[0] <= left
    assert left + wide <= panel.place.box[2]
    for number in (mark for mark in written if mark.text.isdigit()):
        x, y = panel.place.pixels(number.x, number.y)
        assert x + 5 < left or x - 5 > left + wide or abs(y - note.y - 5) > 13.5


@pytest.mark.parametrize("name", PLANE)
@pytest.mark.parametrize("width", [160.0, 300.0, 500.0])
def test_no_text_is_smaller_than_the_base_font(any_plane, name, width):
    panel = drawn(any_plane, name, PanelSlot((20.0, 20.0, 20.0 + width, 420.0), 13.5, numbered=True))
    last = len(any_plane.steps()) - 1
    assert all(mark.size >= 1.0 for mark in find([*panel.background, *panel.marks(last)], Text))


@pytest.mark.parametrize("name", ["density", "discriminator", "lattice", "forces"])
@pytest.mark.parametrize("width", [150.0, 220.0, 320.0])
def test_what_stands_around_a_square_is_left_out_rather_than_cut_and_stays_in_its_room(name, width):
    box = (20.0, 20.0, 20.0 + width, 420.0)
    for mark in find(shown(of("one seed"), name, PanelSlot(box, 13.5)).background, Text):
        assert "…" not in mark.text
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[mark.align]
        left = mark.x - share * measure(mark.text, 13.5)
        assert left + measure(mark.text, 13.5) <= box[2] + 1 or mark.y > 300
        assert left >= box[0] - 13.5


def test_points_of_the_generator_have_one_name_everywhere():
    named = set()
    for kind in ("one seed", "latent of three dimensions"):
        for name in ("discriminator", "lattice", "forces"):
            named |= {entry.text for entry in shown(of(kind), name).entries() if entry.dot}
    assert named == {"G(z)"}


def test_a_legend_above_discriminator_and_critic_names_both():
    views = [RecordingView(of("one seed")), RecordingView(of("critic"))]
    assert shown(of("critic"), "discriminator").entries()[-1].text == "critic undecided"
    share_scales(views)
    kind, slot = panels.find("discriminator", 2), replace(ROOM, alone=False)
    assert {kind(one, slot).entries()[-1].text for one in views} == {"D or critic undecided"}
    assert kind(views[1], ROOM).entries()[-1].text == "critic undecided"


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("suffix", [".gif", ".png", ".pdf", ".svg"])
def test_every_panel_is_drawn_in_every_theme_and_format(tmp_path, theme, suffix):
    names = [name for name in PLANE if name != "seeds"]
    for number, some in enumerate((names[:6], names[6:12], names[12:])):
        out = tmp_path / f"{number}{suffix}"
        options = AnimationOptions(layout="lab", frames=2, size=(1280, 720), theme=theme, panels=some)
        animate(of("one seed"), out, options)
        assert out.stat().st_size > 5000


def test_smoothed_divergences_say_so():
    recording = make(**SMALL)
    assert not any("smoothed" in mark.text for mark in find(shown(recording, "divergences").background, Text))
    recording.dataset["js"].attrs["smoothing_std"] = 0.26
    assert any("smoothed" in mark.text for mark in find(shown(recording, "divergences").background, Text))


@pytest.mark.parametrize("side", [190.0, 260.0, 400.0])
def test_axes_of_a_square_have_three_ticks_or_more_that_stand_apart(side):
    panel = shown(of("one seed"), "density", PanelSlot((0.0, 0.0, side, side), 13.5))
    place = panel.axes["plane"]
    numbers = [mark for mark in find(panel.background, Text) if mark.text.lstrip("−").replace(".", "").isdigit()]
    below = sorted(
        (mark for mark in numbers if abs(mark.y - place.box[1]) < 3 and mark.align == "center"),
        key=lambda mark: float(mark.x),
    )
    assert len(below) >= 3
    assert len([mark for mark in numbers if mark.align == "right"]) >= 3
    at = [place.pixels(mark.x, 0.0)[0] if mark.axes else mark.x for mark in below]
    for (one, u), (two, v) in itertools.pairwise(zip(below, at, strict=True)):
        assert v - u > (measure(one.text, 13.5) + measure(two.text, 13.5)) / 2
