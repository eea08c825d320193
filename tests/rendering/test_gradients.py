"""The gradients panel: how strong, which way, and what it is where the generated samples are."""

from __future__ import annotations

import numpy as np
import pytest

from gandyn.rendering.marks.marks import Arrows, Dots, Line, Text
from gandyn.rendering.panels.gradients import Gradients, gradient_scale, power, strength, typical_gradient
from gandyn.rendering.recording_view import PanelSlot, RecordingView, share_scales
from rendering.stand_in import make

ROOM = PanelSlot((0.0, 0.0, 600.0, 400.0), 15.0, alone=False, plain=True)


def given(force, steps=2, cells=256):
    """Return a view whose gradient at x is what a function says, at every step."""
    recording = make(steps=steps, cells=cells)
    x = recording.dataset.x.values
    recording.dataset["force"].values[...] = force(x)
    return RecordingView(recording)


def drawn(panel, kind, step=1):
    return [mark for mark in panel.marks(step) if isinstance(mark, kind)]


def test_arrows_point_where_samples_are_pushed_at_the_height_of_the_push():
    panel = Gradients(given(lambda x: np.sign(x) * 10.0 ** (-1 - np.abs(x) / 4)), ROOM)
    (arrows,) = drawn(panel, Arrows)
    middle = (arrows.x0 + arrows.x1) / 2
    assert len(middle) > 5
    np.testing.assert_array_equal(np.sign(arrows.x1 - arrows.x0), np.sign(middle))
    # Between two cells the field is a straight line.
    np.testing.assert_allclose(arrows.y0, 10.0 ** (-1 - np.abs(middle) / 4), rtol=0.02)
    np.testing.assert_array_equal(arrows.y0, arrows.y1)


def test_the_dot_is_the_median_over_generated_samples():
    x = np.linspace(-1, 1, 101)
    density = np.where(np.abs(x) < 0.105, 1.0, 0.0)  # 11 cells
    force = np.where(np.abs(x) < 0.045, -3.0, 50.0)  # 5 of them
    force[0] = np.nan
    middle, strength = typical_gradient(density, force)
    assert x[middle] == pytest.approx(0)
    assert strength == 50
    force = np.where(np.abs(x) < 0.065, -3.0, 50.0)  # 7 of them
    assert typical_gradient(density, force)[1] == 3
    assert typical_gradient(np.zeros(101), force) is None
    assert typical_gradient(density, np.full(101, np.nan)) is None


def test_what_has_vanished_lies_at_the_foot_and_is_told_by_its_power_of_ten():
    views = [given(lambda x: np.full_like(x, 3e-20)), given(lambda x: np.full_like(x, -0.4))]
    share_scales(views)
    panels = [Gradients(view, ROOM) for view in views]
    scale = panels[0].axes["gradients"].y
    assert scale == panels[1].axes["gradients"].y == gradient_scale(views[0])
    assert scale.log
    assert (scale.low, scale.high) == pytest.approx((1e-8, 1.0))
    for panel, height, words in zip(panels, (1e-8, 0.4), ("3·10⁻²⁰", "0.4"), strict=True):
        (dot,) = drawn(panel, Dots)
        assert dot.y[0] == pytest.approx(height)
        assert any(mark.text.endswith(f": {words}") for mark in drawn(panel, Text))
    assert drawn(panels[0], Arrows) == []


def test_the_curve_is_thick_where_generated_samples_are():
    view = given(lambda x: np.full_like(x, 0.1))
    whole, thick = (mark for mark in drawn(Gradients(view, ROOM), Line) if mark.role == "force")
    density = view.field("generator_density", 1)
    assert thick.weight > 1.5 * whole.weight
    assert np.isfinite(whole.y).all()
    np.testing.assert_array_equal(np.isfinite(thick.y), density > 0.02 * density.max())
    assert 0 < np.isfinite(thick.y).sum() < len(density)


@pytest.mark.parametrize("force", [lambda x: 0 * x, lambda x: 1e37 * x, lambda x: np.full_like(x, np.nan)])
def test_no_gradient_is_too_strange_to_be_drawn(force):
    panel = Gradients(given(force), ROOM)
    low, high = panel.axes["gradients"].y.low, panel.axes["gradients"].y.high
    assert 0 < low < high < np.inf
    for mark in drawn(panel, Line):
        if mark.role == "force":
            assert (mark.y[np.isfinite(mark.y)] >= low).all()


@pytest.mark.parametrize(
    ("number", "text"),
    [(2.34, "2.3"), (0.0213, "0.02"), (0.96, "0.96"), (1e-3, "0.001"), (3.9e-5, "4·10⁻⁵"), (1e-7, "10⁻⁷"), (0, "0")],
)
def test_strengths_are_written_as_people_read_them(number, text):
    assert power(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(3.14, "3.1"), (0.02, "0.02"), (8e-4, "0.0008"), (3e-5, "under 0.001"), (1e-11, "under 0.001")]
)
def test_an_audience_is_told_no_powers_of_ten(number: float, text: str) -> None:
    assert strength(number, plain=True) == text
    assert strength(number, plain=False) == power(number)
