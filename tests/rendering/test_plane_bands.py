"""Laws of fields drawn in bands: levels that are true, mass that is seen, keys that say what bands mean."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backend_bases import GraphicsContextBase

from gandyn.rendering import AnimationOptions, animate
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.canvas.vectors import VectorCanvas
from gandyn.rendering.density_levels import density_levels
from gandyn.rendering.fields import band_colors, blend_bands, isolines, smooth, spline
from gandyn.rendering.marks.guides import Key, key
from gandyn.rendering.marks.marks import Area, Axes, Bands, Scale, Text
from gandyn.rendering.recording_view import RecordingView, share_scales
from gandyn.rendering.theme import THEMES
from rendering.planes import ROOM, SMALL, find, of, shown
from rendering.stand_in_plane import make


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
    views = [RecordingView(one) for one in (wide, narrow)]
    alone = density_levels(views[1], lambda one: [0])
    share_scales(views)
    first, second = (density_levels(one, lambda one: [0]) for one in views)
    assert first == second
    assert first.parts[0] * first.top <= 1e-3 < alone.parts[0] * alone.top


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
        drawn, kept = (np.asarray(picture.convert("RGB"), dtype=int) for picture in (still, film))
    away = np.abs(kept - drawn).max(axis=-1)
    # Bands are areas of one colour; the edges of letters share what colours are left.
    area = np.ones_like(away, dtype=bool)
    for axis in (0, 1):
        for shift in (-1, 1):
            area &= (np.roll(drawn, shift, axis) == drawn).all(axis=-1)
    assert area.mean() > 0.5
    assert away[area].max() <= 8
    assert (away > 24).mean() < 0.001
