"""From a scenario or a recording to a picture: what is trained, what is reused, and where things go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gandyn.app.console import Followed, Stopped, Tick, labelled
from gandyn.app.run_folders import (
    being_recorded,
    existing,
    fingerprint_of,
    ours,
    refuse,
    retitled,
    where_it_stopped,
)
from gandyn.core.errors import DamageError, RecordingError, ScenarioError, SettingsWarning, UsageError
from gandyn.core.messages import warn
from gandyn.core.replacing import alone, reason, restored, swept
from gandyn.scenario.overrides import Override, parse_overrides

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording
    from gandyn.rendering.options import AnimationOptions
    from gandyn.scenario.schema import Scenario

__all__ = ["Recorded", "Source", "open_source", "record"]

How = Literal["trained", "resumed", "reused"]
RUNS = Path("runs")


@dataclass(frozen=True)
class Recorded:
    """A recording and how it came about.

    Attributes:
        recording: the recording, complete.
        how: trained from the start, resumed, or reused as it was.
        replaced: an older recording, made with other settings, was overwritten because that was asked for.
        beside: the recording with other settings that this one was put beside, where it would otherwise have gone.
    """

    recording: Recording
    how: How
    replaced: bool = False
    beside: Path | None = None


@dataclass(frozen=True)
class Source:
    """What a picture is drawn from.

    Attributes:
        recorded: the recording.
        animation: how it is to be drawn.
        name: the stem of the picture's file.
    """

    recorded: Recorded
    animation: AnimationOptions
    name: str


def record(
    scenario: Scenario,
    folder: Path | None = None,
    *,
    force: bool = False,
    resume_only: bool = False,
    progress: Tick | None = None,
    again: str | None = None,
) -> Recorded:
    """Return the scenario's recording: the one that is there if it fits, gone on with or trained if not.

    A complete recording of the same training part is reused; an incomplete one is resumed, bit for bit. Where
    `runs/<name>` holds a recording with other settings, this one goes to `runs/<name>-<fingerprint>` beside it; nothing
    but `force` replaces what was recorded, and nothing replaces other files.

    Args:
        scenario: what to train.
        folder: where the recording goes; `runs/<name>` or a folder beside it unless given.
        force: train from the start in the same folder, whatever recording it holds.
        resume_only: go on with what is there or fail; never start over.
        progress: called with (done, total, what) now and then.
        again: the command that goes on after an interruption, for the message.

    Raises:
        RecordingError: the folder holds something else, is damaged, or cannot be written.
        Stopped: Ctrl-C or SIGTERM came; all steps up to then are committed.
        Followed: this process follows another, as torchrun has started it, and its part is done.
    """
    from gandyn.app.training import dismiss, follow
    from gandyn.training import distributed

    if distributed.following():
        follow(scenario)
        raise Followed
    distributed.expect()
    try:
        recorded = _recorded(scenario, folder, force, resume_only, progress, again)
    except Exception:  # an interrupt comes to all of them: to wait for those that are gone would take long
        dismiss(scenario)
        raise
    dismiss(scenario)
    return replace(recorded, recording=retitled(recorded.recording, scenario))


def _recorded(
    scenario: Scenario, folder: Path | None, force: bool, resume_only: bool, progress: Tick | None, again: str | None
) -> Recorded:
    """Find the folder, wait until nobody else records there, and see then what is to be done."""
    from gandyn.core.locks import HeldError

    if not force:
        with suppress(RecordingError):  # which is told of when the folder is held, if it still is so then
            place, beside = _place(scenario, folder, resume_only)
            found = existing(place, force)
            if found is not None and found.complete and fingerprint_of(found) == scenario.fingerprint():
                return Recorded(found, "reused", beside=beside)
    place = folder or RUNS / scenario.name
    while True:
        try:
            with alone(place, _worth_waiting(scenario, place, force and folder is not None)) as target:
                swept(target.parent)
                chosen, beside = _place(scenario, folder, resume_only, force)
                if chosen == place:
                    return replace(_made(scenario, place, force, resume_only, progress, again), beside=beside)
            place = chosen
        except HeldError as held:
            if held.here or folder is not None:
                raise RecordingError(f"{place}: is being written by {held.holder}; -o FOLDER goes elsewhere") from None
            made = _recorded(scenario, _apart(scenario), force, resume_only, progress, again)
            return replace(made, beside=place)
        except OSError as error:
            raise RecordingError(f"{place}: {reason(place, error)}") from error


def _worth_waiting(scenario: Scenario, place: Path, replacing: bool) -> Callable[[float], bool]:
    """Return what says whether to wait for whoever records at a place: for what this scenario records, always."""
    return lambda _: replacing or being_recorded(place) in (None, scenario.fingerprint())


def _apart(scenario: Scenario) -> Path:
    """Return where the recording goes if another has its place."""
    return RUNS / f"{scenario.name}-{scenario.fingerprint()[:6]}"


def _place(scenario: Scenario, folder: Path | None, resume_only: bool, force: bool = False) -> tuple[Path, Path | None]:
    """Return the recording's folder, and the one it is put beside because that holds other settings."""
    if folder is not None:
        return folder, None
    home, apart = RUNS / scenario.name, _apart(scenario)
    other = existing(home, force)
    if other is not None and fingerprint_of(other) != scenario.fingerprint() and (apart.exists() or not resume_only):
        return apart, home
    return home, None


def _made(
    scenario: Scenario, folder: Path, force: bool, resume_only: bool, progress: Tick | None, again: str | None
) -> Recorded:
    """Return the recording in a folder that nobody else writes to: as it is, gone on with, or trained."""
    from gandyn.app.training import train
    from gandyn.scenario.pitfalls import pitfalls

    found = existing(folder, force)
    fits = found is not None and fingerprint_of(found) == scenario.fingerprint()
    if resume_only and not fits:
        if found is None:
            raise RecordingError(f"{folder}: there is no recording to go on with; leave --resume out to begin one")
        raise RecordingError(
            f"{folder}: the recording there was made with other settings, so it cannot be gone on with; "
            f"--force replaces it, -o FOLDER puts the new one elsewhere"
        )
    if found is not None and fits and found.complete and not force:
        return Recorded(found, "reused")
    replaced = found is not None and not fits
    resume = fits and not force
    if found is not None and replaced and not force:
        refuse(found, scenario, folder)
    if folder.exists() and not os.access(folder, os.W_OK):
        raise RecordingError(f"{folder}: this folder cannot be written")
    warnings = pitfalls(scenario)
    for text in warnings:
        warn(text, SettingsWarning)
    told = labelled(progress, "training")
    try:
        recording = train(scenario, folder, resume=resume, progress=told, warnings=warnings)
    except KeyboardInterrupt as interrupt:
        raise Stopped(where_it_stopped(folder, scenario.train.steps, again), interrupt) from None
    except DamageError as damage:
        raise RecordingError(f"{damage} (--force trains it again)") from None
    except OSError as error:
        what = f"{reason(folder, error)}; what was committed is kept, and the same command goes on"
        raise RecordingError(f"{folder}: {what}") from error
    return Recorded(recording, "resumed" if resume else "trained", replaced)


def open_source(
    target: Path,
    overrides: Iterable[str | Override] = (),
    *,
    seed: int | None = None,
    force: bool = False,
    salvage: bool = False,
    progress: Tick | None = None,
    again: str | None = None,
) -> Source:
    """Return what to draw, from a scenario file (trained first if need be) or the folder of a recording.

    Args:
        target: a scenario file or the folder of a recording.
        overrides: values laid over the scenario; for a recording, only those of its `animation`.
        seed: which seed to draw. A scenario that does not train it trains it alone.
        force: train even if a fitting recording is there.
        salvage: leave out what is damaged in a recording, rather than refuse it.
        progress: called with (done, total, what) now and then.
        again: the command that goes on after an interruption.

    Raises:
        ScenarioError: the target is neither, or says something a scenario cannot say.
        RecordingError: the recording is damaged or cannot be written.
    """
    given = parse_overrides(overrides)
    restored(target)
    if target.is_dir():
        if force:
            raise UsageError(f"--force trains again, but {target} is a recording; give the scenario file instead")
        return _open_recording(target, given, seed, salvage)
    if salvage:
        raise UsageError(f"--salvage draws what is whole of a recording; give its folder instead of {target}")
    if not target.exists() and not target.suffix:
        names = sorted(os.fspath(entry.parent) for entry in RUNS.glob("*/recording.zarr"))
        from gandyn.core.suggestions import nearest

        near = nearest(os.fspath(target), names) or nearest(target.name, [Path(name).name for name in names])
        if near is not None:
            near = near if near in names else os.fspath(RUNS / near)
            raise ScenarioError(f"{target}: there is no such scenario file or recording; did you mean {near}?")
    from gandyn.scenario.loading import load_scenario

    if seed is not None:
        if seed not in load_scenario(target, _without_seed(given)).train.seeds:
            given.append(Override(("train", "seeds"), [seed], f"--seed {seed}"))
        given.append(Override(("animation", "seed"), seed, f"--seed {seed}"))
    scenario = load_scenario(target, given)
    recorded = record(_lasting(scenario, target, given), force=force, progress=progress, again=again)
    return Source(recorded, scenario.animation, scenario.name)


def _lasting(scenario: Scenario, target: Path, given: list[Override]) -> Scenario:
    """Return the scenario as it is stored: how one picture was asked to look is no part of it."""
    from gandyn.scenario.loading import load_scenario

    trained_apart = any(one.key[0] == "train" for one in given)
    seed = ("animation", "seed")
    lasting = [one for one in given if one.key[0] != "animation" or (trained_apart and one.key == seed)]
    if lasting == given:
        return scenario
    stored, wanted = (one.record.model_dump(mode="json") for one in (load_scenario(target, lasting), scenario))
    # What is to be drawn may ask for more to be recorded, and that is part of the recording.
    differs = [key for key in wanted if wanted[key] != stored[key]]
    more = [Override(("record", key), wanted[key], "what is to be drawn") for key in differs]
    return load_scenario(target, [*lasting, *more])


def _without_seed(given: list[Override]) -> list[Override]:
    return [one for one in given if one.key != ("animation", "seed")]


def _open_recording(folder: Path, overrides: list[Override], seed: int | None, salvage: bool) -> Source:
    from gandyn.recording.store.recording import open_recording
    from gandyn.recording.store.scenario_file import SCENARIO
    from gandyn.rendering.options import AnimationOptions
    from gandyn.scenario.validation import validate
    from gandyn.scenario.yaml12 import Document

    if not ours(folder):
        from gandyn.scenario.own_data import not_a_scenario

        if (instead := not_a_scenario(folder)) is not None:
            raise ScenarioError(instead)
        names = sorted(os.fspath(entry) for entry in folder.glob("*.yaml"))[:6]
        hint = f"; scenario files in it: {', '.join(names)}" if names else ""
        raise ScenarioError(f"{folder}: this folder is not a recording{hint}")
    for override in overrides:
        if override.key[0] != "animation":
            raise UsageError(
                f"{override.origin}: {folder} is a recording, so only animation.* can be set; "
                f"give the scenario file instead to train with other values"
            )
    recording = open_recording(folder, salvage=salvage)
    known = recording.scenario
    told: dict[str, Any] = {key: str(known[key]) for key in ("title", "caption") if key in known}
    if "data" in known:
        labels = known["data"].get("axis") or []
        told["axis_labels"] = [labels] if isinstance(labels, str) else list(labels)
    recording.retitle(**told)
    seeds = [int(value) for value in recording.contents["seed"].values]
    stored = dict(known.get("animation") or {})
    if seed is not None:
        if seed not in seeds:
            raise UsageError(f"--seed {seed}: {folder} holds no such seed (it has {_several(seeds)})")
        stored["seed"] = seed
    document = Document(stored)
    animation = validate(
        AnimationOptions, document, str(folder / SCENARIO), overrides, folder=folder, prefix=("animation",)
    )
    name = str(recording.contents.attrs.get("name") or folder.resolve().name)
    return Source(Recorded(recording, "reused"), animation, name)


def _several(values: list[int]) -> str:
    return ", ".join(map(str, values[:12])) + (f", ... {values[-1]}" if len(values) > 12 else "")
