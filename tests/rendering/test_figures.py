"""Figures for papers: their width and type in print, text that is text, keys, and several recordings in one."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from gandyn.core.errors import UsageError
from gandyn.rendering import filmstrip, plot
from gandyn.rendering.canvas.canvas import PixelCanvas
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.sheet import DPI, Sheet, length
from gandyn.rendering.figures.comparison import Column, Compared
from gandyn.rendering.figures.filmstrip import Filmstrip
from gandyn.rendering.figures.overlay import Overlay, series
from gandyn.rendering.figures.panels_figure import PanelsFigure
from gandyn.rendering.lines import CURVES, with_curves
from gandyn.rendering.marks.marks import Area, Dots, Line, Text
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import THEMES
from rendering.conftest import recording_of
from rendering.stand_in import make as make_line
from rendering.stand_in_plane import make as make_plane
from rendering.written import common, drawn, overlaps, words
from rendering.written import written as lines_of

WIDTHS = {"3.3in": 237.6, "505pt": 505.0, "17cm": 481.89, "84mm": 238.11, "1000px": 240.0}
PAPER = THEMES["paper"]
PLANE = make_plane(steps=4, cells=24, lattice=40)


def all_marks(page):
    """Return the marks of a page of one frame with the axes they are in."""
    found = [(mark, {}) for mark in page.background()]
    for step, panel in zip(getattr(page, "steps", itertools.repeat(-1)), page.panels, strict=False):
        index = page.view.end - 1 if step == -1 and hasattr(page, "view") else max(step, 0)
        found += [(mark, panel.axes) for mark in (*panel.background, *panel.marks(index))]
    return found


def written(page):
    """Return every line of text of a page with its type in em and its box in pixels."""
    em = page.layout.em
    found = [one for mark, axes in all_marks(page) for one in words(mark, axes, em)]
    return [(one.text, one.size / em, one.box) for one in found]


def pages(width, title=True):
    sheet, line, plane = Sheet.of_width(width), RecordingView(recording_of("one seed")), RecordingView(PLANE)
    yield PanelsFigure(line, ["losses", "divergences"], sheet, PAPER, title)
    yield PanelsFigure(line, ["density", "losses", "divergences"], sheet, PAPER, title)
    yield PanelsFigure(plane, ["density", "discriminator", "losses", "modes"], sheet, PAPER, title)
    yield Filmstrip(line, [0, 10, 20, 40, 60], sheet, PAPER, None, title)
    yield Filmstrip(plane, [0, 1, 2, 4], sheet, PAPER, None, title)
    yield Filmstrip(plane, [0, 1, 2, 4], sheet, PAPER, "discriminator", title)
    yield Overlay(three(), ["js", "modes_captured"], sheet, PAPER, title)


def three(headings=("0", "0.5", "0.9"), knob="Adam beta1"):
    kinds = ("one seed", "wild losses", "diverged")
    columns = (Column(recording_of(kind), f"{knob}: {text}", None, text) for kind, text in zip(kinds, headings))  # noqa: B905
    return Compared(tuple(columns), "Three momenta", "Only one thing differs", knob)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "points"), WIDTHS.items())
def test_a_figure_has_its_width_in_every_format(tmp_path, width, points):
    for suffix in (".png", ".pdf", ".svg"):
        plot(recording_of("one seed"), tmp_path / f"a{suffix}", width=width, panels=["losses"])
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", (tmp_path / "a.pdf").read_bytes())
    assert float(box[1]) == pytest.approx(points, abs=0.01)
    assert float(re.search(r'width="([\d.]+)pt"', (tmp_path / "a.svg").read_text())[1]) == pytest.approx(
        points, abs=0.01
    )
    with Image.open(tmp_path / "a.png") as image:
        assert image.width == round(points / 72 * DPI)
        assert image.info["dpi"][0] == pytest.approx(DPI, rel=1e-3)
        assert image.width / image.info["dpi"][0] * 72 == pytest.approx(points, rel=1e-4)


@pytest.mark.parametrize("width", ["3.3in", "17cm"])
def test_type_is_eight_points_nothing_overlaps_and_nothing_is_cut(width):
    for page in pages(width):
        assert page.layout.em / page.sheet.dpi * 72 == pytest.approx(8.0, rel=1e-6)
        found = written(page)
        assert {size for _, size, _ in found} == {1.0}
        for text, _, (left, low, right, high) in found:
            assert left >= -1, text
            assert right <= page.size[0] + 1, text
            assert low >= 0, text
            assert high <= page.size[1], text
        for (one, _, a), (other, _, b) in itertools.combinations(found, 2):
            assert not common(a, b), (one, other)


def test_the_thinnest_lines_are_half_a_point_and_text_is_text(tmp_path):
    strips = {"steps": [0, 30, 60], "width": "17cm"}
    filmstrip(recording_of("one seed"), tmp_path / "a.svg", **strips)
    drawn = (tmp_path / "a.svg").read_text()
    widths = {float(one) for one in re.findall(r"stroke-width: ([\d.]+)", drawn)} - {0.0}
    assert min(widths) == pytest.approx(0.5)
    assert max(widths) < 1.5
    texts = re.findall(r"<text style=\"([^\"]*)\"[^>]*>([^<]*)</text>", drawn)
    assert {"step 0", "step 30", "step 60", "discriminator D"} <= {text for _, text in texts}
    assert all("'DejaVu Sans'" in style and "sans-serif" in style for style, _ in texts)
    assert '<defs>\n    <path id="DejaVu' not in drawn
    assert "text-anchor: end" in drawn  # what stands at the right edge stays there in another font
    filmstrip(recording_of("one seed"), tmp_path / "a.pdf", **strips)
    pdf = (tmp_path / "a.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Subtype /Type3" not in pdf


def test_a_figure_without_title_says_nothing_but_what_panels_say():
    for with_one, without in zip(pages("17cm"), pages("17cm", title=False), strict=True):
        more = {text for text, *_ in written(with_one)} - {text for text, *_ in written(without)}
        assert more
        assert without.size[1] < with_one.size[1]
    sheet = Sheet.of_width("3.3in")
    assert PanelsFigure(RecordingView(PLANE), ["losses"], sheet, PAPER, title=False).background() == []


def test_curves_over_all_steps_are_not_said_to_be_of_one():
    view, sheet = RecordingView(recording_of("one seed")), Sheet.of_width("3.3in")
    over_all = PanelsFigure(view, ["losses", "divergences"], sheet, PAPER)
    assert not any(text.startswith("step ") for text, *_ in written(over_all))
    of_one = PanelsFigure(view, ["density", "losses"], sheet, PAPER)
    assert "step 60" in {text for text, *_ in written(of_one)}


@pytest.mark.parametrize("panel", ["density", "discriminator"])
@pytest.mark.parametrize("width", ["3.3in", "17cm"])
def test_a_filmstrip_on_the_plane_has_its_key(panel, width):
    page = Filmstrip(RecordingView(PLANE), [0, 2, 4], Sheet.of_width(width), PAPER, panel)
    boxes = [mark for mark in page.background() if isinstance(mark, Area) and mark.band]
    assert [(one.role, one.opacity) for one in boxes] == list(page.panels[0].key().fills)


def test_a_filmstrip_says_which_steps_it_shows_where_others_were_asked_for(tmp_path):
    recording = recording_of("one seed")
    with pytest.raises(UsageError, match=r"a filmstrip of step 90: the run ends at step 60$"):
        filmstrip(recording, tmp_path / "a.png", steps=[0, 90], width="84mm")
    with pytest.warns(UserWarning, match=r"shows steps 5: the nearest recorded to 5, 5, of which some are the same$"):
        filmstrip(recording, tmp_path / "a.png", steps=[5, 5], width="84mm")
    with pytest.raises(UsageError, match="of a main picture"):
        filmstrip(recording, tmp_path / "a.png", panel="losses")


@pytest.mark.parametrize("long", [False, True])
def test_names_of_recordings_stand_on_no_curve(long):
    texts = (
        ("non-saturating with a gradient penalty", "least squares", "Wasserstein") if long else ("low", "half", "high")
    )
    page = Overlay(three(texts, knob="" if long else "Adam beta1"), ["js", "w1"], Sheet.of_width("3.3in"), PAPER)
    found = written(page)
    for text in texts:
        named = [box for name, _, box in found if re.sub(r"^: | \(to \d+\)$", "", name) == text]
        assert len(named) == (1 if long else 2), text
        for left, low, right, high in named:
            for panel in page.panels:
                box = panel.axes["curves"].box
                assert right <= box[0] or left >= box[2] or low >= box[3] or high <= box[1]
    assert any(name.endswith("(to 50)") for name, *_ in found)  # one of them ends earlier
    for panel in page.panels:
        assert {mark.role for mark in panel.marks(0) if isinstance(mark, Line) and mark.axes} == set(CURVES[:3])
        shapes = [mark.shape for mark in panel.marks(0) if isinstance(mark, Dots)]
        assert len(set(shapes)) == 3


def test_several_recordings_are_compared_by_distance_and_modes_unless_asked_otherwise():
    page = Overlay(three(), None, Sheet.of_width("17cm"), PAPER)
    assert [panel.background[0].text for panel in page.panels] == ["js", "modes captured"]
    page = Overlay(three(), ["losses", "kl"], Sheet.of_width("17cm"), PAPER)
    assert [panel.background[0].text for panel in page.panels] == [
        "losses: D",
        "losses: G",
        "KL(data, generator), skew",
    ]
    with pytest.raises(UsageError, match="no number 'jss' at every step; did you mean 'js'"):
        Overlay(three(), ["jss"], Sheet.of_width("17cm"), PAPER)
    with pytest.raises(UsageError, match="draws no curves"):
        Overlay(three(), ["density"], Sheet.of_width("17cm"), PAPER)


def test_a_curve_of_many_seeds_is_their_median_unless_one_is_chosen():
    many = recording_of("many seeds")
    for seed, bands in ((None, 1), (2, 0)):
        pair = Compared((Column(many, "a", seed), Column(recording_of("one seed"), "b")))
        (panel,) = Overlay(pair, ["js"], Sheet.of_width("17cm"), PAPER).panels
        assert sum(isinstance(mark, Area) for mark in panel.marks(0)) == bands


@pytest.mark.parametrize("text", ["3.3", "3,3in", "-3in", "3.3 inches", "0.1in", "99in", "", "1e9in", "٣in"])
def test_what_is_no_length_is_told(text):
    with pytest.raises(UsageError, match=r"no length|outside what can be drawn"):
        length(text)


def test_sizes_that_contradict_each_other_are_told(tmp_path):
    with pytest.raises(UsageError, match="not both"):
        plot(PLANE, tmp_path / "a.png", size=(960, 540), width="3.3in")
    with pytest.raises(UsageError, match="needs a width"):
        plot(PLANE, tmp_path / "a.png", height="3.3in")


def _seen(color, matrix):
    """Return CIELAB of a colour as somebody sees it whose sight a matrix describes (Machado et al., 2009)."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.clip(matrix @ np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    )
    xyz = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SIGHTS = {
    "normal": np.eye(3),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", THEMES)
def test_recordings_are_told_apart_by_colour_by_all(name, sight):
    look = with_curves(THEMES[name])
    labs = {role: _seen(look.style(role).color, SIGHTS[sight]) for role in (*CURVES, "data", "generator")}
    for one, other in itertools.combinations(CURVES, 2):
        assert np.linalg.norm(labs[one] - labs[other]) >= 20
    if sight == "normal":
        for curve, player in itertools.product(CURVES, ("data", "generator")):
            assert np.linalg.norm(labs[curve] - labs[player]) >= 20


def test_a_number_that_is_a_panel_too_is_a_line_a_recording_where_there_are_several():
    views = [RecordingView(recording_of("one seed")), RecordingView(recording_of("critic"))]
    for name in ("js", "kl", "w1"):
        (found,) = series(name, views)
        assert len(found.values) == 2


def of_heights(**more):
    made = make_line(steps=4, cells=64, **more)
    made.dataset = made.dataset.assign_attrs(axis_labels=["height [cm]"])
    return made


@pytest.mark.parametrize("theme", THEMES)
def test_a_filmstrip_names_its_axis_in_full_inside_the_page_and_keeps_all_ticks(theme):
    for sheet in (Sheet.chosen(None, "17cm", None), Sheet.of_screen(1200)):
        plain, named = (
            Filmstrip(RecordingView(one), [0, 1, 2, 4], sheet, THEMES[theme])
            for one in (make_line(steps=4, cells=64), of_heights())
        )
        found = [
            one for panel in named.panels for mark in panel.background
            for one in words(mark, panel.axes, named.layout.em)
        ]  # fmt: skip
        labels = [one for one in found if "cm" in one.text]
        assert [one.text for one in labels] == ["height [cm]"] * 4
        assert all(one.box[2] <= named.size[0] for one in found)
        ticks = [mark.text for mark in plain.panels[-1].background if isinstance(mark, Text) and mark.text != "x"]
        assert set(ticks) <= {one.text for one in found}


@pytest.mark.parametrize("theme", THEMES)
def test_a_filmstrip_in_a_theme_of_talks_is_in_plain_words(theme):
    page = Filmstrip(RecordingView(recording_of("one seed")), [0, 20, 60], Sheet.of_screen(1000), THEMES[theme])
    said = {mark.text for mark, _ in drawn(page, 0) if isinstance(mark, Text)}
    study = {"discriminator D", "optimal D*", "latent z ~ N(0, 1)"}
    assert (study <= said) if theme == "paper" else not study & said
    assert theme == "paper" or {"discriminator: “how real?”", "noise"} <= said
    assert {"step 0", "step 20", "step 60"} <= said
    assert not overlaps(lines_of(page, 0))


def test_notes_of_what_lies_beyond_stand_where_no_curve_runs_and_in_no_box():
    page = Filmstrip(RecordingView(of_heights(outside=4.0)), [4], Sheet.chosen(None, "17cm", None), THEMES["paper"])
    (panel,) = page.panels
    marks = panel.marks(4)
    notes = [mark for mark in marks if isinstance(mark, Text) and mark.text.endswith("→")]
    assert len(notes) == 1
    assert notes[0].halo
    assert not notes[0].ground
    (box,) = [one.box for one in words(notes[0], panel.axes, page.layout.em)]
    for mark in [*panel.background, *marks]:
        if isinstance(mark, Line) and mark.axes:
            x, y = panel.axes[mark.axes].pixels(mark.x, mark.y)
            assert not ((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])).any()


def test_letters_on_a_picture_have_a_rim_in_the_colour_of_the_ground(tmp_path):
    page = Filmstrip(RecordingView(recording_of("out of range")), [40], Sheet.of_screen(600), THEMES["paper"])
    (panel,) = page.panels
    (note,) = [mark for mark in panel.marks(40) if isinstance(mark, Text) and mark.halo]
    dark = PixelCanvas(100, 40)
    dark.rgba[...] = (0, 0, 0, 255)
    Painter(dark, THEMES["paper"], 16.0).paint([replace(note, x=10.0, y=15.0)], {})
    ink = (dark.rgba[..., :3] > 0).any(axis=2)
    white = (dark.rgba[..., :3] == 255).all(axis=2)
    assert white.any()
    assert white.sum() < 0.8 * ink.sum()
    assert not ink[0].any()
    # Once as text that readers find; the rim is no text.
    page.save(0, tmp_path / "strip.svg", ".svg")
    assert (tmp_path / "strip.svg").read_text().count("→") == 1


def test_markers_of_a_curve_that_runs_off_its_axes_stay_inside_and_titles_are_no_formulas():
    one, other = make_line(steps=200, cells=64, infinite=False), make_line(steps=200, cells=64)
    one.dataset["reverse_kl"].values[0] = np.geomspace(40.0, 1e-9, 201)
    page = Overlay(
        Compared((Column(one, "one"), Column(other, "other"))),
        ["kl", "reverse_kl"], Sheet.chosen((1200, 600), None, None), PAPER,
    )  # fmt: skip
    titles = [panel.background[0].text for panel in page.panels]
    assert titles == ["KL(data, generator), skew", "KL(generator, data)"]
    for panel in page.panels:
        place, count = panel.axes["curves"], 0
        for mark in panel.marks(0):
            if isinstance(mark, Dots):
                assert ((mark.y >= place.y.low) & (mark.y <= place.y.high)).all()
                count += len(mark.x)
        assert count > 8
