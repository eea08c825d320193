"""Training with recording, against the plain loop without."""

from __future__ import annotations

import statistics
import time

import pytest
import torch

from benchmarks.plain import best_threads, plain_loop
from gandyn.scenario.run import train
from gandyn.scenario.schema import Scenario

pytestmark = pytest.mark.benchmark

DATA = {"type": "gaussian_mixture", "means": [-2.0, 2.0], "stds": [0.5, 0.5]}


def seed_steps_per_second(folder, steps, seeds, every):
    scenario = Scenario.model_validate(
        {"name": "speed", "data": DATA, "train": {"steps": steps, "seeds": seeds}, "record": {"every": every}}
    )
    began = time.perf_counter()
    train(scenario, folder / "speed")
    return steps * seeds / (time.perf_counter() - began)


def compare(ours, plain_steps, rounds):
    """Interleave both sides and return the median of the ratios, with the medians of both."""
    torch.set_num_threads(best_threads())
    pairs = [(ours(), plain_loop(plain_steps)) for _ in range(rounds)]
    ratio = statistics.median(a / b for a, b in pairs)
    return ratio, statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def test_one_seed_recorded_at_every_step_is_no_slower_than_the_plain_loop(tmp_path):
    ours = lambda: seed_steps_per_second(tmp_path, 1500, 1, 1)  # noqa: E731
    ours()
    ratio, us, plain = compare(ours, 1000, 5)
    print(f"\none seed, every step recorded: {us:.0f} steps/s; plain loop {plain:.0f} steps/s; ratio {ratio:.2f}")
    assert ratio >= 1.0


def test_64_seeds_are_eight_times_the_plain_loop(tmp_path):
    ours = lambda: seed_steps_per_second(tmp_path, 1000, 64, 10)  # noqa: E731
    ratio, us, plain = compare(ours, 800, 3)
    print(f"\n64 seeds, every 10th step recorded: {us:.0f} seed-steps/s; plain loop {plain:.0f}; ratio {ratio:.2f}")
    assert ratio >= 8.0
