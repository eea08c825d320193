"""The story of one step in slow motion, on recordings of real updates."""

from __future__ import annotations

import numpy as np
import pytest

import gandyn
from gandyn.errors import ScenarioError, UsageError
from gandyn.rendering import AnimationOptions, animate
from gandyn.rendering.marks import Arrows, Dots, Line, Text
from gandyn.rendering.pace import Timing
from gandyn.rendering.slow_motion import slow_motion
from gandyn.rendering.stage import Stage
from gandyn.rendering.theme import THEMES
from gandyn.scenario.loading import parse_scenario

SMALL = {"type": "mlp", "hidden": [8]}
SCENARIO = {
    "generator": SMALL,
    "discriminator": SMALL,
    "dynamics": {"type": "alternating", "discriminator_steps": 3, "generator_steps": 2},
    "train": {"steps": 6, "batch_size": 16},
}
DATA = {
    "line": ({"type": "gaussian"}, {"type": "normal"}, {"sub_steps": 2, "gradients": True, "grid": {"cells": 64}}),
    "plane": ({"type": "ring"}, {"type": "normal", "dim": 2}, {"sub_steps": 2, "grid": {"cells": 24}}),
}


@pytest.fixture(scope="module", params=DATA)
def recording(request, tmp_path_factory):
    """Six rounds of three updates and two; every single update of the first two is recorded."""
    data, latent, record = DATA[request.param]
    scenario = {**SCENARIO, "name": request.param, "data": data, "latent": latent, "record": record}
    return gandyn.train(scenario, tmp_path_factory.mktemp("runs") / request.param, progress=False)


@pytest.fixture(scope="module")
def figure(recording):
    """The whole story."""
    return slow_motion(Stage(recording), recording.sub_steps, None, (960, 540), THEMES["talk-light"], False)


def seen(figure, frame):
    """Return the marks of a frame, painted."""

    class Listener:
        def __init__(self):
            self.marks = []

        def paint(self, marks, axes):
            self.marks += marks

    listener = Listener()
    figure.paint_frame(listener, frame)
    return listener.marks


def test_turns_alternate_and_show_the_update_that_moves_the_player_whose_turn_it_is(figure, recording):
    updates = recording.sub_steps
    frames = range(1, 2 * (4 + 3) + 1)
    said = [" ".join(mark.text for mark in seen(figure, frame) if isinstance(mark, Text)) for frame in frames]
    turns = [*["The discriminator learns"] * 4, *["The generator follows"] * 3] * 2
    assert all(turn in text for text, turn in zip(said, turns, strict=True))
    density, response = (updates.dataset[name].values[0] for name in ("generator_density", "discriminator"))
    assert np.array_equal(density[0], density[3])
    assert not np.array_equal(response[0], response[3])
    assert np.array_equal(response[3], response[5])
    assert not np.array_equal(density[3], density[5])


def test_the_best_answer_is_there_in_the_discriminators_turn_and_the_push_in_the_generators(figure):
    for frame, mover in ((1, "discriminator"), (4, "discriminator"), (5, "generator"), (7, "generator")):
        marks = seen(figure, frame)
        best = [mark for mark in marks if isinstance(mark, Line | Dots) and mark.role == "optimum"]
        pushes = [mark for mark in marks if isinstance(mark, Arrows)]
        assert bool(pushes) == (mover == "generator")
        if mover == "discriminator":
            assert best
    names = {mark.text for mark in figure.background() if isinstance(mark, Text)}
    assert any("D*" in name for name in names)
    assert any("push" in name for name in names)


def test_arrows_point_where_the_generators_loss_falls(figure, recording):
    (arrows,) = (mark for mark in seen(figure, 5) if isinstance(mark, Arrows))
    updates = recording.sub_steps
    force = updates.dataset["force"].values[0, 3]
    if "y" in updates.dataset.dims:
        at = updates.dataset["generated"].values[0, 3]
        nearest = [int(np.hypot(*(at - [x, y]).T).argmin()) for x, y in zip(arrows.x0, arrows.y0, strict=True)]
        along = (arrows.x1 - arrows.x0) * force[nearest, 0] + (arrows.y1 - arrows.y0) * force[nearest, 1]
    else:
        along = (arrows.x1 - arrows.x0) * np.interp(arrows.x0, updates.dataset["x"].values, force)
    assert (along >= 0).all()
    assert (along > 0).any()


def test_the_first_frame_of_each_turn_stays_and_the_rest_of_training_follows(figure, recording):
    shots = figure.shots(Timing(120, 20.0, "change", 1.5, 3.0))
    assert [shot.frame for shot in shots] == list(range(len(shots)))
    assert [frame for frame, shot in enumerate(shots) if shot.seconds >= 1.0] == [0, 1, 5, 8, 12, len(shots) - 1]
    steps = [int(text.text.split()[-1]) for frame in range(len(shots)) for text in seen(figure, frame)
             if isinstance(text, Text) and text.text.startswith("step ")]  # fmt: skip
    assert steps == sorted(steps)
    assert steps[-1] == 6


def test_it_is_drawn_as_a_file_and_refused_where_nothing_was_recorded_for_it(recording, tmp_path):
    done = animate(recording, tmp_path / "a.gif", AnimationOptions(story="step", size=(480, 270)))
    assert done.bytes > 1000
    with pytest.raises(UsageError, match="sub_steps"):
        slow_motion(Stage(recording), None, None, (480, 270), THEMES["paper"], False)
    with pytest.raises(ScenarioError, match=r"record\.sub_steps"):
        parse_scenario({"data": {"type": "ring"}, "animation": {"story": "step"}})
    with pytest.raises(ScenarioError, match=r"record\.gradients"):
        parse_scenario({"data": {"type": "gaussian"}, "record": {"sub_steps": 2}, "animation": {"story": "step"}})
