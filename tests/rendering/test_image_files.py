"""Image recordings in files: greys that stay grey, every panel in every format, figures and columns."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from gandyn.rendering import AnimationOptions, animate, filmstrip, plot, still
from gandyn.rendering.canvas.canvas import PixelCanvas
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.encoders.gif import GifWriter
from gandyn.rendering.figures.comparison import Column, Compared
from gandyn.rendering.marks.marks import Axes, Cells, Raster, Scale
from gandyn.rendering.theme import THEMES
from rendering.test_images import KINDS, drawable, of


def _packed(rgb):
    rgba = np.full((*rgb.shape[:2], 4), 255, np.uint8)
    rgba[..., :3] = rgb
    return rgba.view(np.uint32)[..., 0]


def _frames(path):
    with Image.open(path) as image:
        for k in range(image.n_frames):
            image.seek(k)
            yield np.asarray(image.convert("RGB")).astype(int)


def test_a_ramp_of_greys_stays_even_and_the_same_in_every_frame_beside_the_colours_of_the_theme(tmp_path):
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(8, axis=0)
    colours = np.random.default_rng(0).integers(0, 256, (40, 3)).astype(np.uint8)
    frames = []
    for k in range(4):
        patch = np.repeat(colours[k * 10 : k * 10 + 10, None], 26, axis=1)[:, :256].reshape(1, -1, 3)[:, :256]
        frames.append(_packed(np.concatenate([ramp, np.repeat(patch, 8, axis=0)])))
    keep = [(43, 108, 184), (229, 83, 42)]
    writer = GifWriter(tmp_path / "a.gif", (256, 16), frames, keep, tones=True)
    for frame in frames:
        writer.add(frame, 5)
    writer.close()
    seen = list(_frames(tmp_path / "a.gif"))
    assert all(np.array_equal(one[:8], seen[0][:8]) for one in seen)
    row = seen[0][0]
    assert (row == row[:, :1]).all()
    assert (np.diff(row[:, 0]) >= 0).all()
    assert np.abs(row[:, 0] - np.arange(256)).max() <= 8
    assert row[0, 0] == 0
    assert row[-1, 0] == 255
    for one, frame in zip(seen, frames, strict=True):
        exact = frame.view(np.uint8).reshape(16, 256, 4)[..., :3].astype(int)
        assert np.abs(one - exact)[8:].mean() < 6


def test_an_image_is_painted_pixel_by_pixel_whatever_the_theme_and_empty_cells_show_the_ground():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    for theme in THEMES.values():
        canvas = PixelCanvas(40, 30)
        place = {"a": Axes((4.0, 3.0, 20.0, 15.0), Scale(0, 4), Scale(0, 3))}
        Painter(canvas, theme, 10.0).paint([Raster("a", (0, 4), (0, 3), pixels)], place)
        assert np.array_equal(canvas.rgba[15:27, 4:20, 0], np.kron(pixels, np.ones((4, 4), np.uint8)))
        values = np.array([[np.nan, 1.0], [-1.0, np.nan]])
        cells = Cells("a", (0, 4), (0, 3), values, (0.0,), (("generator", 1.0), ("data", 1.0)))
        Painter(canvas, theme, 10.0).paint([cells], place)
        hexes = [theme.background, theme.style("data").color, theme.style("generator").color]
        ground, data, generator = ([int(one[i : i + 2], 16) for i in (1, 3, 5)] for one in hexes)
        # The first index runs to the right, the second upwards.
        corners = {(26, 4): ground, (15, 4): data, (26, 19): generator, (15, 19): ground}
        assert all(canvas.rgba[at][:3].tolist() == color for at, color in corners.items())


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".gif", ".png", ".pdf", ".svg"])
@pytest.mark.parametrize("theme", THEMES)
def test_image_recordings_are_drawn_in_every_theme_and_format(tmp_path, theme, suffix):
    out = tmp_path / f"a{suffix}"
    names = ["samples", "discriminator", "discriminator_mean", "classes", "quality", "responses", "scalars"]
    recording = of("somebody's own loop")
    animate(recording, out, AnimationOptions(layout="lab", frames=2, size=(960, 540), theme=theme, panels=names))
    assert out.stat().st_size > 5000


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_as_animation_figure_filmstrip_and_still(tmp_path, kind):
    recording = of(kind)
    animate(recording, tmp_path / "a.gif", AnimationOptions(frames=2, size=(480, 270)))
    plot(recording, tmp_path / "a.png")
    assert still(recording, 0, size=(480, 270)).startswith(b"\x89PNG")
    if "samples" in drawable(recording):
        filmstrip(
            recording, tmp_path / "b.png", steps=[step for step in (0, 100, 240) if step <= recording.steps()[-1]]
        )


def test_image_recordings_side_by_side_show_samples_and_how_good_they_are(tmp_path):
    lab = AnimationOptions(layout="lab", frames=2)
    animate(Compared((Column(of("digits")), Column(of("critic")))), tmp_path / "a.svg", lab)
    words = re.findall(r">([^<>]+)</text>|<!-- ([^-]+) -->", (tmp_path / "a.svg").read_text())
    said = [one or other for one, other in words]
    assert sum("quality" in text for text in said) == 2
    animate(Compared((Column(of("digits")), Column(of("never judged")))), tmp_path / "b.gif", lab)
