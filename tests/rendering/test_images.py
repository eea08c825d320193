"""Laws of the pictures of image recordings: pixels as they are, axes that are named, measurements that are dated."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gandyn.core.errors import UsageError
from gandyn.rendering import panels
from gandyn.rendering.canvas.painter import place_labels
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import Area, Bands, Cells, Dots, Line, Raster, Text
from gandyn.rendering.marks.rasters import resample
from gandyn.rendering.recording_view import PanelSlot, RecordingView, share_scales
from gandyn.rendering.theme import THEMES
from rendering import stand_in_plane
from rendering.planes import ROOM, find, points
from rendering.stand_in_images import make

KINDS = {
    "digits": {},
    "colour": {"colour": True, "size": 32, "samples": 30},
    "conditional": {"conditional": True},
    "never judged": {"judged": False},
    "somebody's own loop": {"objective": False, "user": True, "every": 5},
    "somebody's own critic": {"objective": False, "critic": True, "classes": False},
    "critic": {"critic": True},
    "diverged": {"diverged": {0: 7}},
    "one record": {"steps": 0},
    "numbers alone": {"fields": False},
}


@cache
def of(kind):
    return make(**{"steps": 12, "every": 4, **KINDS[kind]})


@pytest.fixture(params=list(KINDS))
def any_images(request):
    return of(request.param)


def drawable(recording):
    view = RecordingView(recording)
    return panels.telling(panels.names(2, images=True), [view])


def shown(recording, name, slot=ROOM):
    view = RecordingView(recording)
    return panels.find(name, len(view.dims))(view, slot)


def spots(mark):
    if isinstance(mark, Raster | Cells):
        return [(np.array(mark.x), np.array(mark.y))]
    return points(mark)


def test_marks_are_finite_have_known_axes_and_roles_and_axes_never_jump(any_images):
    for name in drawable(any_images):
        panel = shown(any_images, name)
        before = {key: (axes.box, axes.x, axes.y) for key, axes in panel.axes.items()}
        for index in range(len(any_images.steps())):
            for mark in [*panel.background, *panel.marks(index)]:
                assert mark.axes == "" or mark.axes in panel.axes
                roles = [role for role, _ in mark.fills] if isinstance(mark, Bands | Cells) else []
                roles += [mark.role] if hasattr(mark, "role") else []
                assert all(role in theme.roles for theme in THEMES.values() for role in roles)
                for x, y in spots(mark):
                    x, y = panel.axes[mark.axes].pixels(x, y) if mark.axes else (np.asarray(x), np.asarray(y))
                    assert not np.isinf(np.concatenate([x, y])).any()
                    seen = np.isfinite(x) & np.isfinite(y)
                    assert (np.abs(x[seen]) < 5e3).all()
                    assert (np.abs(y[seen]) < 1e5).all()
        assert before == {key: (axes.box, axes.x, axes.y) for key, axes in panel.axes.items()}
        for axes in panel.axes.values():
            left, bottom, right, top = axes.box
            assert ROOM.box[0] <= left < right <= ROOM.box[2]
            assert ROOM.box[1] <= bottom < top <= ROOM.box[3]


@pytest.mark.parametrize("width", [150.0, 260.0, 500.0])
def test_words_stay_in_their_room_and_are_no_smaller_than_the_base_font(any_images, width):
    slot = PanelSlot((20.0, 20.0, 20.0 + width, 320.0), 13.5)
    for name in drawable(any_images):
        panel = shown(any_images, name, slot)
        for mark in find([*panel.background, *panel.marks(len(any_images.steps()) - 1)], Text):
            assert mark.size >= 1.0
            wide = measure(mark.text, 13.5 * mark.size, mark.bold)
            x, _ = panel.axes[mark.axes].pixels(mark.x, mark.y) if mark.axes else (mark.x, mark.y)
            left = float(x) + mark.dx * 13.5 - {"left": 0.0, "center": 0.5, "right": 1.0}[mark.align] * wide
            assert left >= slot.box[0] - 13.5
            if width > 200:
                assert left + wide <= slot.box[2] + 13.5


def test_planes_of_components_name_their_axes_and_their_parts_of_the_variance():
    recording = of("digits")
    view = RecordingView(recording)
    for axis, name in enumerate(view.dims):
        part = float(recording.dataset[name].attrs["explained_variance_ratio"])
        text, share = view.axis_name(axis).split(", ")
        assert text == name
        assert float(share.removesuffix(" %")) == pytest.approx(100 * part, abs=0.5)
        for panel in ("density", "discriminator", "discriminator_mean"):
            drawn = shown(recording, panel)
            assert view.axis_name(axis) in [one.text for one in find([*drawn.background, *drawn.marks(3)], Text)]
    assert not RecordingView(stand_in_plane.make(2, lattice=30)).projected


@pytest.mark.parametrize(("name", "word"), [("discriminator", "slice"), ("discriminator_mean", "mean")])
def test_slice_and_mean_are_told_apart_in_their_pictures(name, word):
    for width in (190.0, 260.0, 400.0):
        panel = shown(of("digits"), name, PanelSlot((0.0, 0.0, width, width), 13.5))
        assert any(word in mark.text for mark in find(panel.marks(5), Text))


@pytest.mark.parametrize("kind", ["digits", "colour", "conditional"])
@pytest.mark.parametrize("box", [(20.0, 20.0, 520.0, 420.0), (0.0, 0.0, 190.0, 240.0), (0.0, 0.0, 900.0, 240.0)])
def test_samples_are_the_recorded_pixels_in_reading_order_all_of_one_size_and_apart(kind, box):
    recording = of(kind)
    panel = shown(recording, "samples", PanelSlot(box, 13.5))
    tiles = find(panel.marks(6), Raster)
    recorded = recording.dataset["samples"].values[0, 6]
    assert len(tiles) == len(recorded)
    for tile, pixels in zip(tiles, recorded, strict=True):
        assert np.array_equal(np.moveaxis(np.atleast_3d(tile.pixels), -1, 0), pixels)
    x, y = np.array([tile.x for tile in tiles]), np.array([tile.y for tile in tiles])
    assert len(np.unique(x[:, 1] - x[:, 0])) == len(np.unique(y[:, 1] - y[:, 0])) == 1
    assert (np.lexsort((x[:, 0], -y[:, 0])) == np.arange(len(tiles))).all()
    beside = (x[:, None, 0] >= x[None, :, 1] + 1) | (y[:, None, 0] >= y[None, :, 1] + 1)
    assert (beside | beside.T | np.eye(len(tiles), dtype=bool)).all()
    place = panel.axes["samples"]
    (left, right), (bottom, top) = place.pixels(np.array([x.min(), x.max()]), np.array([y.min(), y.max()]))
    assert box[0] <= left < right <= box[2]
    assert box[1] <= bottom < top <= box[3]


def test_images_that_nearly_fill_their_room_by_a_whole_factor_are_grown_by_it():
    sides = [
        np.ptp(find(shown(of("digits"), "samples", PanelSlot((0.0, 0.0, side, side + 30), 13.5)).marks(0), Raster)[0].x)
        for side in range(200, 700, 10)
    ]
    assert (np.diff(sides) >= 0).all()
    assert sum(side % 28 == 0 for side in sides) > 0.3 * len(sides)
    assert all(side >= 0.8 * (edge / 5 - 14) for side, edge in zip(sides, range(200, 700, 10), strict=True))


@pytest.mark.parametrize("kind", ["digits", "colour", "diverged"])
def test_reals_are_the_datas_pixels_in_the_grid_of_the_samples_whatever_becomes_of_the_generator(kind):
    recording = of(kind)
    panel, samples = shown(recording, "reals"), shown(recording, "samples")
    tiles = find(panel.background, Raster)
    assert not panel.marks(9)
    for tile, pixels in zip(tiles, recording.dataset["real_samples"].values, strict=True):
        assert np.array_equal(np.moveaxis(np.atleast_3d(tile.pixels), -1, 0), pixels)
    assert [(tile.x, tile.y) for tile in tiles] == [(tile.x, tile.y) for tile in find(samples.marks(0), Raster)]


def test_few_classes_have_a_row_each_in_the_middle_of_the_room():
    recording = make(1, samples=15, conditional=True)
    recording.dataset["sample_class"].values[:] = np.arange(15) // 5
    panel = shown(recording, "samples", PanelSlot((0.0, 0.0, 400.0, 440.0), 13.5))
    words = [mark.text for mark in find([*panel.background, *panel.marks(1)], Text) if mark.text in {"0", "1", "2"}]
    assert words == ["0", "1", "2"]
    _, bottom, _, top = panel.axes["samples"].box
    assert abs((440 - 1.75 * 13.5 - top) - bottom) < 13.5


def test_classes_asked_for_are_written_once_a_row_where_a_row_is_of_one_class_else_once_an_image():
    names = [str(one) for one in range(10)]
    mixed = make(2, conditional=True)
    classes = mixed.dataset["sample_class"].values
    for order, count in ((np.arange(25) // 5, 5), (np.arange(25) % 10, 25)):
        classes[:] = order
        panel = shown(mixed, "samples")
        words = [mark.text for mark in find([*panel.background, *panel.marks(1)], Text) if mark.text in names]
        assert words == [str(k) for k in (order[::5] if count == 5 else order)]


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_images_made_larger_or_smaller_keep_their_mean_and_repeat_pixels_by_whole_factors(rows, columns, a, b, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (rows, columns, 3)).astype(np.uint8)
    found = resample(pixels, a, b)
    assert found.shape == (a, b, 3)
    assert abs(found.mean() - pixels.mean()) <= 1.0
    assert pixels.min() <= found.min()
    assert found.max() <= pixels.max()
    grown = resample(pixels[..., 0], 3 * rows, 2 * columns)
    assert np.array_equal(grown, np.kron(pixels[..., 0], np.ones((3, 2), np.uint8)))


def test_mean_responses_leave_cells_without_images_empty_and_have_the_colours_of_the_slice():
    for kind in ("digits", "critic"):
        recording = of(kind)
        values = recording.field("discriminator_mean", 0, 8)
        panel = shown(recording, "discriminator_mean")
        (cells,) = find(panel.marks(8), Cells)
        assert np.array_equal(np.isnan(cells.values), np.isnan(values))
        (bands,) = find(shown(recording, "discriminator").marks(8), Bands)
        assert cells.fills == bands.fills
        if kind == "digits":
            assert cells.levels == bands.levels
            assert np.allclose(cells.values, values - 0.5, equal_nan=True)
            assert panel.key() == shown(recording, "discriminator").key()
        there = np.isfinite(values)
        roles = np.array([cells.fills[k][0] for k in np.searchsorted(cells.levels, cells.values[there])])
        assert ((roles == "data") == (cells.values[there] > 0)).all()


@pytest.mark.parametrize("width", [180.0, 260.0, 420.0, 800.0])
def test_divergences_of_projections_say_so_and_are_not_mixed_with_bounds_of_images(width):
    panel = shown(of("digits"), "divergences", PanelSlot((0.0, 0.0, width, 240.0), 13.5))
    assert any("PCA" in mark.text for mark in find(panel.background, Text))
    assert any("estimates" in mark.text for mark in find(panel.background, Text))
    assert not any("…" in mark.text for mark in find(panel.background, Text))
    assert all(curve.role != "js_bound" for curve in panel.curves)
    wide = shown(of("digits"), "divergences", PanelSlot((0.0, 0.0, 800.0, 240.0), 13.5))
    assert any("in PCA space: estimates" in mark.text for mark in find(wide.background, Text))


def test_classes_stay_as_measured_last_under_the_date_of_that():
    recording = of("digits")
    panel = shown(recording, "classes", PanelSlot((0.0, 0.0, 800.0, 240.0), 13.5))
    histogram = recording.dataset["class_histogram"].values[0]
    for index in range(13):
        last = 4 * (index // 4)
        bars = [mark for mark in panel.marks(index) if isinstance(mark, Area)]
        assert [float(bar.high[0]) for bar in bars] == [one for one in histogram[last].tolist() if one > 0]
        words = " ".join(mark.text for mark in find(panel.marks(index), Text))
        assert "FD-LeNet" in words
        assert words.endswith(f", as of step {recording.steps()[last]}")
        assert "floor 1.60" in words
        assert "precision" in words
    assert panel.axes["classes"].y.high >= min(np.nanmax(histogram), 0.3)
    (band,) = find(panel.background, Area)
    assert np.allclose(band.low[::2] / recording.dataset["data_class_histogram"], 0.8)
    assert np.allclose(band.high[::2] / recording.dataset["data_class_histogram"], 1.2)


def test_a_class_that_is_nearly_all_at_first_does_not_squash_the_bars_to_come():
    recording = make(8, every=4)
    recording.dataset["class_histogram"].values[0, 0] = np.eye(10)[3]
    panel = shown(recording, "classes")
    assert panel.axes["classes"].y.high < 0.5
    assert [mark.x for mark in find(panel.marks(1), Text) if mark.text == "100 %" and mark.axes] == [3.5]
    assert not [mark for mark in find(panel.marks(5), Text) if mark.text == "100 %" and mark.axes]


def test_before_the_first_measurement_there_are_no_bars_and_rare_classes_are_named_in_red():
    recording = make(8, every=4)
    histogram = recording.dataset["class_histogram"].values
    histogram[0, 0] = np.nan
    histogram[0, 4] = [0.02, 0.18, 0.0, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    panel = shown(recording, "classes")
    assert not find(panel.marks(2), Area)
    named = {mark.text: mark.role for mark in find(panel.marks(6), Text) if mark.axes}
    assert {name for name, role in named.items() if role == "warning"} == {"0", "2"}
    assert [float(mark.high[0]) for mark in find(panel.marks(6), Area)] == [one for one in histogram[0, 4] if one > 0]


def test_quality_is_drawn_as_dots_where_it_was_measured_over_its_floor():
    recording = of("digits")
    panel = shown(recording, "quality")
    distance = recording.dataset["frechet_distance"].values[0]
    for index in range(13):
        marks = panel.marks(index)
        (dots,) = find(marks, Dots)
        there = np.flatnonzero(np.isfinite(distance[: index + 1]))
        assert dots.x.tolist() == recording.steps()[there].tolist()
        assert np.allclose(dots.y, distance[there])
        label = next(one for one in marks[-1].labels if one.text.startswith("FD"))
        assert label.x == recording.steps()[there[-1]]
        (floor,) = find(marks, Line, "data")
        assert np.allclose(floor.y, 1.6)
    assert panel.axes["quality"].y.low <= 1.6
    assert panel.axes["quality"].y.log


@pytest.mark.parametrize("scale", [0.004, 0.3, 700.0])
def test_values_at_the_end_of_a_critics_responses_stand_clear_of_their_curves_and_axes_have_two_ticks(scale):
    recording = make(12, critic=True, objective=False)
    for name in ("real_response", "generated_response"):
        recording.dataset[name].values[:] *= -scale
    slot = PanelSlot((0.0, 0.0, 300.0, 90.0), 13.5)
    panel = shown(recording, "responses", slot)
    labels = panel.marks(12)[-1]
    for one in place_labels(labels, panel.axes["responses"], slot.em):
        assert one.x >= one.anchor[0] + 0.5 * slot.em
    ticks = [mark for mark in find(panel.background, Text) if mark.align == "right" and mark.valign == "middle"]
    assert len(ticks) >= 2


def test_responses_of_a_probability_have_a_line_at_one_half_and_a_critics_have_none():
    fair = shown(of("digits"), "responses")
    assert any((mark.y == 0.5).all() for mark in find(fair.background, Line, "muted") if mark.axes)
    assert fair.axes["responses"].y.low <= 0 < 1 <= fair.axes["responses"].y.high
    critic = shown(of("critic"), "responses")
    assert not [mark for mark in find(critic.background, Line, "muted") if mark.axes]
    assert {label.role for label in critic.marks(9)[-1].labels} == {"data", "generator"}


def test_scalars_of_the_users_own_are_drawn_under_their_names_and_missed_where_there_are_none():
    panel = shown(of("somebody's own loop"), "scalars")
    assert {label.text.rsplit(" ", 1)[0] for label in panel.marks(9)[-1].labels} == {
        "gradient_penalty",
        "feature_matching",
    }
    with pytest.raises(UsageError, match="scalars panel"):
        shown(of("digits"), "scalars")


def test_default_panels_go_by_what_a_recording_holds():
    for kind, expected in {
        "digits": ("samples", "density", "losses", "classes"),
        "never judged": ("samples", "density", "losses", "divergences"),
        "numbers alone": ("losses", "classes"),
        "somebody's own critic": ("samples", "density", "losses", "divergences"),
    }.items():
        view = RecordingView(of(kind))
        assert tuple(panels.usual(view)) == expected
    plane = RecordingView(stand_in_plane.make(2, lattice=30))
    assert panels.default_panels(2, plane.has) == panels.default_panels(2)
    assert not {"samples", "quality", "classes", "responses", "scalars", "discriminator_mean"} & {*panels.names(2)}


@pytest.mark.parametrize(("user", "instead"), [(True, "scalars"), (False, "responses")])
def test_losses_that_nobody_noted_give_way_to_what_was_noted(user, instead):
    recording = make(4, objective=False, user=user, judged=False)
    assert "losses" in panels.usual(RecordingView(recording))
    for name in ("discriminator_loss", "generator_loss"):
        recording.dataset[name].values[:] = np.nan
    assert panels.usual(RecordingView(recording)) == ["samples", "density", instead, "divergences"]
    drawn = shown(recording, "losses")
    assert any("none were noted" in mark.text for mark in find(drawn.background, Text))


def test_what_was_never_noted_is_refused_by_name_alone_before_anything_was_recorded():
    recorded = {str(name) for name in of("digits").dataset.variables}
    assert "a loop of your own" in panels.find("scalars").refusal(recorded.__contains__)


def test_panels_without_what_they_draw_are_refused_with_the_reason():
    with pytest.raises(UsageError, match="samples, which this recording does not hold: it is not of images"):
        shown(stand_in_plane.make(2, lattice=30), "samples")
    with pytest.raises(UsageError, match=r"quality panel draws .*: FD-LeNet and classes are measured of digits alone"):
        shown(of("never judged"), "quality")
    with pytest.raises(UsageError, match=r"record.fields: false .* losses, quality, responses"):
        shown(of("numbers alone"), "density")


def test_images_and_toys_are_not_drawn_side_by_side():
    with pytest.raises(UsageError, match="components"):
        share_scales([RecordingView(of("digits")), RecordingView(stand_in_plane.make(2, lattice=30))])
    share_scales([RecordingView(of("digits")), RecordingView(of("conditional"))])
