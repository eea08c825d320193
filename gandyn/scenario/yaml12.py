"""Read YAML as YAML 1.2 means it (`1e-3` is a number, `no` is text), remembering where every key stands.

PyYAML alone reads `1e-3` as text and `no` as False, turns `1:30` into 90, and keeps the last of two equal keys without
a word. Here such keys are refused, and each value's line and column are kept so that a later complaint can point at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from gandyn.errors import ScenarioError

__all__ = ["Document", "Key", "parse_document", "parse_value"]

Key = tuple[str | int, ...]
"""Where a value stands: mapping keys and list positions from the top, e.g. `("data", "means", 0)`."""

_MOST_NODES = 100_000
"""Aliases can make a small file stand for a huge tree; no scenario comes near this many values."""


@dataclass
class Document:
    """A YAML document as plain values, with the place of every value in it.

    Attributes:
        values: the mapping the document holds.
        marks: line and column (from 1) of every key and list item.
    """

    values: dict[str, Any]
    marks: dict[Key, tuple[int, int]] = field(default_factory=dict)


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the scalars of the YAML 1.2 core schema."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    base = {"0o": 8, "0x": 16}.get(text[:2].lower(), 10)
    return int(text[2:] if base != 10 else text, base)


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def parse_document(text: str, source: str) -> Document:
    """Parse one YAML document that holds a mapping.

    Args:
        text: the document.
        source: how to name it in complaints, usually the path of a file.

    Raises:
        ScenarioError: the text is not YAML, holds no mapping, or has a key twice; the message gives line and column.
    """
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise ScenarioError(f"{source}: the file is empty; a scenario needs at least 'data: {{type: gaussian}}'")
        if not isinstance(node, yaml.MappingNode):
            line = node.start_mark.line + 1
            raise ScenarioError(
                f"{source}:{line}: a scenario is a mapping of 'key: value' lines, this is {_kind(node)}"
            )
        document = Document({})
        document.values = _Builder(loader, source, document.marks).build(node, ())
    except yaml.YAMLError as error:
        raise ScenarioError(_explain(error, text, source)) from None
    finally:
        if loader is not None:
            loader.dispose()
    return document


def parse_value(text: str, source: str) -> Any:
    """Parse the value of `--set key=value`, which is any piece of YAML.

    Raises:
        ScenarioError: the text is not YAML.

    Example:
        >>> parse_value("[1e-3, no]", "--set x")
        [0.001, 'no']
    """
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return None if node is None else _Builder(loader, source, {}).build(node, ())
    except yaml.YAMLError as error:
        raise ScenarioError(_explain(error, text, source, with_line=False)) from None
    finally:
        if loader is not None:
            loader.dispose()


class _Builder:
    """Turns YAML nodes into plain values, noting marks and refusing doubled keys."""

    def __init__(self, loader: _Loader, source: str, marks: dict[Key, tuple[int, int]]) -> None:
        self.loader = loader
        self.source = source
        self.marks = marks
        self.nodes = 0
        self.open: list[yaml.Node] = []

    def build(self, node: yaml.Node, key: Key) -> Any:
        self.nodes += 1
        if self.nodes > _MOST_NODES or any(node is parent for parent in self.open):
            raise ScenarioError(f"{self._at(node)}: an alias repeats itself without end")
        self.open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, key)
            if isinstance(node, yaml.SequenceNode):
                return [self._item(child, (*key, index)) for index, child in enumerate(node.value)]
            return self.loader.construct_object(node)
        finally:
            self.open.pop()

    def _item(self, node: yaml.Node, key: Key) -> Any:
        self.marks[key] = _place(node)
        return self.build(node, key)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        seen: dict[str, yaml.Node] = {}
        for name_node, _ in node.value:
            name = self._name(name_node)
            if name in seen and name != "<<":
                where = ".".join(str(part) for part in (*key, name))
                first = seen[name].start_mark.line + 1
                raise ScenarioError(f"{self._at(name_node)}: {where}: this key is already given on line {first}")
            seen[name] = name_node
        self.loader.flatten_mapping(node)  # expands `<<: *anchor`; what the mapping itself says comes last and wins
        values = {}
        for name_node, value_node in node.value:
            name = self._name(name_node)
            self.marks[(*key, name)] = _place(name_node)
            values[name] = self.build(value_node, (*key, name))
        return values

    def _name(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise ScenarioError(f"{self._at(node)}: a key must be a plain word, this is {_kind(node)}")
        return str(node.value)

    def _at(self, node: yaml.Node) -> str:
        line, column = _place(node)
        return f"{self.source}:{line}:{column}"


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else f"the single value {node.value!r}"


def _explain(error: yaml.YAMLError, text: str, source: str, *, with_line: bool = True) -> str:
    """Say what PyYAML found in words that help, with the place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    lines = text.splitlines()
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if "'\\t'" in problem or "\t" in line[: len(line) - len(line.lstrip())]:
        problem = "a tab; YAML is indented with spaces only"
    elif "could not determine a constructor" in problem:
        problem = f"tags such as {problem.split(chr(39))[1]!r} are not allowed in a scenario"
    elif "expected a single document" in str(getattr(error, "context", "")):
        problem = "a second document begins here ('---'); a scenario is one document"
    elif isinstance(error, yaml.reader.ReaderError):
        problem = f"the character {error.character!r} is not allowed in YAML"
        mark = None
    elif "mapping values are not allowed" in problem:
        problem = "a second ':' where a value should be; is a line not indented as it should be, or a quote missing?"
    elif "undefined alias" in problem:
        problem = f"{problem}: an anchor (&name) has to come before its alias (*name)"
    else:
        problem = "not YAML: " + ": ".join(part for part in (getattr(error, "context", None), problem) if part)
    if not with_line or mark is None:
        return f"{source}: {problem}"
    return f"{source}:{mark.line + 1}:{mark.column + 1}: {problem}"
