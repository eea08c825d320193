"""Roles drawn in one panel are told apart by everybody, and stand out from what lies behind them."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest

from gandyn.rendering import panels
from gandyn.rendering.marks.marks import Area, Bands, Cells, Dots, EndLabels, Line, Mark, Text
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.shared_course import RUNS
from gandyn.rendering.theme import THEMES, rgb
from rendering import planes, stand_in_images
from rendering.conftest import recording_of
from rendering.sight import SIGHTS, contrast, difference, mixed, seen

WORDS, RULES = {"ink", "muted", "warning", *RUNS}, {"faint"}
"""Roles of what is read and of what only divides; all others are those of curves, areas and points."""

PLAYERS = ("data", "generator", "discriminator", "points", "force")
"""Roles of what stands in the main pictures of recordings side by side, under headings in the recordings' colours."""


@cache
def recordings():
    """Return recordings in which every panel draws all that it can."""
    own = stand_in_images.make(steps=8, every=4, user=True)
    # As many numbers of somebody's own as are drawn.
    for number in range(4):
        own.dataset[f"own_{number}"] = own.dataset["gradient_penalty"] * (1 + number)
    line = [recording_of(kind) for kind in ("one seed", "diverged")]
    return [*line, *map(planes.of, ("one seed", "collapsed", "latent of three dimensions", "diverged at once")), own]


@cache
def drawn() -> dict[str, list[list[Mark]]]:
    """Return what every panel draws, by its name, of each recording: marks of some steps together."""
    found: dict[str, list[list[Mark]]] = {}
    for recording in recordings():
        view, last = RecordingView(recording), len(recording.steps()) - 1
        for name in panels.telling(panels.names(len(view.dims), images=True), [view]):
            panel = panels.find(name, len(view.dims))(view, planes.ROOM)
            steps = (panel.marks(index) for index in sorted({0, last // 2, last}))
            marks = [*panel.background, *(mark for step in steps for mark in step)]
            found.setdefault(name, []).append(marks)
    return found


def together(marks: list[Mark]) -> set[tuple[str, str]]:
    """Return the pairs of roles that could be mistaken for each other: both are shapes, or both words."""
    labels = {label.role for mark in marks if isinstance(mark, EndLabels) for label in mark.labels}
    words = {mark.role for mark in marks if isinstance(mark, Text)} | labels
    filled = {role for mark in marks if isinstance(mark, Bands | Cells) for role, opacity in mark.fills if opacity}
    # Bands, and their boxes in a key, are paler than their role; points on them are looked at below.
    solid = [mark for mark in marks if not isinstance(mark, Text) and not (isinstance(mark, Area) and mark.band)]
    shapes = {mark.role for mark in solid if hasattr(mark, "role")} | labels
    pairs = {*itertools.combinations(sorted(words), 2), *itertools.combinations(sorted(shapes), 2)}
    pairs |= {(one, other) for one, other in itertools.combinations(sorted(filled), 2)}
    # Tints are no roles: they are told apart by the numbers on them.
    return {pair for pair in pairs if {*pair} <= {*THEMES["paper"].roles}}


def test_every_role_is_drawn_by_some_panel():
    pairs = {pair for per in drawn().values() for marks in per for pair in together(marks)}
    assert {role for pair in pairs for role in pair} == set(THEMES["paper"].roles)
    assert {("generator", "warning"), ("js", "js_bound"), ("discriminator", "optimum")} <= pairs


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", THEMES)
def test_roles_that_share_a_panel_are_other_colours_for_every_sight(name, sight):
    roles = THEMES[name].roles
    near = {
        (panel, one, other, round(apart, 1))
        for panel, per in drawn().items()
        for one, other in {pair for marks in per for pair in together(marks)}
        if (apart := difference(roles[one].color, roles[other].color, sight)) < 20
    }
    assert not near


@pytest.mark.parametrize("name", THEMES)
def test_words_and_curves_stand_out_from_the_ground(name):
    theme = THEMES[name]
    for role, style in theme.roles.items():
        least = 4.5 if role in WORDS else 1.1 if role in RULES else 3.0
        assert contrast(style.color, theme.background) >= least, role


@pytest.mark.parametrize("name", THEMES)
def test_a_recording_side_by_side_has_no_colour_of_what_its_picture_shows(name):
    roles = THEMES[name].roles
    for run, one in itertools.product(RUNS, PLAYERS):
        assert difference(roles[run].color, roles[one].color) >= 20, (run, one)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", THEMES)
def test_points_stand_out_from_every_band_they_may_lie_on(name, sight):
    theme, found = THEMES[name], 0
    for marks in drawn()["discriminator"] + drawn()["map"]:
        fills = {fill for mark in marks if isinstance(mark, Bands) for fill in mark.fills}
        for mark in marks:
            if isinstance(mark, Dots) and mark.role == "points" and mark.axes:
                assert mark.halo > 0
                color = theme.roles[mark.role].color
                for role, opacity in fills:
                    band = mixed(theme.roles[role].color, theme.background, opacity**theme.lift)
                    assert difference(color, band, sight) > 20, (role, opacity)
                    # Where a band is as bright as the points, the ring in the ground's colour parts them.
                    assert max(contrast(color, band), contrast(theme.background, band)) > 1.6
                    found += 1
    assert found


def test_points_are_white_on_dark():
    assert THEMES["talk-dark"].roles["points"].color == "#ffffff"


def test_no_divergence_has_a_colour_of_data_generator_or_discriminator():
    for theme in THEMES.values():
        for one, other in itertools.product(("kl", "reverse_kl", "js", "js_bound", "w1"), ("data", "generator")):
            assert difference(theme.roles[one].color, theme.roles[other].color) > 20, (theme.name, one, other)
        assert len({style.color for role, style in theme.roles.items() if role != "force"}) == len(theme.roles) - 1


def test_curves_over_the_steps_are_never_dashed_and_the_optimum_is_thinner_than_the_discriminator():
    for theme in THEMES.values():
        for panel in ("losses", "divergences", "scalars", "quality", "responses"):
            lines = [mark for marks in drawn()[panel] for mark in marks if isinstance(mark, Line)]
            assert lines
            assert not any(theme.roles[mark.role].dash for mark in lines)
        assert not theme.roles["discriminator"].dash
        assert theme.roles["optimum"].dash
        assert 2 * theme.roles["optimum"].width < theme.roles["discriminator"].width


def test_sight_is_simulated_as_published():
    # A grey stays what it is; red turns to a dark yellow that deuteranopes and protanopes cannot tell from some green.
    for sight in SIGHTS:
        assert np.allclose(seen("#808080", sight), ((0x80 / 255 + 0.055) / 1.055) ** 2.4, atol=1e-4)
    assert difference("#ffffff", "#000000") == pytest.approx(100, abs=0.1)
    assert difference("#ff0000", "#00ff00") == pytest.approx(170.6, abs=0.5)
    assert difference("#c00000", "#5f5a00", "deuteranope") < 30 < difference("#c00000", "#5f5a00")
    assert contrast("#ffffff", "#000000") == pytest.approx(21, abs=0.01)
    assert np.allclose(rgb(mixed("#ff0000", "#ffffff", 0.5)), [1.0, 0.5, 0.5], atol=0.01)
