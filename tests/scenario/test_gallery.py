"""The gallery: what is drawn, what is said, how large it is, and its page in a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from scenario.conftest import TOY, Run

import gandyn
from gandyn.app.gallery.building import build
from gandyn.app.gallery.drawing import fewer_frames
from gandyn.app.gallery.exhibits import Exhibit, Media, arranged, in_words
from gandyn.app.gallery.page import page
from gandyn.app.gallery.readme import readme
from gandyn.app.report import summary
from gandyn.core.errors import UsageError
from gandyn.rendering import animate
from gandyn.rendering.options import AnimationOptions
from gandyn.scenario.gallery_options import QUESTIONS
from gandyn.scenario.loading import load_scenario, scenario_files

ROOT = Path(__file__).parents[2]
FRAME = 2_500_000 / 120
"""Bytes a frame of a GIF of default size may take."""

QUICK = ["animation.hold=0.2", "animation.hold_first=0.2"]

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

PROBE = """
<script>
addEventListener("load", async () => {
  const found = { errors: [], videos: [] };
  for (const video of document.querySelectorAll("video")) {
    if (getComputedStyle(video).display === "none") { found.videos.push({ hidden: true }); continue; }
    video.preload = "auto";
    video.load();
    await new Promise(done => { video.onloadeddata = done; video.onerror = done; setTimeout(done, 4000); });
    const [button, slider] = video.nextElementSibling.children;
    slider.value = slider.max / 2;
    slider.dispatchEvent(new Event("input"));
    found.videos.push({
      ready: video.readyState, length: video.duration, at: video.currentTime, own: video.controls,
      tab: [button.tabIndex, slider.tabIndex], labels: [video, button, slider].map(one => one.ariaLabel),
      wide: video.clientWidth, under: slider.getBoundingClientRect().top - video.getBoundingClientRect().bottom,
    });
  }
  found.overflow = document.documentElement.scrollWidth > innerWidth;
  found.headings = [...document.querySelectorAll("h2")].map(one => one.textContent);
  found.dead = [...document.querySelectorAll("nav a")].filter(one => !document.querySelector(one.hash)).length;
  const told = document.createElement("script");
  told.type = "application/json"; told.id = "found"; told.textContent = JSON.stringify(found);
  document.body.append(told);
});
</script>
"""


def exhibit(name: str = "one", question: str = "more", order: int = 100, **words: str) -> Exhibit:
    folder = Path("pictures")
    files = [folder / f"{name}{end}" for end in (".gif", ".mp4", ".png", "-dark.mp4", "-dark.png")]
    said = {"title": name.capitalize(), "say": f"Say {name}.", "numbers": "after 20 steps", **words}
    return Exhibit(
        name=name, scenario=f"../scenarios/{name}.yaml", media=Media(*files, 720, 405),
        question=question, order=order, **said,
    )  # fmt: skip


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Exhibit]]:
    """A gallery of two scenarios of three."""
    place = tmp_path_factory.mktemp("gallery")
    (place / "all").mkdir()
    (place / "all" / "one.yaml").write_text(
        TOY.replace("A toy", "One & only") + "gallery: {question: it_works, say: It <b>works</b>}\n"
    )
    (place / "all" / "two.yaml").write_text(TOY + "caption: What is seen\n")
    (place / "all" / "hidden.yaml").write_text(TOY + "gallery: {shown: false}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        return place / "pictures", build(Path("all"), Path("pictures"), QUICK)


def test_every_picture_is_drawn_as_gif_and_as_two_videos_with_posters(drawn: tuple[Path, list[Exhibit]]) -> None:
    folder, _ = drawn
    ends = (".gif", ".mp4", ".png", "-dark.mp4", "-dark.png")
    assert {file.name for file in folder.iterdir()} == {
        "README.md", "index.html", *(f"{name}{end}" for name in ("one", "two") for end in ends)
    }  # fmt: skip
    light, dark = (Image.open(folder / f"one{end}.png").convert("RGB") for end in ("", "-dark"))
    assert light.size == dark.size == (720, 405)  # whatever the scenario's own size
    assert min(light.getpixel((2, 2))) > 240
    assert max(dark.getpixel((2, 2))) < 40
    with Image.open(folder / "one.gif") as gif:
        assert gif.size == (720, 405)


def test_both_pages_show_each_picture_with_its_sentence_and_link_its_scenario(
    drawn: tuple[Path, list[Exhibit]],
) -> None:
    folder, _ = drawn
    for name in ("README.md", "index.html"):
        words = (folder / name).read_text()
        assert "One &amp; only" in words
        assert "It &lt;b&gt;works&lt;/b&gt;" in words
        assert "What is seen" in words  # where nothing is to be said, the caption is
        assert "../all/two.yaml" in words
        assert "http" not in words.replace("html", "")  # nothing from elsewhere
        assert words.index("one.gif") < words.rindex("More") < words.index("two.gif")
        files = re.findall(r'(?:src|href|poster)="([^"#]+)"', words)
        assert all((folder / file).exists() for file in files)


@pytest.mark.parametrize("write", [readme, page])
def test_what_is_said_is_no_markup(write: object) -> None:
    odd = '<i>x</i> "*y*"\n\n# z\x1b[31m'
    words = write([exhibit(title=odd, say=odd, numbers=odd)])  # type: ignore[operator]
    assert words.count("&lt;i&gt;x&lt;/i&gt; &quot;*y*&quot; # z[31m") >= 3
    assert "<i>" not in words
    assert "\x1b" not in words


def test_files_of_odd_names_are_linked() -> None:
    words = page([exhibit('a "b" #c&')])
    assert 'src="a%20%22b%22%20%23c%26.mp4"' in words


def test_pictures_stand_by_question_and_order_whatever_the_order_they_were_drawn_in() -> None:
    given = [exhibit("c", "why"), exhibit("b", "it_works"), exhibit("a", "it_works"), exhibit("z", "it_works", 1)]
    found = arranged(given)
    assert list(found) == ["It works", "Why"]
    assert [one.name for one in found["It works"]] == ["z", "a", "b"]
    words = page(given)
    assert words.count("<figure class=hero>") == 1
    assert words.index("<figure class=hero>") < words.index("z.mp4") < words.index("<figure>\n")
    assert readme(given).count("<img") == 4


def test_a_dark_page_has_dark_videos_with_posters_of_their_own() -> None:
    words = page([exhibit()])
    light, dark = re.findall(r"<video[^>]*>", words)
    assert 'class="light"' in light
    assert 'poster="one.png"' in light
    assert 'class="dark"' in dark
    assert 'poster="one-dark.png"' in dark
    for video in (light, dark):
        assert all(f" {word}" in video for word in ("controls", "muted", "loop", "playsinline", 'aria-label="One: Say'))
    assert words.count('<img src="one.gif"') == 2  # for those that play no video


def test_fewer_frames_take_as_long() -> None:
    options = AnimationOptions(frames=120, fps=20)
    less = fewer_frames(options, 60)
    assert (less.frames, less.fps) == (60, 10)
    assert fewer_frames(options, 120) is options


def test_a_picture_too_large_for_a_page_is_drawn_with_fewer_frames(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gandyn.app.gallery.drawing as drawing

    monkeypatch.setattr(drawing, "_FEWEST", 2)
    options = AnimationOptions(frames=12, size=(320, 180), hold=0, hold_first=0)
    recording = gandyn.train(load_scenario("toy.yaml"))
    whole = animate(recording, workplace / "whole.gif", options)
    monkeypatch.setattr(drawing, "LIMIT", int(0.8 * whole.bytes))
    media = drawing.draw(recording, workplace, "toy", options)
    with Image.open(media.picture) as image:
        assert 2 <= image.n_frames < whole.frames
    assert media.picture.stat().st_size <= 0.8 * whole.bytes


def test_numbers_are_in_plain_words(drawn: tuple[Path, list[Exhibit]]) -> None:
    found = summary(gandyn.open_recording(drawn[0].parent / "runs/two"))
    words = in_words(found)
    assert re.fullmatch(
        r"after 20 steps: distance to the data 0\.\d+ \(Jensen-Shannon: 0 is identical, 0\.693 disjoint\), "
        r"[\d.]+ % of the samples on a mode",
        words,
    )
    assert in_words(found, named=True) == f"two, {words}"
    several = in_words({**found, "seeds": [0, 1, 2], "diverged": {"1": 7}})
    assert "diverged" in several
    assert "modes" not in words  # how many are found is for the picture to say


def test_a_section_that_does_not_exist_is_refused(gandyn: Run, workplace: Path) -> None:
    (workplace / "toy.yaml").write_text(TOY + "gallery: {question: it_wroks}\n")
    done = gandyn("gallery", "toy.yaml")
    assert done.exit_code == 2
    assert "toy.yaml:8" in done.stderr
    assert "gallery.question" in done.stderr
    assert not Path("runs").exists()


def test_names_that_would_overwrite_each_other_are_refused(workplace: Path) -> None:
    (workplace / "toy-dark.yaml").write_text(TOY)
    with pytest.raises(UsageError, match="toy-dark"):
        build(workplace, Path("pictures"))
    (workplace / "toy-dark.yaml").write_text(TOY + "name: toy\n")
    with pytest.raises(UsageError, match="two scenarios"):
        build(workplace, Path("pictures"))


def test_where_a_scenario_is_shown_does_not_make_it_another_one(workplace: Path) -> None:
    plain = load_scenario("toy.yaml")
    (workplace / "toy.yaml").write_text(TOY + "gallery: {question: why, order: 3, say: So}\n")
    placed = load_scenario("toy.yaml")
    assert placed.fingerprint() == plain.fingerprint()
    assert (placed.gallery.question, placed.gallery.say, plain.gallery.question) == ("why", "So", "more")


def test_every_scenario_that_has_a_place_in_the_gallery_says_what_it_answers() -> None:
    scenarios = [load_scenario(file) for file in scenario_files(ROOT / "scenarios")]
    shown = [one.gallery for one in scenarios if one.gallery.shown]
    assert len(shown) >= 0.7 * len(scenarios)
    assert all(one.say.endswith(".") and one.question != "more" for one in shown)
    assert {one.question for one in shown} == set(QUESTIONS) - {"more"}
    places = [(one.question, one.order) for one in shown]
    assert len(set(places)) == len(places)
    first = load_scenario(ROOT / "scenarios/line/two_modes.yaml").gallery
    assert (first.question, first.order) == ("it_works", min(one.order for one in shown))


@pytest.mark.parametrize(("name", "steps"), [("line/two_modes", 120), ("plane/ring", 60)])
def test_gifs_stay_within_the_budget_of_a_talk(tmp_path: Path, name: str, steps: int) -> None:
    short = load_scenario(
        ROOT / f"scenarios/{name}.yaml", [f"train.steps={steps}", "record.every=4", "animation.notes={}"]
    )
    recording = gandyn.train(short, tmp_path / "run")
    frames = 12
    picture = gandyn.animate(recording, tmp_path / "a.gif", frames=frames, size=(960, 540))
    alone = gandyn.animate(recording, tmp_path / "b.gif", frames=1, size=(960, 540))
    # Of a few frames the first counts for more than of many; and early in training more changes from one to the next.
    assert (picture.stat().st_size - alone.stat().st_size) / (frames - 1) < 1.2 * FRAME


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here")
def test_the_page_works_in_a_browser(drawn: tuple[Path, list[Exhibit]], tmp_path: Path) -> None:
    shutil.copytree(drawn[0], tmp_path / "pictures")
    file = tmp_path / "pictures/index.html"
    file.write_text(file.read_text().replace("</main>", f"</main>{PROBE}"))
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=400,800",
        f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=8000", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    told = re.search(r'id="found">(.*?)</script>', done.stdout)
    assert told is not None, done.stderr[-2000:]
    found = json.loads(told[1])
    assert found["headings"] == ["It works", "More"]
    assert found["dead"] == 0
    assert not found["overflow"]
    seen = [one for one in found["videos"] if "hidden" not in one]
    assert len(seen) == len(found["videos"]) / 2 == 2
    for video in seen:
        assert not video["own"]
        assert video["under"] >= 0
        assert video["tab"] == [0, 0]
        assert all(video["labels"])
        assert 300 < video["wide"] < 500  # no window is narrower than 500 pixels
        if video["ready"] >= 2:  # a Chromium without H.264 shows the poster
            assert video["length"] > 0.3
            assert abs(video["at"] / video["length"] - 0.5) < 0.01
