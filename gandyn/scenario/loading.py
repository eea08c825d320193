"""From a YAML file to a checked scenario, with complaints that name file, line and key."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gandyn.core.errors import ScenarioError
from gandyn.core.files import read_regular
from gandyn.core.suggestions import nearest
from gandyn.scenario.overrides import parse_overrides
from gandyn.scenario.own_data import not_a_scenario
from gandyn.scenario.validation import Overrides, validate
from gandyn.scenario.yaml12 import MOST_DEPTH, Document, parse_document

if TYPE_CHECKING:
    from gandyn.scenario.schema import Scenario

__all__ = ["explains_layer", "is_yaml", "load_scenario", "parse_scenario", "read_document", "scenario_files"]

_SUFFIXES = (".yaml", ".yml")

MOST_BYTES = 1_000_000
"""Of a scenario file; those that come with gandyn have one or two thousand."""


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
    document = read_document(path)
    if explains_layer(document):
        draw = shlex.join(["gandyn", "explain-layer", str(path)])
        raise ScenarioError(f"{path}: this explains a layer, and trains nothing; to draw it: {draw}")
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
    try:
        plain = _plain(values, MOST_DEPTH)
    except RecursionError:
        raise ScenarioError(f"{source}: mappings and lists lie more than {MOST_DEPTH} deep inside each other") from None
    return _scenario(Document(plain), source, overrides, name=None, folder=Path())


def read_document(path: Path) -> Document:
    """Read what a YAML file says, unchecked.

    Raises:
        ScenarioError: the file cannot be read or is not YAML.
    """
    if not is_yaml(path) and (instead := not_a_scenario(path)) is not None:
        raise ScenarioError(instead)
    return parse_document(_read(path), str(path))


def is_yaml(path: Path) -> bool:
    """Tell whether a file is named as YAML is."""
    return path.suffix.lower() in _SUFFIXES


def explains_layer(document: Document) -> bool:
    """Tell whether a document explains a layer, and is no scenario: it has nothing to learn."""
    return "layer" in document.values and "data" not in document.values


def scenario_files(folder: Path) -> list[Path]:
    """Return the scenarios below a folder; files that explain a layer are none.

    Raises:
        ScenarioError: a file cannot be read or is not YAML.
    """
    return [file for file in sorted(folder.rglob("*.yaml")) if not explains_layer(read_document(file))]


def _scenario(document: Document, source: str, overrides: Overrides, *, name: str | None, folder: Path) -> Scenario:
    if name is not None:
        document.values.setdefault("name", name)
    from gandyn.scenario.defaults import GAME
    from gandyn.scenario.schema import scenario_type  # and torch with it: files are read, and told apart, without

    given = parse_overrides(overrides)
    named = [one.value for one in given if one.key == ("game",)] or [document.values.get("game", GAME)]
    model = scenario_type(named[-1] if isinstance(named[-1], str) else GAME)
    return validate(model, document, source, given, folder=folder)


def _plain(values: Any, depth: int) -> Any:
    if depth < 0:
        raise RecursionError
    if isinstance(values, Mapping):
        return {str(key): _plain(value, depth - 1) for key, value in values.items()}
    return [_plain(value, depth - 1) for value in values] if isinstance(values, list | tuple) else values


def _read(path: Path) -> str:
    try:
        data = read_regular(path, MOST_BYTES)
    except FileNotFoundError:
        raise ScenarioError(f"{path}: there is no such file{_near_file(path)}") from None
    except IsADirectoryError:
        raise ScenarioError(f"{path}: this is a folder, not a scenario file{_scenarios_in(path)}") from None
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read ({error.strerror})") from None
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
