"""Numbers of a recording are panels under the names they have there: divergences for those who ask for them."""

from __future__ import annotations

import numpy as np
import pytest

from gandyn.rendering import panels
from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.marks.marks import Dots, Line, Text
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.theme import THEMES
from rendering import stand_in
from rendering.planes import find
from rendering.planes import of as plane
from rendering.written import overlaps, written

ROOM = PanelSlot((20.0, 20.0, 620.0, 170.0), 15.0, alone=False, brief=True, plain=True)


@pytest.fixture(scope="module")
def finite():
    return stand_in.make(steps=30, cells=64, infinite=False)


@pytest.fixture(scope="module")
def infinite():
    return stand_in.make(steps=30, cells=64)


def panel_of(recording, name):
    view = RecordingView(recording)
    return panels.find(name, len(view.dims))(view, ROOM)


def headline(panel, index):
    (text,) = find(panel.marks(index), Text)
    return text.text


@pytest.mark.parametrize("index", [0, 12, 30])
@pytest.mark.parametrize(
    ("name", "called"), [("kl", "KL"), ("reverse_kl", "reverse KL"), ("js", "JS"), ("tv", "TV"), ("w1", "W1")]
)
def test_a_recorded_number_is_drawn_under_its_name_with_its_whole_course(finite, name, called, index):
    panel = panel_of(finite, name)
    values = finite.dataset[name].values[0]
    words, number = headline(panel, index).rsplit(" ", 1)
    assert words == called
    assert float(number) == pytest.approx(values[index], abs=0.05 * max(values[index], 0.1))
    (dot,) = find(panel.marks(index), Dots)
    assert (dot.x[0], dot.y[0]) == pytest.approx((index, max(values[index], panel.axes[name].y.low)))
    (faint,) = (mark for mark in find(panel.background, Line) if mark.opacity == 0.3)
    assert (faint.x[0], faint.x[-1]) == (0, 30)


def test_where_kl_is_infinite_its_skew_divergence_is_drawn_and_named(infinite):
    panel = panel_of(infinite, "kl")
    words, number = headline(panel, 30).rsplit(" ", 1)
    assert words == "skew KL"
    assert float(number) == pytest.approx(infinite.dataset["kl_skew"].values[0, 30], abs=0.05)
    assert [mark.text for mark in find(panel.background, Text) if "∞" in mark.text] == ["data missed (KL: ∞)"]
    at_times = stand_in.make(steps=30, cells=64, infinite=False)
    at_times.dataset["kl"].values[0, 3] = np.inf
    said = [mark.text for mark in find(panel_of(at_times, "kl").background, Text)]
    assert "data missed (KL: ∞ at times)" in said


def test_of_a_number_that_spans_decades_the_axis_has_powers_of_ten(finite):
    wide = stand_in.make(steps=30, cells=64, infinite=False)
    wide.dataset["kl"].values[0] = np.geomspace(500.0, 1e-6, 31)
    for recording, log in ((finite, False), (wide, True)):
        panel = panel_of(recording, "kl")
        assert panel.axes["kl"].y.log == log
        ticks = {mark.text for mark in find(panel.background, Text) if mark.align == "right"}
        assert ("identical" in ticks) != log
        assert not log or {"100", "1"} & ticks


def test_both_directions_stand_in_a_talk_beside_the_main_picture_on_line_and_plane(infinite):
    for recording, main in ((infinite, "density"), (plane("one seed"), "map")):
        page = TalkFigure(RecordingView(recording), [main, "kl", "reverse_kl"], (960, 540), THEMES["talk-dark"])
        assert [panel.name for panel in page.panels] == [main, "kl", "reverse_kl"]
        for frame in page.frames(3):
            found = written(page, frame)
            said = " ".join(one.text for one in found)
            assert "data missed" in said
            assert "samples made up" in said
            assert not overlaps(found)


def test_on_the_plane_the_earth_movers_distance_is_that_over_directions():
    assert panels.find("sliced_w1", 2).needs == ("sliced_w1",)
    assert "w1" not in panels.names(2)
