"""Two registers: what panels write for an audience has none of the field's shorthand, and still says what is seen."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from gandyn.rendering import panels
from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.marks.marks import Area, Arrows, Dots, EndLabels, Line, Text
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.theme import THEMES
from rendering import stand_in, stand_in_images, stand_in_plane
from rendering.planes import SMALL, find
from rendering.planes import of as plane

FORBIDDEN = [
    r"\bKL\b", "skew", "≥", "running mean", "means? (over|between)", "out of reach", "unresolved", r"\bFD\b", "LeNet",
    "floor", "nats", r"ln 2", r"\bstds?\b", r"\bPCA\b", "∇", r"\bG\b", r"\bD\*?\b", r"\bC\b", r"\bG\(z\)", "latent",
    "captured", "prec", "recall", "scalars", "percentile", r"^[←<\d.\s]+%[\s→]*$", r"\d+–\d+ %",
]  # fmt: skip
"""What nobody in an audience has to know, and percentages that do not say of what."""

ASKED = {"losses": {r"ln 2"}, "kl": {r"\bKL\b", "skew"}, "reverse_kl": {r"\bKL\b", "skew"}}
"""Of these, what panels say that are asked for by that very name."""

KINDS = {
    "line": lambda: stand_in.make(24, cells=64),
    "line, seeds": lambda: stand_in.make(6, cells=64, seeds=5, diverged={3: 4}),
    "line, critic": lambda: stand_in.make(8, cells=64, critic=True, outside=4.0),
    "line, large latent": lambda: stand_in.make(4, cells=64, latent_dim=8),
    "plane": lambda: plane("one seed"),
    "plane, seeds": lambda: plane("many seeds"),
    "plane, critic": lambda: plane("critic"),
    "plane, large latent": lambda: plane("latent of three dimensions"),
    "plane, narrow modes": lambda: plane("twenty-five modes"),
    "plane, outside": lambda: _outside(),
    "images": lambda: stand_in_images.make(8, every=4, user=True),
    "images, critic": lambda: stand_in_images.make(8, every=4, critic=True, conditional=True),
}
ROOMS = {
    "wide": PanelSlot((20.0, 20.0, 620.0, 320.0), 15.0, alone=False, brief=True, plain=True),
    "a column": PanelSlot((20.0, 20.0, 360.0, 200.0), 15.0, alone=False, brief=True, plain=True),
}


def _outside():
    recording = stand_in_plane.make(**SMALL)
    recording.dataset["outside_mass"][:] = 0.25
    return recording


@cache
def made(kind):
    return KINDS[kind]()


def drawn(kind, slot):
    """Yield every panel that can draw a recording, in a room."""
    view = RecordingView(made(kind))
    for name in panels.names(len(view.dims), images=True):
        one = panels.find(name, len(view.dims))
        if one.refusal(view.has) is None:
            yield one(view, slot)


def words(panel):
    """Return everything a panel writes, at any step looked at, and what its legend says."""
    steps = {0, len(panel.view.steps) // 2, len(panel.view.steps) - 1}
    marks = [*panel.background, *(mark for step in steps for mark in panel.marks(step))]
    found = [mark.text for mark in find(marks, Text)]
    found += [label.text for mark in marks if isinstance(mark, EndLabels) for label in mark.labels]
    for entry in panel.entries():
        found += [entry.text, entry.short]
    return {text for text in [*found, *panel.remarks()] if text}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slot", ROOMS)
def test_no_panel_writes_shorthand_for_an_audience(kind, slot):
    said = {panel.name: words(panel) for panel in drawn(kind, ROOMS[slot])}
    wrong = {
        (name, text)
        for name, texts in said.items()
        for text in texts
        for one in FORBIDDEN
        if re.search(one, text) and one not in ASKED.get(name, ())
    }
    assert not wrong


def test_the_forbidden_words_are_those_that_are_written_for_study():
    said = set().union(*(words(panel) for panel in drawn("line", PanelSlot((20.0, 20.0, 620.0, 320.0), 15.0))))
    assert any(re.search(one, text) for text in said for one in FORBIDDEN)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("kind", ["line, critic", "plane, critic", "images, critic"])
def test_a_critic_is_called_critic_everywhere(kind, plain):
    slot = PanelSlot((20.0, 20.0, 620.0, 320.0), 15.0, alone=not plain, plain=plain)
    said = set().union(*(words(panel) for panel in drawn(kind, slot)))
    assert any("critic" in text for text in said)
    assert not {text for text in said if re.search(r"\b[Dd]iscriminator\b|\b[CD]\b", text)}


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("kind", ["line", "plane"])
def test_losses_say_where_they_are_at_equilibrium_clear_of_each_other_and_inside_their_axes(kind, plain):
    view = RecordingView(made(kind))
    panel = panels.find("losses")(view, PanelSlot((20.0, 20.0, 420.0, 220.0), 15.0, plain=plain))
    box, rules = panel.axes["losses"].box, [mark for mark in find(panel.background, Line, "muted") if mark.axes]
    assert sorted(float(rule.y[0]) for rule in rules) == pytest.approx([np.log(2), 2 * np.log(2)])
    marks = [*panel.background, *panel.marks(view.end - 1)]
    said = [mark for mark in find(marks, Text) if mark.text == "at equilibrium"]
    # Of two lines so near each other an audience reads it once, on the upper one.
    assert len(said) == (1 if plain else 2)
    # The lines themselves are called by their values, whoever it is for.
    names = {mark.text: mark.y for mark in find(panel.background, Text) if "ln 2" in mark.text}
    assert names == pytest.approx(
        {
            "2 ln 2": panel.axes["losses"].pixels(0, 2 * np.log(2))[1],
            "ln 2": panel.axes["losses"].pixels(0, np.log(2))[1],
        }
    )
    assert plain or abs(said[0].y - said[1].y) >= 15.0 or abs(said[0].x - said[1].x) >= 7 * 15.0
    for text in said:
        assert box[0] <= text.x
        assert box[1] <= text.y <= box[3]
        levels = [float(panel.axes["losses"].pixels(0.0, float(rule.y[0]))[1]) for rule in rules]
        assert min(abs(level - text.y) for level in levels) <= 1.2 * 15.0


def test_in_a_strip_under_the_main_picture_both_lines_of_the_losses_still_have_their_names():
    page = TalkFigure(RecordingView(made("line")), ["density", "losses"], (960, 540), THEMES["talk-dark"])
    panel = page.panels[1]
    assert {"2 ln 2", "ln 2"} <= {mark.text for mark in find(panel.background, Text)}
    assert panel.axes["losses"].height >= 0.13 * 540


def test_a_curve_off_the_axes_leaves_an_arrow_there_and_no_dot():
    recording = stand_in.make(24, cells=64)
    recording.dataset["generator_loss"].values[0, 8:16] = 7.0
    panel = panels.find("losses")(RecordingView(recording), ROOMS["wide"])
    place = panel.axes["losses"]
    assert place.y.high < 7.0
    for step, off in ((4, False), (12, True), (24, False)):
        marks = panel.marks(step)
        dots = [float(mark.y[0]) for mark in find(marks, Dots, "generator")]
        arrows = find(marks, Arrows, "generator")
        assert (len(dots), len(arrows)) == ((0, 1) if off else (1, 0))
        assert all(float(arrow.y1[0]) == place.box[3] > float(arrow.y0[0]) for arrow in arrows)
        assert ("off scale" in {mark.text for mark in find(marks, Text)}) == off


def test_for_an_audience_the_whole_course_lies_faint_behind_what_is_drawn_of_it():
    panel = panels.find("losses")(RecordingView(made("line")), ROOMS["wide"])
    faint = [mark for mark in find(panel.background, Line) if mark.opacity < 0.5 and mark.role != "muted"]
    assert {mark.role for mark in faint} == {"discriminator", "generator"}
    assert all(mark.x[-1] == 24 for mark in faint)
    assert not [mark for mark in find(panel.marks(0), Area) if mark.x[-1] > 0]


def test_for_an_audience_a_critics_curve_stays_inside_its_axes_where_there_are_no_data_too():
    recording = stand_in.make(8, cells=64, critic=True)
    slope = np.linspace(-9.0, 9.0, 64)
    recording.dataset["discriminator"].values[:] = slope
    panel = panels.find("density", 1)(RecordingView(recording), ROOMS["wide"])
    place = panel.axes["response"].y
    assert place.low < slope[0]
    assert slope[-1] < place.high
