"""Laws of the picture for a talk: its main picture is large, and numbers, dots and notes are those of the step."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gandyn.core.errors import UsageError
from gandyn.rendering.figures.comparison import Column, Compared
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.figures.talk_comparison import TalkComparison
from gandyn.rendering.marks.marks import Area, Dots, Line, Mark, Text
from gandyn.rendering.notes import Notes
from gandyn.rendering.panels import find, spoken
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.seeds_shown import seeds_shown
from gandyn.rendering.theme import THEMES
from rendering import shipped, stand_in, stand_in_images, stand_in_plane
from rendering.planes import of
from rendering.written import drawn, written

LIGHT = THEMES["talk-light"]
WIDE, HIGH = (1280, 720), (960, 720)

# Parts of the area that main pictures take, as measured over all shipped scenarios:
#                       16:9          4:3           16:9, large type
#   on the line         0.60          0.45 .. 0.59  0.46 .. 0.51
#   squares             0.51          0.31          0.36 .. 0.47
#   wide windows        0.41 .. 0.50  0.39 .. 0.48  0.35 .. 0.49
#   images              0.54          0.32 .. 0.37  0.33 .. 0.44
#   two to four abreast 0.26 .. 0.52  -             -
LINE, SQUARE, OTHER_SHAPE, LARGE_TYPE, ABREAST = 0.6, 0.5, 0.4, 0.3, 0.25
"""Parts of the area that main pictures take at least."""


@pytest.fixture(scope="module")
def line() -> stand_in.StandIn:
    """Fifty-one recorded steps, two apart."""
    made = stand_in.make(steps=50, cells=64)
    made.dataset = made.dataset.assign_coords(step=2 * made.dataset["step"])
    return made


@pytest.fixture(scope="module")
def ring() -> stand_in.StandIn:
    """Seven recorded steps of eight modes."""
    return stand_in_plane.make(steps=6, cells=24, lattice=40)


def figure(recording, names=None, size=WIDE, big=False, **more) -> TalkFigure:
    view = RecordingView(recording)
    return TalkFigure(view, names or spoken(view), size, LIGHT, big, **more)


def named(page: Figure, name: str) -> Panel:
    return next(panel for panel in page.panels if panel.name == name)


def part(boxes, size) -> float:
    return sum((box[2] - box[0]) * (box[3] - box[1]) for box in boxes) / (size[0] * size[1])


def of_kind(marks: list[Mark], kind: type) -> list:
    return [mark for mark in marks if isinstance(mark, kind)]


def outline(marks):
    """Return the heights of the bars that an outline draws, by the place of each."""
    if not marks:
        return {}
    (mark,) = marks
    middles, highs = mark.x.reshape(-1, 4).mean(axis=1), mark.high.reshape(-1, 4)[:, 1]
    return {round(float(x) - 0.5): float(high) for x, high in zip(middles, highs, strict=True) if high > 0}


@pytest.mark.parametrize("name", shipped.FILES)
def test_the_main_picture_takes_most_of_the_area_and_numbers_are_few(name) -> None:
    recording = shipped.recording(name)
    view = RecordingView(recording)
    page = figure(recording)
    square = page.panels[0].square
    least = LINE if not square else SQUARE if 0.8 < view.aspect < 1.25 else OTHER_SHAPE
    assert part(page.places.heroes, WIDE) >= least - 0.005
    for size, big in ((WIDE, True), (HIGH, False)):
        assert part(figure(recording, size=size, big=big).places.heroes, size) >= LARGE_TYPE
    assert 1 <= len(page.places.sides) <= 2
    assert len(page.panels) == len(page.places.heroes) + len(page.places.sides)
    boxes = [*page.places.heroes, *page.places.sides]
    for number, (left, bottom, right, top) in enumerate(boxes):
        assert 0 <= left < right <= WIDE[0]
        assert 0 <= bottom < top <= WIDE[1]
        for other in boxes[:number]:
            assert right <= other[0] or other[2] <= left or top <= other[1] or other[3] <= bottom


def test_a_picture_is_the_same_at_every_size(ring) -> None:
    small, large = (figure(ring, size=size).places for size in ((960, 540), (1920, 1080)))
    assert np.allclose(2.0 * np.array(small.heroes), np.array(large.heroes), atol=4.0)


@pytest.mark.parametrize("names", [["density", "losses", "divergences", "distance"], ["density", "map", "lattice"]])
def test_more_panels_than_a_talk_shows_are_refused(ring, names) -> None:
    with pytest.raises(UsageError, match="layout: lab shows up to nine"):
        figure(ring, names)


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("name", ["two_modes", "ring", "two_moons", "mnist_dcgan"])
def test_pictures_side_by_side_are_of_one_size_and_take_a_good_part(name, count) -> None:
    columns = tuple(Column(shipped.recording(name), f"heading {number}") for number in range(count))
    page = TalkComparison(Compared(columns, "A title", "A caption"), None, WIDE, LIGHT)
    boxes = np.array(page.places.boxes)
    assert part(boxes, WIDE) >= ABREAST
    assert np.allclose(boxes[:, 2] - boxes[:, 0], boxes[0, 2] - boxes[0, 0])
    assert np.allclose(boxes[:, 1::2], boxes[0, 1::2])
    assert (boxes[1:, 0] > boxes[:-1, 2]).all()


@pytest.mark.parametrize("index", [0, 1, 17, 50])
def test_dot_and_headline_are_those_of_the_step_and_the_whole_course_is_there_from_the_first(line, index) -> None:
    page = figure(line)
    panel = named(page, "distance")
    values, steps = line.dataset["js"].values[0], line.steps()
    (dot,) = of_kind(panel.marks(index), Dots)
    assert (dot.x[0], dot.y[0]) == (steps[index], values[index])
    (text,) = of_kind(panel.marks(index), Text)
    assert float(text.text.removeprefix("distance ")) == pytest.approx(values[index], abs=0.005)
    (solid,) = of_kind(panel.marks(index), Line)
    assert (solid.x[-1], solid.y[-1]) == (steps[index], values[index])
    (faint,) = (mark for mark in of_kind(panel.background, Line) if mark.opacity < 0.5 and mark.role == "js")
    assert (faint.x[0], faint.x[-1]) == (steps[0], steps[-1])
    assert np.isin(faint.y, values).all()
    assert (panel.axes["distance"].x.low, panel.axes["distance"].x.high) == (steps[0], steps[-1])
    (shown,) = [one.text for one in written(page, index) if one.text.startswith("step ")]
    assert shown.split() == ["step", f"{steps[index]:,}"]


@pytest.mark.parametrize("index", [0, 3, 6])
def test_modes_found_and_their_bars_are_the_recorded_ones(ring, index) -> None:
    panel = named(figure(ring), "modes_found")
    mass = ring.dataset["mode_mass"].values[0, index]
    found = (mass >= ring.dataset["mode_weight"].values / 4).sum()
    texts = [mark.text for mark in of_kind(panel.marks(index), Text)]
    assert texts[0] == f"{found:.0f} of 8 modes"
    share = ring.dataset["high_quality_fraction"].values[0, index]
    assert float(texts[1].split(" %")[0].lstrip("<> ")) == pytest.approx(100 * share, abs=1.0)
    bars = outline(of_kind(panel.marks(index), Area))
    assert bars == pytest.approx({mode: one for mode, one in enumerate(mass) if one > 0})


def test_distance_from_real_images_is_read_off_the_line_between_measurements() -> None:
    images = stand_in_images.make(steps=12, every=4)
    panel = named(figure(images), "image_distance")
    values, steps = images.dataset["frechet_distance"].values[0], images.steps()
    for index, before, after in ((0, 0, 0), (1, 0, 4), (2, 0, 4), (4, 4, 4), (11, 8, 12), (12, 12, 12)):
        part = (index - before) / max(after - before, 1)
        there = values[before] ** (1 - part) * values[after] ** part
        (dot,) = of_kind(panel.marks(index), Dots)
        assert (dot.x[0], dot.y[0]) == pytest.approx((steps[index], there))
        (text,) = of_kind(panel.marks(index), Text)
        assert float(text.text.removeprefix("distance ")) == pytest.approx(there, rel=0.02)
    measured = of_kind(panel.background, Dots)
    assert [(mark.x.tolist(), mark.y.tolist()) for mark in measured] == [(steps[::4].tolist(), values[::4].tolist())]


def test_distance_from_real_images_stays_where_it_was_measured_last() -> None:
    images = stand_in_images.make(steps=12, every=4)
    images.dataset["frechet_distance"].values[0, 9:] = np.nan
    panel = named(figure(images), "image_distance")
    for index in (8, 9, 12):
        (dot,) = of_kind(panel.marks(index), Dots)
        assert dot.x[0] == images.steps()[8]


def test_the_axis_of_image_distance_ends_at_real_images_and_has_the_first_value() -> None:
    images = stand_in_images.make(steps=12, every=4)
    for scale, log in ((1.0, True), (0.02, False)):
        made = images.dataset.copy(deep=True)
        made["frechet_distance"].values[:] = 1.7 + scale * (made["frechet_distance"].values - 1.7)
        panel = named(figure(stand_in.StandIn(made, images.objective)), "image_distance")
        axis = panel.axes["image_distance"].y
        assert (axis.low, axis.log) == (1.6, log)
        ticks = {mark.text: mark.y for mark in of_kind(panel.background, Text) if mark.align == "right"}
        place = panel.axes["image_distance"]
        assert ticks["as good as real"] == pytest.approx(place.box[1])
        first = float(made["frechet_distance"].values[0, 0])
        assert any(
            _number(text) == pytest.approx(first, rel=0.01) and y == pytest.approx(place.pixels(0, first)[1])
            for text, y in ticks.items()
        )


def found_of(histogram, precision: float, recall: float) -> str:
    images = stand_in_images.make(steps=1, every=1)
    for name, value in (("class_histogram", histogram), ("precision", precision), ("recall", recall)):
        images.dataset[name].values[0, 1] = value
    texts = of_kind(named(figure(images), "classes_found").marks(1), Text)
    return next(mark.text for mark in texts if mark.text.endswith("digits"))


def test_digits_are_found_only_among_images_that_look_real() -> None:
    real = stand_in_images.make(steps=1, every=1).dataset["data_class_histogram"].values
    assert found_of(np.eye(10)[0], 0.0, 0.0) == "0 of 10 digits"  # blank images, all taken for one digit
    assert found_of(real, 0.8, 0.0) == "0 of 10 digits"  # blurs, which lie in the midst of the real digits
    assert found_of(real, 0.0, 0.9) == "0 of 10 digits"  # images scattered everywhere
    assert found_of(real, 0.24, 0.9) == "0 of 10 digits"
    assert found_of(real, 0.9, 0.26) == "10 of 10 digits"
    rare = real * np.where(np.arange(10) < 3, 0.4, 1.0)
    assert (found_of(rare, 0.5, 0.5), found_of(rare, 0.7, 0.7)) == ("7 of 10 digits", "10 of 10 digits")


@pytest.mark.parametrize(("index", "measured"), [(0, 0), (3, 0), (4, 4), (11, 8), (12, 12)])
def test_bars_of_digits_are_those_measured_last_and_say_of_which_step(index, measured) -> None:
    images = stand_in_images.make(steps=12, every=4)
    panel = named(figure(images), "classes_found")
    rows = {name: images.dataset[name].values[0, measured] for name in ("class_histogram", "precision", "recall")}
    shares = rows["class_histogram"] * min(rows["precision"], rows["recall"])
    marks = panel.marks(index)
    bars = outline(of_kind(marks, Area))
    assert bars == pytest.approx({digit: one for digit, one in enumerate(shares) if one > 0})
    found, when = (mark.text for mark in of_kind(marks, Text))
    assert found == f"{(shares >= 0.25 * images.dataset['data_class_histogram'].values).sum()} of 10 digits"
    assert when == f"as of step {images.steps()[measured]}"


@pytest.mark.parametrize("size", [(720, 405), (960, 540), WIDE])
def test_every_bar_has_its_digit_under_it(size) -> None:
    panel = named(figure(stand_in_images.make(steps=1, every=1), size=size), "classes_found")
    digits = [mark for mark in of_kind(panel.background, Text) if mark.text.isdigit()]
    assert [(mark.text, mark.x) for mark in digits] == [(str(digit), digit + 0.5) for digit in range(10)]
    assert all(mark.size == 1.0 and mark.y == 0 and mark.valign == "top" for mark in digits)


@pytest.mark.parametrize("frame", [0, 20, 50])
def test_a_shared_course_has_a_dot_and_a_value_for_each_recording(line, frame) -> None:
    short = stand_in.make(steps=30, cells=64, title="Short")
    page = TalkComparison(Compared((Column(line), Column(short))), None, WIDE, LIGHT)
    frame = page.frame_at(frame)
    step, place = page.steps[frame], page.shared.place
    dots = [mark for mark, axes in drawn(page, frame) if isinstance(mark, Dots) and mark.halo and not axes]
    values = [mark.text for mark, axes in drawn(page, frame) if isinstance(mark, Text) and mark.align == "right"]
    for dot, recording in zip(dots, (line, short), strict=True):
        index = np.flatnonzero(recording.steps() <= step)[-1]
        value = recording.dataset["js"].values[0, index]
        x, y = place.pixels(recording.steps()[index], value)
        assert (dot.x[0], dot.y[0]) == pytest.approx((float(x), float(y)))
        assert any(_number(text) == pytest.approx(value, abs=0.005) for text in values)
    faint = [mark for mark in page.shared.background if isinstance(mark, Line) and mark.opacity < 0.5]
    ends = [float(place.pixels(recording.steps()[-1], 0)[0]) for recording in (line, short)]
    assert [mark.x[-1] for mark in faint] == pytest.approx(ends)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def test_notes_come_at_their_steps_and_stay_until_the_next(line) -> None:
    page = figure(line, captions=("first", "then", "at last"))
    page.notes = Notes({0: "first", 30: "then", "end": "at last"}, *page.clock)
    said = {index: {one.text for one in written(page, index)} for index in (0, 14, 15, 49, 50)}
    caption = line.dataset.attrs["caption"]
    for index, note in ((0, "first"), (14, "first"), (15, "then"), (49, "then"), (50, "at last")):
        assert said[index] & {"first", "then", "at last", caption} == {note}
    page.notes = Notes({20: "then"}, *page.clock)
    assert caption in {one.text for one in written(page, 9)}
    assert caption not in {one.text for one in written(page, 10)}


def test_the_main_picture_moves_and_its_frame_does_not(line) -> None:
    panel = figure(line).panels[0]
    before = {key: place.box for key, place in panel.axes.items()}
    curves = [of_kind(panel.marks(index), Line)[-1].y for index in (0, 50)]
    assert not np.array_equal(*curves)
    assert {key: place.box for key, place in panel.axes.items()} == before


def test_which_seeds_are_shown_has_a_row_of_its_own_where_nothing_else_is_said() -> None:
    bare = of("many seeds")
    bare.dataset = bare.dataset.assign_attrs(caption="")
    page = TalkFigure(RecordingView(bare), ["seeds"], WIDE, LIGHT)
    lines = [mark for mark in (*page.background(), *page.marks(0)) if isinstance(mark, Text)]
    (seeds,) = [mark for mark in lines if mark.text == "5 seeds"]
    assert all(abs(mark.y - seeds.y) > page.layout.em for mark in lines if mark is not seeds and mark.align == "right")


def test_of_many_seeds_the_large_number_says_whose_it_is():
    view = RecordingView(stand_in.make(4, seeds=3), None)
    for names, said in {
        ("seeds", "distance"): f"large numbers: seed {view.seed}",
        ("seeds", "losses"): f"seed {view.seed} in bold",
    }.items():
        assert seeds_shown([find(name, 1) for name in names], view).endswith(said)


def test_where_dots_of_recordings_lie_on_each_other_every_one_of_them_is_seen(line) -> None:
    same = stand_in.make(steps=50, cells=64, title="The same")
    page = TalkComparison(Compared((Column(line), Column(same), Column(line))), None, WIDE, LIGHT)
    dots = [mark for mark in page.shared.marks(0) if isinstance(mark, Dots)]
    assert len({(float(dot.x[0]), float(dot.y[0])) for dot in dots}) == 1
    for under, over in itertools.pairwise(dots):
        assert under.radius >= over.radius + over.halo + 0.1


def test_beside_a_critic_the_legend_has_a_word_for_either() -> None:
    both = Compared((Column(stand_in.make(4, cells=64)), Column(stand_in.make(4, cells=64, critic=True))))
    page = TalkComparison(both, ["density", "distance"], (1920, 1080), LIGHT)
    said = [mark.text for mark in page.background() if isinstance(mark, Text) and mark.role == "discriminator"]
    assert said == ["discriminator: “how real?”", "critic’s score"]
