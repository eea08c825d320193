"""What is written: frames, delays, palettes, and never half a file."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from gandyn.core.errors import RenderError, UsageError
from gandyn.rendering import AnimationOptions, animate, check_suffix, filmstrip, plot, still
from gandyn.rendering.canvas.canvas import default_settings
from gandyn.rendering.encoders.encoders import ApngWriter
from gandyn.rendering.encoders.gif import GifWriter, closed, delays
from gandyn.rendering.encoders.output import ANIMATED
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import theme
from rendering.conftest import recording_of

SMALL = AnimationOptions(layout="lab", frames=12, size=(480, 270), pace="even", hold_first=0)
ROOT = Path(__file__).parents[2]


def frames_of(path):
    with Image.open(path) as image:
        for k in range(image.n_frames):
            image.seek(k)
            yield np.asarray(image.convert("RGB")).astype(int), image.info.get("duration")


def drawn(recording, options):
    view = RecordingView(recording)
    with default_settings():
        picture = RecordingFigure(
            view, options.panels or ("density", "losses", "divergences"), options.size, theme(options.theme)
        )
        for index in view.frames(options.frames):
            pixels = picture.draw(index)
            yield pixels.view(np.uint8).reshape(*pixels.shape, 4)[..., :3].astype(int)


def left_over(folder):
    return [p.name for p in folder.iterdir()]


@pytest.mark.parametrize("look", ["talk-light", "talk-dark", "paper"])
def test_gif_frames_are_the_pictures_to_the_palettes_precision(recording, tmp_path, look):
    options = SMALL.model_copy(update={"theme": look})
    done = animate(recording, tmp_path / "a.gif", options)
    assert (done.frames, done.size, done.bytes) == (12, (480, 270), (tmp_path / "a.gif").stat().st_size)
    seen = list(frames_of(tmp_path / "a.gif"))
    assert len(seen) == 12
    for (ours, _), exact in zip(seen, drawn(recording, options), strict=True):
        gap = np.abs(ours - exact).max(axis=2)
        assert gap.mean() < 1.5
        assert (gap > 40).mean() < 0.002
        assert (gap[(exact == exact[0, 0]).all(axis=2)] == 0).all()  # the background is exact in every frame
    assert [d for _, d in seen] == [50] * 11 + [3000]


def test_gif_has_one_palette_for_all_frames(recording, tmp_path):
    animate(recording, tmp_path / "a.gif", SMALL)
    with Image.open(tmp_path / "a.gif") as image:
        image.seek(5)
        assert image.tile == [] or not image.dispose
    content = (tmp_path / "a.gif").read_bytes()
    assert content.startswith(b"GIF89a")
    assert content.endswith(b"\x3b")
    at, descriptors = 0, 0
    while (at := content.find(b"\x21\xf9\x04", at)) >= 0:
        if content[at + 8 : at + 9] == b"\x2c":
            descriptors += 1
            assert content[at + 17] & 0x80 == 0  # no local colour table
        at += 1
    assert descriptors >= 12


@given(st.lists(st.floats(0.01, 9.0), min_size=1, max_size=400))
def test_delays_add_up_to_the_running_time(seconds):
    found = delays(seconds)
    assert len(found) == len(seconds)
    assert min(found) >= 1
    ends = 100 * np.cumsum(seconds)
    assert (np.abs(np.cumsum(found) - ends) <= 0.5 + 1e-6 + np.cumsum(np.array(seconds) < 0.011)).all()


def test_gifs_faster_than_browsers_play_are_thinned_not_slowed(recording, tmp_path):
    animate(recording, tmp_path / "a.gif", AnimationOptions(frames=60, fps=100, hold_first=0, hold=0, size=(320, 180)))
    times = [d for _, d in frames_of(tmp_path / "a.gif")]
    assert min(times) >= 20
    assert abs(sum(times) - 600) <= 20


def test_any_pixels_survive_the_gif_and_the_apng_writers(tmp_path):
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 256, (20, 3))
    frames = []
    for _ in range(6):
        rgba = np.full((30, 41, 4), 255, np.uint8)
        rgba[..., :3] = colors[rng.integers(0, 20, (30, 41))]
        frames.append(rgba.view(np.uint32)[..., 0])
    frames.insert(3, frames[2].copy())  # a frame without a change
    gif, apng = GifWriter(tmp_path / "a.gif", (41, 30), frames), ApngWriter(tmp_path / "a.apng", (41, 30))
    for frame in frames:
        gif.add(frame, 5)
        apng.add(frame, 5)
    gif.close()
    apng.close()
    exact = [f.view(np.uint8).reshape(30, 41, 4)[..., :3].astype(int) for f in frames]
    for (a, _), b in zip(frames_of(tmp_path / "a.apng"), exact, strict=True):
        assert (a == b).all()
    times = 0
    for k, (a, duration) in enumerate(frames_of(tmp_path / "a.gif")):
        assert np.abs(a - exact[k]).max() <= 16
        times += duration
    assert times == 50 * len(frames)


def test_narrow_gaps_between_what_changed_are_written_too():
    assert sorted(closed(np.array([3, 4, 6, 9, 13]))) == [3, 4, 5, 6, 7, 8, 9, 13]
    assert closed(np.array([7])).tolist() == [7]


def test_images_that_tremble_stay_as_they_were_and_others_never_do(tmp_path):
    def grey(value):
        rgba = np.full((20, 30, 4), 255, np.uint8)
        rgba[..., :3] = value
        return rgba.view(np.uint32)[..., 0]

    # What turns black does so at once, so that no grey lingers on a dark ground.
    frames = [grey(value) for value in (0, 8, 40, 60, 20, 4)]
    for tones, expected in ((True, [0, 0, 40, 40, 40, 4]), (False, [0, 8, 40, 60, 20, 4])):
        writer = GifWriter(tmp_path / "a.gif", (30, 20), frames, tones=tones)
        for frame in frames:
            writer.add(frame, 5)
        writer.close()
        seen = [int(pixels[10, 10, 0]) for pixels, _ in frames_of(tmp_path / "a.gif")]
        assert np.abs(np.array(seen) - expected).max() <= 5


def test_a_compact_mp4_is_a_fraction_as_large_and_as_long(recording, tmp_path):
    options = AnimationOptions(frames=8, size=(320, 180), hold=0.2, hold_first=0)
    plain = animate(recording, tmp_path / "a.mp4", options)
    small = animate(recording, tmp_path / "b.mp4", options, compact=True)
    assert small.bytes < 0.6 * plain.bytes
    lengths = []
    for name in ("a.mp4", "b.mp4"):
        with av.open(str(tmp_path / name)) as film:
            lengths.append(max(float(frame.time) for frame in film.decode(film.streams.video[0])))
    assert lengths[0] == pytest.approx(lengths[1], abs=0.011)


def test_mp4_is_what_players_expect(recording, tmp_path):
    animate(recording, tmp_path / "a.mp4", AnimationOptions(frames=12, size=(481, 271), hold_first=0, hold=1))
    with av.open(str(tmp_path / "a.mp4")) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height) == (482, 272)
        assert stream.codec_context.pix_fmt == "yuv420p"
        times = [frame.pts * stream.time_base for frame in film.decode(stream)]
    assert times[1] == Fraction(1, 20)
    assert float(times[-1]) == pytest.approx(11 / 20 + 1, abs=0.03)
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # plays while it loads


def test_webp_and_apng_hold_the_frames(recording, tmp_path):
    for name in ("a.webp", "a.apng"):
        animate(recording, tmp_path / name, SMALL)
        exact = list(drawn(recording, SMALL))
        poster, *seen = [pixels for pixels, _ in frames_of(tmp_path / name)]
        assert np.abs(poster - exact[-1]).max() <= 1
        assert len(seen) == 12
        assert all(np.abs(a - b).max() <= 1 for a, b in zip(seen, exact, strict=True))


@pytest.mark.parametrize("hold", [0, 1.5])
@pytest.mark.parametrize("suffix", ANIMATED)
def test_every_animation_runs_for_its_frames_and_holds_the_last_one(recording, tmp_path, suffix, hold):
    file = tmp_path / f"a{suffix}"
    animate(recording, file, AnimationOptions(frames=12, size=(320, 180), hold=hold, poster_step="first"))
    expected = 1.5 + 10 / 20 + (hold or 1 / 20)
    if suffix == ".mp4":
        with av.open(str(file)) as film:
            times = [float(frame.pts * frame.time_base) for frame in film.decode(video=0)]
        assert times[-1] == pytest.approx(expected, abs=0.015)
    else:
        seen = [duration for _, duration in frames_of(file)]
        assert sum(seen) == pytest.approx(1000 * expected)
        assert (seen[0], seen[-1]) == (1500, 1000 * hold or 50)


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_stills_show_the_last_frame_and_sequences_are_numbered(recording, tmp_path, suffix):
    animate(recording, tmp_path / f"a{suffix}", SMALL)
    assert left_over(tmp_path) == [f"a{suffix}"]
    done = animate(recording, tmp_path / f"b{suffix}", AnimationOptions(frames=3), stills=True)
    assert done.path.name == f"b-0001{suffix}"
    assert {f"b-000{k}{suffix}" for k in (1, 2, 3)} <= set(left_over(tmp_path))


def test_a_still_is_told_to_write_no_file(recording, tmp_path):
    for name in ("py.png", tmp_path / "py.png"):
        with pytest.raises(UsageError, match=r"still returns the picture .* plot or animate"):
            still(recording, name)


def test_a_still_is_a_frame(recording, tmp_path):
    (tmp_path / "a.png").write_bytes(still(recording, 60, size=(480, 270)))
    with Image.open(tmp_path / "a.png") as image:
        exact = list(drawn(recording, SMALL))[-1]
        assert (np.asarray(image).astype(int) == exact).all()


def test_figures(any_recording, tmp_path):
    plot(any_recording, tmp_path / "a.svg")
    filmstrip(any_recording, tmp_path / "b.pdf")
    if len(any_recording.steps()) > 1:
        filmstrip(any_recording, tmp_path / "c.png", steps=[0, int(any_recording.steps()[-1])])
        with pytest.raises(UsageError, match="the run ends at step"):
            filmstrip(any_recording, tmp_path / "c.png", steps=[0, 3, 10**6])
    else:
        filmstrip(any_recording, tmp_path / "c.png", steps=[0])
    assert sorted(left_over(tmp_path)) == ["a.svg", "b.pdf", "c.png"]
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()[:2000]


def test_every_recording_animates(any_recording, tmp_path):
    panels = ["density", "seeds", "losses", "divergences"]
    options = AnimationOptions(layout="lab", frames=4, size=(640, 360), panels=panels)
    assert animate(any_recording, tmp_path / "a.gif", options).frames == min(4, len(any_recording.steps()))


def test_the_steps_shown_can_be_chosen(recording, tmp_path):
    done = animate(recording, tmp_path / "a.gif", AnimationOptions(size=(320, 180), first_step=10, last_step=20))
    assert done.frames == 11
    with pytest.raises(UsageError, match="no recorded step is 100 or later"):
        animate(recording, tmp_path / "a.gif", AnimationOptions(first_step=100))
    with pytest.raises(UsageError, match="has no seed 7"):
        animate(recording, tmp_path / "a.gif", AnimationOptions(seed=7))


@pytest.mark.parametrize(
    ("name", "hint"), [("a.gfi", "did you mean .gif"), ("a", "no suffix"), ("a.avi", "supported: ")]
)
def test_an_unknown_suffix_is_refused_before_anything_is_drawn(recording, tmp_path, name, hint):
    with pytest.raises(UsageError, match=hint):
        animate(recording, tmp_path / name, SMALL, progress=lambda done, of: pytest.fail("drawn"))
    assert check_suffix("A.GIF") == ".gif"
    with pytest.raises(UsageError):
        check_suffix("a.gif", figure=True)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".webp", ".apng"])
def test_an_interrupted_render_leaves_what_was_there(recording, tmp_path, suffix, error):
    (tmp_path / f"a{suffix}").write_bytes(b"the old one")

    def stop(done, _of):
        if done == 5:
            raise error

    with pytest.raises(error):
        animate(recording, tmp_path / f"a{suffix}", SMALL, progress=stop)
    assert left_over(tmp_path) == [f"a{suffix}"]
    assert (tmp_path / f"a{suffix}").read_bytes() == b"the old one"


def test_an_interrupted_sequence_leaves_nothing(recording, tmp_path):
    def stop(done, _of):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        animate(recording, tmp_path / "a.png", SMALL, progress=stop, stills=True)
    assert left_over(tmp_path) == []


def test_a_folder_that_cannot_be_written_and_a_full_disk_are_told(recording, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RenderError, match="not a place a file can be written to"):
        animate(recording, tmp_path / "file" / "a.gif", SMALL)
    (tmp_path / "b.gif").mkdir()
    with pytest.raises(RenderError, match="is a folder"):
        animate(recording, tmp_path / "b.gif", SMALL)

    def full(self, frame, delay):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(GifWriter, "add", full)
    with pytest.raises(RenderError, match="the disk is full"):
        animate(recording, tmp_path / "a.gif", SMALL)
    assert sorted(left_over(tmp_path)) == ["b.gif", "file"]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("theme", "talk-lihgt", "did you mean 'talk-light'"),
        ("panels", ["densty"], "did you mean 'density'"),
        ("panels", [], "at least 1"),
        ("size", (100, 100), "320 x 180 to 3840 x 2160"),
        ("frames", 0, "greater than or equal to 1"),
        ("fps", 0, "greater than 0"),
        ("fps", 101, "less than or equal to 100"),
        ("hold", -1, "greater than or equal to 0"),
        ("hold_first", 61, "less than or equal to 60"),
        ("pace", "fast", "'change', 'even' or 'log'"),
        ("poster_step", "last", "expected a step such as 170, or first, or end, got 'last'"),
        ("poster_step", True, "or end, got true"),
        ("notes", {"17o": "x"}, "a whole number such as 170, or at the end: end"),
        ("notes", {-1: "x"}, "a whole number such as 170, or at the end: end"),
        ("notes", {5: "x" * 161}, "161 characters are too long for a note; there is room for 160"),
        ("notes", dict.fromkeys(range(41), "x"), "at most 40"),
        ("speed", 1, "Extra inputs"),
    ],
)
def test_options_say_what_is_wrong(field, value, text):
    with pytest.raises(ValidationError, match=text):
        AnimationOptions.model_validate({field: value})


def test_options_read_sizes_and_single_panels_as_people_write_them():
    options = AnimationOptions.model_validate({"size": "1280x480", "panels": "density"})
    assert options.size == (1280, 480)
    assert list(options.panels) == ["density"]
    with pytest.raises(ValidationError, match="comes after"):
        AnimationOptions(first_step=5, last_step=2)


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT / "tests",
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), **environment},
        check=True,
    ).stdout.strip()


DRAW = """
import hashlib, sys
from rendering.stand_in import make
from gandyn.rendering import still
print(hashlib.sha256(still(make(20, cells=64), size=(480, 270))).hexdigest())
print([m for m in ("torch", "matplotlib.pyplot") if m in sys.modules])
"""


@pytest.mark.slow
def test_drawing_needs_neither_torch_nor_pyplot_and_ignores_the_users_matplotlibrc(tmp_path):
    (tmp_path / "matplotlibrc").write_text("path.simplify: False\nlines.linewidth: 9\nfont.size: 30\nbackend: pdf\n")
    plain = run(DRAW)
    assert plain.endswith("[]")
    assert run(DRAW, MATPLOTLIBRC=str(tmp_path / "matplotlibrc")) == plain


def test_options_are_read_without_matplotlib():
    code = "import sys; from gandyn.rendering.options import AnimationOptions; AnimationOptions()"
    assert run(f"{code}; print([m for m in ('torch', 'matplotlib', 'xarray', 'av') if m in sys.modules])") == "[]"


MEMORY = """
import resource, sys
import numpy as np
from rendering.stand_in import make
from gandyn.rendering import AnimationOptions, animate

class Long:
    # A recording of many steps whose fields are made when they are asked for, as a recording on disk reads them.
    def __init__(self, steps):
        short = make(10, cells=256)
        scalars = [n for n, v in short.dataset.items() if v.dims == ("seed", "step")]
        fields = ("generator_density", "discriminator", "generator_map")
        first = {n: short.dataset[n].isel(step=slice(0, 1)) for n in fields}
        self.dataset = short.dataset.drop_dims("step").assign(first)
        self._short, self._steps = short, np.arange(steps + 1)
        rng = np.random.default_rng(0)
        self._scalars = {n: rng.random((1, steps + 1)) for n in scalars}
        lent = {n: (("seed", "at"), self._scalars[n]) for n in scalars}
        self.dataset = self.dataset.drop_vars("step").assign(lent)
        self.objective, self.diverged, self.path = short.objective, {}, "long"
        self.contents = self.dataset
    def steps(self): return self._steps
    def scalars(self, name): return self._scalars[name]
    def field(self, name, seed, step): return self._short.field(name, seed, step % 11)

animate(Long(int(sys.argv[1])), sys.argv[2], AnimationOptions(frames=int(sys.argv[3])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_memory_does_not_grow_with_steps_or_frames(tmp_path, forks, suffix):
    def peak(steps, frames):
        arguments = [str(steps), str(tmp_path / f"{steps}{suffix}"), str(frames)]
        process = forks.start(["-c", MEMORY, *arguments], ROOT / "tests", os.environ)
        said, complaints = process.communicate(timeout=120)
        assert process.returncode == 0, complaints
        return int(said)

    # Two hundred frames as a page shows them, of a byte a pixel, would be 200 MB.
    many, few = peak(20_000, 240), peak(1_000, 40)
    assert many - few < 20


def test_frames_of_many_seeds_name_the_seed_in_the_light(tmp_path):
    many = recording_of("many seeds")
    one, other = still(many, seed=1, size=(480, 270)), still(many, seed=2, size=(480, 270))
    assert one != other
