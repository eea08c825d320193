"""Laws of where square panels go, and what stands beside and under them."""

from __future__ import annotations

import pytest

from gandyn.rendering import panels
from gandyn.rendering.layout.layout import arrange
from gandyn.rendering.layout.squares import squares
from gandyn.rendering.panels.base import FOOT, SIDE, TITLE


def test_maps_are_numbered_where_modes_or_a_timeline_stand_beside():
    for rest, numbered in (("modes", True), ("timeline", True), ("losses", False)):
        layout = arrange([panels.find(name, 2) for name in ("density", rest)], (960, 540))
        assert [slot.numbered for slot in layout.slots] == [numbered, numbered]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("others", [0, 1, 2, 3])
@pytest.mark.parametrize("strips", [0, 1])
@pytest.mark.parametrize("size", [(904.0, 449.0), (1208.0, 605.0), (680.0, 330.0), (560.0, 800.0)])
def test_squares_and_what_stands_beside_them_share_the_area(number, others, strips, size):
    area, em = (20.0, 10.0, 20.0 + size[0], 10.0 + size[1]), 13.5
    cut = squares(number, [2.4] * others, [6.0] * strips, area, 2.2 * em, em)
    boxes = [*cut.squares, *([cut.rest] if others else []), *([cut.under] if cut.under else [])]
    for left, bottom, right, top in boxes:
        assert area[0] - 1 <= left < right <= area[2] + 1
        assert area[1] - 1 <= bottom < top <= area[3] + 1
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_squares_have_the_shape_of_the_window(aspect, number):
    em = 13.5
    cut = squares(number, [2.4], [], (20.0, 10.0, 924.0, 460.0), 2.2 * em, em, aspect)
    for left, bottom, right, top in cut.squares:
        assert (right - left - SIDE * em) / (top - bottom - (TITLE + FOOT) * em) == pytest.approx(aspect)


@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (720, 405)])
def test_strips_alone_leave_no_hole_under_squares(size):
    for rest in (["modes"], ["timeline"], ["modes", "timeline"]):
        slots = arrange([panels.find(name, 2) for name in ["density", "discriminator", *rest]], size).slots
        lowest = min(slot.box[1] for slot in slots)
        under = [slot for slot in slots[2:] if slot.box[3] <= slots[0].box[1]]
        assert under
        assert min(slot.box[1] for slot in under) == lowest
        assert slots[0].box[1] - max(slot.box[3] for slot in under) < 3 * 14


LEADS = (
    ["density"],
    ["density", "seeds"],
    ["density", "discriminator"],
    ["density", "discriminator", "lattice"],
    ["seeds"],
)


REST = ([], ["losses"], ["losses", "divergences"], ["modes", "losses", "divergences"], ["timeline"])


@pytest.mark.parametrize("leads", LEADS, ids="+".join)
@pytest.mark.parametrize("rest", REST, ids="+".join)
@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (720, 405), (320, 180), (600, 900)])
def test_panels_lie_inside_the_picture_and_apart(size, leads, rest):
    layout = arrange([panels.find(name, 2) for name in leads + rest], size)
    for i, slot in enumerate(layout.slots):
        left, bottom, right, top = slot.box
        assert 0 <= left < right <= size[0]
        assert 0 <= bottom < top <= layout.header[1]
        for other in layout.slots[:i]:
            assert right <= other.box[0] or other.box[2] <= left or top <= other.box[1] or other.box[3] <= bottom
