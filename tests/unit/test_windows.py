"""The window of a recording: the data's own, widened within reason for generators that begin elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from gandyn.app.training import train
from gandyn.recording.spaces.widening import widened
from gandyn.scenario.loading import load_scenario

EXTENT = np.array([[0.0, 4.0]])


def points(*values):
    return np.array(values, dtype=float)[:, None]


def test_a_window_that_holds_nearly_all_is_left_as_it_is():
    assert widened(EXTENT, points(*np.linspace(0.1, 3.9, 99), 50.0)) is EXTENT
    assert widened(EXTENT, points(np.nan, np.inf)) is EXTENT


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.linspace(-1.0, 1.0, 100), (-1.2, 4.0)),
        (np.linspace(-9.0, -8.0, 100), (-2.0, 4.0)),
        (np.linspace(3.0, 5.0, 100), (0.0, 5.2)),
        (np.linspace(-50.0, 54.0, 100), (-0.8, 4.8)),
    ],
)
def test_it_is_widened_by_tenths_of_itself_and_by_a_half_at_most(samples, expected):
    ((low, high),) = widened(EXTENT, points(*samples))
    assert (low, high) == pytest.approx(expected)
    assert high - low <= 1.5 * 4.0 + 1e-9


def test_on_the_plane_each_coordinate_is_widened_by_what_it_needs():
    extent = np.array([[-1.0, 1.0], [0.0, 4.0]])
    found = widened(extent, np.column_stack([np.linspace(-0.5, 0.5, 50), np.linspace(-1.0, 3.0, 50)]))
    assert found[0] == pytest.approx([-1.0, 1.0])
    assert found[1] == pytest.approx([-1.2, 4.0])


SCENARIO = """
data: {type: gaussian, mean: 2.0, std: 0.5}
generator: {type: mlp, hidden: [8]}
discriminator: {type: mlp, hidden: [8]}
train: {steps: 4, batch_size: 8, seeds: [SEEDS]}
record: {fields: true, grid: {cells: 64GRID}}
"""


def window(folder, seeds, grid="", **options):
    file = folder / "toy.yaml"
    file.write_text(SCENARIO.replace("SEEDS", seeds).replace("GRID", grid))
    out = folder / f"runs-{seeds}-{len(grid)}"
    recording = train(load_scenario(file, []), out, **options)
    attrs = recording.dataset["x"].attrs
    return float(attrs["low"]), float(attrs["high"]), np.asarray(recording.scalars("outside_mass"))[:, 0].sum(axis=-1)


def test_a_generator_that_begins_beside_the_data_is_seen_whichever_seeds_are_trained_and_after_a_resume(tmp_path):
    low, high, outside = window(tmp_path, "2, 3")
    assert low < 0 < high
    assert (outside < 0.2).all()
    assert window(tmp_path, "2, 3", resume=True)[:2] == window(tmp_path, "3")[:2] == (low, high)


def test_a_window_that_was_asked_for_is_the_window(tmp_path):
    assert window(tmp_path, "0", ", low: 1.0, high: 3.0")[:2] == (1.0, 3.0)
