"""What differs between scenarios, in the words of the picture: "objective", "Adam beta1", "generator hidden"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["caption", "differences", "headings", "labels"]

Path = tuple[str, ...]

_NO_KNOBS = {"name", "title", "caption", "animation", "record", "gallery"}
_PLAYERS = {"generator", "discriminator"}
_UNSAID = {"optimizers", "train", "dynamics"}
"""Sections that a label need not name: what is in them is clear by itself."""
_KINDS = {
    "generator": "network",
    "discriminator": "network",
    "regularizers": "regularizer",
    "optimizers": "optimizer",
}
"""What the components of a section are, where it is not called by its kind."""
_LISTED = 4
"""Names of differences that a caption has room for."""


def differences(scenarios: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what differs between resolved scenarios: by its name, the value in each, the objective first.

    Where types differ, that is the knob, and not the fields that come with them; components go by their labels. Of
    lists of numbers that differ in one item, that item is the knob. What both players have alike is named once. The
    seeds, names of axes and hashes of files are none, and the number of steps only where nothing else differs.

    Example:
        >>> adam = [{"type": "adam", "lr": 1e-3, "betas": [beta, 0.999]} for beta in (0.9, 0.5)]
        >>> differences([{"optimizers": {"generator": one, "discriminator": one}} for one in adam])
        {'Adam beta1': ['0.9', '0.5']}
    """
    sections = [{key: value for key, value in one.items() if key not in _NO_KNOBS} for one in scenarios]
    found = dict(_differences((), sections))
    found.pop(("train", "seeds"), None)
    found.pop(("train", "device"), None)
    found = {path: values for path, values in found.items() if path[-1] != "sha256" and path[:2] != ("data", "axis")}
    if len(found) > 1:
        found.pop(("train", "steps"), None)
    named: dict[str, list[str]] = {}
    for path, values in sorted(found.items(), key=lambda item: item[0][0] != "objective"):
        twins = [found[other] for other in found if _faceless(other) == _faceless(path)]
        unsaid = {*_UNSAID, *(_PLAYERS if len(twins) == 2 and twins[0] == twins[1] else ())}
        parts = [part for part in path if part not in unsaid] or path
        named[" ".join(parts).replace("_", " ")] = values
    return named


def headings(found: Mapping[str, Sequence[str]], titles: Sequence[str]) -> list[str]:
    """Return what stands above each column: one knob or two ("objective: non-saturating"), or where more differ titles.

    Args:
        found: what `differences` returned.
        titles: one a column.
    """
    if len(found) == 1:
        ((label, values),) = found.items()
        return [f"{label}: {value}" for value in values]
    if len(found) == 2:
        # Words speak for themselves, as the caption says what they are; numbers do not.
        told = [[_phrase(label, values[k]) for label, values in found.items()] for k in range(len(titles))]
        return [" · ".join(filter(None, parts)) or titles[k] for k, parts in enumerate(told)]
    return list(titles)


def labels(found: Mapping[str, Sequence[str]], headings: Sequence[str]) -> list[str]:
    """Return the shortest names: the values alone where a single knob differs, else the headings."""
    if len(found) != 1:
        return list(headings)
    ((_, values),) = found.items()
    return list(values)


def caption(found: Mapping[str, Sequence[str]]) -> str:
    """Say what differs: "Only Adam beta1: 0.9 or 0.5", or the names of several; nothing where none is known."""
    names = list(found)
    if len(names) == 1:
        return f"Only {names[0]}: {' or '.join(dict.fromkeys(found[names[0]]))}"
    # The last of a few is told by its name: "and 1 more" would be no shorter.
    listed = names[:_LISTED] if len(names) > _LISTED + 1 else names
    more = f" and {len(names) - len(listed)} more" if len(names) > len(listed) else ""
    return f"What differs: {', '.join(listed)}{more}" if names else ""


def _phrase(label: str, value: str) -> str:
    return "" if value == "none" else value if value[0].isalpha() else f"{label} {value}"


def _faceless(path: Path) -> Path:
    """Return a path with either player's name made the same."""
    return tuple("*" if part in _PLAYERS else part for part in path)


def _differences(path: Path, values: Sequence[Any], kind: str = "") -> Iterable[tuple[Path, list[str]]]:
    """Yield where values differ and how each is written; `kind` is what the catalogue calls their components."""
    if all(value == values[0] for value in values):
        return
    types = {value.get("type") if isinstance(value, Mapping) else None for value in values}
    if all(isinstance(value, Mapping) for value in values) and len(types) == 1:
        if path and path[0] == "optimizers" and types != {None}:
            path = (*path, _word(values[0], kind))
        for key in dict.fromkeys(key for value in values for key in value):
            # Every optimizer has a rate: whose it is goes without saying.
            owner = path[:-1] if key == "lr" else path
            yield from _differences(
                (*owner, str(key)), [value.get(key) for value in values], kind or _KINDS.get(key, key)
            )
    elif all(_components(value) for value in values) and len({_word(value, kind) for value in values}) == 1:
        for items in zip(*values, strict=True):
            yield from _differences((_word(items[0], kind),), items, kind)
    else:
        item = _one_item(values)
        if item is not None and path[-1].endswith("s") and path[0] != "train":
            path = (*path[:-1], f"{path[-1].removesuffix('s')}{item + 1}")
            values = [value[item] for value in values]
        yield path, [_word(value, kind) for value in values]


def _one_item(values: Sequence[Any]) -> int | None:
    """Return which item of lists of one length differs, if just one does."""
    if not all(isinstance(value, list | tuple) and len(value) == len(values[0]) for value in values):
        return None
    differing = [k for k, items in enumerate(zip(*values, strict=True)) if any(item != items[0] for item in items)]
    return differing[0] if len(differing) == 1 else None


def _components(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, Mapping) and "type" in part for part in value)


def _word(value: Any, kind: str) -> str:
    """Return a value as a heading says it: a component by its label, a list by its parts."""
    if value is None or value == [] or value == ():
        return "none"
    if isinstance(value, Mapping):
        return _label(value, kind)
    if isinstance(value, list | tuple):
        return ", ".join(_word(part, kind) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _label(value: Mapping[str, Any], kind: str) -> str:
    """Return what a component calls itself; its type where the catalogue has none of that name."""
    word = str(value.get("type", "given"))
    try:
        from gandyn.core.catalog import members
        from gandyn.scenario.schema import KINDS
    except ImportError:  # a recording is drawn where torch is not, though its components cannot be asked there
        return word.replace("_", "-")
    known = members(KINDS[kind]) if kind in KINDS else {}
    return known[word].model_construct(None, **value).label() if word in known else word.replace("_", "-")
