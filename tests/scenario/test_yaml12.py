"""Scenarios are YAML 1.2: its scalars, its keys once each, and the place of everything."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gandyn.core.errors import ScenarioError
from gandyn.scenario.yaml12 import parse_document, parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 1e5),
        ("-.5", -0.5),
        ("1.", 1.0),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("true", True),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"),
        ("~", None),
        ("", None),
        ("[1e-3, no]", [0.001, "no"]),
        ("{a: 1}", {"a": 1}),
    ],
)
def test_scalars_of_yaml_1_2(text: str, value: object) -> None:
    found = parse_value(text, "--set x")
    assert found == value
    assert type(found) is type(value)


@given(st.floats(allow_nan=False))
def test_every_float_python_prints_is_read_as_that_float(number: float) -> None:
    text = repr(number).replace("inf", ".inf")
    found = parse_value(text, "x")
    assert isinstance(found, float)
    assert found == number


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz_", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcxyz_", min_size=1), PLAIN, min_size=1, max_size=4))
def test_what_pyyaml_writes_is_read_as_it_was(values: dict[str, object]) -> None:
    # y and n are the words that YAML 1.1 and 1.2 disagree on; PyYAML quotes all it would itself misread.
    text = yaml.safe_dump(values, sort_keys=False)
    assert parse_document(text, "f.yaml").values == {**values}


def test_every_key_has_its_place() -> None:
    text = "title: x\ndata:\n  means: [1,\n    2]\n  stds:\n  - 3\n"
    marks = parse_document(text, "f.yaml").marks
    assert marks["data",] == (2, 1)
    assert marks["data", "means"] == (3, 3)
    assert marks["data", "means", 1] == (4, 5)
    assert marks["data", "stds", 0] == (6, 5)


def test_anchors_and_merges_are_expanded() -> None:
    text = "a: &usual {p: 1, q: 2}\nb:\n  <<: *usual\n  q: 3\n"
    assert parse_document(text, "f.yaml").values["b"] == {"p": 1, "q": 3}


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1", "already given on line 1"),
        ("a:\n  b: 1\n  b: 2\n", "f.yaml:3:3", "a.b"),
        ("a:\n\tb: 1\n", "f.yaml:2:1", "tab"),
        ("a: [1,\n\t2\n", "f.yaml:", "tab"),
        ("", "f.yaml:", "empty"),
        ("# nothing but a comment\n", "f.yaml:", "empty"),
        ("- 1\n", "f.yaml:1", "mapping"),
        ("just words\n", "f.yaml:1", "mapping"),
        ("a: [1, 2\nb: 3\n", "f.yaml:2", "not YAML"),
        ("a: b: c\n", "f.yaml:1:5", "second ':'"),
        ("a: !!python/object:os.system x\n", "f.yaml:1:4", "tag"),
        ("a: &x [*x]\n", "f.yaml:1:4", "alias"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1", "second document"),
        ("a: *nowhere\n", "f.yaml:1:4", "anchor"),
        ("a: \x01\n", "f.yaml:", "not allowed"),
    ],
)
def test_what_is_not_a_scenario_is_refused_with_its_place(text: str, place: str, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        parse_document(text, "f.yaml")
    assert str(refused.value).startswith(place)
    assert said in str(refused.value)


def test_aliases_cannot_make_a_small_file_huge() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(ScenarioError, match="alias"):
        parse_document("\n".join(lines), "f.yaml")
