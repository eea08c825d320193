"""Text from outside is short in messages, and nothing that a terminal obeys."""

from __future__ import annotations

import warnings

from hypothesis import given
from hypothesis import strategies as st

from gandyn.app.console import warn_plainly
from gandyn.core.messages import listed, printable, shortened, shown

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
)


@given(st.text(st.characters()), st.integers(20, 300))
def test_text_is_shortened_to_one_line_that_can_be_printed(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    assert "\n" not in short
    assert printable(short) == short
    short.encode()


@given(ANYTHING)
def test_any_value_is_shown_on_a_short_line(value: object) -> None:
    assert len(shown(value)) <= 60
    assert shown(value).isprintable() or not repr(value).isprintable()


def test_values_are_shown_that_python_does_not() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert shown(10**5000) == "a whole number of about 5,000 digits"
    assert shown([10**5000]) == "a list"
    assert "[...]" in shown(endless)
    assert len(listed("x" * 100 for _ in range(10**6))) <= 200


def test_what_a_terminal_obeys_is_gone_and_what_people_write_stays() -> None:
    for sign in (*map(chr, range(10)), *map(chr, range(11, 32)), "\x7f", "\x9b", "\u202e", "\u2066"):
        assert printable(f"a{sign}b\n") == "ab\n"
    for text in ("naïve \u2014 \u0394x\n", "\u4f60\u597d", "\U0001f469\u200d\U0001f52c"):
        assert printable(text) == text


def test_the_command_line_warns_in_plain_words(monkeypatch):
    monkeypatch.setattr(warnings, "formatwarning", lambda message, category, *where: f"{category.__name__}: {message}")
    warn_plainly()
    assert warnings.formatwarning("no font\x1b[31m", UserWarning, "file.py", 3) == "gandyn: no font[31m\n"
    assert warnings.formatwarning("of others", RuntimeWarning, "file.py", 3) == "RuntimeWarning: of others"
