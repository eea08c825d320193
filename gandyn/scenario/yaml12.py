"""Read YAML as YAML 1.2 means it (`1e-3` is a number, `no` is text), remembering where every key stands.

PyYAML alone reads `1e-3` as text and `no` as False, turns `1:30` into 90, and keeps the last of two equal keys without
a word. Here such keys are refused, and each value's line and column are kept so that a later complaint can point at it.
A document may come from anybody: how many values it makes, and how deep they lie, is counted while they are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

from gandyn.core.errors import ScenarioError
from gandyn.core.messages import shortened, shown

__all__ = ["MOST_DEPTH", "Document", "Key", "parse_document", "parse_value"]

Key = tuple[str | int, ...]
"""Where a value stands: mapping keys and list positions from the top, e.g. `("data", "means", 0)`."""

MOST_VALUES = 100_000
"""That a document makes, aliases (`*name`) and merges (`<<`) written out: a small file can stand for a huge tree."""
MOST_DEPTH = 50
"""Of mappings and lists inside each other; scenarios come to six."""
_MOST_DIGITS = 300
"""Of a whole number; a float reaches no further."""


@dataclass
class Document:
    """A YAML document as plain values, with the place of every value in it.

    Attributes:
        values: the mapping the document holds.
        marks: line and column (from 1) of every key and list item.
    """

    values: dict[str, Any]
    marks: dict[Key, tuple[int, int]] = field(default_factory=dict)


def parse_document(text: str, source: str) -> Document:
    """Parse one YAML document that holds a mapping.

    Args:
        text: the document.
        source: how to name it in complaints, usually the path of a file.

    Raises:
        ScenarioError: the text is not YAML, holds no mapping, has a key twice, or makes too many values; the message
            gives line and column.
    """
    with _composed(text, source) as node:
        if node is None:
            raise ScenarioError(f"{source}: the file is empty; a scenario needs at least 'data: {{type: gaussian}}'")
        if not isinstance(node, yaml.MappingNode):
            line = node.start_mark.line + 1
            raise ScenarioError(
                f"{source}:{line}: a scenario is a mapping of 'key: value' lines, this is {_kind(node)}"
            )
        document = Document({})
        document.values = _Builder(document.marks).build(node, ())
    return document


def parse_value(text: str, source: str) -> Any:
    """Parse the value of `--set key=value`, which is any piece of YAML.

    Raises:
        ScenarioError: the text is not YAML, or makes too many values.

    Example:
        >>> parse_value("[1e-3, no]", "--set x")
        [0.001, 'no']
    """
    with _composed(text, source, with_line=False) as node:
        return None if node is None else _Builder({}).build(node, ())


class _Refused(yaml.MarkedYAMLError):
    """What is YAML but not allowed here; told as it stands."""

    def __init__(self, problem: str, node: Any) -> None:
        super().__init__(problem=problem, problem_mark=node.start_mark)


class _Loader(yaml.SafeLoader):
    """PyYAML's parser with the scalars of the YAML 1.2 core schema, which counts what it composes."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.composed = self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        if getattr(event, "tag", None) is not None:
            tag = shortened(event.tag.replace("tag:yaml.org,2002:", "!!"), 40)
            raise _Refused(f"tags such as {tag} are not allowed in a scenario; text is quoted: '5'", event)
        self.composed += 1
        if self.composed > MOST_VALUES:
            cure = "so many numbers go into a .npy or .csv file, for data: {type: empirical}"
            raise _Refused(f"more than {MOST_VALUES:,} values; {cure}", event)
        if self.depth > MOST_DEPTH:
            raise _Refused(f"mappings and lists lie more than {MOST_DEPTH} deep inside each other here", event)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a whole number of {len(text):,} digits; {_MOST_DIGITS} are more than any number here has")
    base = {"0o": 8, "0x": 16}.get(text[:2].lower(), 10)
    return int(text[2:] if base != 10 else text, base)


def _float(text: str) -> float:
    return float(re.sub(r"\.(?=inf|nan)", "", text.lower()))


_SCALARS: dict[str, Callable[[str], Any]] = {}
"""What makes a value of a plain scalar, by the tag that its looks give it; text is taken as it stands."""

_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first, _made in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF", lambda text: text.lower() == "true"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""], lambda text: None),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789", _integer),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
        _float,
    ),
    ("merge", r"<<", "<", str),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))
    _SCALARS[f"tag:yaml.org,2002:{_tag}"] = _made


@contextmanager
def _composed(text: str, source: str, *, with_line: bool = True) -> Iterator[yaml.Node | None]:
    """Compose the only node of a text; what is wrong with it, also while it is used, is told with its place.

    Raises:
        ScenarioError: it is not YAML, or not a scenario's.
    """
    loader = None
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        except (ValueError, OverflowError):  # an escape such as "\U00110000", or a version of thousands of digits
            problem = "an escape (\\x, \\u or \\U) or a version that stands for nothing"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=loader.get_mark()) from None
        yield node
    except yaml.YAMLError as error:
        raise ScenarioError(_explain(error, text, source, with_line=with_line)) from None
    finally:
        if loader is not None:
            loader.dispose()


class _Builder:
    """Turns YAML nodes into plain values, noting marks and refusing doubled keys."""

    def __init__(self, marks: dict[Key, tuple[int, int]]) -> None:
        self.marks = marks
        self.built = 0
        self.open: list[yaml.Node] = []

    def build(self, node: yaml.Node, key: Key) -> Any:
        self.built += 1
        if any(node is parent for parent in self.open):
            raise _Refused("an alias repeats itself without end", node)
        if self.built > MOST_VALUES:
            raise _Refused(f"aliases (*name) or merges (<<) make more than {MOST_VALUES:,} values of this file", node)
        if len(self.open) > MOST_DEPTH:
            raise _Refused(f"aliases nest mappings and lists more than {MOST_DEPTH} deep", node)
        self.open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, key)
            if isinstance(node, yaml.SequenceNode):
                return [self._item(child, (*key, index)) for index, child in enumerate(node.value)]
            return _scalar(node)
        finally:
            self.open.pop()

    def _item(self, node: yaml.Node, key: Key) -> Any:
        self.marks[key] = _place(node)
        return self.build(node, key)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        values: dict[str, Any] = {}
        # What a mapping itself says wins over what it merges, and of that the first over the later.
        for merged in reversed([part for name, value in node.value if _merges(name) for part in _parts(value)]):
            values.update(self.build(merged, key))
        seen: dict[str, yaml.Node] = {}
        for name_node, value_node in node.value:
            if _merges(name_node):
                continue
            name = _name(name_node)
            if name in seen:
                where = shortened(".".join(str(part) for part in (*key, name)))
                first = seen[name].start_mark.line + 1
                raise _Refused(f"{where}: this key is already given on line {first}", name_node)
            seen[name] = name_node
            self.marks[(*key, name)] = _place(name_node)
            values[name] = self.build(value_node, (*key, name))
        return values


def _scalar(node: yaml.Node) -> Any:
    try:
        return _SCALARS[node.tag](node.value) if node.tag in _SCALARS else _text(node)
    except ValueError as error:
        raise _Refused(str(error), node) from None


def _text(node: yaml.Node) -> str:
    text = str(node.value)
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise _Refused("half of a surrogate pair (\\ud800 to \\udfff), which is no character", node)
    return text


def _merges(name: yaml.Node) -> bool:
    return name.tag == "tag:yaml.org,2002:merge"


def _parts(value: yaml.Node) -> list[yaml.Node]:
    """Return the mappings that `<<` merges."""
    parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
    for part in parts:
        if not isinstance(part, yaml.MappingNode):
            raise _Refused(f"'<<' merges a mapping or a list of mappings, this is {_kind(part)}", part)
    return parts


def _name(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _Refused(f"a key must be a plain word, this is {_kind(node)}", node)
    return _text(node)


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else f"the single value {shown(node.value)}"


def _explain(error: yaml.YAMLError, text: str, source: str, *, with_line: bool = True) -> str:
    """Say what PyYAML found in words that help, with the place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = shortened(getattr(error, "problem", None) or error)
    lines = text.splitlines()
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if isinstance(error, _Refused):
        problem = str(error.problem)
    elif "'\\t'" in problem or "\t" in line[: len(line) - len(line.lstrip())]:
        problem = "a tab; YAML is indented with spaces only"
    elif "expected a single document" in str(getattr(error, "context", "")):
        problem = "a second document begins here ('---'); a scenario is one document"
    elif isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        problem = f"the character {chr(error.character)!r} is not allowed in YAML"
        mark = None
        source = f"{source}:{before.count(chr(10)) + 1}" if with_line else source
    elif "mapping values are not allowed" in problem or (not with_line and "but got ':'" in problem):
        problem = "a second ':' where a value should be; is a line not indented as it should be, or a quote missing?"
        if not with_line:
            problem = "a second ':' where a value should be; a text that holds one needs quotes: {0: \"so: here\"}"
    elif "undefined alias" in problem:
        problem = f"{problem}: an anchor (&name) has to come before its alias (*name)"
    else:
        problem = "not YAML: " + ": ".join(part for part in (getattr(error, "context", None), problem) if part)
    if not with_line or mark is None:
        return f"{source}: {problem}"
    return f"{source}:{mark.line + 1}:{mark.column + 1}: {problem}"
