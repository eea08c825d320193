"""Scenarios side by side: which are drawn together, what differs between them, and what is said of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gandyn.app.console import Tick, prefixed
from gandyn.app.runs import Source, open_source
from gandyn.core.errors import UsageError
from gandyn.core.replacing import restored
from gandyn.scenario.differences import caption, differences, headings, labels
from gandyn.scenario.overrides import Override, parse_overrides

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording
    from gandyn.rendering.figures.comparison import Compared
    from gandyn.scenario.schema import Scenario

__all__ = ["compared", "gather", "open_sources", "picture_of"]

Check = Callable[["Scenario", int, int], None]
"""Takes a scenario, its place among those that are drawn together, and how many these are."""

_SAME_DIRECTION = 0.99
"""Cosine between components of one data set of which different parts were kept."""


def _can_be_drawn(scenario: Scenario, place: int, of: int) -> None:
    scenario.check_drawing()


def open_sources(
    targets: Sequence[Path],
    overrides: Iterable[str | Override] = (),
    *,
    seed: int | None = None,
    force: bool = False,
    salvage: bool = False,
    progress: Tick | None = None,
    again: str | None = None,
    beside: bool = True,
    check: Check = _can_be_drawn,
) -> list[Source]:
    """Return what to draw side by side, each trained first if need be; one source alone where nothing is beside it.

    One scenario brings those with it that its `animation.beside` names; several targets are drawn as they are given.

    Args:
        targets: scenario files and folders of recordings.
        overrides: values laid over every one of them.
        seed: which seed to draw of every one of them.
        force: train even if a fitting recording is there.
        salvage: leave out what is damaged in recordings.
        progress: called with (done, total, what) now and then.
        again: the command that goes on after an interruption.
        beside: whether a scenario brings others with it.
        check: finds out before anything is trained that a scenario cannot be drawn.

    Raises:
        UsageError: one is named twice, there are too many, or they are not of one dimension.
        ScenarioError: one of them says something it cannot say; all are checked before the first is trained.
        RecordingError: a recording is damaged or cannot be written.
    """
    given = parse_overrides(overrides)
    chosen = gather(targets, given, salvage=salvage, beside=beside, check=check)
    found = []
    for number, target in enumerate(chosen, 1):
        tick = progress if len(chosen) == 1 else prefixed(progress, f"{number}/{len(chosen)} {target.stem}")
        found.append(open_source(target, given, seed=seed, force=force, salvage=salvage, progress=tick, again=again))
    return found


def gather(
    targets: Sequence[Path],
    overrides: Iterable[str | Override] = (),
    *,
    salvage: bool = False,
    beside: bool = True,
    check: Check = _can_be_drawn,
) -> list[Path]:
    """Return what is drawn side by side: the targets, or one scenario with those that its `animation.beside` names.

    What cannot be drawn so is found out here, before anything is trained. A single file is left to be complained of
    by what opens it.

    Raises:
        UsageError: one is named twice, there are too many, or they are not of one dimension.
        ScenarioError: one of them says something it cannot say.
    """
    given = parse_overrides(overrides)
    for target in targets:
        restored(target)
    chosen = list(targets)
    if len(chosen) == 1 and chosen[0].is_file():
        from gandyn.scenario.loading import load_scenario

        scenario = load_scenario(chosen[0], given)
        chosen += scenario.animation.beside if beside else ()
        if len(chosen) == 1:
            check(scenario, 0, 1)
    if len(chosen) > 1:
        _check(chosen, given, salvage, check)
    return chosen


def _check(targets: Sequence[Path], given: list[Override], salvage: bool, check: Check) -> None:
    from gandyn.recording.store.recording import open_recording
    from gandyn.rendering.recording_view import MOST, comparable

    if len(targets) > MOST:
        raise UsageError(f"at most {MOST} scenarios find room side by side; {len(targets)} were given")
    places = [os.path.realpath(target) for target in targets]
    twice = next((target for target, place in zip(targets, places, strict=True) if places.count(place) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is given twice; what is drawn side by side must differ")
    dims: dict[str, Sequence[str]] = {}
    data: dict[str, Mapping[str, Any]] = {}
    for place, target in enumerate(targets):
        if target.is_dir():
            opened = open_recording(target, salvage=salvage)
            dims[str(target)] = [str(name) for name in opened.contents["data_density"].dims]
            data[str(target)] = opened.scenario.get("data", {})
        else:
            from gandyn.scenario.loading import load_scenario

            scenario = load_scenario(target, given)
            check(scenario, place, len(targets))
            dims[str(target)] = scenario.space().axes
            data[str(target)] = scenario.resolved()["data"]
    comparable(dims.items())
    # Somebody's own loop says nothing of its data.
    known = [name for name in data if data[name] and "pc1" in dims[name]]
    for other in known[1:]:
        if _content(data[other]) != _content(data[known[0]]):
            raise UsageError(_other_plane(known[0], other))


def _content(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what tells data apart: of files what they hold, not where they lie."""
    return {key: value for key, value in data.items() if key != "folder" or not data.get("sha256")}


def _other_plane(first: str, other: str) -> str:
    return (
        f"{first} and {other} have different data, so their principal components differ and their planes cannot be "
        "compared; draw them one by one"
    )


def picture_of(sources: Sequence[Source]) -> Recording | Compared:
    """Return what `rendering.animate` draws of sources: a recording, or several side by side."""
    recordings = [source.recorded.recording for source in sources]
    if len(sources) == 1:
        return recordings[0]
    hosted = bool(sources[0].animation.beside)
    options = [source.animation for source in sources]
    given = [one.heading for one in options]
    return compared(recordings, [one.seed for one in options], given, hosted=hosted)


def compared(
    recordings: Sequence[Recording],
    seeds: Sequence[int | None],
    given: Sequence[str] = (),
    *,
    hosted: bool = False,
) -> Compared:
    """Return recordings side by side under headings that name what differs.

    One knob or two stand above the columns ("objective: non-saturating"); where more differ, the titles do.

    Args:
        recordings: what is drawn, from left to right.
        seeds: which seed of each.
        given: the headings that their scenarios ask for, which stand where there is one for each and no two are alike.
        hosted: whether the first scenario asked for the others to be beside it, so that its title and caption are
            those of the comparison.

    Raises:
        UsageError: two of them are the same, or lie in the principal components of different data.
    """
    from gandyn.rendering.figures.comparison import Column, Compared

    paths = [recording.path.resolve() for recording in recordings]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise UsageError(
            f"the recording {twice.name} would stand beside itself; what is drawn side by side must differ"
        )
    for recording in recordings[1:]:
        if not _one_plane(recordings[0], recording):
            raise UsageError(_other_plane(recordings[0].path.name, recording.path.name))
    scenarios = [recording.scenario for recording in recordings]
    found = differences(scenarios) if all(scenarios) else {}
    if all(scenarios) and len(set(drawn := _drawn(scenarios, seeds))) > 1:
        found["seed"] = [str(seed) for seed in drawn]
    if given and all(given) and len(set(given)) == len(given):
        above, short, knob = list(given), list(given), ""
    else:
        above = headings(found, _titles(recordings))
        short = labels(found, above)
        knob = next(iter(found)) if len(found) == 1 else ""
    columns = tuple(
        Column(recording, heading, seed, label)
        for recording, heading, seed, label in zip(recordings, above, seeds, short, strict=True)
    )
    if hosted:
        attrs = recordings[0].contents.attrs
        return Compared(columns, str(attrs.get("title", "")), str(attrs.get("caption", "")), knob)
    told = caption(found)
    told = f"{told}; same initial weights" if told and _alike(scenarios, seeds) else told
    return Compared(columns, caption=told, knob=knob)


def _one_plane(one: Recording, other: Recording) -> bool:
    """Say whether two recordings share their principal components, but for what thinning out the data changes."""
    sets = [one.contents, other.contents]
    if not all("view_basis" in known and "pc1" in known.sizes for known in sets):
        return True
    first, second = (known["view_basis"].values[:2] for known in sets)
    if first.shape != second.shape:
        return False
    cosines = (first * second).reshape(len(first), -1).sum(1)
    return bool(cosines.min() > _SAME_DIRECTION)


def _titles(recordings: Sequence[Recording]) -> list[str]:
    titles = [str(recording.contents.attrs.get("title") or recording.path.name) for recording in recordings]
    return titles if len(set(titles)) == len(titles) else [recording.path.name for recording in recordings]


def _alike(scenarios: Sequence[Mapping[str, Any]], seeds: Sequence[int | None]) -> bool:
    """Say whether all began with the same weights: streams of chance depend on the seed alone."""
    players = ("latent", "generator", "discriminator")
    same = all(one.get(part) == scenarios[0].get(part) for one in scenarios for part in players)
    return same and len(set(_drawn(scenarios, seeds))) == 1


def _drawn(scenarios: Sequence[Mapping[str, Any]], seeds: Sequence[int | None]) -> list[int]:
    return [
        scenario["train"]["seeds"][0] if seed is None else seed for scenario, seed in zip(scenarios, seeds, strict=True)
    ]
