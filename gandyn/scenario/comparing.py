"""Scenarios side by side: which are drawn together, what differs between them, and what is said of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gandyn.errors import UsageError
from gandyn.scenario.console import Tick, prefixed
from gandyn.scenario.overrides import Override, parse_overrides
from gandyn.scenario.workflow import Source, open_source

if TYPE_CHECKING:
    from gandyn.recording.store import Recording
    from gandyn.rendering.comparison import Compared

__all__ = ["compared", "knobs", "open_sources", "picture_of"]

_MOST = 4
_PLACES = {1: "the line", 2: "the plane"}


def open_sources(
    targets: Sequence[Path],
    overrides: Iterable[str | Override] = (),
    *,
    seed: int | None = None,
    force: bool = False,
    progress: Tick | None = None,
    again: str | None = None,
) -> list[Source]:
    """Return what to draw side by side, each trained first if need be; one source alone where nothing is beside it.

    One scenario brings those with it that its `animation.beside` names; several targets are drawn as they are given.

    Args:
        targets: scenario files and folders of recordings.
        overrides: values laid over every one of them.
        seed: which seed to draw of every one of them.
        force: train even if a fitting recording is there.
        progress: called with (done, total, what) now and then.
        again: the command that goes on after an interruption.

    Raises:
        UsageError: one is named twice, there are too many, or they are not of one dimension.
        ScenarioError: one of them says something it cannot say; all are checked before the first is trained.
        RecordingError: a recording is damaged or cannot be written.
    """
    given = parse_overrides(overrides)
    chosen = list(targets)
    if len(chosen) == 1 and not chosen[0].is_dir():
        chosen += _beside(chosen[0], given)
    if len(chosen) > 1:
        _check(chosen, given)
    found = []
    for number, target in enumerate(chosen, 1):
        tick = progress if len(chosen) == 1 else prefixed(progress, f"{number}/{len(chosen)} {target.stem}")
        found.append(open_source(target, given, seed=seed, force=force, progress=tick, again=again))
    return found


def _beside(target: Path, given: list[Override]) -> tuple[Path, ...]:
    from gandyn.scenario.loading import load_scenario

    # A misspelt name is explained by `open_source`, which is about to open it.
    return load_scenario(target, given).animation.beside if target.is_file() else ()


def _check(targets: Sequence[Path], given: list[Override]) -> None:
    """Find out before anything is trained what cannot be drawn side by side."""
    from gandyn.recording.store import open_recording
    from gandyn.scenario.loading import load_scenario

    if len(targets) > _MOST:
        raise UsageError(f"at most {_MOST} scenarios find room side by side; {len(targets)} were given")
    places = [os.path.realpath(target) for target in targets]
    twice = next((target for target, place in zip(targets, places, strict=True) if places.count(place) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is given twice; what is drawn side by side must differ")
    dims: dict[int, Path] = {}
    for target in targets:
        if target.is_dir():
            dims.setdefault(open_recording(target).dataset["data_density"].ndim, target)
        else:
            scenario = load_scenario(target, given)
            dims.setdefault(scenario.data.dim, target)
            if scenario.animation.story == "morph" and target == targets[0]:
                raise UsageError(f"{target}: animation.story: morph is told of one scenario alone, not side by side")
    if len(dims) > 1:
        words = [f"{target} is on {_PLACES.get(dim, f'{dim} dimensions')}" for dim, target in dims.items()]
        raise UsageError(f"what is drawn side by side shares its axes, but {' and '.join(words)}")


def picture_of(sources: Sequence[Source]) -> Recording | Compared:
    """Return what `rendering.animate` draws of sources: a recording, or several side by side."""
    recordings = [source.recorded.recording for source in sources]
    if len(sources) == 1:
        return recordings[0]
    hosted = bool(sources[0].animation.beside)
    return compared(recordings, [source.animation.seed for source in sources], hosted=hosted)


def compared(recordings: Sequence[Recording], seeds: Sequence[int | None], *, hosted: bool = False) -> Compared:
    """Return recordings side by side under headings that name what differs.

    One knob or two stand above the columns ("objective: wasserstein"); where more differ, the titles do.

    Args:
        recordings: what is drawn, from left to right.
        seeds: which seed of each.
        hosted: whether the first scenario asked for the others to be beside it, so that its title and caption are
            those of the comparison.

    Raises:
        UsageError: two of them are the same.
    """
    from gandyn.rendering.comparison import Column, Compared

    paths = [recording.path.resolve() for recording in recordings]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise UsageError(
            f"the recording {twice.name} would stand beside itself; what is drawn side by side must differ"
        )
    scenarios = [recording.scenario for recording in recordings]
    found = knobs(scenarios) if all(scenarios) else {}
    columns = tuple(
        Column(recording, heading, seed)
        for recording, heading, seed in zip(recordings, _headings(recordings, found), seeds, strict=True)
    )
    if hosted:
        attrs = recordings[0].dataset.attrs
        return Compared(columns, str(attrs.get("title", "")), str(attrs.get("caption", "")))
    return Compared(columns, caption=_caption(scenarios, found, seeds))


def _headings(recordings: Sequence[Recording], found: Mapping[str, Sequence[str]]) -> list[str]:
    titles = [str(recording.dataset.attrs.get("title") or recording.path.name) for recording in recordings]
    if len(found) == 1:
        ((label, values),) = found.items()
        return [f"{label}: {value}" for value in values]
    if len(found) == 2:
        # Words speak for themselves, as the caption says what they are; numbers do not.
        told = [[_phrase(label, values[k]) for label, values in found.items()] for k in range(len(recordings))]
        return [" · ".join(filter(None, parts)) or titles[k] for k, parts in enumerate(told)]
    if len(set(titles)) == len(titles):
        return titles
    return [recording.path.name for recording in recordings]


def _phrase(label: str, value: str) -> str:
    return "" if value == "none" else value if value[0].isalpha() else f"{label} {value}"


def _caption(scenarios: Sequence[Mapping[str, Any]], found: Mapping[str, Any], seeds: Sequence[int | None]) -> str:
    """Say what differs and whether all began alike: streams of chance depend on the seed alone."""
    if not found:
        return ""
    names = list(found)
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    text = f"Only the {names[0]} differs" if len(names) == 1 else f"What differs: {', '.join(names[:4])}{more}"
    players = ("latent", "generator", "discriminator")
    alike = all(one.get(part) == scenarios[0].get(part) for one in scenarios for part in players)
    return f"{text}; same initial weights" if alike and len(_drawn(scenarios, seeds)) == 1 else text


def _drawn(scenarios: Sequence[Mapping[str, Any]], seeds: Sequence[int | None]) -> set[int]:
    return {
        scenario["train"]["seeds"][0] if seed is None else seed for scenario, seed in zip(scenarios, seeds, strict=True)
    }


_NO_KNOBS = {"name", "title", "caption", "animation", "record"}
_PLAYERS = {"generator", "discriminator"}
_UNSAID = {"optimizers", "train", "dynamics"}
"""Sections that a label need not name: what is in them is clear by itself."""


def knobs(scenarios: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what differs between resolved scenarios: by its name, the value in each, in the order of a scenario.

    Where types differ, that is the knob, and not the fields that come with them. What both players have alike is named
    once. The seeds are none, and the number of steps only where nothing else differs.

    Example:
        >>> rates = [{"optimizers": {"generator": {"type": "adam", "lr": lr}}} for lr in (1e-3, 1e-4)]
        >>> knobs(rates)
        {'generator lr': ['0.001', '0.0001']}
    """
    sections = [{key: value for key, value in one.items() if key not in _NO_KNOBS} for one in scenarios]
    found = dict(_differences((), sections))
    found.pop(("train", "seeds"), None)
    found.pop(("train", "device"), None)
    if len(found) > 1:
        found.pop(("train", "steps"), None)
    named: dict[str, list[str]] = {}
    for path, values in found.items():
        twins = [found[other] for other in found if _faceless(other) == _faceless(path)]
        unsaid = {*_UNSAID, *(_PLAYERS if len(twins) == 2 and twins[0] == twins[1] else ())}
        parts = [part for part in path if part not in unsaid] or path
        named[" ".join(parts).replace("_", " ")] = values
    return named


def _faceless(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return a path with either player's name made the same."""
    return tuple("*" if part in _PLAYERS else part for part in path)


def _differences(path: tuple[str, ...], values: Sequence[Any]) -> Iterable[tuple[tuple[str, ...], list[str]]]:
    if all(value == values[0] for value in values):
        return
    types = {value.get("type") if isinstance(value, Mapping) else None for value in values}
    if all(isinstance(value, Mapping) for value in values) and len(types) == 1:
        for key in dict.fromkeys(key for value in values for key in value):
            yield from _differences((*path, str(key)), [value.get(key) for value in values])
    elif all(_components(value) for value in values) and len({_word(value) for value in values}) == 1:
        for items in zip(*values, strict=True):
            yield from _differences((str(items[0]["type"]),), items)
    else:
        yield path, [_word(value) for value in values]


def _components(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, Mapping) and "type" in part for part in value)


def _word(value: Any) -> str:
    """Return a value as a heading says it: a component by its type, a list by its parts."""
    if value is None or value == [] or value == ():
        return "none"
    if isinstance(value, Mapping):
        return str(value.get("type", "given"))
    if isinstance(value, list | tuple):
        return ", ".join(_word(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
