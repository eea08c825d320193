"""Drawing and encoding on the plane against `FuncAnimation.save`: contourf, imshow, scatter and a quad mesh."""

from __future__ import annotations

import statistics
import time

import numpy as np
import pytest
from rendering.stand_in_plane import make

from gandyn.rendering import AnimationOptions, animate

SIZE = (960, 540)
ROUNDS, FRAMES = 3, 100


def by_hand(recording, path, frames):
    """Density, discriminator and losses as a matplotlib user draws them: `update` redraws what has no setter.

    Returns the seconds that drawing and encoding took, without the making of the figure.
    """
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt
    from matplotlib.animation import FuncAnimation, PillowWriter

    data = recording.dataset
    x, y, p = data["x"].values, data["y"].values, data["data_density"].values
    q, d = data["generator_density"].values[0], data["discriminator"].values[0]
    points, steps = data["generated"].values[0], data["step"].values
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
    levels = p.max() * 2.0 ** np.arange(-4, 2)
    for axes in (left, middle):
        axes.contour(x, y, p.T, levels=p.max() * np.array([0.08, 0.3, 0.7]), colors="tab:blue", linewidths=1)
        axes.set_aspect("equal")
    image = middle.imshow(d[0].T, origin="lower", extent=(x[0], x[-1], y[0], y[-1]), cmap="RdBu", vmin=0, vmax=1)
    scatter = middle.scatter(*points[0].T, s=9, color="tab:orange")
    curves = [right.plot([], [], label=name)[0] for name in ("discriminator_loss", "generator_loss")]
    values = [data[name].values[0] for name in ("discriminator_loss", "generator_loss")]
    right.set_xlim(0, steps[-1])
    right.set_ylim(0, max(v.max() for v in values))
    right.legend()
    title = figure.suptitle("")
    drawn = []

    def update(k):
        for one in drawn:
            one.remove()
        drawn[:] = [
            left.contourf(x, y, q[k].T, levels=levels, cmap="Oranges", extend="max"),
            middle.contour(x, y, d[k].T, levels=[0.5], colors="tab:green"),
        ]
        image.set_data(d[k].T)
        scatter.set_offsets(points[k])
        for line, value in zip(curves, values, strict=True):
            line.set_data(steps[: k + 1], value[: k + 1])
        title.set_text(f"step {steps[k]}")

    chosen = np.round(np.linspace(0, len(steps) - 1, frames)).astype(int)
    film = FuncAnimation(figure, update, frames=chosen)
    start = time.perf_counter()
    film.save(path, writer=PillowWriter(fps=20))
    spent = time.perf_counter() - start
    plt.close(figure)
    return spent


@pytest.mark.benchmark
@pytest.mark.filterwarnings("default")
def test_ten_times_as_fast_as_funcanimation_on_the_plane_and_a_smaller_file(tmp_path):
    recording = make(200)
    panels = ["density", "discriminator", "losses"]
    theirs, ours = [], []
    animate(recording, tmp_path / "warm.gif", AnimationOptions(frames=5, size=SIZE, panels=panels))
    options = AnimationOptions(frames=FRAMES, size=SIZE, panels=panels)
    for _ in range(ROUNDS):
        theirs.append(FRAMES / by_hand(recording, tmp_path / "hand.gif", FRAMES))
        drawn = animate(recording, tmp_path / "ours.gif", options)
        ours.append(FRAMES / drawn.seconds)
    ratio = statistics.median(ours) / statistics.median(theirs)
    size = drawn.bytes / (tmp_path / "hand.gif").stat().st_size
    print(
        f"\ndrawing and encoding the plane, {SIZE[0]}x{SIZE[1]}, median of {ROUNDS}: FuncAnimation + PillowWriter "
        f"{statistics.median(theirs):.1f} frames/s, gandyn {statistics.median(ours):.1f} frames/s: {ratio:.1f}x; "
        f"file {size:.0%} of its size"
    )
    assert ratio >= 10
    assert size <= 0.6
