"""Drawing and encoding against what a user would write: `FuncAnimation.save` with PillowWriter, an equal figure."""

from __future__ import annotations

import statistics
import time

import numpy as np
import pytest
from rendering.stand_in import make

from gandyn.rendering import AnimationOptions, animate

SIZE = (960, 540)
ROUNDS = 3


def by_hand(recording, path, frames):
    """The three panels as a matplotlib user draws them: artists made once, data set in `update`, saved to a GIF."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt
    from matplotlib.animation import FuncAnimation, PillowWriter
    from matplotlib.collections import LineCollection

    data = recording.dataset
    x, z = data["x"].values, data["z"].values[::3]
    p, q = data["data_density"].values, data["generator_density"].values[0]
    d, g = data["discriminator"].values[0], data["generator_map"].values[0][:, ::3]
    steps = data["step"].values
    figure = plt.figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.1, 1))
    main, losses, gaps = figure.add_subplot(grid[:, 0]), figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
    response = main.twinx()
    top = 2 * p.max()
    main.fill_between(x, p, alpha=0.2)
    main.plot(x, p, label="data")
    (generator,) = main.plot(x, p, lw=2.5, label="generator")
    main.set_ylim(-0.5 * top, top)
    response.set_ylim(-0.5, 1)
    (discriminator,) = response.plot(x, d[0], lw=2.5, label="discriminator")
    (optimum,) = response.plot(x, d[0], "--", label="optimal D*")
    arrows = LineCollection([], lw=1, alpha=0.5, color="tab:orange")
    main.add_collection(arrows)
    main.plot(z, np.full_like(z, -0.45 * top), ".")
    main.legend(ncols=3, fontsize=7, loc="upper left")
    curves = []
    for axes, names in (
        (losses, ("discriminator_loss", "generator_loss")),
        (gaps, ("kl_skew", "reverse_kl", "js", "w1")),
    ):
        axes.set_xlim(0, steps[-1])
        values = [data[name].values[0] for name in names]
        axes.set_ylim(max(min(v.min() for v in values), 1e-2 if axes is gaps else -9), max(v.max() for v in values))
        for name, value in zip(names, values, strict=True):
            (line,) = axes.plot([], [], label=name)
            curves.append((line, value, axes.text(0, 1, "", fontsize=9, color=line.get_color())))
        axes.set_title("losses" if axes is losses else "divergences", loc="left", fontsize=9)
    gaps.set_yscale("log")
    losses.axhline(2 * np.log(2), color="0.7")
    title = figure.suptitle("")

    def update(k):
        generator.set_ydata(np.minimum(q[k], 1.2 * top))
        discriminator.set_ydata(d[k])
        with np.errstate(invalid="ignore"):
            optimum.set_ydata(p / (p + q[k]))
        arrows.set_segments([[(a, -0.45 * top), (b, -0.05 * top)] for a, b in zip(z, g[k], strict=True)])
        for line, value, text in curves:
            line.set_data(steps[: k + 1], value[: k + 1])
            text.set_position((steps[k], value[k]))
            text.set_text(f"{value[k]:.2f}")
        title.set_text(f"step {steps[k]}")

    chosen = np.round(np.linspace(0, len(steps) - 1, frames)).astype(int)
    FuncAnimation(figure, update, frames=chosen).save(path, writer=PillowWriter(fps=20))
    plt.close(figure)


@pytest.mark.benchmark
@pytest.mark.filterwarnings("default")
def test_twelve_times_as_fast_as_funcanimation_and_a_smaller_file(tmp_path):
    recording = make(400)
    theirs, ours = [], []
    animate(recording, tmp_path / "warm.gif", AnimationOptions(frames=5, size=SIZE))
    for _ in range(ROUNDS):
        start = time.perf_counter()
        by_hand(recording, tmp_path / "hand.gif", 40)
        theirs.append(40 / (time.perf_counter() - start))
        drawn = animate(recording, tmp_path / "ours.gif", AnimationOptions(frames=200, size=SIZE))
        ours.append(drawn.frames_per_second)
    # The same 40 frames of both for the size.
    small = animate(recording, tmp_path / "ours40.gif", AnimationOptions(frames=40, size=SIZE))
    ratio = statistics.median(ours) / statistics.median(theirs)
    size = small.bytes / (tmp_path / "hand.gif").stat().st_size
    print(
        f"\ndrawing and encoding, {SIZE[0]}x{SIZE[1]}, median of {ROUNDS}: FuncAnimation + PillowWriter "
        f"{statistics.median(theirs):.1f} frames/s, gandyn {statistics.median(ours):.1f} frames/s: {ratio:.1f}x; "
        f"file {size:.0%} of its size"
    )
    assert ratio >= 12
    assert size <= 0.6
