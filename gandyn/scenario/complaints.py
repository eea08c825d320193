"""Pydantic's validation errors, told again in the words of the file: place, dotted key, what is wrong, what is near."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gandyn.scenario.nearest import hint, nearest
from gandyn.scenario.yaml12 import Key

__all__ = ["complaints", "dotted", "models_at", "step_into", "truth_values_misused"]

Locate = Callable[[Key], str]
"""Says where a key was written: `file.yaml:4:7`, or `--set train.steps=x`."""


def dotted(key: Key) -> str:
    """Return a key as `--set` takes it: ("data", "means", 0) is "data.means.0"."""
    return ".".join(str(part) for part in key)


def complaints(
    error: ValidationError, model: type[BaseModel], given: Any, locate: Locate, prefix: Key = ()
) -> list[str]:
    """Return one line for every mistake that pydantic found.

    Args:
        error: what validating `given` against `model` raised.
        model: the model.
        given: the values as they were written.
        locate: says where a key was written.
        prefix: where `given` itself stands in the file.
    """
    problems = [_Problem.of(found, model, given) for found in error.errors(include_url=False)]
    lines = []
    for problem in _one_each(problems):
        key, text = problem.tell(model)
        full = (*prefix, *key)
        lines.append(f"{locate(full)}: {dotted(full)}: {text}" if full else f"{locate(full)}: {text}")
    return list(dict.fromkeys(lines))


def truth_values_misused(given: Any, accepted: Any, key: Key = ()) -> list[Key]:
    """Return the keys where true or false was written and silently became the number 1 or 0."""
    if isinstance(given, bool):
        return [] if isinstance(accepted, bool) else [key]
    found: list[Key] = []
    if isinstance(given, Mapping) and isinstance(accepted, Mapping):
        for name in given.keys() & accepted.keys():
            found += truth_values_misused(given[name], accepted[name], (*key, name))
    elif isinstance(given, list) and isinstance(accepted, list):
        for index, (one, other) in enumerate(zip(given, accepted, strict=False)):
            found += truth_values_misused(one, other, (*key, index))
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
            choices = _models(annotation)
            if isinstance(part, str) and len(choices) > 1:
                annotation = next((c for c in choices if _type_name(c) == part), annotation)
            elif choices or _is_container(annotation):
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
            owner = _models(annotation)
        value = error.get("input")
        return cls(error["type"], key, owner, branched, depth, value, error["msg"], error.get("ctx") or {})

    def tell(self, model: type[BaseModel]) -> tuple[Key, str]:
        """Return the key to point at and the sentence to print."""
        if self.kind == "extra_forbidden":
            return self.key, self._unknown_key(model)
        if self.kind == "missing":
            return self._missing()
        if self.kind == "union_tag_invalid":
            names = [_type_name(choice) for choice in self.owner]
            written = str(self.value.get("type")) if isinstance(self.value, Mapping) else str(self.value)
            return (*self.key, "type"), f"unknown type {written!r}{hint(written, names)}"
        if self.kind == "union_tag_not_found":
            return self._no_type()
        if self.kind in ("value_error", "assertion_error"):
            text = re.sub(r"^(Value|Assertion) error, ", "", self.message)
            return self._field_named_in(text), text
        if self.kind == "literal_error":
            names = [name.strip().strip("'") for name in re.split(r",| or ", str(self.context.get("expected", "")))]
            return self.key, f"unknown value {_show(self.value)}{hint(str(self.value), names)}"
        types = [_type_name(choice) for choice in self.owner if "type" in choice.model_fields]
        if self.kind in _NOT_A_MAPPING and types:
            example = nearest(str(self.value), types) or types[0]
            return self.key, f"expected a mapping such as {{type: {example}}}, got {_show(self.value)}"
        return self.key, f"{self.expectation()}, got {_show(self.value)}"

    def expectation(self) -> str:
        """Say what the value should have been, for errors about one value."""
        for start, text in _EXPECTED.items():
            if self.kind.startswith(start):
                return text.format(**{name: _number(value) for name, value in self.context.items()})
        return self.message[:1].lower() + self.message[1:]

    def _unknown_key(self, model: type[BaseModel]) -> str:
        name = str(self.key[-1])
        known = list(dict.fromkeys(field for owner in self.owner for field in owner.model_fields))
        if nearest(name, known, slips=1) is None:
            parents = {dotted(key[:-1]) for key in _all_keys(model) if key[-1] == name and key[:-1] != self.key[:-1]}
            parent = dotted(self.key[:-1])
            siblings = sorted(p for p in parents if p.partition(" ")[0] == parent)
            if siblings:
                types = ", ".join(p.partition(" ")[2] for p in siblings)
                return f"unknown key {name!r}; it belongs to another type: {types} (known here: {', '.join(known)})"
            if parents and nearest(name, known) is None:
                homes = " or ".join(sorted({p.partition(" ")[0] + "." + name if p else name for p in parents}))
                return f"unknown key {name!r}; did you mean {homes}? (known here: {', '.join(known)})"
        return f"unknown key {name!r}{hint(name, known)}"

    def _missing(self) -> tuple[Key, str]:
        if isinstance(self.key[-1], int):
            return self.key[:-1], f"too few items: item {self.key[-1]} is missing"
        if self.key == ("data",):
            return (), "the key 'data' is missing; say what is to be learnt, for example data: {type: gaussian}"
        written = [str(name) for name in self.value] if isinstance(self.value, Mapping) else []
        near = nearest(str(self.key[-1]), written)
        return self.key, f"this key is missing{f' (is {near!r} a slip for it?)' if near else ''}"

    def _no_type(self) -> tuple[Key, str]:
        names = ", ".join(_type_name(choice) for choice in self.owner)
        if isinstance(self.value, Mapping):
            written = [str(name) for name in self.value if name not in {f for c in self.owner for f in c.model_fields}]
            near = nearest("type", written, slips=1)
            if near:
                return (*self.key, near), f"unknown key {near!r}; did you mean 'type'?"
            return self.key, f"needs a type (known: {names})"
        return self.key, f"expected a mapping such as {{type: {_type_name(self.owner[0])}}}, got {_show(self.value)}"

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
        deepest = [p for p in group if p.depth == max(q.depth for q in group)]
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


def _plain(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _models(annotation: Any) -> tuple[type[BaseModel], ...]:
    annotation = _plain(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [_models(choice) for choice in get_args(annotation) if choice is not type(None)]
        if inner and all(inner):
            return tuple(model for models in inner for model in models)
    return ()


def _is_container(annotation: Any) -> bool:
    return get_origin(_plain(annotation)) in (list, tuple, set, frozenset, dict, Sequence, Mapping)


def step_into(annotation: Any, part: str | int) -> Any:
    """Return the annotation of what stands at `part` inside a value of this annotation; Any where it is not known."""
    for model in _models(annotation):
        if part in model.model_fields:
            return model.model_fields[str(part)].annotation
    arguments = [arg for arg in get_args(_plain(annotation)) if arg is not Ellipsis]
    if _is_container(annotation) and arguments:
        if get_origin(_plain(annotation)) is tuple and isinstance(part, int) and len(arguments) > part:
            return arguments[part]
        return arguments[-1]
    return Any


def models_at(model: type[BaseModel], key: Key) -> dict[str, type[BaseModel]]:
    """Return the catalogue classes that can stand at a key, by type name; empty where none can."""
    annotation: Any = model
    for part in key:
        annotation = step_into(annotation, part)
    return {_type_name(choice): choice for choice in _models(annotation) if "type" in choice.model_fields}


def _type_name(model: type[BaseModel]) -> str:
    return str(model.model_fields["type"].default) if "type" in model.model_fields else model.__name__


def _all_keys(model: type[BaseModel], prefix: Key = ()) -> list[Key]:
    """Return every key a scenario can have; a section with a choice of types stands once for each ("data gaussian")."""
    keys: list[Key] = []
    for name, field in model.model_fields.items():
        keys.append((*prefix, name))
        choices = _models(field.annotation)
        for choice in choices:
            label = f"{name} {_type_name(choice)}" if len(choices) > 1 else name
            keys += _all_keys(choice, (*prefix, label))
    return keys


def _number(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else value


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."
