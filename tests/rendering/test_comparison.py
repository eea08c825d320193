"""Laws of pictures side by side: equal scales, one clock, and each column its own recording."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from gandyn.core.errors import UsageError
from gandyn.rendering import AnimationOptions, animate
from gandyn.rendering.figures.comparison import Column, Compared, Comparison
from gandyn.rendering.marks.marks import Arrows, Bands, EndLabels, Line, Mesh, Text
from gandyn.rendering.panels import find, names
from gandyn.rendering.theme import THEMES
from rendering.stand_in import make
from rendering.stand_in_plane import make as make_plane

SIZES = [(720, 405), (960, 540), (1280, 720)]


@pytest.fixture(scope="module")
def line():
    """Three recordings on the line that differ in all a scale depends on."""
    return [
        make(steps=40, cells=128, title="First"),
        make(steps=24, cells=96, critic=True, infinite=False, title="Second"),
        make(steps=60, cells=128, wild=True, diverged={0: 50}, title="Third"),
    ]


def cut(recording, low, high):
    """Keep the cells of a recording on the plane from one to another along both axes, and its attributes."""
    recording.dataset = recording.dataset.isel(x=slice(low, high), y=slice(low, high))
    return recording


@pytest.fixture(scope="module")
def plane():
    """Two recordings on the plane that differ in all a scale depends on: window, peak, critic, force."""
    wide = make_plane(steps=12, cells=24, lattice=40, seeds=3, critic=True)
    narrow = cut(make_plane(steps=8, cells=24, lattice=40, modes=4, std=0.4, critic=True, title="Four modes"), 3, 21)
    for name, factor in (("data_density", 3.0), ("force", 0.1), ("discriminator", 5.0)):
        narrow.dataset[name] = narrow.dataset[name] * factor
    return [wide, narrow]


def comparison(recordings, panels=None, size=(960, 540), look="talk-light", **seen):
    columns = tuple(Column(recording) for recording in recordings)
    return Comparison(Compared(columns), panels, size, THEMES[look], **seen)


def columns(page):
    """Return the panels of each column."""
    each = len(page.panels) // len(page.views)
    return [page.panels[k : k + each] for k in range(0, len(page.panels), each)]


def texts(marks):
    return [mark.text for mark in marks if isinstance(mark, Text)]


ALL = ["density", "losses", "divergences"]
SQUARES = ["density", "discriminator", "forces", "lattice"]


@pytest.mark.parametrize("names", [ALL, ["seeds", "divergences"], None])
def test_like_panels_have_like_scales(line, names):
    for one, other in pairwise(columns(comparison(line, names))):
        for panel, twin in zip(one, other, strict=True):
            assert type(panel) is type(twin)
            assert panel.axes.keys() == twin.axes.keys()
            for name, place in panel.axes.items():
                assert place.x == twin.axes[name].x
                # Probabilities and a critic's values have no scale in common.
                if not name.startswith("response") or panel.view.critic == twin.view.critic:
                    assert place.y == twin.axes[name].y
                assert place.height == pytest.approx(twin.axes[name].height)
                assert place.width == pytest.approx(twin.axes[name].width)


def test_like_panels_have_like_scales_on_the_plane(plane):
    one, other = columns(comparison(plane, [*SQUARES, "losses", "divergences"]))
    for panel, twin in zip(one, other, strict=True):
        for name, place in panel.axes.items():
            assert (place.x, place.y) == (twin.axes[name].x, twin.axes[name].y)


def marks_of(page, kind, frame=-1):
    """Return the marks of a kind in each panel of a page."""
    frame = page.frames(20)[frame]
    return [[m for m in panel.marks(page.index(panel.view, frame)) if isinstance(m, kind)] for panel in page.panels]


def test_the_stand_ins_on_the_plane_have_scales_of_their_own(plane):
    for panels in zip(*(columns(comparison([one, one], SQUARES))[0] for one in plane), strict=True):
        places = [panel.axes["plane"] for panel in panels]
        assert places[0].x != places[1].x
    (density, answer), (other, other_answer) = (
        [found[0].levels for found in marks_of(comparison([one, one], ["density", "discriminator"]), Bands)[:2]]
        for one in plane
    )
    assert density != other
    assert answer != other_answer


@pytest.mark.parametrize("name", ["density", "discriminator"])
def test_bands_mean_the_same_in_all_columns(plane, name):
    for frame in (0, 9, -1):
        first, second = marks_of(comparison(plane, [name]), Bands, frame)
        assert first[0].levels == second[0].levels


def test_arrows_of_equal_forces_are_of_equal_length(plane):
    scales = []
    for panel in comparison(plane, ["forces"]).panels:
        place, units = panel.axes["plane"], []
        for step in range(len(panel.view.steps)):
            (arrows,) = (mark for mark in panel.marks(step) if isinstance(mark, Arrows))
            points, force = (panel.view.field(name, step) for name in ("generated", "force"))
            pushed = [force[np.hypot(*(points - at).T).argmin()] for at in zip(arrows.x0, arrows.y0, strict=True)]
            strengths = np.maximum(np.hypot(*np.transpose(pushed)), 1e-12)
            units += list(np.hypot(arrows.x1 - arrows.x0, arrows.y1 - arrows.y0) / strengths)
        # The strongest are cut short: what is left whole has the greatest length for its force.
        scales.append(max(units) * place.width / (place.x.high - place.x.low))
    assert scales[0] == pytest.approx(scales[1], rel=1e-3)


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_drawn_does_not_depend_on_the_order(line, order):
    bare = make(steps=6, cells=64, title="Numbers alone")
    bare.dataset = bare.dataset.drop_vars(["generator_density", "discriminator", "generator_map"])
    given = [line[0], bare][::order]
    assert {panel.name for panel in comparison(given).panels} == {"divergences"}
    with pytest.raises(UsageError, match=r"Numbers alone.*generator_density"):
        comparison(given, ["density"])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "names", [["lattice"], ["density"], None, ["lattice", "modes"], ["lattice", "timeline", "losses"]]
)
def test_squares_take_a_good_part_of_their_column(plane, size, names):
    page = comparison([plane[0], plane[0]], names, size)
    em = page.layout.em
    panels = columns(page)[0]
    place = panels[0].axes["plane"]
    left, bottom, right, top = page._boxes[0]
    trajectories = len(panels) - 1
    assert place.width >= (0.8, 0.55, 0.4)[trajectories] * min(right - left, top - bottom)
    # Only a square as wide as its column leaves height to spare, and all of it below and above.
    if trajectories == 0 and place.width < right - left - 3 * em:
        assert place.height > top - bottom - 4.5 * em


def test_one_legend_and_one_key_explain_all_squares(plane):
    page = comparison([plane[0], plane[0]])
    around = texts(page.background())
    assert around.count("data") >= 1
    assert sum(text.endswith("generated") or text.endswith("generator") for text in around) <= 2
    assert all(panel.key() is None or not any("says" in t for t in texts(panel.background)) for panel in page.panels)


def test_columns_whose_keys_differ_each_have_their_own():
    both = [make_plane(steps=4, cells=24, lattice=40, critic=critic) for critic in (False, True)]
    page = comparison(both, ["discriminator"])
    middle = (page._boxes[0][2] + page._boxes[1][0]) / 2
    found = [mark for mark in page.background() if isinstance(mark, Text) and mark.text in ("1/2", "mean", "0")]
    assert any(mark.x < middle and mark.text == "1/2" for mark in found)
    assert any(mark.x > middle and mark.text in ("mean", "0") for mark in found)
    floor = min(panel.axes["plane"].box[1] for panel in page.panels)
    assert all(mark.y < floor for mark in found)


def test_in_company_the_main_line_is_the_seed_that_the_header_names(plane):
    page = Comparison(Compared((Column(plane[0], seed=2), Column(plane[0], seed=2))), None, (960, 540), THEMES["paper"])
    panel = next(panel for panel in page.panels if panel.name == "divergences")
    number = next(k for k, curve in enumerate(panel.curves) if curve.role == "js")
    assert panel.current(number, 5) == pytest.approx(float(plane[0].dataset["js"].values[2, 5]))


@pytest.mark.parametrize("size", SIZES)
def test_alone_a_median_is_called_one(plane, size):
    from gandyn.rendering.figures.recording_figure import RecordingFigure
    from gandyn.rendering.recording_view import RecordingView

    page = RecordingFigure(RecordingView(plane[0]), ["density", "losses", "divergences"], size, THEMES["talk-light"])
    for panel in page.panels[1:]:
        assert any("median of 3 seeds" in text for text in texts(panel.background))


def test_windows_are_wide_enough_for_all(line):
    narrow = make(steps=10, cells=64)
    narrow.dataset = narrow.dataset.isel(x=slice(10, 40))
    page = comparison([line[0], narrow])
    for panels in columns(page):
        assert panels[0].axes["density"].x.low == pytest.approx(-5.0)
        assert panels[0].axes["density"].x.high == pytest.approx(5.0)


def test_alone_a_recording_keeps_its_own_scales(line):
    from gandyn.rendering.figures.recording_figure import RecordingFigure
    from gandyn.rendering.recording_view import RecordingView

    before = RecordingFigure(RecordingView(line[0]), ALL, (960, 540), THEMES["paper"]).panels[1].axes
    comparison(line)
    assert RecordingFigure(RecordingView(line[0]), ALL, (960, 540), THEMES["paper"]).panels[1].axes == before


def test_all_columns_are_at_the_same_step_and_the_shorter_keep_their_last(line):
    page = comparison(line)
    assert list(page.steps) == list(range(61))
    for frame in page.frames(13):
        step = page.steps[frame]
        for view in page.views:
            assert view.steps[page.index(view, frame)] == min(step, view.last_step)
    ended = texts(page.marks(page.frames(2)[-1]))
    assert any("24" in text and text.startswith("ended at") for text in ended)
    assert any("50" in text and text.startswith("diverged at") for text in ended)
    assert not any("ended" in text or "diverged" in text for text in texts(page.marks(0)))


def test_a_frame_shows_what_a_coarse_recording_had_by_then():
    coarse = make(steps=40, cells=64)
    coarse.dataset = coarse.dataset.isel(step=slice(None, None, 10))
    page = comparison([make(steps=40, cells=64), coarse])
    frame = list(page.steps).index(29)
    assert [int(view.steps[page.index(view, frame)]) for view in page.views] == [29, 20]


def test_frames_are_spread_evenly_in_time(line):
    long, short = make(steps=90, cells=64), make(steps=9, cells=64)
    long.dataset = long.dataset.isel(step=slice(None, None, 10))
    steps = comparison([long, short]).steps
    chosen = steps[comparison([long, short]).frames(10)]
    assert list(chosen) == list(range(0, 91, 10))


def test_columns_stand_in_the_order_given(line):
    for chosen in (line, line[::-1]):
        page = comparison(chosen)
        headings = [mark for mark in page.marks(0) if isinstance(mark, Text) and mark.bold]
        assert [mark.text for mark in headings] == [one.dataset.attrs["title"] for one in chosen]
        assert [mark.x for mark in headings] == sorted(mark.x for mark in headings)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("look", list(THEMES))
def test_every_panel_stays_in_its_column_and_the_picture(line, size, count, look):
    page = comparison([*line, line[0]][:count], ALL, size, look)
    boxes = [panel.slot.box for panel in page.panels]
    for left, bottom, right, top in boxes:
        assert 0 <= left < right <= size[0]
        assert 0 <= bottom < top <= size[1]
    for a, (left, bottom, right, top) in enumerate(boxes):
        for other in boxes[a + 1 :]:
            assert right <= other[0] or other[2] <= left or top <= other[1] or other[3] <= bottom
    for panel in page.panels:
        for place in panel.axes.values():
            assert place.width > 0
            assert place.height > 0


def test_no_label_at_the_end_of_a_curve_leaves_its_column(line):
    page = comparison(line)
    for panel in page.panels:
        for mark in panel.marks(page.index(panel.view, page.frames(2)[-1])):
            if isinstance(mark, EndLabels):
                assert mark.right <= panel.slot.box[2]


def test_a_divergence_that_is_infinite_in_one_is_drawn_skew_in_all(line):
    labels = [{curve.label for curve in panels[-1].curves} for panels in columns(comparison(line[:2]))]
    assert all("KL (skew)" in found or "KL" in found for found in labels)
    assert labels[0] - {"JS ≥"} == labels[1] - {"JS ≥"}
    second = columns(comparison(line[:2]))[1][-1]
    np.testing.assert_array_equal(second.curves[0].values, line[1].dataset["kl_skew"].values)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [2, 3, 4])
def test_what_is_drawn_skew_says_so(line, size, count):
    page = comparison([*line, line[0]][:count], ALL, size)
    for panels in columns(page):
        labels = " ".join(curve.label for curve in panels[-1].curves)
        assert "skew" in labels + " ".join(texts(panels[-1].background))


def test_one_seed_is_named_once_and_different_ones_at_their_columns():
    several = make(steps=6, seeds=3, cells=64)
    same = Comparison(Compared((Column(several, seed=1), Column(several, seed=1))), None, (960, 540), THEMES["paper"])
    assert texts([*same.background(), *same.marks(0)]).count("seed 1") == 1
    mixed = Comparison(Compared((Column(several, seed=0), Column(several, seed=2))), None, (960, 540), THEMES["paper"])
    assert {"seed 0", "seed 2"} <= set(texts(mixed.marks(0)))


@pytest.mark.parametrize("dim", [1, 2])
def test_under_one_legend_no_main_picture_writes_where_the_headings_stand(line, plane, dim):
    recordings = line if dim == 1 else [*plane, plane[0]]
    for name in names(dim):
        if find(name, dim).lead:
            page = comparison(recordings, [name])
            assert all(panel.entries() for panel in page.panels)
            assert {entry.text for entry in page.panels[0].entries()} <= set(texts(page.background()))
            for panel in page.panels:
                top = panel.slot.box[3]
                own = [mark for mark in panel.background if isinstance(mark, Text) and not mark.axes]
                assert not any(top - 1.2 * panel.slot.em < mark.y <= top for mark in own)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_too_few_and_too_many_are_refused(line, count):
    with pytest.raises(UsageError, match="two to 4"):
        comparison((line * 2)[:count])


def test_line_and_plane_do_not_mix(line, plane):
    with pytest.raises(UsageError, match=r"on the line.*on the plane"):
        comparison([line[0], plane[0]])


@pytest.mark.parametrize("suffix", [".gif", ".png", ".svg"])
@pytest.mark.parametrize("kind", ["line", "plane"])
def test_it_is_drawn_as_any_other_picture(request, tmp_path, suffix, kind):
    recordings = request.getfixturevalue(kind)
    options = AnimationOptions(frames=4, size=(480, 270))
    drawn = animate(Compared(tuple(map(Column, recordings))), tmp_path / f"both{suffix}", options)
    assert drawn.bytes > 0
    assert drawn.frames == (4 if suffix == ".gif" else 1)
    if suffix != ".svg":
        with Image.open(drawn.path) as picture:
            assert picture.size == (480, 270)


def test_the_curves_of_a_column_are_its_recordings(line):
    page = comparison(line[:2], ["density"])
    for panel, recording in zip(page.panels, line, strict=False):
        index = page.index(panel.view, 7)
        drawn = [m for m in panel.marks(index) if isinstance(m, Line) and m.role == "generator"]
        peak = panel.axes["density"].y.high
        shown = recording.dataset["generator_density"].values[0, index]
        assert float(np.max(drawn[0].y)) == pytest.approx(min(float(shown.max()), 1.2 * peak), rel=1e-6)


class TestMorph:
    def test_it_begins_at_the_latents_and_ends_at_their_images(self):
        from gandyn.rendering.recording_view import PanelSlot, RecordingView

        recording = make_plane(steps=4, cells=24, lattice=40)
        panel = find("lattice", 2)(RecordingView(recording), PanelSlot((0, 0, 400, 400), 14))
        z = recording.dataset["z1"].values
        mapped = recording.dataset["generator_map"].values[0, -1]
        for t, x, y in ((0.0, z[:, None] + 0 * z, z + 0 * z[:, None]), (1.0, mapped[..., 0], mapped[..., 1])):
            (mesh,) = (mark for mark in panel.morph(4, t) if isinstance(mark, Mesh))
            np.testing.assert_allclose(mesh.x, x, atol=1e-6)
            np.testing.assert_allclose(mesh.y, y, atol=1e-6)

    @pytest.mark.parametrize("made", [make, make_plane])
    def test_without_panels_one_that_can_is_found(self, tmp_path, made):
        drawn = animate(
            made(steps=3), tmp_path / "title.gif", AnimationOptions(story="morph", frames=5, size=(480, 270))
        )
        assert drawn.frames == 5

    def test_panels_that_cannot_are_refused_with_those_that_can(self, tmp_path, plane):
        with pytest.raises(UsageError, match=r"lattice.*not by losses"):
            animate(plane[0], tmp_path / "a.gif", AnimationOptions(story="morph", panels=["losses"]))

    def test_a_latent_that_cannot_be_drawn_is_refused(self, tmp_path):
        with pytest.raises(UsageError, match="latents of as many dimensions"):
            animate(make(steps=2, latent_dim=8), tmp_path / "a.gif", AnimationOptions(story="morph"))

    def test_it_is_told_of_one_recording(self, tmp_path, plane):
        both = Compared(tuple(map(Column, plane)))
        with pytest.raises(UsageError, match="one generator"):
            animate(both, tmp_path / "a.gif", AnimationOptions(story="morph"))

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("made", [make, make_plane])
    def test_it_fills_the_slide_and_says_what_moves(self, made, size):
        from gandyn.rendering.figures.morph import Morph
        from gandyn.rendering.recording_view import RecordingView

        page = Morph(RecordingView(made(steps=3)), None, size, THEMES["talk-light"])
        said = texts(page.background())
        assert "z → G(z)" in said
        assert not [text for text in said if "seed" in text]  # there is but one
        assert not page.panels[0].background
        boxes = [place.box for place in page.panels[0].axes.values()]
        assert max(box[2] for box in boxes) - min(box[0] for box in boxes) > 0.9 * size[0]
        assert max(box[3] for box in boxes) - min(box[1] for box in boxes) > 0.7 * size[1]

    def test_nothing_on_the_way_is_cut_at_the_edge(self):
        from gandyn.rendering.figures.morph import Morph
        from gandyn.rendering.recording_view import RecordingView

        recording = make_plane(steps=4, cells=24, lattice=40)
        page = Morph(RecordingView(recording), None, (960, 540), THEMES["paper"])
        (panel,) = page.panels
        place = panel.axes["plane"]
        for t in (0.0, 0.3, 0.7, 1.0):
            (mesh,) = (mark for mark in panel.morph(4, t) if isinstance(mark, Mesh))
            assert place.x.low < mesh.x.min() < mesh.x.max() < place.x.high
            assert place.y.low < mesh.y.min() < mesh.y.max() < place.y.high


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("made", [make, make_plane])
def test_a_filmstrip_has_title_and_seed(made, count):
    from gandyn.rendering.canvas.sheet import Sheet
    from gandyn.rendering.figures.filmstrip import Filmstrip
    from gandyn.rendering.recording_view import RecordingView

    sheet = Sheet.of_screen(max(300 * count, 400))
    page = Filmstrip(RecordingView(made(steps=8), None), list(range(count)), sheet, THEMES["paper"])
    said = texts(page.background())
    assert any(text.startswith("seed 0") for text in said)
    assert any(page.view.name.startswith(text.rstrip("…")) and len(text) > 5 for text in said)
