"""Laws of the latent that is followed: the same in both planes, once round a closed circle, and on a bridge last."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.landing import NOWHERE, landed
from gandyn.rendering.latent_path import LatentPath
from gandyn.rendering.marks.marks import Dots, Line, Text
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import THEMES
from rendering.planes import ROOM, find, of, shown
from rendering.sight import SIGHTS, contrast, difference

TALK = replace(ROOM, plain=True, alone=False, numbered=True, tinted=True)


def with_map(generator_map):
    """Return the recording of one seed with another generator, given as latents and a step's index to images."""
    recording = replace(of("one seed"), dataset=of("one seed").dataset.copy(deep=True))
    z = np.stack(np.meshgrid(recording.dataset["z1"], recording.dataset["z2"], indexing="ij"), axis=-1)
    for step in range(len(recording.steps())):
        recording.dataset["generator_map"].values[0, step] = generator_map(z, step)
    return recording


def linear(z, step):
    """Turn, stretch and move the latent plane, further at every step."""
    return 0.1 * step * (z @ np.array([[1.0, 0.5], [-0.4, 1.2]])) + [0.2, -0.3]


def followed(panel, step):
    """Return the line and the dot that are followed at a step; None for what is not there."""
    marks = panel.marks(step)
    lines, dots = find(marks, Line, "force"), find(marks, Dots, "force")
    return (lines or [None])[0], (dots or [None])[0]


@pytest.mark.parametrize("step", [0, 5, 12])
def test_both_planes_show_the_same_latent_and_the_generator_takes_the_one_to_the_other(step):
    recording = with_map(linear)
    (circle, dot), (path, twin) = (followed(shown(recording, name, TALK), step) for name in ("latents", "map"))
    images = linear(np.column_stack([circle.x, circle.y]), step)
    assert np.allclose(np.column_stack([path.x, path.y]), images, atol=1e-5)
    assert np.allclose([twin.x[0], twin.y[0]], linear(np.array([dot.x[0], dot.y[0]]), step), atol=1e-5)
    for mark in (dot, twin):
        assert mark.radius > 0.4
        assert mark.halo > 0


def test_the_circle_is_closed_and_has_half_of_the_latents_inside():
    circle, _ = followed(shown(of("one seed"), "latents", TALK), 12)
    assert (circle.x[0], circle.y[0]) == (circle.x[-1], circle.y[-1])
    assert np.allclose(np.hypot(circle.x, circle.y), np.sqrt(2 * np.log(2)), atol=0.05)
    path, _ = followed(shown(of("one seed"), "map", TALK), 7)
    assert (path.x[0], path.y[0]) == (path.x[-1], path.y[-1])


def test_the_dot_goes_round_once_without_a_jump_and_ends_in_no_mode():
    view = RecordingView(of("one seed"))
    path = LatentPath(view)
    at = np.array([path.at(step) for step in range(13)])
    turns = np.diff(at) % (len(path.latents) - 1)
    assert turns.sum() == len(path.latents) - 1
    assert 0 < turns.min() <= turns.max() < 0.25 * len(path.latents)
    last = landed(view, path.images(12))
    assert {*range(8)} <= {*last}
    assert last[path.at(12)] == NOWHERE
    # It is slower where a short way of noise is a long way of data, so that its twin makes no leaps.
    ways = np.hypot(*np.diff(path.images(12)[path.at(12) :], axis=0).T)
    assert ways.max() < 0.1


def test_a_recording_of_which_but_one_step_is_shown_has_the_dot_on_the_bridge():
    view = RecordingView(of("one seed"), first=12)
    path = LatentPath(view)
    assert landed(view, path.images(12))[path.at(12)] == NOWHERE


def test_a_generator_that_takes_all_to_one_place_has_its_twin_there():
    collapsed = with_map(lambda z, step: 0 * z + [1.9, 0.1])
    _, twin = followed(shown(collapsed, "map", TALK), 12)
    assert np.allclose([twin.x[0], twin.y[0]], [1.9, 0.1])
    circle, dot = followed(shown(collapsed, "latents", TALK), 12)
    assert np.hypot(dot.x[0], dot.y[0]) == pytest.approx(np.hypot(circle.x[0], circle.y[0]))


def test_a_seed_that_diverged_has_none():
    diverged = with_map(lambda z, step: z if step < 6 else z * np.nan)
    for name in ("latents", "map"):
        panel = shown(diverged, name, TALK)
        assert None not in followed(panel, 5)
        assert followed(panel, 6) == (None, None)


def test_it_is_explained_once_and_numbers_are_read_over_points():
    figure = TalkFigure(RecordingView(of("one seed")), ["latents", "map"], (720, 405), THEMES["talk-light"])
    said = [one.text for one in find(figure.background(), Text)]
    assert [text for text in said if "noise value" in text] == ["one noise value, and where it lands"]
    marks = figure.panels[1].marks(12)
    numbers = [one for one in find(marks, Text) if one.text.isdigit()]
    assert len(numbers) == 8
    assert all(one.ground for one in numbers)
    assert max(marks.index(one) for one in find(marks, Dots)) < min(marks.index(one) for one in numbers)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", THEMES)
def test_the_dot_is_no_generated_point(name, sight):
    theme = THEMES[name]
    marks = shown(of("one seed"), "map", TALK).marks(12)
    (points,), (dot,) = find(marks, Dots, "points"), find(marks, Dots, "force")
    assert difference(theme.style(dot.role).color, theme.style(points.role).color, sight) > 20
    assert contrast(theme.style(dot.role).color, theme.background) > 4.5
    assert dot.radius > 2 * points.radius


def test_pictures_for_study_and_maps_without_tints_beside_them_have_none():
    study, alone = replace(TALK, plain=False), replace(TALK, tinted=False)
    for name, slot in (("latents", study), ("map", study), ("map", alone)):
        panel = shown(of("one seed"), name, slot)
        assert followed(panel, 12) == (None, None)
        assert not [entry for entry in panel.entries() if "noise value" in entry.text]
    bare = replace(of("one seed"), dataset=of("one seed").dataset.drop_vars("generator_map"))
    assert followed(shown(bare, "map", TALK), 12) == (None, None)
