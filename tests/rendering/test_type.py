"""Type and overlap: nothing is written over anything else, small or cut, whatever is drawn, at whatever size."""

from __future__ import annotations

import itertools
import random

import pytest

from gandyn.core.errors import UsageError
from gandyn.rendering import panels
from gandyn.rendering.figures.animation import _page
from gandyn.rendering.figures.comparison import Column, Compared, Comparison
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.figures.talk_header import Header
from gandyn.rendering.layout.enough import check_slots
from gandyn.rendering.layout.talk_columns import Wanted, place
from gandyn.rendering.notes import Notes
from gandyn.rendering.options import AnimationOptions
from gandyn.rendering.pace import Timing
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.theme import THEMES
from rendering import shipped, stand_in, stand_in_images, stand_in_plane
from rendering.written import Words, intruders, outside, overlaps, written

LIGHT = THEMES["talk-light"]
SIZES = [(720, 405), (960, 540), (1280, 720), (1920, 1080), (960, 720)]
LAB_SIZES = [(960, 540), (1280, 720)]
LOOKS = [*((size, False) for size in SIZES), *((size, True) for size in [(960, 540), (1280, 720), (960, 720)])]
"""Sizes of a talk's picture, and whether its type is that for the back row."""

ENOUGH = [(1280, 720), (1920, 1080)]
"""Sizes at which whatever is side by side finds room."""

LONG = "non-saturating with a gradient penalty on real samples"
NOTE = "a note as long as notes may be, which is two lines across a slide and no more: " * 2
KINDS = {
    "line": lambda: stand_in.make(steps=6, cells=64),
    "line, many seeds": lambda: stand_in.make(steps=4, seeds=20, cells=64, diverged={4: 2}),
    "line, critic": lambda: stand_in.make(steps=6, cells=64, critic=True, latent_dim=8),
    "line, diverged": lambda: stand_in.make(steps=8, cells=64, outside=4.0, diverged={0: 4}),
    "ring": lambda: stand_in_plane.make(steps=4, cells=24, lattice=40, seeds=3),
    "grid": lambda: stand_in_plane.make(steps=4, cells=24, lattice=40, modes=25, std=0.05, critic=True),
    "plane, diverged": lambda: stand_in_plane.make(steps=4, cells=24, lattice=40, diverged={0: 2}),
    "images": lambda: stand_in_images.make(steps=6, every=3),
    "images by class": lambda: stand_in_images.make(steps=6, every=3, conditional=True, samples=100),
    "own loop": lambda: stand_in_images.make(steps=6, every=3, objective=False, user=True),
    "own loop of numbers": lambda: stand_in_images.make(steps=6, every=3, objective=False, user=True, fields=False),
    "images, diverged": lambda: stand_in_images.make(steps=6, every=3, diverged={0: 4}),
}
_MADE: dict[str, stand_in.StandIn] = {}


def of(kind: str) -> stand_in.StandIn:
    if kind not in _MADE:
        _MADE[kind] = KINDS[kind]()
    return _MADE[kind]


def compared(name: str, headings: list[str], title: str = "Only one thing differs") -> Compared:
    columns = tuple(Column(shipped.recording(name), text, None, text[-6:]) for text in headings)
    return Compared(columns, title, "The caption of a comparison; everything else is alike", "what differs")


def moments(page: Figure) -> list[int]:
    """Return the first frame, one in the middle, and the last."""
    frames = [shot.frame for shot in page.shots(Timing(9, 20.0, "even"))]
    return [frames[0], frames[len(frames) // 2], frames[-1]]


def lawful(page: Figure, least: float = 0.0, cut: tuple[str, ...] = ()) -> list[list[Words]]:
    """Check that words stand apart, in the picture, where they belong, and whole; return them, frame by frame.

    Args:
        least: size of type in pixels that none of them is below.
        cut: beginnings of what may be cut.
    """
    frames = []
    for frame in moments(page):
        found = written(page, frame)
        assert overlaps(found) == []
        assert outside(found, page.size) == []
        assert intruders(found, page.panels) == []
        assert [one.text for one in found if one.size < least - 1e-6] == []
        assert [one.text for one in found if "…" in one.text and not one.text.startswith(cut or ("…",))] == []
        assert all(one.role in theme.roles for one in found for theme in THEMES.values())
        frames.append(found)
    return frames


def basis(size: tuple[int, int]) -> float:
    """Return the height that sizes of type are parts of."""
    return min(size[1], 0.75 * size[0])


def numbers_are_large(page: Figure, found: list[Words]) -> None:
    """Check that each readout of a talk has a line of at least a twentieth of the height."""
    for k, panel in enumerate(page.panels):
        own = [one.size for one in found if one.panel == k]
        if panel.readout and own and panel.marks(page.frames(9)[-1]):
            assert max(own) >= basis(page.size) / 20 - 1e-6


def names_a_remedy(error: UsageError) -> None:
    """Check that a refusal says what to do about it."""
    assert any(remedy in str(error) for remedy in ("at least 1280x720", "big: false", "fewer in one picture"))


@pytest.mark.parametrize("name", shipped.FILES)
def test_words_of_a_scenario_stand_apart_large_and_whole(name: str) -> None:
    asked = shipped.options(name)
    recording = shipped.recording(name)
    for (size, big), names in itertools.product(LOOKS, (None, *([asked.panels] if asked.panels else []))):
        options = asked.model_copy(update={"layout": "talk", "size": size, "big": big, "panels": names})
        page = _page(recording, options, None)
        page.notes = Notes(asked.notes, *page.clock)
        frames = lawful(page, least=basis(size) / 36)
        numbers_are_large(page, frames[-1])
    for size in LAB_SIZES:
        lawful(_page(recording, asked.model_copy(update={"layout": "lab", "size": size}), None))


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_a_talk_stand_apart_whatever_was_recorded_and_is_said(kind: str) -> None:
    recording = of(kind)
    titles = (recording.dataset.attrs["title"], "A title that is much longer than the titles of scenarios usually are")
    for number, (size, big) in enumerate(LOOKS):
        title = titles[number % 2]
        recording.dataset.attrs["title"] = title
        texts = {"0": NOTE[:160].strip(), "20": "both modes are covered", "end": NOTE[40:200].strip()}
        page = _page(recording, AnimationOptions(size=size, big=big, notes=texts), None)
        page.notes = Notes(texts, *page.clock)
        lawful(page, least=basis(size) / 36)
    recording.dataset.attrs["title"] = titles[0]


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("name", ["two_modes", "wasserstein", "ring", "grid", "two_moons", "mnist_dcgan", "mnist_cgan"])
def test_words_stand_apart_side_by_side(name: str, count: int) -> None:
    short = ["Adam’s beta1: 0.0", "Adam’s beta1: 0.5", "Adam’s beta1: 0.9", "none"][:count]
    long = [f"{LONG} {number}" for number in range(count)]
    for (size, big), headings in itertools.product(LOOKS, (short, long)):
        options = AnimationOptions(size=size, big=big)
        try:
            page = _page(compared(name, headings), options, None)
        except UsageError as error:
            assert size not in ENOUGH or big
            names_a_remedy(error)
            continue
        # Three lines of a heading find no room over a narrow picture; what tells recordings apart is its colour then.
        cut = () if headings is short else tuple(LONG.split())
        lawful(page, basis(size) / 36, cut)


def test_what_is_too_small_side_by_side_is_refused_with_a_size_that_is_not() -> None:
    header = Header("Title", ("caption",), 2000, "seed 0", 20.0)
    wanted = Wanted(header, ("one", "two", "three", "four"), 1.0, True, True)
    for size, big in (((480, 270), False), ((960, 720), True)):
        with pytest.raises(UsageError, match=r"4 recordings side by side .* too small to be read; they need") as told:
            place(wanted, size, big)
        if size[0] < 960:
            assert "at least 960x540" in str(told.value)
    place(wanted, (960, 540))


@pytest.mark.slow
def test_panels_of_the_lab_stand_apart_or_are_refused_with_a_size() -> None:
    drawn, refused = 0, 0
    for kind in KINDS:
        dice = random.Random(f"{kind} 5")  # by kind: a new panel on the line changes no other kind's draws
        view = RecordingView(of(kind))
        able = panels.telling(panels.names(len(view.dims), images=True), [view])
        for number, size in itertools.product(range(1, min(len(able), 9) + 1), LAB_SIZES):
            try:
                page = RecordingFigure(RecordingView(of(kind)), dice.sample(able, number), size, LIGHT)
            except UsageError as error:
                refused += 1
                assert number >= 6  # one main picture and five numbers are more than some sizes hold
                names_a_remedy(error)
                continue
            drawn += 1
            lawful(page, cut=tuple(panels.names()))
            for panel in page.panels:
                assert all(min(place.width, place.height) > page.layout.em for place in panel.axes.values())
    assert drawn > 8 * refused  # many panels are numbers in large type, which need height


def test_panels_that_find_no_room_name_a_size_at_which_they_do() -> None:
    kinds = [panels.find(name, 2) for name in ("losses", "divergences")]
    low, high = ([PanelSlot((0.0, 0.0, 300.0, tall), 13.5)] * 2 for tall in (60.0, 90.0))
    with pytest.raises(UsageError) as told:
        check_slots(kinds, low, (960, 540), lambda size: high if size[0] >= 1920 else low)
    assert str(told.value) == (
        "2 panels are too many for 960x540 pixels: losses would be 300 x 60; "
        "they need at least 1920x1080 pixels (animation.size, or --size)"
    )
    check_slots(kinds, high, (960, 540), lambda size: low)
    nine = ["modes", "losses", "map", "lattice", "timeline", "density", "seeds", "discriminator", "latents"]
    with pytest.raises(UsageError, match=r"9 panels are too many .*: map would be .* need fewer in one"):
        RecordingFigure(RecordingView(of("ring")), nine, (960, 540), LIGHT)


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("kind", ["line", "line, critic", "ring", "images"])
def test_panels_of_the_lab_stand_apart_side_by_side(kind: str, count: int) -> None:
    more = {"line": ["density", "losses", "divergences"], "ring": ["density", "discriminator", "losses", "modes"]}
    both = Compared(tuple(Column(of(kind), f"heading {number}") for number in range(count)), "A title", "A caption")
    for names, size in itertools.product((None, more.get(kind, ["losses", "divergences"])), [(720, 405), *LAB_SIZES]):
        lawful(Comparison(both, names, size, LIGHT), cut=tuple(panels.names()))


def test_nothing_moves_with_the_theme() -> None:
    for layout, kind in itertools.product(("talk", "lab"), ("line", "ring", "images by class")):
        pages = [_page(of(kind), AnimationOptions(layout=layout, theme=theme), None) for theme in THEMES]
        boxes = [[(one.text, one.box) for one in written(page, page.frames(3)[-1])] for page in pages]
        assert boxes[0] == boxes[1] == boxes[2]
