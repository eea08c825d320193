"""Pydantic's validation errors, told again in the words of the file: place, dotted key, what is wrong, what is near."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from gandyn.core.messages import shortened, shown
from gandyn.core.suggestions import hint, nearest
from gandyn.scenario.annotations import all_keys, is_container, models_of, step_into, type_name
from gandyn.scenario.yaml12 import Key

__all__ = ["complaints", "dotted", "truth_values_complaints"]

MOST_TOLD = 20
"""Mistakes told of one scenario; after so many it is another file that was meant."""
_LONGEST_PART = 60

Locate = Callable[[Key], str]
"""Says where a key was written: `file.yaml:4:7`, or `--set train.steps=x`."""


def dotted(key: Key) -> str:
    """Return a key as `--set` takes it: ("data", "means", 0) is "data.means.0"; no key there is has a long part."""
    return ".".join(shortened(part, _LONGEST_PART) for part in key)


def complaints(
    error: ValidationError, model: type[BaseModel], given: Any, locate: Locate, prefix: Key = ()
) -> list[str]:
    """Return one line for every mistake that pydantic found; where there are very many, for the first of them.

    Args:
        error: what validating `given` against `model` raised.
        model: the model.
        given: the values as they were written.
        locate: says where a key was written.
        prefix: where `given` itself stands in the file.
    """
    problems = [_Problem.of(found, model, given) for found in error.errors(include_url=False)]
    told = _one_each(problems)
    lines = []
    for problem in told[:MOST_TOLD]:
        key, text = problem.tell(model)
        full = (*prefix, *key)
        lines.append(f"{locate(full)}: {dotted(full)}: {text}" if full else f"{locate(full)}: {text}")
    return _or_so(list(dict.fromkeys(lines)), len(told))


def _or_so(lines: list[str], count: int) -> list[str]:
    """Return the first lines, and how many mistakes there are besides those told."""
    return [*lines[:MOST_TOLD], *([f"... and {count - MOST_TOLD:,} more mistakes"] if count > MOST_TOLD else [])]


def truth_values_complaints(given: Any, accepted: Any, locate: Locate, prefix: Key = ()) -> list[str]:
    """Return one line for every true or false that was silently taken for a number; as `complaints` does."""
    keys = [(*prefix, *key) for key in _truth_values_misused(given, accepted)]
    lines = [f"{locate(key)}: {dotted(key)}: expected a number, got a truth value (true or false)" for key in keys]
    return _or_so(lines, len(lines))


def _truth_values_misused(given: Any, accepted: Any, key: Key = ()) -> list[Key]:
    """Return the keys where true or false was written and silently became the number 1 or 0."""
    if isinstance(given, bool):
        return [] if isinstance(accepted, bool) else [key]
    found: list[Key] = []
    if isinstance(given, Mapping) and isinstance(accepted, Mapping):
        for name in given.keys() & accepted.keys():
            found += _truth_values_misused(given[name], accepted[name], (*key, name))
    elif isinstance(given, list) and isinstance(accepted, list):
        for index, (one, other) in enumerate(zip(given, accepted, strict=False)):
            found += _truth_values_misused(one, other, (*key, index))
    return found


@dataclass(frozen=True)
class _Problem:
    """One of pydantic's errors with its location translated.

    Attributes:
        kind: pydantic's name for the error.
        key: where it is, without the tags pydantic adds for unions.
        owner: the models that the last key belongs to (several where the type is not known).
        branched: the location goes on into the branches of a plain union (`int | list[int]`).
        depth: how far into the branch the error lies.
        value: what was written there.
        message: pydantic's own text.
        context: pydantic's numbers for it.
    """

    kind: str
    key: Key
    owner: tuple[type[BaseModel], ...]
    branched: bool
    depth: int
    value: Any
    message: str
    context: Mapping[str, Any]

    @classmethod
    def of(cls, error: Mapping[str, Any], model: type[BaseModel], given: Any) -> _Problem:
        key: Key = ()
        owner: tuple[type[BaseModel], ...] = ()
        annotation: Any = model
        branched, depth = False, 0
        for part in error["loc"]:
            choices = models_of(annotation)
            if isinstance(part, str) and len(choices) > 1:
                annotation = next((c for c in choices if type_name(c) == part), annotation)
            elif choices or is_container(annotation):
                if choices:
                    owner = choices
                key = (*key, part)
                annotation = step_into(annotation, part)
            else:
                branched = True
                depth += 1
                if isinstance(part, int):
                    key = (*key, part)
        if (not branched and error["type"].startswith("union_tag")) or error["type"] in (
            "value_error",
            "assertion_error",
            *_NOT_A_MAPPING,
        ):
            owner = models_of(annotation)
        value = error.get("input")
        return cls(error["type"], key, owner, branched, depth, value, error["msg"], error.get("ctx") or {})

    def tell(self, model: type[BaseModel]) -> tuple[Key, str]:
        """Return the key to point at and the sentence to print."""
        if self.kind == "extra_forbidden":
            return self.key, self._unknown_key(model)
        if self.kind == "missing":
            return self._missing()
        if self.kind == "union_tag_invalid":
            names = [type_name(choice) for choice in self.owner]
            written = self.value.get("type") if isinstance(self.value, Mapping) else self.value
            near = hint(written if isinstance(written, str) else "", names)
            return (*self.key, "type"), f"unknown type {shown(written)}{near}"
        if self.kind == "union_tag_not_found":
            return self._no_type()
        if self.kind in ("value_error", "assertion_error"):
            text = re.sub(r"^(Value|Assertion) error, ", "", self.message)
            return self._field_named_in(text), text
        if self.kind == "literal_error":
            names = [name.strip().strip("'") for name in re.split(r",| or ", str(self.context.get("expected", "")))]
            return self.key, f"unknown value {shown(self.value)}{hint(str(self.value), names)}"
        types = [type_name(choice) for choice in self.owner if "type" in choice.model_fields]
        if self.kind in _NOT_A_MAPPING and types:
            example = nearest(str(self.value), types) or types[0]
            return self.key, f"expected a mapping such as {{type: {example}}}, got {shown(self.value)}"
        return self.key, f"{self.expectation()}, got {shown(self.value)}"

    def expectation(self) -> str:
        """Say what the value should have been, for errors about one value."""
        for start, text in _EXPECTED.items():
            if self.kind.startswith(start):
                told = text.format(**{name: _number(value) for name, value in self.context.items()})
                return re.sub(r"\b1 (item|character)s$", r"1 \1", told)
        return self.message[:1].lower() + self.message[1:]

    def _unknown_key(self, model: type[BaseModel]) -> str:
        name = str(self.key[-1])
        known = list(dict.fromkeys(field for owner in self.owner for field in owner.model_fields))
        if nearest(name, known, slips=1) is None:
            parents = {dotted(key[:-1]) for key in all_keys(model) if key[-1] == name and key[:-1] != self.key[:-1]}
            parent = dotted(self.key[:-1])
            siblings = sorted(p for p in parents if p.partition(" ")[0] == parent)
            if siblings:
                types = ", ".join(p.partition(" ")[2] for p in siblings)
                return (
                    f"unknown key {shown(name)}; it belongs to another type: {types} (known here: {', '.join(known)})"
                )
            if parents and nearest(name, known) is None:
                homes = " or ".join(sorted({p.partition(" ")[0] + "." + name if p else name for p in parents}))
                return f"unknown key {shown(name)}; did you mean {homes}? (known here: {', '.join(known)})"
        return f"unknown key {shown(name)}{hint(name, known)}"

    def _missing(self) -> tuple[Key, str]:
        if isinstance(self.key[-1], int):
            return self.key[:-1], f"too few items: item {self.key[-1]} is missing"
        if self.key == ("data",):
            return (), "the key 'data' is missing; say what is to be learnt, for example data: {type: gaussian}"
        written = [str(name) for name in self.value] if isinstance(self.value, Mapping) else []
        near = nearest(str(self.key[-1]), written)
        return self.key, f"this key is missing{f' (is {shown(near)} a slip for it?)' if near else ''}"

    def _no_type(self) -> tuple[Key, str]:
        names = ", ".join(type_name(choice) for choice in self.owner)
        if isinstance(self.value, Mapping):
            known = {field for owner in self.owner for field in owner.model_fields}
            near = nearest("type", [str(name) for name in self.value if name not in known], slips=1)
            if near:
                return (*self.key, near), f"unknown key {shown(near)}; did you mean 'type'?"
            return self.key, f"needs a type (known: {names})"
        return self.key, f"expected a mapping such as {{type: {type_name(self.owner[0])}}}, got {shown(self.value)}"

    def _field_named_in(self, text: str) -> Key:
        """Return the key of the field that a class's own complaint speaks of first, else that of the whole section."""
        fields = {name for owner in self.owner for name in owner.model_fields}
        written = self.value if isinstance(self.value, Mapping) else {}
        named = [word for word in re.findall(r"\w+", text) if word in fields and word in written]
        return (*self.key, named[0]) if named else self.key


_NOT_A_MAPPING = ("model_type", "model_attributes_type", "dict_type")

_EXPECTED = {
    "int": "expected a whole number",
    "float": "expected a number",
    "decimal": "expected a number",
    "finite_number": "expected a finite number",
    "bool": "expected true or false",
    "string_too_short": "expected at least {min_length} characters",
    "string_pattern": "not allowed here (must match {pattern})",
    "string": "expected text (quote it if it looks like a number)",
    "path": "expected the name of a file",
    "list": "expected a list such as [1, 2]",
    "tuple": "expected a list such as [1, 2]",
    "set": "expected a list such as [1, 2]",
    "frozen_set": "expected a list such as [1, 2]",
    "model": "expected a mapping of 'key: value'",
    "dict": "expected a mapping of 'key: value'",
    "mapping": "expected a mapping of 'key: value'",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be greater than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "too_short": "needs at least {min_length} items",
    "too_long": "takes at most {max_length} items",
    "none_required": "expected nothing",
}


def _one_each(problems: Sequence[_Problem]) -> list[_Problem]:
    """Merge what the branches of a plain union say about one value into one problem."""
    kept: list[_Problem] = []
    branches: dict[Key, list[_Problem]] = {}
    for problem in problems:
        if problem.branched:
            root = problem.key[: len(problem.key) - _trailing_indices(problem)]
            branches.setdefault(root, []).append(problem)
        else:
            kept.append(problem)
    for group in branches.values():
        depth = max(problem.depth for problem in group)
        deepest = [problem for problem in group if problem.depth == depth]
        if len(deepest) > 1 and all(p.key == deepest[0].key for p in deepest):
            wanted = dict.fromkeys(re.sub("^expected ", "", p.expectation()) for p in deepest)
            first = deepest[0]
            text = "expected " + " or ".join(wanted)
            kept.append(_Problem("", first.key, first.owner, True, first.depth, first.value, text, {}))
        else:
            kept += deepest
    return kept


def _trailing_indices(problem: _Problem) -> int:
    count = 0
    while count < len(problem.key) and isinstance(problem.key[-1 - count], int):
        count += 1
    return min(count, problem.depth)


def _number(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else value
