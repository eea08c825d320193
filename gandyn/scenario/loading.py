"""From a YAML file to a checked scenario, with complaints that name file, line and key."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gandyn.errors import ScenarioError
from gandyn.scenario.complaints import complaints, dotted, truth_values_misused
from gandyn.scenario.nearest import nearest
from gandyn.scenario.overrides import Override, apply, parse_overrides
from gandyn.scenario.schema import Scenario
from gandyn.scenario.yaml12 import Document, Key, parse_document

__all__ = ["load_scenario", "parse_scenario", "validate"]

M = TypeVar("M", bound=BaseModel)
Overrides = Iterable[str | Override] | Mapping[str, Any]


def load_scenario(path: str | Path, overrides: Overrides = ()) -> Scenario:
    """Load and check a scenario file.

    Args:
        path: a YAML file.
        overrides: values laid over those of the file, as "train.steps=500" or {"train.steps": 500}.

    Raises:
        ScenarioError: the file cannot be read, is not YAML, or says something a scenario cannot say. The message has
            one line for each mistake, with file, line, column, dotted key, and the nearest valid name.

    Example:
        >>> load_scenario("scenarios/line/two_modes.yaml", ["train.steps=500"]).train.steps  # doctest: +SKIP
        500
    """
    path = Path(path)
    document = parse_document(_read(path), str(path))
    return _scenario(document, str(path), overrides, name=path.stem, folder=path.parent)


def parse_scenario(values: Mapping[str, Any], overrides: Overrides = (), *, source: str = "scenario") -> Scenario:
    """Check a scenario given as plain values, e.g. a dictionary in Python.

    Args:
        values: the mapping a scenario file would hold.
        overrides: values laid over it, as for `load_scenario`.
        source: how to name it in complaints.

    Raises:
        ScenarioError: it says something a scenario cannot say.
    """
    return _scenario(Document(_plain(values)), source, overrides, name=None, folder=Path())


def _scenario(document: Document, source: str, overrides: Overrides, *, name: str | None, folder: Path) -> Scenario:
    if name is not None:
        document.values.setdefault("name", name)
    return validate(Scenario, document, source, overrides, folder=folder)


def validate(
    model: type[M], document: Document, source: str, overrides: Overrides = (), *, folder: Path, prefix: Key = ()
) -> M:
    """Lay overrides over a document and check the whole against a model.

    Args:
        model: what the document should hold.
        document: the values and their places; changed in place.
        source: how to name the document in complaints.
        overrides: values laid over it.
        folder: what file names in the document are relative to.
        prefix: where the model's values stand in a scenario; keys of overrides begin with it.

    Raises:
        ScenarioError: something does not fit.
    """
    parsed = [
        Override(one.key[len(prefix) :], one.value, one.origin) if one.key[: len(prefix)] == prefix else one
        for one in parse_overrides(overrides)
    ]
    origins = apply(document.values, parsed, model)

    def locate(key: Key) -> str:
        key = key[len(prefix) :] if prefix else key
        for length in range(len(key), -1, -1):
            if key[:length] in origins:
                return origins[key[:length]]
            if key[:length] in document.marks:
                line, column = document.marks[key[:length]]
                return f"{source}:{line}:{column}"
        return source

    try:
        checked = model.model_validate(document.values, context={"folder": folder})
    except ValidationError as error:
        raise ScenarioError("\n".join(complaints(error, model, document.values, locate, prefix))) from None
    wrong = truth_values_misused(document.values, checked.model_dump(mode="json"))
    if wrong:
        keys = [(*prefix, *key) for key in wrong]
        lines = [f"{locate(key)}: {dotted(key)}: expected a number, got a truth value (true or false)" for key in keys]
        raise ScenarioError("\n".join(lines))
    return checked


def _plain(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {str(key): _plain(value) for key, value in values.items()}
    return [_plain(value) for value in values] if isinstance(values, list | tuple) else values


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ScenarioError(f"{path}: there is no such file{_near_file(path)}") from None
    except IsADirectoryError:
        raise ScenarioError(f"{path}: this is a folder, not a scenario file{_scenarios_in(path)}") from None
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScenarioError(
            f"{path}:{line}: not UTF-8 text (byte {data[error.start]:#04x}); is it a YAML file?"
        ) from None


def _near_file(path: Path) -> str:
    """Name the existing scenario that was probably meant: a neighbour first, then any below scenarios/."""
    folder = path.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    neighbours = {entry.name: entry for entry in sorted(folder.glob("*.y*ml"))} if folder == path.parent else {}
    shipped = {entry.name: entry for entry in sorted(Path("scenarios").rglob("*.yaml"))}
    for known in (neighbours, shipped):
        near = nearest(path.name, known) or nearest(f"{path.name}.yaml", known, slips=1)
        if near:
            return f"; did you mean {os.fspath(known[near])}?"
    names = [os.fspath(entry) for entry in (neighbours or shipped).values()]
    return f" (there are: {', '.join(names[:8])})" if names else ""


def _scenarios_in(folder: Path) -> str:
    names = sorted(os.fspath(entry) for pattern in ("*.yaml", "*/*.yaml") for entry in folder.glob(pattern))[:8]
    return f"; it holds {', '.join(names)}" if names else ""
