"""Laws of the panel of modes over the steps: counts as they are, a band of all seeds, and how many seeds lack modes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gandyn.core.errors import UsageError
from gandyn.rendering import panels
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import Area, EndLabels, Line, Text
from gandyn.rendering.recording_view import PanelSlot, RecordingView, share_scales
from rendering import stand_in
from rendering.planes import ROOM, find, of, shown


def counted(rows, modes=2, **kwargs):
    """Return a recording on the line whose seeds have found so many modes at each step."""
    made = stand_in.make(len(rows[0]) - 1, seeds=len(rows), cells=64, **kwargs)
    there = np.arange(made.dataset.sizes["mode"]) < np.array(rows)[..., None]
    there = np.where(np.isfinite(np.array(rows, dtype=float))[..., None], there, np.nan)
    made.dataset["mode_mass"][:] = there * made.dataset["mode_weight"].values
    return made


def level(mark, step):
    """Return what stairs say from a step on."""
    return float(mark.y[np.flatnonzero(mark.x == step)[-1]])


def test_of_one_seed_there_are_stairs_that_pass_through_every_count_unsmoothed():
    counts = [[0, 0, 1, 2, 1, 2, 2]]
    panel = shown(counted(counts), "modes_over_time")
    (line,) = find(panel.marks(6), Line, "generator")
    assert not find(panel.marks(6), Area)
    assert [level(line, step) for step in range(7)] == counts[0]
    assert all((np.diff(line.x) == 0) | (np.diff(line.y) == 0))
    (ends,) = find(panel.marks(6), EndLabels)
    assert [label.text for label in ends.labels] == ["2 of 2"]
    assert not find(panel.marks(6), Text)


def test_long_courses_are_not_smoothed_either():
    counts = np.tile([0, 2], 400)[None]
    (line,) = find(shown(counted(counts), "modes_over_time").marks(799), Line, "generator")
    assert set(np.unique(line.y)) == {0.0, 2.0}


def test_of_many_seeds_there_is_the_median_a_band_and_the_number_that_lack_modes():
    rows = np.zeros((9, 3))
    rows[:, 1] = [0, 0, 1, 1, 2, 2, 2, 2, 2]
    rows[:, 2] = 2
    panel = shown(counted(rows), "modes_over_time")
    (line,), (band,) = find(panel.marks(2), Line, "generator"), find(panel.marks(2), Area, "generator")
    assert [level(line, step) for step in range(3)] == [0, 2, 2]
    at = np.flatnonzero(band.x == 1)[-1]
    assert (band.low[at], band.high[at]) == (0.0, 2.0)
    said = [[(one.role, one.text) for one in find(panel.marks(step), Text)] for step in range(3)]
    assert said == [
        [("warning", "9 of 9 seeds lack modes")], [("warning", "4 of 9 seeds lack modes")],
        [("ink", "0 of 9 seeds lack modes")],
    ]  # fmt: skip
    assert any("median" in one.text for one in find(panel.background, Text))


def test_one_seed_lacks_and_a_seed_that_diverged_lacks_all():
    rows = np.full((4, 3), 2.0)
    rows[2] = [2, np.nan, np.nan]
    panel = shown(counted(rows), "modes_over_time")
    assert [panel.lacking(step) for step in range(3)] == [0, 1, 1]
    assert [one.text for one in find(panel.marks(1), Text)] == ["1 of 4 seeds lacks modes"]


def test_side_by_side_axes_are_equal_and_each_counts_its_own_seeds():
    views = [RecordingView(of("many seeds")), RecordingView(of("twenty-five modes"))]
    share_scales(views)
    drawn = [panels.find("modes_over_time", 2)(view, ROOM) for view in views]
    assert drawn[0].axes["modes_over_time"].y == drawn[1].axes["modes_over_time"].y
    assert [one.y[0] for panel in drawn for one in find(panel.background, Line, "data")] == [8.0, 25.0]
    assert any("of 5 seeds" in one.text for one in find(drawn[0].marks(12), Text))


@pytest.mark.parametrize("width", [170.0, 260.0, 330.0, 500.0])
def test_the_heading_stays_clear_of_the_title(width):
    slot = PanelSlot((0.0, 0.0, width, 200.0), 13.5)
    panel = panels.find("modes_over_time", 2)(RecordingView(of("many seeds")), slot)
    row = [one for one in find([*panel.background, *panel.marks(5)], Text) if one.y > 180 and not one.axes]
    spans = sorted(
        (one.x - measure(one.text, 13.5, one.bold) * (one.align == "right"), measure(one.text, 13.5, one.bold))
        for one in row
    )
    for (start, wide), (after, _) in itertools.pairwise(spans):
        assert start + wide <= after


def test_data_without_modes_are_refused():
    bare = counted([[0, 1, 2]])
    bare.dataset = bare.dataset.drop_vars(["mode_mass", "modes_captured"])
    with pytest.raises(UsageError, match="its data have no modes"):
        shown(bare, "modes_over_time")
