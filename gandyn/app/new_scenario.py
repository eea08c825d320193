"""New scenarios for `gandyn new`: from a few answers to a commented file that draws as it stands."""

from __future__ import annotations

import copy
import os
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gandyn.core.catalog import members
from gandyn.core.errors import UsageError
from gandyn.core.messages import listed
from gandyn.core.suggestions import hint
from gandyn.datasets.base import ImageDataset
from gandyn.distributions.base import Distribution
from gandyn.scenario.overrides import Override, parse_overrides
from gandyn.scenario.own_data import fields_as_written, ways_to_read
from gandyn.scenario.schema import Scenario, scenario_type
from gandyn.scenario.validation import validate
from gandyn.scenario.writing import inline, written
from gandyn.scenario.yaml12 import Document

__all__ = ["Answers", "begun", "data_types"]

_UNSAID = ("name", "title", "game", "conditional", "gallery")
"""Sections that a beginner's file says nothing of."""
_WIDE = 110

_PROVEN: dict[tuple[int, ...], dict[str, Any]] = {
    (1,): {
        "generator": {"type": "mlp", "hidden": [16, 16], "activation": "tanh", "init": "xavier"},
        "dynamics": {"type": "alternating", "discriminator_steps": 3},
        "optimizers": {"generator": {"type": "adam", "lr": 5e-4}, "discriminator": {"type": "adam", "lr": 5e-3}},
        "train": {"steps": 4000, "average": 0.99},
    },
    (2,): {
        "generator": {
            "type": "fourier",
            "waves": 64,
            "frequency": 1.5,
            "hidden": [64, 64],
            "activation": "tanh",
            "gain": 2.0,
        },
        "discriminator": {"type": "fourier", "waves": 64, "frequency": 3.0, "hidden": [64, 64], "gain": 2.0},
        "regularizers": [{"type": "r1", "weight": 0.02}],
        "optimizers": {"generator": {"type": "adam", "lr": 2e-3}, "discriminator": {"type": "adam", "lr": 4e-3}},
        "train": {"average": 0.99},
    },
}
"""Settings that learn, by the shape of a sample: those of the shipped two modes and ring. The defaults of a scenario
are the plainest there are, and leave much of what goes wrong to be seen."""


@dataclass(frozen=True)
class Answers:
    """What a scenario is begun with.

    Attributes:
        data: a type, or a file or folder of the user's own.
        column: of a file of numbers, one by its name or number, or two for the plane ("height,weight").
        modes: how many, where the type has a choice.
        objective: its type.
        steps: of training.
        overrides: further values, as `--set` takes them.
    """

    data: str
    column: str | None = None
    modes: int | None = None
    objective: str | None = None
    steps: int | None = None
    overrides: Sequence[str] = ()

    def home(self) -> Path:
        """Return the file that the scenario goes to where none is named."""
        return Path(f"{Path(self.data).stem}.yaml")

    def ways(self, folder: Path) -> list[dict[str, Any]]:
        """Return the ways in which the data can be read; none where they are a type's.

        Raises:
            UsageError: they are neither a type nor a file that can be learnt.
        """
        path = Path(self.data)
        if self.data in data_types():
            return []
        try:
            ways = ways_to_read(path, folder)
        except (ValueError, OSError) as error:
            raise UsageError(f"--data {self.data}: {error}") from None
        if not ways:
            what = f"there is no such file, and no such type of data{hint(self.data, data_types())}"
            if path.exists():
                what = "this is neither a .csv, .npy or picture nor a folder of images"
            raise UsageError(f"--data {self.data}: {what}")
        return ways


def data_types() -> dict[str, type[Distribution] | type[ImageDataset]]:
    """Return everything that `data: {type: ...}` can name."""
    return {**members(Distribution), **members(ImageDataset)}


def begun(answers: Answers, out: Path) -> str:
    """Return the text of a new scenario; all of it was checked.

    What is commented out is what holds anyway, so that taking any of the comment signs away changes nothing.

    Args:
        answers: what it is begun with.
        out: the file it is for, relative to which files of the user's own are named.

    Raises:
        UsageError: an answer is none, or leads to no scenario.
    """
    ways = answers.ways(out.parent)
    given = [*_data(answers, ways), *_simple(answers), *parse_overrides(answers.overrides)]
    data = validate(scenario_type(), Document({"name": out.stem}), os.fspath(out), given, folder=out.parent).data
    document = Document({"name": out.stem, **copy.deepcopy(_PROVEN.get(data.shape, {}))})
    scenario = validate(scenario_type(), document, os.fspath(out), given, folder=out.parent)
    return "".join(f"{line}\n" for line in _lines(document.values, scenario, out, ways))


def _data(answers: Answers, ways: Sequence[Mapping[str, Any]]) -> Iterator[Override]:
    """Yield what the data section says."""
    origin = f"--data {answers.data}"
    types = data_types()
    if answers.column is not None and not any("column" in types[way["type"]].model_fields for way in ways):
        raise UsageError(f"--column {answers.column}: {answers.data} has no columns to choose from")
    way = {"type": answers.data} if not ways else dict(ways[0])
    if answers.column is not None:
        named = {str(one["column"]): one["column"] for one in ways if "column" in one}
        chosen = {"column": named[answers.column]} if answers.column in named else _columns(answers.column)
        way = {key: value for key, value in way.items() if key != "column"} | chosen
        origin += f" --column {answers.column}"
    if answers.modes is not None:
        way |= _modes(answers)
        origin += f" --modes {answers.modes}"
    for key, value in way.items():
        yield Override(("data", key), value, origin)


def _columns(text: str) -> dict[str, Any]:
    names = [int(name) if name.isascii() and name.isdigit() else name for name in map(str.strip, text.split(","))]
    return {"column": names[0]} if len(names) == 1 else {"columns": names}


def _modes(answers: Answers) -> dict[str, Any]:
    kinds, count = data_types(), answers.modes or 0
    if count < 1:
        raise UsageError(f"--modes {count}: at least 1")
    fields = kinds[answers.data].with_modes(count) if answers.data in kinds else None
    if fields is None:
        able = [name for name, kind in kinds.items() if kind.with_modes(1) is not None]
        raise UsageError(f"--modes {answers.modes}: {answers.data} has no such choice ({listed(able)} have)")
    return dict(fields)


def _simple(answers: Answers) -> Iterator[Override]:
    if answers.objective is not None:
        yield Override(("objective", "type"), answers.objective, f"--objective {answers.objective}")
    if answers.steps is not None:
        yield Override(("train", "steps"), answers.steps, f"--steps {answers.steps}")


def _lines(given: Mapping[str, Any], scenario: Scenario, out: Path, ways: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"# gandyn animate {out.name} trains this and draws it; `gandyn catalog` has all there is to choose from."
    yield "# What stands behind a # without a space is what holds anyway: take the sign away, and change it."
    yield ""
    yield f"title: {inline(scenario.title)}"
    resolved = scenario.resolved()
    for name, field in type(scenario).model_fields.items():
        if name in _UNSAID:
            continue
        yield ""
        yield f"# {field.description}"
        value, section = resolved[name], given.get(name)
        if name == "data" and len(ways) > 1:
            yield f"# it could also be {listed(filter(None, (fields_as_written(way, section or {}) for way in ways)))}"
        if isinstance(section, Mapping):
            yield from _section(name, section, getattr(scenario, name), value)
        elif section is not None:
            yield f"{name}: {inline(value)}"
        else:
            yield from _commented(name, value)


def _section(name: str, given: Mapping[str, Any], model: BaseModel, resolved: Mapping[str, Any]) -> Iterator[str]:
    """Yield a section of which something is given: a line a field, with what each is."""
    yield f"{name}:"
    for key, value in resolved.items():
        if key == "sha256":  # filled in whenever the file is read
            continue
        plain = isinstance(given.get(key), str | int | float)  # as it was given: a path is resolved to a whole one
        sign = "" if key in given or key == "type" else "#"
        about = type(model).model_fields[key].description or ""
        line = f"  {sign}{key}: {inline(given[key] if plain else value)}"
        beside = len(line) + len(about) < _WIDE
        if about and not beside:
            yield from textwrap.wrap(about, _WIDE, initial_indent="  # ", subsequent_indent="  # ")
        yield f"{line}  # {about}" if about and beside else line


def _commented(name: str, value: Any) -> Iterator[str]:
    """Yield a section that says nothing new: on one line where it fits, without what is nothing anyway."""
    if isinstance(value, Mapping):
        value = {key: part for key, part in value.items() if part is not None}
    line = f"{name}: {inline(value)}"
    for one in [line] if len(line) <= _WIDE else written({name: value}).splitlines():
        yield re.sub(r"^(\s*)", r"\1#", one)
