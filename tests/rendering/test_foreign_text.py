"""Text in other scripts than the usual font's: drawn in fonts of the machine or told of, and broken where it may be."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gandyn.rendering import animate, filmstrip, plot, still
from gandyn.rendering.canvas import machine_fonts, spelling, typeface
from gandyn.rendering.canvas.line_breaks import pieces
from gandyn.rendering.canvas.typeface import ellipsize, face, font_path, measure, wrap
from gandyn.rendering.figures.animation import _page
from gandyn.rendering.notes import Notes
from gandyn.rendering.options import AnimationOptions
from rendering.stand_in import StandIn, make
from rendering.test_type import lawful
from rendering.tiny_fonts import tiny_collection, tiny_font

TITLE = "生成器が学ぶ 2 modes"
CAPTION = "山が二つ。識別器はもう区別できない：「本物か」とは言えない。" * 2
SIGNS = "".join(dict.fromkeys(sign for sign in TITLE + CAPTION if not sign.isascii()))

Machine = Callable[..., None]


def forget() -> None:
    """Forget every font that was found."""
    for cached in (machine_fonts._installed, machine_fonts._ranked, spelling.spell, typeface.face, typeface._wrapped):
        cached.cache_clear()
    machine_fonts._CHOSEN.clear()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Return what makes this a machine that has some fonts and no others."""

    def having(*paths: Path) -> None:
        forget()
        monkeypatch.setattr(machine_fonts.font_manager.fontManager, "ttflist", [])
        monkeypatch.setattr(machine_fonts.font_manager, "findSystemFonts", lambda: [str(path) for path in paths])

    yield having
    forget()


@pytest.fixture(scope="module")
def foreign() -> StandIn:
    """A recording whose title and caption are Japanese."""
    recording = make(steps=4, cells=64)
    recording.dataset.attrs |= {"title": TITLE, "caption": CAPTION}
    return recording


def drawings(recording: StandIn, folder: Path) -> list[Callable[[], object]]:
    """Return every way to draw a recording."""
    few = [AnimationOptions(layout=layout, size=(480, 270), frames=2) for layout in ("talk", "lab")]
    ways: list[Callable[[], object]] = [
        lambda suffix=suffix, look=look: animate(recording, folder / f"{look.layout}{suffix}", look)
        for look in few
        for suffix in (".gif", ".mp4", ".png", ".pdf", ".svg")
    ]
    return [
        *ways,
        *(lambda suffix=suffix: plot(recording, folder / f"plot{suffix}") for suffix in (".png", ".pdf", ".svg")),
        lambda: filmstrip(recording, folder / "strip.pdf", steps=[0, 4]),
        lambda: still(recording),
    ]


def text_of(page: bytes) -> bytes:
    """Return what the streams of a PDF hold, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", page, re.DOTALL)
    return b"\n".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x")


def test_what_a_font_of_the_machine_has_is_drawn_in_it(machine: Machine, tmp_path: Path) -> None:
    machine(tiny_font(tmp_path / "a.ttf", "Tiny", "日本"))
    blocks = face(20.0).masks("日本")
    assert sum(mask.sum() for mask, _, _ in blocks) == pytest.approx(2 * 16 * 16, rel=0.05)
    assert measure("日本", 20.0) == 40
    assert measure("a日b", 20.0) == measure("a", 20.0) + 20 + measure("b", 20.0)
    assert measure("第1章", 20.0) == measure("□1□", 20.0)


@pytest.mark.slow
def test_every_drawing_in_such_a_font_is_silent(machine: Machine, foreign: StandIn, tmp_path: Path) -> None:
    machine(tiny_font(tmp_path / "a.ttf", "Tiny", SIGNS))
    for draw in drawings(foreign, tmp_path):
        draw()
    for name in ("talk.svg", "lab.svg", "plot.svg"):
        found = re.findall(r"<text([^>]*)>生成器が学ぶ", (tmp_path / name).read_text())
        assert found
        assert "'DejaVu Sans', 'Tiny'" in found[0]
    for name in ("talk.pdf", "plot.pdf", "strip.pdf"):
        page = (tmp_path / name).read_bytes()
        assert b"Tiny" in page
        assert b"/Type3" not in page


def test_a_page_carries_the_first_font_of_a_collection(machine: Machine, foreign: StandIn, tmp_path: Path) -> None:
    machine(tiny_collection(tmp_path / "both.ttc", ("Tiny JP", "Tiny KR"), SIGNS))
    page = plot(foreign, tmp_path / "plot.pdf").read_bytes()
    assert b"TinyJP" in page
    assert b"TinyKR" not in page
    codes = {f"<{ord(sign):04x}>".encode() for sign in TITLE if not sign.isascii()}
    assert all(code in text_of(page).lower() for code in codes)


@pytest.mark.slow
def test_every_drawing_tells_once_of_what_no_font_has(machine: Machine, foreign: StandIn, tmp_path: Path) -> None:
    machine(tiny_font(tmp_path / "a.ttf", "Tiny", SIGNS.replace("山", "")))
    for draw in drawings(foreign, tmp_path):
        with pytest.warns(UserWarning, match="no font") as told:
            draw()
        assert [str(one.message) for one in told] == [
            "no font on this machine has 山, so boxes stand there: install one that has, such as Noto Sans CJK for"
            " Chinese, Japanese and Korean, or Noto Emoji or Symbola for emoji"
        ]
        assert told[0].filename == __file__


def test_many_characters_are_not_all_named(machine: Machine, tmp_path: Path) -> None:
    machine()
    recording = make(steps=2, cells=64)
    recording.dataset.attrs["title"] = "".join(chr(0x4E00 + number) for number in range(60))
    with pytest.warns(UserWarning, match=r"has 一[^,]{20,40}\.\.\., so boxes"):
        plot(recording, tmp_path / "plot.svg")


def test_an_error_is_not_covered_by_what_no_font_has(machine: Machine) -> None:
    machine()

    def drawing() -> None:
        with spelling.telling_of_boxes():
            spelling.note("山", font_path())
            raise RuntimeError("other")

    with pytest.raises(RuntimeError, match="other"):
        drawing()


@pytest.mark.slow
def test_fonts_are_not_looked_at_where_the_usual_one_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never() -> None:
        raise AssertionError("the machine's fonts were looked at")

    forget()
    monkeypatch.setattr(machine_fonts, "_installed", never)
    monkeypatch.setattr(machine_fonts, "_ranked", never)
    recording = make(steps=4, cells=64)
    recording.dataset.attrs["title"] = "Größe ≈ ½ · “naïve” → λ…"
    for draw in drawings(recording, tmp_path):
        draw()


def test_glyphs_without_ink_are_passed_over(machine: Machine, tmp_path: Path) -> None:
    colour = tiny_font(tmp_path / "a.ttf", "A colour", "日", blank="🏋\u3000")
    plain = tiny_font(tmp_path / "b.ttf", "B plain", "🏋")
    machine(colour, plain)
    found = machine_fonts.fonts_for("日🏋\u3000")
    assert {sign: font and font.family for sign, font in found.items()} == {
        "日": "A colour", "🏋": "B plain", "\u3000": "A colour"
    }  # fmt: skip


def test_files_that_are_no_fonts_are_passed_over(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"no font")
    machine(tmp_path / "a.ttf", tmp_path / "gone.ttf", tiny_font(tmp_path / "b.ttf", "Last Resort", "日"))
    assert machine_fonts.fonts_for("日") == {"日": None}


def test_the_font_that_goes_best_is_taken(machine: Machine, tmp_path: Path) -> None:
    machine(
        tiny_font(tmp_path / "a.ttf", "A serif", "日本語山", serif=True),
        tiny_font(tmp_path / "b.ttf", "B few", "日山"),
        tiny_font(tmp_path / "c.ttf", "C bold", "日本山", weight=700),
        tiny_font(tmp_path / "d.ttf", "D", "日本山", weight=400),
    )
    for bold, family in ((False, "D"), (True, "C bold")):
        found = machine_fonts.fonts_for("山本語", bold)
        assert {sign: font and font.family for sign, font in found.items()} == {
            "山": family, "本": family, "語": "A serif"
        }  # fmt: skip


def test_a_text_looks_the_same_whatever_was_drawn_before(machine: Machine, tmp_path: Path) -> None:
    fonts = [
        tiny_font(tmp_path / "a.ttf", "A", "日本"),
        tiny_font(tmp_path / "b.ttf", "B", "日山", high=400),
    ]

    def ink(text: str) -> float:
        return float(sum(mask.sum() for mask, _, _ in face(20.0).masks(text)))

    machine(*fonts)
    alone = ink("日")
    machine(*fonts)
    ink("山")
    assert ink("日") == alone


def test_signs_that_are_not_seen_take_no_room() -> None:
    heart = measure("❤", 20.0)
    assert measure("❤\ufe0f", 20.0) == heart
    assert measure("soft\u00adhyphen", 20.0) == measure("softhyphen", 20.0)
    assert spelling.spell("❤\ufe0f\u200d", font_path()).lacking == ""


def test_runs_join_to_the_whole() -> None:
    first, second = np.full((2, 3), 0.5, np.float32), np.ones((1, 1), np.float32)
    mask, left, top, advance = typeface._side_by_side([(first, 1, -2, 5), (second, 0, 0, 2)])
    assert (left, top, advance) == (1, -2, 7)
    assert np.array_equal(mask, [[0.5, 0.5, 0.5, 0, 0], [0.5, 0.5, 0.5, 0, 0], [0, 0, 0, 0, 1]])
    assert typeface._side_by_side([(np.zeros((0, 0)), 0, 0, 3), (np.zeros((0, 0)), 0, 0, 4)])[3] == 7


@given(text=st.text(st.sampled_from("日本語。、「」（）アー山ab 1한국🎉"), max_size=60), width=st.integers(80, 400))
def test_lines_break_where_they_may(text: str, width: int) -> None:
    lines = wrap(text, width, 20.0, 99)
    assert all(measure(line, 20.0) <= width for line in lines)
    if not any("…" in line for line in lines):
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(line == line.strip() and line for line in lines)


@given(text=st.text(st.sampled_from("日本語。、「」（）アー山ab1🎉"), min_size=1, max_size=60))
def test_lines_neither_begin_nor_end_with_what_they_may_not(text: str) -> None:
    found = pieces(text)
    assert "".join(found) == text
    assert not any(piece[0] in "。、」）ー" for piece in found[1:])
    assert not any(piece[-1] in "「（" for piece in found[:-1])
    assert not any(piece.startswith(("b", "1")) and before.endswith("a") for before, piece in pairwise(found))


def test_words_with_spaces_stay_whole() -> None:
    assert wrap("한국어 문장", measure("한국어 문", 20.0), 20.0, 3) == ["한국어", "문장"]
    assert wrap("one two", measure("one tw", 20.0), 20.0, 3) == ["one", "two"]
    assert ellipsize("日本語" * 9, 100, 20.0).endswith("…")


@pytest.mark.parametrize("layout", ["talk", "lab"])
def test_foreign_words_stand_apart_and_whole(layout: str, machine: Machine, foreign: StandIn, tmp_path: Path) -> None:
    machine(tiny_font(tmp_path / "a.ttf", "Tiny", SIGNS))
    options = AnimationOptions.model_validate({"layout": layout, "size": (960, 540), "notes": {"2": CAPTION}})
    page = _page(foreign, options, None)
    page.notes = Notes(options.notes, *page.clock)
    lawful(page)
