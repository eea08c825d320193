"""Panels: one picture a file, found by name. A new file in this folder is a new panel; nothing else names it."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache

from gandyn.core.errors import UsageError
from gandyn.core.messages import shown
from gandyn.core.suggestions import hint
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import PLACES, RecordingView

__all__ = [
    "Panel",
    "contrasting",
    "default_panels",
    "explaining",
    "find",
    "known",
    "names",
    "refuse",
    "spoken",
    "teller",
    "telling",
    "usual",
]


_SEEN_AT_A_GLANCE = 2
"""Modes on the line that nobody needs to count."""


@cache
def _catalogue() -> dict[str, dict[int | None, type[Panel]]]:
    """Return all panels by name, and of one name by the dimension of the recordings they draw."""
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
    found: dict[str, dict[int | None, type[Panel]]] = {}
    waiting: list[type[Panel]] = [*Panel.__subclasses__()]
    while waiting:
        cls = waiting.pop()
        waiting.extend(cls.__subclasses__())
        if "name" in vars(cls):
            found.setdefault(cls.name, {})[cls.dim] = cls
    return dict(sorted(found.items()))


def names(dim: int | None = None, images: bool = False) -> list[str]:
    """Return the names of all panels, in alphabetical order.

    Args:
        dim: only of those for recordings on the line (1) or on a plane (2), where given.
        images: with those that draw nothing but recordings of images, or of somebody's own loop, of that dimension.
    """
    kinds = _catalogue()
    fitting = [name for name in kinds if dim is None or None in kinds[name] or dim in kinds[name]]
    return [name for name in fitting if dim is None or images or not find(name).images]


def known(name: str) -> str:
    """Return a panel's name if there is such a panel, for recordings of whatever dimension.

    Raises:
        UsageError: there is no such panel.
    """
    if name not in _catalogue():
        raise UsageError(f"no panel {shown(name)}{hint(name, _catalogue())}")
    return name


def find(name: str, dim: int | None = None) -> type[Panel]:
    """Return a panel's class by its name.

    Args:
        name: what scenarios call it.
        dim: dimension of the recording to be drawn, 1 or 2; where it does not matter, the panel of least dimension.

    Raises:
        UsageError: there is no such panel, or none for recordings of this dimension.
    """
    kinds = _catalogue()[known(name)]
    if None in kinds:
        return kinds[None]
    if dim is None:
        return kinds[min(d for d in kinds if d is not None)]
    if dim not in kinds:
        drawn = " and ".join(PLACES[d] for d in sorted(d for d in kinds if d is not None))
        raise UsageError(f"the {name} panel draws recordings on {drawn}; this one is on {PLACES[dim]}")
    return kinds[dim]


def telling(names: Sequence[str], views: Sequence[RecordingView]) -> list[str]:
    """Return those of some panels, in their order, that the recordings of all views hold enough for.

    Those that would have nothing to show of any of them are left out, unless there are no others.

    Raises:
        UsageError: there are none; the first of them says why.
    """
    dim = len(views[0].dims)
    able = [name for name in names if all(find(name, dim).refusal(one.has) is None for one in views)]
    if not able:
        refuse(names[:1], views)
    return [name for name in able if not all(find(name, dim).silent(one) for one in views)] or able


def usual(view: RecordingView) -> list[str]:
    """Return the names of the panels that show a recording best: the default ones, but for losses nobody noted.

    In their place stand the user's own scalars, if there are any, else the responses.
    """
    dim = len(view.dims)
    names = default_panels(dim, view.has)
    if find("losses", dim).silent(view):
        others = (name for name in ("scalars", "responses") if find(name, dim).refusal(view.has) is None)
        instead = next(others, "losses")
        names = tuple(instead if name == "losses" else name for name in names)
    return telling(names, [view])


def spoken(view: RecordingView) -> list[str]:
    """Return the names of the panels that show a recording best in a talk: a main picture, and one or two numbers."""
    dim = len(view.dims)
    mains = ("samples", "density") if view.has("samples") else ("map", "density")
    main = [name for name in mains if _able(name, dim, view)][:1]
    # Two modes on the line are seen at a glance; nobody counts them.
    counted = dim > 1 or (view.has("mode_weight") and view.dataset["mode_weight"].size > _SEEN_AT_A_GLANCE)
    numbers = ("image_distance", "classes_found") if main == ["samples"] else ("modes_found", "distance")
    found = [name for name in numbers if (name != "modes_found" or counted) and _able(name, dim, view)]
    names = [*main, *(found or [name for name in ("distance", "losses") if _able(name, dim, view)])]
    if not names:
        refuse(mains[-1:], [view])
    return names


def contrasting(views: Sequence[RecordingView]) -> list[str]:
    """Return the names of the panels that tell recordings apart best in a talk: a main picture, and a shared number."""
    dim = len(views[0].dims)
    mains = ("samples",) if all(one.has("samples") for one in views) else ("map", "density")
    numbers = ("image_distance", "modes_found", "distance") if dim > 1 else ("distance",)
    able = [[name for name in some if all(_able(name, dim, one) for one in views)] for some in (mains, numbers)]
    if not able[0]:
        refuse(mains[-1:], views)
    return [*able[0][:1], *able[1][:1]]


def _able(name: str, dim: int, view: RecordingView) -> bool:
    """Say whether there is a panel of a name for recordings of a dimension, and this one holds enough for it."""
    kinds = _catalogue().get(name, {})
    kind = kinds.get(None) or kinds.get(dim)
    return kind is not None and kind.refusal(view.has) is None and not kind.silent(view)


def refuse(names: Sequence[str], views: Sequence[RecordingView]) -> None:
    """Check that the recordings of all views hold enough for some panels.

    Raises:
        UsageError: one of them does not, and which, where there are several.
    """
    for name, view in itertools.product(names, views):
        refusal = find(name, len(view.dims)).refusal(view.has)
        if refusal is not None:
            raise UsageError(f"{view.name}: {refusal}" if len(views) > 1 else refusal)


def explaining(dim: int) -> str:
    """Return the main panel that explains single updates of recordings of a dimension, 1 or 2."""
    return next(name for name in names(dim) if find(name, dim).lead and find(name, dim).turns is not None)


def teller(asked: Sequence[str] | None, dim: int, has: Callable[[str], bool]) -> str:
    """Return the panel that tells the story of a recording.

    Args:
        asked: panels to choose from; all there are unless given.
        dim: dimension of the recording, 1 or 2.
        has: says what it holds, by name.

    Raises:
        UsageError: none of them can.
    """
    able = [name for name in names(dim) if find(name, dim).morphs is not None]
    chosen = [name for name in asked or able if name in able]
    if not chosen:
        raise UsageError(f"story: morph is told by the panel {' or '.join(able)}, not by {' and '.join(asked or ())}")
    refusals = {name: find(name, dim).morph_refusal(has) for name in chosen}
    found = next((name for name, refusal in refusals.items() if refusal is None), None)
    if found is None:
        raise UsageError(f"story: morph cannot be told: {refusals[chosen[0]]}")
    return found


def default_panels(dim: int, has: Callable[[str], bool] = lambda name: False) -> tuple[str, ...]:
    """Return the names of the panels that show a recording where none are named.

    Args:
        dim: its dimension, 1 or 2.
        has: says what it holds, by name; recordings of images have samples to show, and classes where they were judged.
    """
    lead = ("samples", "density") if has("samples") else ("density",) if dim == 1 else ("density", "discriminator")
    return (*lead, "losses", "classes" if has("class_histogram") else "divergences")
