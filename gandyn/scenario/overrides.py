"""Single values laid over a scenario: `--set train.steps=500`, and the command line's own options for the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from gandyn.core.errors import ScenarioError
from gandyn.core.messages import shortened, shown
from gandyn.scenario.annotations import is_container, is_mapping, is_text, models_at, step_into
from gandyn.scenario.validation_errors import dotted
from gandyn.scenario.yaml12 import Key, parse_value

__all__ = ["Override", "apply", "as_overrides", "parse_override", "parse_overrides"]


_QUOTES = ('"', "'")


@dataclass(frozen=True)
class Override:
    """One value to be set.

    Attributes:
        key: where.
        value: what.
        origin: how to name it in complaints, e.g. "--set train.steps=500".
        text: what was written, which stands as it is where text is wanted: "A title: with a colon", "1984".
        refusal: why that is not YAML, where it is none.
    """

    key: Key
    value: Any
    origin: str
    text: str | None = None
    refusal: ScenarioError | None = None

    def settled(self, model: type[BaseModel]) -> Any:
        """Return the value for its place in a model.

        Raises:
            ScenarioError: it is not YAML, and no text is wanted there.
        """
        if self.text is None or self.text[:1] in _QUOTES:
            return self.value
        kind: Any = model
        for part in self.key:
            kind = step_into(kind, part)
        if is_text(kind):
            return self.text
        if self.refusal is not None:
            raise self.refusal
        return self.value


def parse_override(text: str, flag: str = "--set") -> Override:
    """Parse `key=value`: a dotted key (list positions as numbers, from 0) and a value in YAML.

    What is not YAML may still be text, where that is wanted.

    Raises:
        ScenarioError: there is no `=`, or the key is empty.

    Example:
        >>> parse_override("data.means=[-1, 1]").value
        [-1, 1]
    """
    origin = shortened(f"{flag} {text}".strip())
    name, equals, value = text.partition("=")
    parts = [part.strip() for part in name.replace("[", ".").replace("]", "").split(".")]
    if not equals or not all(parts):
        raise ScenarioError(f"{origin}: expected key=value with a dotted key, for example train.steps=500")
    key, text = tuple(map(_part, parts)), value.strip()
    try:
        return Override(key, parse_value(value, origin), origin, text)
    except ScenarioError as refusal:
        if text[:1] in _QUOTES:
            raise
        return Override(key, text, origin, text, refusal)


def parse_overrides(given: Iterable[str | Override] | Mapping[str, Any], flag: str = "--set") -> list[Override]:
    """Parse overrides from any of the forms `load_scenario` takes.

    Raises:
        ScenarioError: one of them cannot be parsed.
    """
    if isinstance(given, str):
        raise ScenarioError(f"overrides must be a list of 'key=value' or a mapping, not the text {shown(given)}")
    if isinstance(given, Mapping):
        keys = {name: tuple(map(_part, str(name).split("."))) for name in given}
        origins = {name: shortened(f"override {name}={shown(value)}") for name, value in given.items()}
        return [Override(keys[name], value, origins[name]) for name, value in given.items()]
    return [one if isinstance(one, Override) else parse_override(one, flag) for one in given]


def _part(text: str) -> str | int:
    """Return a part of a dotted key; positions in lists are written in digits, and not in many."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def as_overrides(section: str, values: Mapping[str, Any], origin: str = "") -> list[Override]:
    """Return overrides for the fields of one section that are not None, e.g. from command-line options."""
    return [
        Override((section, name), value, origin or f"--{name.replace('_', '-')} {_flag_value(value)}")
        for name, value in values.items()
        if value is not None
    ]


def _flag_value(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return ("," if any(isinstance(one, str) for one in value) else "x").join(map(str, value))


def apply(values: dict[str, Any], overrides: Iterable[Override], model: type[BaseModel]) -> dict[Key, str]:
    """Set the values in place; return which override each key now comes from.

    A `type` is set before everything else, and drops the fields that the new type does not have.

    Raises:
        ScenarioError: a key leads into a value that has no parts, or to a list item that does not exist.
    """
    origins: dict[Key, str] = {}
    for override in sorted(overrides, key=lambda one: one.key[-1] != "type"):
        value = override.settled(model)
        holder = _holder(values, override, model)
        last = override.key[-1]
        if last == "type" and isinstance(holder, dict) and holder.get("type") != value:
            choices = models_at(model, override.key[:-1])
            chosen = choices.get(value) if isinstance(value, str) else None
            fields = {} if chosen is None else chosen.model_fields
            for name in [name for name in holder if name not in fields]:
                del holder[name]
        if isinstance(holder, list) and last == len(holder):
            holder.append(value)
        else:
            holder[str(last) if isinstance(holder, dict) else last] = value
        for known in [key for key in origins if key[: len(override.key)] == override.key]:
            del origins[known]
        origins[override.key] = override.origin
    return origins


def _holder(values: dict[str, Any], override: Override, model: type[BaseModel]) -> Any:
    """Walk to the mapping or list that the override's last part belongs to, making what is not there on the way."""
    here: Any = values
    kind: Any = model
    for depth, part in enumerate(override.key):
        where = dotted(override.key[:depth])
        if isinstance(here, list):
            if not isinstance(part, int) or part > len(here):
                last = f"0 to {len(here) - 1}; {len(here)} adds one" if here else "it is empty; 0 adds the first"
                raise ScenarioError(f"{override.origin}: the list {where} has no item {part!r} ({last})")
        elif not isinstance(here, dict):
            raise ScenarioError(
                f"{override.origin}: {where} is the single value {shown(here)} and has no part {part!r}"
            )
        if depth == len(override.key) - 1:
            break
        kind = step_into(kind, part)
        if isinstance(here, dict):
            if here.get(str(part)) is None:
                numbered = isinstance(override.key[depth + 1], int) and is_container(kind) and not is_mapping(kind)
                here[str(part)] = [] if numbered else {}
            here = here[str(part)]
        else:
            if part == len(here):  # one past the end adds an item
                here.append({})
            here = here[int(part)]
    return here
