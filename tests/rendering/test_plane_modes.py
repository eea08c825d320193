"""Laws of what is said of modes and of seeds: bars, lives, numbers on the map, and the rules they go by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gandyn.core.errors import UsageError
from gandyn.divergences.finding import SHARE
from gandyn.rendering import panels
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.marks.marks import Area, Dots, Segments, Text
from gandyn.rendering.modes import Life, captured, lives
from gandyn.rendering.recording_view import PanelSlot, RecordingView, share_scales
from gandyn.rendering.theme import THEMES
from rendering import stand_in
from rendering.planes import ROOM, SMALL, find, of, shown
from rendering.stand_in_plane import make


def test_bars_are_the_mass_of_modes_and_the_heading_counts_those_captured():
    recording = of("one seed")
    panel = shown(recording, "modes")
    marks = panel.marks(12)
    bars = find(marks, Area, "generator")
    mass = recording.scalars("mode_mass")[0, 12]
    assert np.allclose([bar.high[0] for bar in bars], mass[mass > 0])
    good = f"{100 * recording.scalars('high_quality_fraction')[0, 12]:.0f} %"
    assert f"8/8 captured · {good} of samples on a mode" in [mark.text for mark in find(marks, Text)]
    lost = shown(of("collapsed"), "modes").marks(12)
    assert any(mark.text.startswith("1/8 captured") for mark in find(lost, Text, "warning"))


def test_the_heading_tells_a_blanket_that_touches_every_mode_from_one_that_hits_them():
    recording = make(**SMALL)
    recording.dataset["high_quality_fraction"][:] = 0.313
    for width, said in ((900.0, " · 31 % of samples on a mode"), (420.0, " · 31 % on a mode"), (160.0, "")):
        texts = [
            mark.text for mark in find(shown(recording, "modes", PanelSlot((0, 0, width, 80), 13.5)).marks(12), Text)
        ]
        assert f"8/8 captured{said}" in texts


@pytest.mark.parametrize("peak", [0.02, 0.31, 0.5, 1.0])
def test_no_brief_peak_lowers_all_bars_and_of_those_that_run_off_the_value_is_written(peak):
    low, high = make(**SMALL), make(**SMALL)
    low.dataset["mode_mass"][:] = 0.01
    high.dataset["mode_mass"][:] = 0.01
    high.dataset["mode_mass"][0, 5, 2] = peak
    views = [RecordingView(low), RecordingView(high)]
    share_scales(views)
    drawn = [panels.find("modes", 2)(view, ROOM) for view in views]
    assert drawn[0].axes["modes"] == drawn[1].axes["modes"]
    top = drawn[0].axes["modes"].y.high
    assert 2 / 8 < top < 2.5 / 8
    for panel, recording in zip(drawn, (low, high), strict=True):
        for step in range(13):
            heights = [bar.high[0] for bar in find(panel.marks(step), Area, "generator")]
            assert np.allclose(heights, recording.scalars("mode_mass")[0, step])
            beyond = [mark for mark in find(panel.marks(step), Text, "ink") if mark.text.endswith("%") and mark.ground]
            off = [height for height in heights if height > top]
            assert [float(mark.text.split()[0]) for mark in beyond] == [pytest.approx(100 * h, abs=1) for h in off]
            assert all(place.box[0] <= mark.x <= place.box[2] for mark in beyond for place in [panel.axes["modes"]])


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
    assert captured(RecordingView(plane), plane.scalars("mode_mass")[0, 3]).all()
    assert not captured(RecordingView(line), line.scalars("mode_mass")[0, 3]).any()


@pytest.mark.parametrize("box", [(0.0, 0.0, 900.0, 80.0), (0.0, 0.0, 300.0, 400.0)])
def test_headings_say_by_which_rule_modes_count(box):
    plane, line = of("one seed"), stand_in.make(6, cells=64)
    for recording, name, rule in (
        (plane, "modes", "one sample within 3 stds"),
        (line, "modes", "25 % of the data’s share"),
        (plane, "timeline", "alive from 25 %"),
    ):
        panel = shown(recording, name, PanelSlot(box, 13.5))
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
    view = RecordingView(of("one seed"))
    drawn = RecordingFigure(view, ["density", "timeline", "losses", "divergences"], (960, 540), THEMES["paper"]).panels[
        1:
    ]
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


@pytest.mark.parametrize("name", ["modes", "timeline"])
def test_modes_are_shown_on_the_line_too_and_refused_where_data_has_none(name):
    assert find(shown(stand_in.make(6, cells=64), name).marks(6), Area)
    plain = make(**SMALL)
    plain.dataset = plain.dataset.drop_vars("mode_mass")
    with pytest.raises(UsageError, match="no modes"):
        shown(plain, name)


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
    panel = shown(recording, "density", PanelSlot((20.0, 20.0, 220.0, 420.0), 13.5, numbered=True))
    assert not [mark for mark in panel.marks(3) if isinstance(mark, Text) and mark.text.isdigit()]


@pytest.mark.parametrize("dim", [1, 2])
def test_the_seed_in_the_light_is_among_those_shown_and_headings_are_alike(dim):
    many = stand_in.make(3, seeds=20, cells=64) if dim == 1 else make(steps=3, cells=8, lattice=8, seeds=20)
    panel = panels.find("seeds", dim)(RecordingView(many, seed=18), PanelSlot((20.0, 20.0, 720.0, 520.0), 13.5))
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
