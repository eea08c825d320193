"""Panels: one picture a file, found by name. A new file in this folder is a new panel; nothing else names it."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from gandyn.errors import UsageError
from gandyn.nearest import hint
from gandyn.rendering.panels.base import Panel

__all__ = ["Panel", "find", "names"]


@cache
def _catalogue() -> dict[str, type[Panel]]:
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
    found: dict[str, type[Panel]] = {}
    waiting: list[type[Panel]] = [*Panel.__subclasses__()]
    while waiting:
        cls = waiting.pop()
        waiting.extend(cls.__subclasses__())
        if "name" in vars(cls):
            found[cls.name] = cls
    return dict(sorted(found.items()))


def names() -> list[str]:
    """Return the names of all panels, in alphabetical order."""
    return list(_catalogue())


def find(name: str) -> type[Panel]:
    """Return a panel's class by its name.

    Raises:
        UsageError: there is no such panel.
    """
    known = _catalogue()
    if name not in known:
        raise UsageError(f"no panel {name!r}{hint(name, known)}")
    return known[name]
