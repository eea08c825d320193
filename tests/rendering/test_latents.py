"""Laws of the latents panels: every latent in the tint of the mode it lands in, numbers where there is room, words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gandyn.core.errors import UsageError
from gandyn.rendering import landing
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.marks.marks import Cells, Dots, Line, Text
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import THEMES
from gandyn.rendering.tints import assigned
from rendering import stand_in
from rendering.planes import ROOM, find, of, shown
from rendering.stand_in_plane import _map, make


def cells(panel, step):
    (found,) = find(panel.marks(step), Cells)
    return found


def test_a_map_is_made_fine_where_it_is_smooth():
    z = np.linspace(-3, 3, 25)
    weights = landing.between(z, 300)
    edges = np.linspace(-3, 3, 301)
    fine = (edges[1:] + edges[:-1]) / 2
    assert np.allclose(weights.sum(axis=1), 1.0)
    assert np.abs(weights @ np.sin(2 * z) - np.sin(2 * fine)).max() < 2e-3
    assert np.allclose(landing.between(z[:2], 4) @ z[:2], [-2.96875, -2.90625, -2.84375, -2.78125])


def test_every_latent_is_in_the_tint_of_its_nearest_mode_and_striped_beyond_three_stds():
    recording = of("one seed")
    panel = shown(recording, "latents")
    mark = cells(panel, 12)
    columns, rows = mark.values.shape
    at = [-3 + 6 * (np.arange(count) + 0.5) / count for count in (columns, rows)]
    images = _map(np.stack(np.meshgrid(*at, indexing="ij"), axis=-1), 1.0, 0, 8)
    away = np.linalg.norm(images[:, :, None] - recording.dataset["mode_position"].values, axis=-1)
    tints = assigned(recording.dataset["mode_position"].values, landing.TINTS)
    inside = away.min(axis=-1) <= 3 * 0.15
    right = np.where(inside, mark.values == tints[away.argmin(axis=-1)], ~(mark.values >= 1))
    assert right.mean() > 0.97
    assert 0.05 < inside.mean() < 0.95
    stripes = mark.values[~(mark.values >= 1)]
    assert 0.25 < (stripes == 0).mean() < 0.45
    assert mark.fills[0][0] == "muted"
    assert [role for role, _ in mark.fills[1:]] == [f"tint {k}" for k in range(1, 9)]


def test_numbers_stand_in_regions_of_their_mode_once_in_each_and_the_stripes_are_explained():
    panel = shown(of("one seed"), "latents")
    mark = cells(panel, 12)
    numbers = [one for one in find(panel.marks(12), Text) if one.text.isdigit()]
    assert {one.text for one in numbers} == {str(k) for k in range(1, 9)}
    for one in numbers:
        column, row = (int((at + 3) / 6 * count) for at, count in zip((one.x, one.y), mark.values.shape, strict=True))
        assert mark.values[column, row] == int(one.text)
    places = [panel.place.pixels(one.x, one.y) for one in numbers]
    gaps = [np.hypot(a[0] - b[0], a[1] - b[1]) for k, a in enumerate(places) for b in places[:k]]
    assert min(gaps) > ROOM.em
    said = [one.text for one in find(panel.marks(12), Text) if "striped" in one.text]
    quality = of("one seed").scalars("high_quality_fraction")[0, 12]
    assert said == [f"striped: in no mode, {100 * (1 - quality):.0f} % of the samples"]


def test_a_region_too_small_for_its_number_has_none():
    inside = np.zeros((40, 40), dtype=int)
    inside[20:23, 20:23] = 1
    assert [(mode, depth > 5) for mode, _, _, depth in landing.regions(inside)] == [(0, True), (1, False)]
    two = np.where(np.abs(np.arange(40) - 19.5)[:, None] > 8, 0, landing.NOWHERE) + np.zeros((40, 40), dtype=int)
    assert [mode for mode, *_ in landing.regions(two)] == [0, 0]


def test_a_collapsed_generator_is_one_region():
    mark = cells(shown(of("collapsed"), "latents"), 12)
    assert set(np.unique(mark.values)) == {1.0}


def test_more_modes_than_tints_share_them_far_apart():
    places = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0), indexing="ij"), axis=-1).reshape(-1, 2)
    tints = assigned(places, 8)
    assert set(tints) == set(range(1, 9))
    away = np.linalg.norm(places[:, None] - places, axis=-1)
    same = (tints[:, None] == tints) & (away > 0)
    assert away[same].min() > 1.9
    assert tints[:8].tolist() == list(range(1, 9))


def test_numbers_on_the_map_beside_it_stand_on_discs_of_the_tints():
    picture = RecordingFigure(RecordingView(of("one seed")), ["density", "latents"], (960, 540), THEMES["talk-light"])
    beside = picture.panels[0].marks(12)
    discs = [one for one in find(beside, Dots) if one.role.startswith("tint")]
    numbers = [one for one in find(beside, Text) if one.text.isdigit()]
    assert [(d.role, float(d.x[0]), float(d.y[0])) for d in discs] == [(f"tint {n.text}", n.x, n.y) for n in numbers]
    assert len(discs) == 8
    plain = shown(of("one seed"), "density", replace(ROOM, numbered=True)).marks(12)
    assert not [one for one in find(plain, Dots) if one.role.startswith("tint")]


@pytest.mark.parametrize("name", THEMES)
def test_tints_are_told_apart_and_carry_the_ink(name):
    look = THEMES[name]
    colours = np.array([look.style(f"tint {k}").rgb for k in range(1, landing.TINTS + 1)] + [_rgb(look.background)])
    ink = _linear(np.array(look.style("ink").rgb)) @ (0.2126, 0.7152, 0.0722)
    luminance = _linear(colours[:-1]) @ (0.2126, 0.7152, 0.0722)
    assert ((np.maximum(luminance, ink) + 0.05) / (np.minimum(luminance, ink) + 0.05)).min() > 3.0
    for sight, matrix in _SIGHTS.items():
        seen = _lab(_linear(colours) @ matrix.T)
        apart = np.linalg.norm(seen[:, None] - seen, axis=-1) + 100 * np.eye(len(seen))
        # Discs are compared with areas far from them, so for most people they differ by more than what is side by side.
        assert apart.min() > (30 if sight == "normal" else 20)


def test_data_without_modes_and_latents_of_other_dimensions_are_refused():
    bare = make(0, cells=24, lattice=40)
    bare.dataset = bare.dataset.drop_vars(["mode_mass"])
    with pytest.raises(UsageError, match=r"the latents panel .*its data have no modes"):
        shown(bare, "latents")
    with pytest.raises(UsageError, match=r"the latents panel .*latents are of other dimensions than its data"):
        shown(of("latent of three dimensions"), "latents")


def test_a_seed_that_diverged_says_so_and_shows_nothing():
    assert [one.text for one in shown(of("diverged at once"), "latents").marks(5)] == ["diverged at step 0"]
    recording = stand_in.make(4, cells=64, diverged={0: 2})
    assert [one.text for one in shown(recording, "latents").marks(4)] == ["diverged at step 2"]


def test_on_the_line_columns_are_in_the_tint_of_the_mode_the_graph_is_at():
    recording = stand_in.make(20, cells=64)
    panel = shown(recording, "latents")
    mark, (graph,) = cells(panel, 20), find(panel.marks(20), Line, "generator")
    tint = mark.values[:, 0]
    assert len(tint) == len(graph.x)
    second = tint == 2
    assert second.any()
    assert (np.abs(graph.y[second] - 2.0) <= 1.5).all()
    assert (np.abs(np.abs(graph.y[~(tint >= 1)]) - 2.0) >= 1.49).all()
    assert [one.y[0] for one in find(panel.marks(20), Line, "data")] == [-2.0, 2.0]
    written = {one.text for one in find(panel.background, Text, "data")}
    assert written == {"1", "2"}
    for one in [one for one in find(panel.marks(20), Text) if one.text.isdigit()]:
        place = panel.axes["latents"]
        column = int((one.x - place.box[0]) / place.width * len(tint))
        assert tint[column] == int(one.text)


def _rgb(color):
    return tuple(int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))


def _linear(colours):
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def _lab(linear):
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    )
    xyz = np.clip(linear, 0, 1) @ to_xyz.T / (0.95047, 1.0, 1.08883)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


# Of linear red, green and blue: Machado, Oliveira and Fernandes, 2009, severity 1.
_SIGHTS = {
    "normal": np.eye(3),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
