"""Laws of time in animations: which steps are shown, for how long, which notes stand there, and the poster."""

from __future__ import annotations

import io
from dataclasses import replace

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gandyn.app.notes import unseen_note
from gandyn.core.errors import UsageError
from gandyn.rendering import AnimationOptions, animate
from gandyn.rendering.change import changes, clean
from gandyn.rendering.encoders.output import ANIMATED
from gandyn.rendering.figures.comparison import Column, Compared, Comparison
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.marks.marks import Text
from gandyn.rendering.notes import Notes
from gandyn.rendering.pace import Shot, Timing, choose, shots, thinned
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import THEMES
from gandyn.scenario.loading import parse_scenario
from gandyn.scenario.yaml12 import parse_document
from rendering.stand_in import StandIn, make
from rendering.stand_in_images import make as make_images

CALM = Timing(40, 20.0)


def moving(places, every=1, width=0.6, noise=0.0):
    """Return a recording on the line of one bump that stands at a place at each step, its density trembling."""
    rng = np.random.default_rng(0)
    short = make(0, cells=200).dataset.drop_dims("step")
    x = short["x"].values
    q = np.exp(-(((x - np.asarray(places)[:, None]) / width) ** 2) / 2)
    q *= np.exp(noise * rng.standard_normal(q.shape))
    q /= q.sum(axis=1, keepdims=True) * (x[1] - x[0])
    steps = every * np.arange(len(q))
    js = np.abs(np.asarray(places, dtype=float))[None]
    fields = {"generator_density": (("seed", "step", "x"), q[None]), "js": (("seed", "step"), js)}
    return StandIn(short.assign_coords(step=steps).assign(fields), None)


def frames(recording, timing=CALM, notes=None, **seen):
    view = RecordingView(recording, **seen)
    shown = view.steps[view.begin : view.end]
    return [shot.frame for shot in shots([view], shown, timing, notes or Notes())]


weights = st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=60).map(np.array)


@given(weights, st.integers(2, 80), st.sets(st.integers(0, 60), max_size=6))
def test_places_rise_from_the_first_to_the_last_over_all_that_are_wanted(gaps, count, wanted):
    wanted = {place for place in wanted if place <= len(gaps)}
    found = choose(gaps, count, wanted)
    assert found == sorted(set(found))
    assert (found[0], found[-1]) == (0, len(gaps))
    assert wanted <= set(found)
    assert len(found) == min(max(count, len({0, len(gaps), *wanted})), len(gaps) + 1)


@given(st.integers(2, 400), st.data())
def test_equal_gaps_are_spread_evenly(last, data):
    count = data.draw(st.integers(2, last + 1))
    found = choose(np.ones(last), count)
    assert np.abs(found - np.linspace(0, last, count)).max() <= 0.5 + 1e-9


def test_each_frame_shows_about_the_same_change():
    places = 2 * (1 - np.exp(-np.arange(2001) / 200))
    found = frames(moving(places), replace(CALM, frames=60))
    # A fifth of the frames goes by time alone.
    expected = 0.8 * np.diff(places[found]) / places[-1] + 0.2 * np.diff(found) / 2000
    assert expected == pytest.approx(np.full(59, 1 / 59), rel=0.25)
    assert found[30] < 300 < 900 < found[-8]


@pytest.mark.parametrize("noise", [0.1, 0.5])
def test_a_trembling_end_does_not_eat_the_frames(noise):
    places = np.minimum(np.arange(601) / 50, 3.0)
    calm, noisy = frames(moving(places)), frames(moving(places, noise=noise))
    shown = [sum(frame <= 150 for frame in one) for one in (calm, noisy)]
    # By time alone, ten of the forty; by the density as it is, hardly more.
    assert shown[0] >= 33
    assert shown[1] >= 0.65 * shown[0]


def test_what_trembles_counts_little_and_what_moves_counts_in_full():
    rng = np.random.default_rng(1)
    still = 0.1 * rng.standard_normal((300, 40))
    raw = np.abs(np.diff(still, axis=0)).sum(axis=1) / 2
    assert clean(still).sum() < 0.03 * raw.sum()
    steady = np.linspace(0, 5, 300)[:, None] * np.ones(40)
    assert clean(steady) == pytest.approx(np.full(299, 5 * 40 / 2 / 299))
    assert clean(steady + still).sum() == pytest.approx(100, rel=0.2)


def test_a_single_jump_takes_no_more_than_the_frames_it_has():
    places = np.where(np.arange(301) < 150, -2.0, 2.0)
    found = np.array(frames(moving(places)))
    assert np.diff(found).max() < 35  # before and after it, time goes on
    assert (np.abs(found - 150) < 10).sum() >= 8


def test_lost_and_diverged_steps_change_nothing():
    recording = moving(np.linspace(-2, 2, 101))
    recording.dataset["generator_density"].values[:, 40:] = np.nan
    found = changes(RecordingView(recording))
    assert np.isfinite(found).all()
    assert found[50] == pytest.approx(found[-1])
    assert found[50] > 0
    recording.dataset["generator_density"].values[:] = np.nan
    assert frames(recording, replace(CALM, frames=11)) == list(range(0, 101, 10))


def test_a_recording_without_densities_goes_by_its_divergence_and_one_without_that_evenly():
    recording = moving(np.minimum(np.linspace(0, 8, 201), 2.0))
    recording.dataset = recording.dataset.drop_vars("generator_density")
    assert sum(frame <= 50 for frame in frames(recording)) > 28
    recording.dataset = recording.dataset.drop_vars("js")
    assert frames(recording, replace(CALM, frames=5)) == [0, 50, 100, 150, 200]


def test_images_go_by_their_pixels():
    recording = make_images(steps=40)
    pixels = recording.dataset["samples"].values
    pixels[:, 20:] = pixels[:, 20:21]
    found = changes(RecordingView(recording))
    assert np.diff(found)[:19].min() > 0 == np.diff(found)[20:].max()


def test_paces_even_and_by_the_logarithm():
    recording = moving(np.minimum(np.arange(401) / 9, 3.0), every=5)
    assert frames(recording, Timing(5, 20, "even")) == [0, 100, 200, 300, 400]
    found = np.array(frames(recording, Timing(30, 20, "log")))
    assert (np.diff(found)[1:] >= np.diff(found)[:-1] - 1).all()
    assert (found < 40).sum() > 15


def test_steps_cut_off_are_not_shown():
    found = frames(moving(np.linspace(-2, 2, 101)), first=20, last=60)
    assert (found[0], found[-1], len(found)) == (0, 40, 40)


def test_side_by_side_the_change_of_all_counts():
    early, late = np.clip(np.arange(201) / 20, 0, 3.0), np.clip(np.arange(201) / 20 - 7, 0, 3.0)
    views = [RecordingView(moving(places)) for places in (early, late)]
    found = np.array([shot.frame for shot in shots(views, views[0].steps, CALM, Notes())])
    shown = np.histogram(found, [0, 60, 140, 201])[0]
    assert min(shown[0], shown[2]) > 1.5 * shown[1]
    columns = Compared(tuple(Column(make(12, cells=64)) for _ in range(2)))
    page = Comparison(columns, ["density"], (640, 360), THEMES["paper"])
    assert [shot.frame for shot in page.shots(CALM)] == list(range(13))
    assert (page.clock, page.frame_at(7)) == ((0, 12), 7)


def test_the_first_and_the_last_frame_are_held_and_notes_pause():
    notes = Notes({"0": "a blob", "70": "one mode", "71": "x" * 160, "90": "", "end": "done"}, 0, 200)
    recording = moving(np.minimum(np.arange(201) / 20, 3.0))
    view = RecordingView(recording)
    found = shots([view], view.steps, Timing(40, 20, hold_first=1.5, hold=3), notes)
    times = {shot.frame: shot.seconds for shot in found}
    assert len(found) == 40
    assert {frame: time for frame, time in times.items() if time > 0.05} == {0: 1.5, 70: 0.8, 71: 1.2, 200: 3.0}
    assert sum(times.values()) == pytest.approx(1.5 + 0.8 + 1.2 + 3 + 36 / 20)
    assert shots([view], view.steps, Timing(1, 20, hold_first=1.5, hold=3), notes) == [Shot(200, 3.0)]
    # With fewer frames than notes, every note still comes.
    assert [shot.frame for shot in shots([view], view.steps, Timing(2, 20), notes)] == [0, 70, 71, 200]


def test_a_note_at_a_step_between_records_comes_with_the_next_record():
    notes = Notes({45: "a", 48: "b"}, 0, 200)
    assert 5 in frames(moving(np.zeros(21), every=10), Timing(4, 20), notes)
    assert (notes.at(44), notes.at(45), notes.at(50)) == ("", "a", "b")


def test_notes_stay_until_the_next():
    notes = Notes({"end": "done", "170": "both", "0": "a blob", "500": ""}, 0, 2000)
    assert [notes.at(step) for step in (0, 169, 170, 499, 500, 1999, 2000)] == [
        "a blob", "a blob", "both", "both", "", "", "done",
    ]  # fmt: skip
    assert (notes.unseen, notes.longest) == ([], "a blob")
    late = Notes({"0": "a", "90": "b", "300": "c"}, 80, 200)
    assert (late.at(80), late.pauses, late.unseen) == ("a", {90: 0.8}, [300])
    assert (Notes().at(5), Notes().longest) == ("", "")
    assert unseen_note([300, 400]) == "animation.notes: the notes at steps 300, 400 never come: the picture ends before"


def test_notes_of_a_scenario_are_told_by_their_place_and_read_back():
    notes = {"170": "both: covered", "end": "z", "0": "a\n  blob"}
    scenario = parse_scenario({"data": {"type": "gaussian"}, "animation": {"notes": notes}})
    assert scenario.animation.notes == {"0": "a blob", "170": "both: covered", "end": "z"}
    assert parse_scenario(parse_document(scenario.to_yaml(), "x").values) == scenario


def test_animations_last_eight_to_twelve_seconds_unless_told_otherwise():
    options, recording = AnimationOptions(), moving(np.minimum(np.arange(401) / 20, 3.0))
    view = RecordingView(recording)
    timing = Timing(options.frames, options.fps, options.pace, options.hold_first, options.hold)
    assert 8 <= sum(shot.seconds for shot in shots([view], view.steps, timing, Notes())) <= 11
    notes = Notes({0: "a", 170: "both modes are covered", "end": "b"}, 0, 400)
    assert sum(shot.seconds for shot in shots([view], view.steps, timing, notes)) <= 12


@given(st.lists(st.sampled_from([0.01, 0.015, 0.02, 0.05, 1.0]), min_size=1, max_size=40), st.floats(0, 2))
def test_thinning_keeps_the_time_the_ends_and_what_is_held(seconds, hold):
    given_ = [Shot(k, time) for k, time in enumerate(seconds)]
    given_[-1] = Shot(len(seconds) - 1, max(hold, seconds[-1]))
    found = thinned(given_, 0.02)
    assert sum(shot.seconds for shot in found) == pytest.approx(sum(shot.seconds for shot in given_))
    assert found[-1].frame == given_[-1].frame
    assert {shot.frame for shot in given_ if shot.seconds >= 1.0} <= {shot.frame for shot in found}
    assert all(shot.seconds > 0.0199 for shot in found[:-1])
    assert [shot.frame for shot in found] == sorted({shot.frame for shot in found})


@pytest.fixture(scope="module")
def small():
    return make(20, cells=64)


LOOK = AnimationOptions(
    frames=6, size=(320, 180), layout="lab", panels=["density"], theme="paper", hold_first=0.5, hold=1
)


def pixels(data):
    with Image.open(data) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("suffix", [suffix for suffix in ANIMATED if suffix != ".gif"])
def test_animations_carry_their_poster_and_play_without_it(small, tmp_path, suffix):
    with_it, without = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    done = animate(small, with_it, LOOK, poster=tmp_path / "p.png")
    animate(small, without, LOOK.model_copy(update={"poster_step": "first"}))
    assert done.poster == tmp_path / "p.png"
    poster = pixels(tmp_path / "p.png")
    if suffix == ".mp4":
        played = []
        for path in (with_it, without):
            with av.open(str(path)) as film:
                attached = [stream for stream in film.streams if int(stream.disposition) & 0x400]
                played.append([frame.pts for frame in film.decode(film.streams.video[0])])
                assert len(attached) == (path == with_it)
        assert played[0] == played[1]
        content = with_it.read_bytes()
        start = content.index(b"\x89PNG")
        assert b"covr" in content[start - 40 : start]
        assert (pixels(io.BytesIO(content[start:])) == poster).all()
        return
    with Image.open(with_it) as image, Image.open(without) as plain:
        assert (np.asarray(image.convert("RGB")) == poster).all()
        assert image.n_frames == plain.n_frames + 1 == 7
        times = [[], []]
        for film, found in zip((image, plain), times, strict=True):
            for k in range(film.n_frames):
                film.seek(k)
                np.asarray(film.convert("RGB"))
                found.append(film.info.get("duration"))
    if suffix == ".webp":
        assert times[0] == [10, times[1][0] - 10, *times[1][1:]]
    else:
        assert times[0][1:] == times[1]


def test_the_poster_is_the_step_that_is_asked_for(small, tmp_path):
    for step, index in ((7, 7), ("first", 0), ("end", 20), (10**6, 20)):
        options = LOOK.model_copy(update={"poster_step": step})
        animate(small, tmp_path / "a.png", options)
        page = RecordingFigure(RecordingView(small), ["density"], LOOK.size, THEMES["paper"])
        page.write_png(index, tmp_path / "b.png")
        assert (pixels(tmp_path / "a.png") == pixels(tmp_path / "b.png")).all(), step
    with pytest.raises(UsageError, match=r"poster_step: .* no steps of training; not 7, but end"):
        animate(small, tmp_path / "m.gif", LOOK.model_copy(update={"story": "morph", "panels": None, "poster_step": 7}))
    with pytest.raises(UsageError, match=r"supported: \.png, \.pdf, \.svg"):
        animate(small, tmp_path / "m.gif", LOOK, poster="m.gif")


def test_a_talk_says_its_notes_where_its_caption_stands(small):
    figure = TalkFigure(RecordingView(small), ["density", "distance"], (960, 540), THEMES["talk-light"])
    figure.notes = Notes({5: "it moves", 12: "", "end": "it is there"}, *figure.clock)
    said = [{mark.text for mark in figure.marks(step) if isinstance(mark, Text)} for step in (4, 5, 11, 12, 20)]
    own = small.dataset.attrs["caption"]
    for texts, words in zip(said, (own, "it moves", "it moves", own, "it is there"), strict=True):
        assert words in texts


def test_what_never_comes_is_reported(small, tmp_path):
    options = LOOK.model_copy(update={"notes": {"3": "here", "21": "never"}})
    assert animate(small, tmp_path / "a.gif", options).unseen_notes == (21,)
    assert animate(small, tmp_path / "a.gif", LOOK).unseen_notes == ()
