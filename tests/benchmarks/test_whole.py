"""The whole of `gandyn animate` against the script people write instead, and the memory it takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.plain import best_threads

HERE = Path(__file__).parent
TWO_MODES = HERE.parent.parent / "scenarios" / "line" / "two_modes.yaml"
# The script's own networks and steps: the scenario asks for more work, to end well.
LIKE_THE_SCRIPT = (
    "train.steps=2000",
    "dynamics.discriminator_steps=1",
    "generator={type: mlp, hidden: [32, 32], activation: silu}",
)


def seconds(command, folder):
    began = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, cwd=folder, capture_output=True)
    return time.perf_counter() - began


def animate(folder, *more):
    command = [sys.executable, "-m", "gandyn", "animate", TWO_MODES, "-o", "ours.gif", "--force", "--quiet"]
    return seconds([*command, *(part for change in LIKE_THE_SCRIPT for part in ("--set", change)), *more], folder)


@pytest.mark.benchmark
def test_animate_is_ten_times_the_script_written_by_hand(tmp_path):
    threads = best_threads()
    ours = sorted(animate(tmp_path, "--size", "1280x480", "--frames", "200") for _ in range(3))[1]
    theirs = seconds([sys.executable, HERE / "by_hand.py", 2000, 200, tmp_path / "theirs.gif", threads], HERE)
    print(f"\n2,000 steps, 200 frames, 1280x480: gandyn {ours:.1f} s, script {theirs:.1f} s, {theirs / ours:.1f}x")
    assert theirs / ours >= 10


def peak_megabytes(forks, folder, steps, frames):
    code = (
        "import resource, gandyn;"
        f"s = gandyn.load_scenario({str(TWO_MODES)!r}, ['train.steps={steps}', 'animation.frames={frames}']);"
        f"r = gandyn.train(s, {str(folder / f'r{steps}')!r});"
        f"gandyn.animate(r, {str(folder / f'{steps}.gif')!r}, frames={frames});"
        "print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    process = forks.start(["-c", code], folder, os.environ)
    out, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints
    return float(re.search(r"peak ([\d.]+)", out)[1])


@pytest.mark.slow
def test_memory_is_flat(tmp_path, forks):
    small, large = peak_megabytes(forks, tmp_path, 500, 10), peak_megabytes(forks, tmp_path, 2000, 70)
    print(f"\npeak memory: 500 steps and 10 frames {small:.0f} MB; 2,000 steps and 70 frames {large:.0f} MB")
    assert large - small < 18
