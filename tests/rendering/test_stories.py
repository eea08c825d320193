"""Laws of the stories: pictures that say before and after, a loop without a seam or a ground, a walk in a circle."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from gandyn.core.errors import UsageError
from gandyn.rendering import AnimationOptions, animate
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.encoders.transparency import hardened, see_through
from gandyn.rendering.figures.before_after import BeforeAfter
from gandyn.rendering.figures.morph import Morph
from gandyn.rendering.figures.walk import Walk, WalkFigure, slerp
from gandyn.rendering.marks.marks import Dots, Raster, Text
from gandyn.rendering.pace import Timing
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import THEMES
from rendering import stand_in, stand_in_images
from rendering.planes import find, of

SIZES = [(960, 540), (1280, 720), (480, 270), (600, 600)]
LOOK = THEMES["talk-light"]
TIMING = Timing(120, 20.0, hold_first=1.5, hold=3.0)
LOOP = {"story": "morph", "loop": True, "header": False, "size": (320, 180)}


@pytest.fixture(scope="module")
def line():
    return stand_in.make(8, cells=64)


@pytest.fixture(scope="module")
def images():
    return stand_in_images.make(6, size=14, judged=False)


@pytest.fixture(scope="module")
def walk(images):
    shown = images.dataset["samples"].values[0, -1]
    places = np.arange(30) / 30
    return Walk(shown[(places * 5).astype(int)], places, shown[:5])


def packed(rgba):
    return np.array(rgba, dtype=np.uint8).reshape(1, -1, 4).view(np.uint32)[..., 0]


class TestBeforeAfter:
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("kind", ["line", "plane", "images"])
    def test_two_large_pictures_of_one_size_stand_under_plain_headings(self, line, images, kind, size):
        recording = {"line": line, "plane": of("one seed"), "images": images}[kind]
        page = BeforeAfter(RecordingView(recording), None, size, LOOK)
        boxes = [next(iter(panel.axes.values())).box for panel in page.panels]
        (left, right), em = boxes, page.layout.em
        assert (left[2] - left[0], left[3] - left[1]) == pytest.approx(
            (right[2] - right[0], right[3] - right[1]), rel=0.1
        )
        assert left[2] < right[0]
        assert left[2] - left[0] > 0.3 * size[0] or left[3] - left[1] > 0.5 * size[1]
        last = int(recording.steps()[-1])
        words = find(page.background(), Text)
        assert [one.text for one in words if one.text in page.headings()] == ["before training", f"after {last} steps"]
        for one, box in zip([one for one in words if one.text in page.headings()], boxes, strict=True):
            assert one.size >= 1.0
            assert box[3] <= one.y <= box[3] + 1.5 * em
        ends = {one.text: one.x + measure(one.text, one.size * em, one.bold) for one in words if one.align == "left"}
        assert max(ends.values()) <= size[0]
        assert ends["before training"] <= right[0]

    def test_the_first_and_the_last_step_are_shown_and_an_animation_shows_one_after_the_other(self, line):
        page = BeforeAfter(RecordingView(line, first=2), ["density"], (960, 540), LOOK)
        assert page.headings() == ("after 2 steps", "after 8 steps")
        assert page.frames(1) == [1]
        shots = page.shots(TIMING)
        assert [shot.frame for shot in shots] == [0, 1]
        assert min(shot.seconds for shot in shots) >= 1.5
        painted = []

        class Noting:
            def paint(self, marks, axes):
                painted.append(repr(marks))

        for frame in (0, 1):
            page.paint_frame(Noting(), frame)
        before, after = (repr(panel.marks(index)) for panel, index in zip(page.panels, (2, 8), strict=True))
        assert painted == [before, before, after]

    @pytest.mark.parametrize("suffix", [".png", ".svg", ".gif"])
    def test_it_is_written_in_every_format(self, tmp_path, line, suffix):
        drawn = animate(line, tmp_path / f"both{suffix}", AnimationOptions(story="before_after", size=(480, 270)))
        assert drawn.frames == (2 if suffix == ".gif" else 1)
        assert drawn.path.stat().st_size > 2000

    def test_thousands_are_written_as_they_are_read(self, line):
        page = BeforeAfter(RecordingView(line), None, (960, 540), LOOK)
        page.view.steps = page.view.steps * 500
        assert page.headings()[1] == "after 4,000 steps"


class TestLoop:
    @pytest.mark.parametrize("count", [1, 2, 3, 30, 31])
    def test_it_goes_there_and_back_and_ends_where_it_began(self, line, count):
        page = Morph(RecordingView(line), None, (480, 270), LOOK, header=False, loop=True)
        frames = page.frames(count)
        assert len(frames) == count
        assert count < 3 or frames == frames[::-1]
        assert count < 2 or frames[0] == 0
        assert max(frames) == page.frames(1)[0]
        assert page.closing(page.shots(Timing(count, 20.0))) == max(frames)

    def test_it_rests_at_both_ends_once(self, line):
        shots = Morph(RecordingView(line), None, (480, 270), LOOK, loop=True).shots(
            Timing(31, 20.0, hold_first=1.5, hold=3.0)
        )
        assert [k for k, shot in enumerate(shots) if shot.seconds > 0.05] == [0, 15]
        assert shots[15].seconds == 3.0

    def test_without_a_header_there_is_no_word_and_more_room(self, line):
        bare, headed = (Morph(RecordingView(line), None, (480, 270), LOOK, header) for header in (False, True))
        assert not find([*bare.background(), *bare.panels[0].morph(8, 0.5)], Text)
        tops = [max(place.box[3] for place in page.panels[0].axes.values()) for page in (bare, headed)]
        assert tops[0] > tops[1] + 2 * bare.layout.em

    def test_stories_without_a_way_back_are_no_loops(self):
        with pytest.raises(ValidationError, match="training has no way back"):
            AnimationOptions(loop=True)


class TestTransparent:
    def test_opacity_is_found_from_black_and_white(self):
        on_black = packed([[0, 0, 0, 255], [10, 20, 30, 255], [100, 50, 0, 255]])
        on_white = packed([[255, 255, 255, 255], [10, 20, 30, 255], [227, 177, 127, 255]])
        found = see_through(on_black, on_white).view(np.uint8).reshape(-1, 4).tolist()
        assert found[0] == [0, 0, 0, 0]
        assert found[1] == [10, 20, 30, 255]
        assert found[2] == pytest.approx([199, 100, 0, 128], abs=1)

    @pytest.mark.parametrize("ground", [0, 255])
    def test_hard_edges_are_never_near_either_ground(self, ground):
        ramp = packed([[229, 83, 42, alpha] for alpha in range(256)])
        found = hardened(ramp, (ground,) * 3).view(np.uint8).reshape(-1, 4).astype(int)
        assert set(found[:, 3]) == {0, 255}
        there = found[found[:, 3] == 255]
        assert 200 < len(there) < 240
        assert (np.abs(there[:, :3] - 255).max(axis=1) > 75).all()
        assert (there[:, :3].max(axis=1) > 75).all()
        assert there[-1].tolist() == [229, 83, 42, 255]

    def test_of_gifs_pixels_are_there_or_not_and_nothing_stays_behind(self, tmp_path, line):
        path = animate(line, tmp_path / "a.gif", AnimationOptions(transparent=True, frames=5, **LOOP)).path
        page = Morph(RecordingView(line), None, (320, 180), LOOK, header=False, loop=True)
        page.transparent = True
        with Image.open(path) as picture:
            assert picture.n_frames == 5
            for k, frame in enumerate(page.frames(5)):
                picture.seek(k)
                shown = np.asarray(picture.convert("RGBA"))[..., 3] > 0
                drawn = page.draw(frame).view(np.uint8).reshape(180, 320, 4)[..., 3] >= 0.15 * 255
                assert np.array_equal(shown, drawn)
                assert 0.01 < shown.mean() < 0.9

    def test_of_apngs_every_frame_has_its_own_opacity(self, tmp_path, line):
        path = animate(line, tmp_path / "a.apng", AnimationOptions(transparent=True, frames=5, **LOOP)).path
        page = Morph(RecordingView(line), None, (320, 180), LOOK, header=False, loop=True)
        page.transparent = True
        with Image.open(path) as picture:
            count = picture.n_frames
            for k, frame in enumerate(page.frames(5), start=count - 5):
                picture.seek(k)
                shown = np.asarray(picture.convert("RGBA"))
                drawn = page.draw(frame).view(np.uint8).reshape(180, 320, 4)
                assert np.array_equal(shown, drawn)
                assert len(np.unique(drawn[..., 3])) > 5

    def test_webp_png_and_svg_have_no_ground(self, tmp_path, line):
        options = AnimationOptions(transparent=True, frames=3, **LOOP)
        webp = animate(line, tmp_path / "a.webp", options).path.read_bytes()
        assert webp[20] & 0x10  # the format's own mark of opacity
        with Image.open(animate(line, tmp_path / "a.png", options).path) as still:
            assert still.mode == "RGBA"
            assert still.getpixel((0, 0))[3] == 0
        assert "fill: #ffffff" not in animate(line, tmp_path / "a.svg", options).path.read_text()

    def test_mp4_is_refused_with_what_can(self, tmp_path, line):
        with pytest.raises(UsageError, match=r"\.mp4 knows no transparency; \.webp and \.apng do"):
            animate(line, tmp_path / "a.mp4", AnimationOptions(transparent=True))

    def test_words_bands_and_discs_are_seen_on_no_ground_too(self):
        page = BeforeAfter(RecordingView(of("one seed")), ["density"], (480, 270), LOOK)
        page.transparent = True
        out = io.BytesIO()
        page.write_png(1, out)
        opacity = np.asarray(Image.open(out))[..., 3]
        assert opacity[:30].max() == 255
        assert (opacity == 0).mean() > 0.3


class TestWalk:
    @pytest.mark.parametrize("size", SIZES)
    def test_one_image_is_as_large_as_the_picture_is_high_and_nothing_lies_on_anything_else(self, images, walk, size):
        page = WalkFigure(RecordingView(images), walk, size, LOOK)
        em = page.layout.em
        for frame in (0, page.frames(40)[-1]):
            large, *small = find(page.marks(frame), Raster)
            assert large.y[1] - large.y[0] > 0.9 * size[1] or large.x[1] - large.x[0] > 0.65 * size[0]
            boxes = [(one.x[0], one.y[0], one.x[1], one.y[1]) for one in (large, *small)]
            for one in find([*page.background(), *page.marks(frame)], Text):
                wide = measure(one.text, one.size * em, one.bold)
                boxes.append((one.x, one.y, one.x + wide, one.y + 0.74 * one.size * em))
            for a, b in itertools.combinations(boxes, 2):
                assert a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
            assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] + 1 and box[3] <= size[1] for box in boxes)

    def test_the_image_grows_up_and_then_walks_round_past_its_anchors(self, images, walk):
        page = WalkFigure(RecordingView(images), walk, (960, 540), LOOK)
        frames = page.frames(40)
        steps = len(images.steps())
        grown, walked = [k for k in frames if k < steps], [k - steps for k in frames if k >= steps]
        assert (grown[0], grown[-1]) == (0, steps - 1)
        assert walked == list(range(30))
        assert len(find(page.marks(grown[0]), Raster)) == 1
        (large,) = find(page.marks(grown[-1]), Raster)
        first, *small = find(page.marks(steps), Raster)
        assert np.array_equal(large.pixels, first.pixels)
        assert np.array_equal(small[0].pixels, first.pixels)
        assert len(small) == 5
        centres = [((one.x[0] + one.x[1]) / 2, (one.y[0] + one.y[1]) / 2) for one in small]
        for k in range(5):
            (dot,) = find(page.marks(steps + 6 * k), Dots)
            away = [np.hypot(dot.x[0] - x, dot.y[0] - y) for x, y in centres]
            assert int(np.argmin(away)) == k

    def test_a_loop_is_the_walk_alone(self, images, walk):
        page = WalkFigure(RecordingView(images), walk, (960, 540), LOOK, header=False, loop=True)
        assert page.frames(30) == [len(images.steps()) + k for k in range(30)]
        assert not page.background()

    def test_great_circles_keep_the_length_and_pass_their_ends(self):
        rng = np.random.default_rng(0)
        a, b = rng.standard_normal((2, 64))
        assert np.allclose(slerp(a, b, 0.0), a)
        assert np.allclose(slerp(a, b, 1.0), b)
        between = sorted([np.linalg.norm(a), np.linalg.norm(b)])
        assert all(between[0] - 1e-9 <= np.linalg.norm(slerp(a, b, t)) <= between[1] + 1e-9 for t in (0.2, 0.5, 0.8))
        assert np.allclose(slerp(a, a, 0.4), a)
        assert np.allclose(slerp(0 * a, b, 0.5), b / 2)

    def test_it_is_of_images_and_asks_for_a_generator(self, tmp_path, line, images, walk):
        with pytest.raises(UsageError, match="not of images"):
            animate(line, tmp_path / "a.gif", AnimationOptions(story="walk"), walk=walk)
        with pytest.raises(UsageError, match="weights"):
            animate(images, tmp_path / "a.gif", AnimationOptions(story="walk"))

    def test_it_is_written(self, tmp_path, images, walk):
        options = AnimationOptions(story="walk", frames=36, size=(480, 270))
        assert 30 < animate(images, tmp_path / "a.gif", options, walk=walk).frames <= 36
