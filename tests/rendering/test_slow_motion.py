"""The story of one step in slow motion, on recordings of real updates."""

from __future__ import annotations

import numpy as np
import pytest

import gandyn
from gandyn.core.errors import ScenarioError, UsageError
from gandyn.rendering import AnimationOptions, animate
from gandyn.rendering.figures.slow_motion import CAPTIONS, Moment, SlowMotion, turns_of
from gandyn.rendering.line_turns import quantiles
from gandyn.rendering.marks.marks import Arrows, Bands, Dots, Line, Text
from gandyn.rendering.pace import Timing
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import THEMES
from gandyn.scenario.loading import parse_scenario

SMALL = {"type": "mlp", "hidden": [8]}
SCENARIO = {
    "generator": SMALL,
    "discriminator": SMALL,
    "dynamics": {"type": "alternating", "discriminator_steps": 3, "generator_steps": 2},
    "optimizers": {"generator": {"lr": 0.02}, "discriminator": {"lr": 0.02}},
    "train": {"steps": 6, "batch_size": 16},
}
DATA = {
    "line": ({"type": "gaussian"}, {"type": "normal"}, {"sub_steps": 2, "gradients": True, "grid": {"cells": 64}}),
    "plane": ({"type": "ring", "std": 0.25}, {"type": "normal", "dim": 2}, {"sub_steps": 2, "grid": {"cells": 24}}),
}
LOOK = ((960, 540), THEMES["talk-light"])
USUAL = Timing(120, 20.0, "change", 1.5, 3.0)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Six rounds of three updates and two; every single update of the first two is recorded."""
    found = {}
    for name, (data, latent, record) in DATA.items():
        scenario = {**SCENARIO, "name": name, "data": data, "latent": latent, "record": record}
        found[name] = gandyn.train(scenario, tmp_path_factory.mktemp("runs") / name, progress=False)
    return found


@pytest.fixture(params=DATA)
def recording(request, recordings):
    return recordings[request.param]


@pytest.fixture
def figure(recording):
    """The whole story."""
    return SlowMotion(RecordingView(recording), None, *LOOK)


def seen(figure, moment):
    """Return the marks of a moment (or of the frame of that number), painted."""

    class Listener:
        def __init__(self):
            self.marks = []

        def paint(self, marks, axes):
            self.marks += marks

    listener = Listener()
    figure.paint_frame(listener, figure.number(moment) if isinstance(moment, Moment) else moment)
    return listener.marks


def said(marks):
    return " ".join(mark.text for mark in marks if isinstance(mark, Text))


def test_turns_are_those_that_were_played(recordings):
    found = [
        (turn.mover, turn.round, turn.first, turn.last)
        for turn in turns_of(RecordingView(recordings["line"].sub_steps))
    ]
    assert found == [
        ("discriminator", 0, 0, 3), ("generator", 0, 3, 5), ("discriminator", 1, 5, 8), ("generator", 1, 8, 10),
    ]  # fmt: skip


def test_the_story_goes_from_turn_to_turn_and_then_through_the_rest(figure):
    shots = figure.shots(USUAL)
    moments = [figure.moment(shot.frame) for shot in shots]
    assert [figure.number(moment) for moment in moments] == [shot.frame for shot in shots]
    order = [moment.mover for k, moment in enumerate(moments) if k == 0 or moments[k - 1].mover != moment.mover]
    assert order == ["nobody", *["discriminator", "generator"] * 2, ""]
    slow, rest = [one.index for one in moments if one.mover], [one.index for one in moments if not one.mover]
    assert slow == sorted(slow)
    assert set(slow) == set(range(11))  # there are more frames than updates: each is seen
    assert rest == sorted(rest)
    assert (rest[0], rest[-1]) == (2, 6)
    assert shots[0].seconds == 1.5
    assert shots[-1].seconds == 3.0
    assert 8 < sum(shot.seconds for shot in shots) < 16
    steps = [int(said(seen(figure, shot.frame)).split("step ")[1].split()[0]) for shot in shots]
    assert steps == sorted(steps)


def test_arrows_come_out_before_anything_moves_along_them(figure):
    moments = [figure.moment(shot.frame) for shot in figure.shots(USUAL)]
    first = [moment for moment in moments if moment.mover == "generator" and moment.index <= 5]
    grown = [moment.t for moment in first if moment.index == 3]
    assert grown == sorted(grown)
    assert grown[0] < 0.2
    assert grown[-1] == 1
    assert all(moment.t == 1 for moment in first if moment.index > 3)

    def reach(t):
        (arrows,) = (mark for mark in seen(figure, Moment("generator", 3, t)) if isinstance(mark, Arrows) and mark.axes)
        return arrows.x1 - arrows.x0

    np.testing.assert_allclose(reach(0.5), 0.5 * reach(1.0), atol=1e-12)
    assert np.abs(reach(1.0)).max() > 0


def test_the_best_answer_is_there_in_the_discriminators_turn_and_the_push_in_the_generators(figure):
    for mover, index in (("discriminator", 0), ("discriminator", 2), ("generator", 3), ("generator", 5)):
        marks = seen(figure, Moment(mover, index))
        best = any(isinstance(mark, Line | Dots) and mark.role == "optimum" and len(mark.x) > 4 for mark in marks)
        assert any(isinstance(mark, Arrows) for mark in marks) == (mover == "generator")
        assert best == (mover == "discriminator")
        assert ("D*" in said(marks)) == (mover == "discriminator")
        assert ("push" in said(marks)) == (mover == "generator")
        caption = next(mark for mark in marks if isinstance(mark, Text) and mark.text.startswith("The "))
        assert caption.role == mover
        assert CAPTIONS[mover].format(*["discriminator"] * 2).startswith(caption.text)
    opening, rest, end = (seen(figure, moment) for moment in (Moment("nobody", 0), Moment("", 4), Moment("", 6)))
    assert "Two players" in said(opening)
    assert "And so on" in said(rest)
    assert "And so on" in said(end)  # the recording says nothing of its own
    assert not any(isinstance(mark, Arrows) for mark in opening)
    assert "D*" not in said(opening)


def test_on_the_line_samples_ride_on_the_discriminator_and_arrows_lead_along_it(recordings):
    recording = recordings["line"]
    marks = seen(SlowMotion(RecordingView(recording), None, *LOOK), Moment("generator", 4))
    updates = recording.sub_steps.dataset.isel(seed=0, step=4)
    (arrows,) = (mark for mark in marks if isinstance(mark, Arrows) and mark.axes)
    (dots,) = (mark for mark in marks if isinstance(mark, Dots) and mark.axes == "response")
    x, density = updates["x"].values, updates["generator_density"].values
    below = [np.interp(at, x, np.cumsum(density) / density.sum()) for at in dots.x]
    np.testing.assert_allclose(below, (np.arange(5) + 0.5) / 5, atol=0.02)
    np.testing.assert_allclose(dots.y, np.interp(dots.x, x, updates["discriminator"].values))
    np.testing.assert_array_equal(arrows.x0, dots.x)
    force = np.interp(dots.x, x, updates["force"].values)
    np.testing.assert_array_equal(np.sign(arrows.x1 - arrows.x0), np.sign(force))
    np.testing.assert_allclose(arrows.y1, np.interp(arrows.x1, x, updates["discriminator"].values))


def test_on_the_plane_the_dotted_line_runs_where_both_densities_are_equal(recordings):
    recording = recordings["plane"]
    figure = SlowMotion(RecordingView(recording), None, *LOOK)
    marks = seen(figure, Moment("discriminator", 2))
    dotted = max((mark for mark in marks if isinstance(mark, Dots) and mark.role == "optimum"), key=lambda m: len(m.x))
    updates = recording.sub_steps.dataset.isel(seed=0, step=2)
    data, density = recording.dataset["data_density"].values, updates["generator_density"].values
    place, cells = figure.panels[0].axes["plane"], []
    for low, high, at, scale in ((0, 2, dotted.x, place.x), (1, 3, dotted.y, place.y)):
        part = (at - place.box[low]) / (place.box[high] - place.box[low])
        value, ends = scale.low + part * (scale.high - scale.low), RecordingView(recording).window(low)
        cells.append(((value - ends[0]) / (ends[1] - ends[0]) * 24).astype(int))
    signs = np.sign(data - density)
    around = [signs[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2] for i, j in zip(*cells, strict=True)]
    crossed = [len(np.unique(part)) > 1 for part in around]
    assert len(crossed) >= 10
    assert np.mean(crossed) > 0.95


def test_arrows_on_the_plane_point_where_the_generators_loss_falls(recordings):
    recording = recordings["plane"]
    marks = seen(SlowMotion(RecordingView(recording), None, *LOOK), Moment("generator", 4))
    (arrows,) = (mark for mark in marks if isinstance(mark, Arrows) and mark.axes)
    updates = recording.sub_steps.dataset.isel(seed=0, step=4)
    at, force = updates["generated"].values, updates["force"].values
    nearest = [int(np.hypot(*(at - [x, y]).T).argmin()) for x, y in zip(arrows.x0, arrows.y0, strict=True)]
    along = (arrows.x1 - arrows.x0) * force[nearest, 0] + (arrows.y1 - arrows.y0) * force[nearest, 1]
    across = (arrows.x1 - arrows.x0) * force[nearest, 1] - (arrows.y1 - arrows.y0) * force[nearest, 0]
    assert len(along) > 10
    assert (along > 0).all()
    np.testing.assert_allclose(across, 0, atol=1e-6 * along.max())


def test_numbers_are_those_of_the_last_whole_step(figure, recording):
    js = recording.dataset["js"].values[0]
    headlines = {index: said(seen(figure, Moment("generator", index))) for index in (4, 5, 9, 10)}
    for index, step in {4: 0, 5: 1, 9: 1, 10: 2}.items():
        assert f"distance {js[step]:.2f}" in headlines[index]


def test_nothing_jumps_where_the_slow_motion_ends(figure):
    slow, fast = (
        [
            mark
            for mark in seen(figure, moment)
            if (isinstance(mark, Line) and mark.role == "discriminator") or isinstance(mark, Bands)
        ]
        for moment in (Moment("generator", 10), Moment("", 2))
    )
    assert slow
    for one, other in zip(slow, fast, strict=True):
        for name in ("values",) if isinstance(one, Bands) else ("x", "y"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-3, equal_nan=True)


def test_samples_stand_for_equal_shares_of_the_mass():
    class OneStep:
        x = np.linspace(-1, 1, 201)

        def field(self, name, step):
            return np.where(np.abs(self.x) < 0.705, 1.0, 0.0)

    np.testing.assert_allclose(quantiles(OneStep(), 0, 7), np.linspace(-0.6, 0.6, 7), atol=0.02)


def test_it_is_drawn_as_a_file_and_a_still_shows_the_end(recording, figure, tmp_path):
    done = animate(recording, tmp_path / "a.gif", AnimationOptions(story="step", frames=12, size=(480, 270)))
    assert done.bytes > 1000
    assert figure.closing(figure.shots(Timing(2, 20.0, "even"))) == figure.number(Moment("", 6)) == figure.frame_at(6)


def test_what_was_not_recorded_is_refused_and_what_is_asked_for_is_recorded(recordings):
    plain = recordings["line"].sub_steps  # which has no updates of its own
    with pytest.raises(UsageError, match="sub_steps"):
        SlowMotion(RecordingView(plain), None, *LOOK)
    with pytest.raises(UsageError, match="the gradients panel does not explain single updates"):
        SlowMotion(RecordingView(recordings["line"]), ["gradients"], *LOOK)
    for data in ({"type": "gaussian"}, {"type": "ring"}):
        asked = parse_scenario({"data": data, "animation": {"story": "step"}})
        assert asked.record.sub_steps == 3
        assert asked.record.gradients
    with pytest.raises(ScenarioError, match=r"record\.sub_steps"):
        parse_scenario({"data": data, "record": {"sub_steps": 0}, "animation": {"story": "step"}})
    with pytest.raises(ScenarioError, match=r"record\.gradients"):
        parse_scenario(
            {"data": {"type": "gaussian"}, "record": {"gradients": False}, "animation": {"story": "step"}}
        )  # fmt: skip
    with pytest.raises(ScenarioError, match=r"sub_steps: makes sense on the line and on the plane"):
        parse_scenario({"data": {"type": "digits"}, "animation": {"story": "step"}})
