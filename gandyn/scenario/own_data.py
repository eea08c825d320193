"""Files and folders of a user's own that data can be made of: to begin a scenario with, or given in place of one."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gandyn.core.catalog import members
from gandyn.core.messages import listed
from gandyn.datasets.base import ImageDataset
from gandyn.distributions.base import Distribution
from gandyn.scenario.writing import inline

__all__ = ["fields_as_written", "not_a_scenario", "ways_to_read"]


def ways_to_read(path: Path, folder: Path) -> list[dict[str, Any]]:
    """Return the `data` sections that learn what a file or a folder holds, the likeliest first; none where it is none.

    Args:
        path: the file or the folder.
        folder: where the scenario lies, relative to which it is named.

    Raises:
        ValueError: it is data, and cannot be read; the text says why.
    """
    if not path.exists():
        return []
    kinds: dict[str, type[Distribution] | type[ImageDataset]] = {**members(Distribution), **members(ImageDataset)}
    for name, kind in kinds.items():
        ways = kind.made_of(path)
        if ways:
            return [{"type": name, **{key: _named(value, folder) for key, value in way.items()}} for way in ways]
    return []


def _named(value: Any, folder: Path) -> Any:
    return os.path.relpath(value, folder) if isinstance(value, Path) else value


def not_a_scenario(path: Path) -> str | None:
    """Return what to write instead, where data are given in place of a scenario; None where they are none."""
    scenario = path.parent / f"{path.stem}.yaml"
    try:
        ways = ways_to_read(path, path.parent)
    except ValueError as error:
        return f"{path}: this is no scenario, which is a .yaml file, and cannot be learnt as data either: {error}"
    if not ways:
        return None
    others = listed(fields_as_written(way, ways[0]) for way in ways[1:])
    write = shlex.join(["gandyn", "new", os.fspath(scenario), "--data", os.fspath(path)])
    return (
        f"{path}: this is data, not a scenario; a scenario that learns it is a file such as {scenario}, which says\n"
        f"  title: {inline(path.stem.replace('_', ' ').capitalize())}\n"
        f"  data: {inline(ways[0])}\n"
        f"{f'(or {others} there); ' if others else ''}to write it: {write}"
    )


def fields_as_written(way: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    """Return what one way to read a file says that the first does not, as YAML: `column: weight`."""
    return inline({key: value for key, value in way.items() if first.get(key) != value})[1:-1]
