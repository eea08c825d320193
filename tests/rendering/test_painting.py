"""End labels do not collide, curves are thinned faithfully, layouts do not overlap."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gandyn.rendering import panels
from gandyn.rendering.canvas.painter import leaders, place_labels
from gandyn.rendering.canvas.typeface import ellipsize, measure
from gandyn.rendering.curves import History, band, thin
from gandyn.rendering.layout.layout import arrange, base_font
from gandyn.rendering.marks.marks import Axes, EndLabel, EndLabels, Scale
from gandyn.rendering.marks.polylines import dashed

EM = 14.0
AXES = Axes((50.0, 40.0, 250.0, 240.0), Scale(0, 100), Scale(0, 1))


@given(
    st.lists(st.tuples(st.floats(-0.5, 1.5), st.integers(0, 2)), min_size=1, max_size=9),
    st.floats(0, 100),
)
def test_end_labels_never_touch_and_never_leave_the_picture(ends, step):
    labels = tuple(EndLabel("js", step, y, f"KL (skew) {y:.2f}", ("0.4 % of the data",) * notes) for y, notes in ends)
    placed = place_labels(EndLabels("a", 380.0, labels), AXES, EM)
    assert placed
    for one, other in itertools.combinations(placed, 2):
        assert abs(one.y - other.y) >= 1.1 * EM
    for one in placed:
        assert one.x + measure(one.text, EM, one.bold) <= 380.5
        assert 40 - EM <= one.y <= 240 + EM


@given(st.lists(st.floats(0.1, 0.9), min_size=1, max_size=6))
def test_labels_with_room_between_them_stay_where_they_are(heights):
    heights = sorted(heights)
    if any(b - a < 0.12 for a, b in itertools.pairwise(heights)):
        return
    labels = tuple(EndLabel("js", 50, y, "JS") for y in heights)
    placed = place_labels(EndLabels("a", 380.0, labels), AXES, EM)
    assert sorted(p.y for p in placed) == pytest.approx([40 + 200 * y for y in heights])


def test_labels_keep_the_order_of_their_curves():
    labels = tuple(EndLabel("js", 50, y, str(k)) for k, y in enumerate((0.50, 0.52, 0.49, 0.51)))
    placed = place_labels(EndLabels("a", 380.0, labels), AXES, EM)
    assert [p.text for p in sorted(placed, key=lambda p: p.y)] == ["2", "0", "3", "1"]


def test_a_leader_goes_from_a_curves_end_to_a_label_pushed_more_than_its_height():
    heights = (0.50, 0.51, 0.52, 0.53, 0.54, 0.9)
    labels = EndLabels("a", 380.0, tuple(EndLabel(str(k), 50, y, "JS") for k, y in enumerate(heights)))
    placed = place_labels(labels, AXES, EM)
    drawn = dict(leaders(placed, AXES, EM))
    assert set(drawn) == {one.role for one in placed if abs(one.y - one.anchor[1]) > 1.16 * EM}
    assert {"0", "4"} <= set(drawn)
    assert not {"2", "5"} & set(drawn)
    for one in placed:
        if one.role in drawn:
            assert tuple(drawn[one.role][0]) == one.anchor
            assert drawn[one.role][1][1] == one.y


@given(st.integers(1, 3000), st.integers(1, 200), st.integers(0, 10**6))
def test_thinning_keeps_extremes_and_at_most_two_points_a_pixel(points, columns, seed):
    y = np.random.default_rng(seed).standard_normal(points)
    x, short = thin(np.arange(points, dtype=float), y, columns)
    assert len(x) == len(short) <= max(2 * columns, points if points <= 2 * columns else 0)
    assert (short.min(), short.max()) == (y.min(), y.max())
    assert (np.diff(x) >= 0).all()


@pytest.mark.parametrize("steps", [1, 2, 50, 5000])
def test_a_history_never_looks_ahead_and_ends_at_the_present(steps):
    rng = np.random.default_rng(0)
    values = rng.standard_normal(steps)
    values[steps // 3 : steps // 2] = np.nan
    history = History(np.arange(steps), values, 100)
    for index in {0, steps // 3, steps // 2, steps - 1}:
        later = values.copy()
        later[index + 1 :] = 1e9
        other = History(np.arange(steps), later, 100)
        for get in ("until", "mean", "extremes"):
            here, there = getattr(history, get)(index), getattr(other, get)(index)
            for a, b in zip(here, there, strict=True):
                assert np.allclose(a, b, equal_nan=True, atol=1e-5)
            assert len(here[0]) <= 2 * 100 + 3
            assert here[0][-1] == index


def test_bands_are_quantiles_of_the_seeds_still_going():
    values = np.random.default_rng(1).standard_normal((9, 40))
    values[3, 20:] = np.nan
    values[:, 35] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = np.nanquantile(values, [0.1, 0.5, 0.9], axis=0)
    assert np.allclose(band(values, (0.1, 0.5, 0.9)), expected, equal_nan=True)


@given(st.floats(0, 30), st.floats(20, 300))
def test_dashes_lie_on_the_line_and_stay_put_as_it_grows(start, length):
    x = np.linspace(start, start + length, 57)
    points = np.column_stack([x, 0.3 * x])
    path = dashed(points, [6.0, 4.0])
    if len(path.vertices):
        at = path.vertices[:, 0]
        assert np.allclose(path.vertices[:, 1], np.interp(at, x, points[:, 1]))
        # Pieces begin at multiples of the period, but for one the line itself cuts.
        begins = at[path.codes == path.MOVETO][:-1]
        assert all(b == x[0] or np.isclose(b % 10, 0) or np.isclose(b % 10, 10) for b in begins)
    longer = dashed(np.vstack([points, [x[-1] + 200, 500.0]]), [6.0, 4.0]).vertices
    whole = path.vertices[path.vertices[:, 0] < 10 * (x[-1] // 10)]
    assert np.allclose(longer[: len(whole)], whole)


@given(st.floats(0.1, 80), st.floats(0, 400))
def test_a_steep_curve_is_dashed_as_closely_as_a_level_one(width, height):
    x = np.linspace(0, 200, 401)
    points = np.column_stack([x, height / (1 + np.exp(np.clip((100 - x) / width, -99, 99)))])
    path = dashed(points, [6.0, 4.0])
    travelled = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.interp(path.vertices[:, 0], x, travelled)
    starts = np.flatnonzero(path.codes == path.MOVETO)
    gaps = at[starts[1:]] - at[starts[1:] - 1]
    assert gaps.max() <= 1.5 * 4.0 + 1e-6
    assert gaps.min() >= 4.0 / 1.5


COMBINATIONS = [
    ["density"], ["losses"], ["divergences"], ["seeds"], ["density", "losses", "divergences"], ["density", "losses"],
    ["seeds", "divergences"], ["losses", "divergences"], ["density", "seeds"], ["seeds", "losses", "divergences"],
    ["density", "seeds", "losses", "divergences"],
]  # fmt: skip


@pytest.mark.parametrize(
    "size", [(960, 540), (1280, 480), (1280, 720), (640, 360), (1920, 1080), (320, 180), (600, 900)]
)
@pytest.mark.parametrize("names", COMBINATIONS, ids="+".join)
def test_panels_lie_inside_the_picture_and_apart(size, names):
    layout = arrange([panels.find(name) for name in names], size)
    for slot in layout.slots:
        assert 0 <= slot.box[0] < slot.box[2] <= size[0]
        assert 0 <= slot.box[1] < slot.box[3] <= layout.header[1]
    for a, b in itertools.combinations([slot.box for slot in layout.slots], 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_text_is_18_pixels_on_a_slide_and_never_out_of_proportion_small():
    assert base_font((1280, 720)) == 18
    assert base_font((640, 360)) > 9
    assert base_font((2560, 1440)) == 36


def test_long_titles_end_in_an_ellipsis():
    text = ellipsize("A very long title that will not fit in any case", 200, 20.0)
    assert text.endswith("…")
    assert measure(text, 20.0) <= 200
    assert ellipsize("short", 200, 20.0) == "short"
