"""The lab layout as it is read: axes that end where training ends, captions whole, headers that say which seeds."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from gandyn.rendering import panels
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.figures.comparison import Column, Compared, Comparison
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.layout.layout import base_font
from gandyn.rendering.marks.marks import Arrows, Axes, Bands, Dots, Line, Scale, Text
from gandyn.rendering.notes import Notes
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.step_axis import step_axis
from gandyn.rendering.theme import THEMES
from rendering import stand_in_images
from rendering.conftest import recording_of
from rendering.planes import KINDS, ROOM, SMALL, find, of, shown
from rendering.stand_in_plane import make

LIGHT = THEMES["talk-light"]


@pytest.mark.parametrize("width", [60.0, 120.0, 300.0, 900.0])
@pytest.mark.parametrize(("first", "last"), [(0, 1500), (0, 2000), (0, 7), (250, 12345), (0, 1_000_000)])
def test_the_last_step_is_always_written_and_numbers_stand_apart(width, first, last):
    axes = Axes((50.0, 40.0, 50.0 + width, 140.0), Scale(first, last), Scale(0, 1))
    texts = find(step_axis(axes, first, last, 14.0), Text)
    (end,) = [text for text in texts if text.text.endswith(" steps")]
    assert end.text == f"{last:,} steps"
    assert (end.x, end.align) == (50.0 + width, "right")
    spans = []
    for text in texts:
        wide = measure(text.text, 14.0)
        left = text.x - {"left": 0.0, "center": 0.5, "right": 1.0}[text.align] * wide
        spans.append((left, left + wide))
    spans.sort()
    assert all(one[1] + 0.7 * 14.0 <= other[0] for one, other in itertools.pairwise(spans))
    if width >= 300 and last < 1e5:
        assert f"{first:,}" in {text.text for text in texts}
        assert len(texts) >= 3


def test_a_single_step_is_named_and_without_numbers_there_are_ticks_alone():
    axes = Axes((0.0, 40.0, 300.0, 140.0), Scale(0, 1), Scale(0, 1))
    assert [text.text for text in find(step_axis(axes, 0, 0, 14.0), Text)] == ["step 0"]
    assert not [text for text in find(step_axis(axes, 0, 90, 14.0, written=False), Text) if text.text]


@pytest.mark.parametrize("name", ["losses", "divergences", "timeline"])
def test_the_word_steps_stands_at_the_end_of_the_axis_in_every_panel(name):
    panel = shown(of("one seed"), name)
    (word,) = [text for text in find(panel.background, Text) if "step" in text.text]
    assert word.text == "12 steps"
    assert word.x == panel.axes[name].box[2]


CAPTION = "Every mode is found within two hundred steps, and none of them is lost again before the end of the training"


def header(page, frame=0):
    left = page.layout.header[0]
    return [mark for mark in page.marks(frame) if isinstance(mark, Text) and mark.role == "muted" and mark.x == left]


@pytest.mark.parametrize("size", [(640, 360), (960, 540), (1280, 720)])
def test_a_long_caption_takes_two_lines_and_the_panels_make_room(size):
    recording = make(**SMALL, caption=CAPTION)
    short = RecordingFigure(RecordingView(make(**SMALL)), ["density", "losses"], size, LIGHT)
    page = RecordingFigure(RecordingView(recording), ["density", "losses"], size, LIGHT)
    lines = header(page)
    assert len(lines) == 2
    assert " ".join(line.text for line in lines) == CAPTION
    top = max(slot.box[3] for slot in page.layout.slots)
    assert top < lines[1].y - 0.3 * base_font(size)
    assert top < max(slot.box[3] for slot in short.layout.slots)
    assert len(header(short)) == 1


def test_a_long_caption_takes_two_lines_side_by_side_too():
    columns = tuple(Column(of("one seed"), heading) for heading in ("one", "other"))
    caption = f"{CAPTION}, whatever the other one does"
    page = Comparison(Compared(columns, caption=caption), ["density"], (960, 540), LIGHT)
    lines = [mark for mark in header(page) if mark.text and mark.text in caption]
    assert " ".join(line.text for line in lines) == caption
    assert len(lines) == 2


@pytest.mark.parametrize("kind", ["one", "side by side"])
def test_notes_take_the_place_of_the_caption_when_they_come_and_find_room(kind):
    recording = make(**SMALL, caption="What is seen")
    notes = Notes({2: CAPTION, "end": "The end"}, 0, int(recording.dataset.step[-1]))
    both = Compared((Column(recording, "one"), Column(recording, "other")), caption="What is seen")

    def page(captions):
        if kind == "one":
            return RecordingFigure(RecordingView(recording), ["density"], (960, 540), LIGHT, captions=captions)
        return Comparison(both, ["density"], (960, 540), LIGHT, captions=captions)

    noted = page((CAPTION, "The end"))
    noted.notes = notes
    told = [" ".join(line.text for line in header(noted, frame) if line.text) for frame in (0, 1, 2, 3, 4)]
    last = len(recording.dataset.step) - 1
    assert all(text.startswith("What is seen") for text in told[:2])
    assert all(text.startswith(CAPTION) for text in told[2 : min(last, 5)])
    assert header(noted, last)[0].text == "The end"
    top = max(slot.box[3] for slot in noted.layout.slots)
    assert top < min(line.y for line in header(noted, 2) if line.text in CAPTION)
    assert top <= max(slot.box[3] for slot in page(()).layout.slots)


def said(page, step=0):
    return {mark.text for mark in page.marks(step) if isinstance(mark, Text)}


@pytest.mark.parametrize("kind", [RecordingFigure, TalkFigure])
def test_a_picture_of_all_seeds_says_so_and_one_of_a_seed_names_it(kind):
    view = RecordingView(of("many seeds"))

    def words(names):
        return " ".join(said(kind(view, names, (960, 540), LIGHT)))

    assert "5 seeds" in words(["seeds"])
    assert "seed 0" not in words(["seeds"])
    assert "5 seeds, seed 0 in bold" in words(["seeds", "modes"])
    assert "seed 0" in words(["density"])
    assert "5 seeds" not in words(["density"])


def test_a_picture_of_all_seeds_does_not_say_that_one_of_them_has_diverged():
    view = RecordingView(of("many seeds"), seed=3)
    assert any("diverged" in text for text in said(RecordingFigure(view, ["density"], (960, 540), LIGHT), 12))
    assert not any("diverged" in text for text in said(RecordingFigure(view, ["seeds"], (960, 540), LIGHT), 12))


def test_what_was_measured_some_steps_ago_says_as_of_which_step():
    recording = stand_in_images.make(8, every=4)
    for name in ("classes", "quality"):
        panel = panels.find(name, 2)(RecordingView(recording), PanelSlot((0.0, 0.0, 800.0, 240.0), 13.5))
        texts = [mark.text for mark in find(panel.marks(6), Text)]
        assert any(text.endswith("as of step 80") for text in texts)
        assert not any("step 120" in text for text in texts)


def test_some_thirty_arrows_are_drawn_of_capped_length_from_the_same_points_at_every_step():
    recording = of("one seed")
    panel = shown(recording, "forces")
    chosen = []
    for index in (4, 9, 12):
        (arrows,) = find(panel.marks(index), Arrows)
        assert 20 <= len(arrows.x0) <= 30
        assert np.hypot(arrows.x1 - arrows.x0, arrows.y1 - arrows.y0).max() <= 0.121 * 6.4
        origin = recording.field("generated", 0, index)
        at = [int(np.flatnonzero((origin == [x, y]).all(axis=1))[0]) for x, y in zip(arrows.x0, arrows.y0, strict=True)]
        chosen.append(set(at))
        (points,) = find(panel.marks(index), Dots, "points")
        assert len(points.x) > 150
    assert chosen[1] == chosen[2]


def test_points_with_arrows_are_spread_more_evenly_than_the_first_that_come():
    recording = of("one seed")
    panel = shown(recording, "forces")
    (arrows,) = find(panel.marks(12), Arrows)
    at = np.column_stack([arrows.x0, arrows.y0])
    first = recording.field("generated", 0, 12)[: len(at)]

    def nearest(points):
        away = np.linalg.norm(points[:, None] - points, axis=-1) + 1e3 * np.eye(len(points))
        return away.min(axis=1).mean()

    assert nearest(at) > 1.3 * nearest(first)


def test_the_forces_stand_over_the_same_faint_ground_as_the_map():
    forces, plane = (shown(of("one seed"), name).marks(6) for name in ("forces", "map"))
    (one,), (other,) = find(forces, Bands), find(plane, Bands)
    assert one.fills == other.fills
    assert one.levels == other.levels
    assert max(opacity for _, opacity in one.fills) <= 0.15
    bare = make(**SMALL)
    bare.dataset = bare.dataset.drop_vars("discriminator")
    assert not find(shown(bare, "forces").marks(6), Bands)


@pytest.mark.parametrize("name", ["density", "discriminator", "lattice", "forces", "map"])
@pytest.mark.parametrize("side", [160.0, 500.0])
def test_narrow_modes_are_discs_that_are_seen_and_no_hairs(name, side):
    panel = shown(of("narrow modes"), name, replace(ROOM, box=(20.0, 20.0, 20.0 + side, 20.0 + side)))
    marks = [mark for mark in (*panel.background, *panel.marks(6)) if mark.axes]
    (discs,), (ring,) = find(marks, Dots, "data"), find(marks, Line, "data")
    assert len(discs.x) == 8
    assert discs.radius >= 0.4
    assert discs.opacity >= 0.25
    assert ring.weight >= 0.9
    assert KINDS["narrow modes"]["std"] < 0.02


def test_on_the_line_modes_are_headed_with_the_good_part_of_the_samples():
    texts = [mark.text for mark in find(shown(recording_of("one seed"), "modes").marks(60), Text)]
    assert any(text.endswith("80 % of samples on a mode") for text in texts)
