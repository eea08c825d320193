"""What each command of the command line does: gather, work, and tell."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gandyn.app.comparing import open_sources, picture_of
from gandyn.app.console import complain, display, progress, tell
from gandyn.app.csv_export import check_table, write_table
from gandyn.app.explaining import explain_layer
from gandyn.app.notes import class_note, divergence_note, resolution_note, salvage_note, stop_note, unseen_note
from gandyn.app.output_paths import FIGURE_SUFFIXES, check_output, drawing, picture_path, pixels, still_path
from gandyn.app.plotting import Asked
from gandyn.app.report import comparison_table, damage_as_dicts, final_table, rate_name, summary, to_json
from gandyn.app.run_folders import refuse_other
from gandyn.app.runs import Recorded, record
from gandyn.app.show import contents, human_size, ranges, render_contents
from gandyn.app.walking import walk_of
from gandyn.core.errors import DamageError, RecordingError, UsageError
from gandyn.scenario.overrides import Override, as_overrides, parse_overrides

if TYPE_CHECKING:
    from gandyn.scenario.schema import Scenario
    from gandyn.scenario.yaml12 import Key

__all__ = ["animate", "catalog", "gallery", "plot", "schema", "show", "train"]


def animate(
    sources: list[Path],
    out: Path | None,
    overrides: list[str],
    *,
    seed: int | None,
    look: Mapping[str, Any],
    poster: Path | None,
    force: bool,
    salvage: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw a scenario or a recording as an animation, or several side by side; or a file that explains a layer."""
    from gandyn.rendering import check_suffix
    from gandyn.scenario.loading import explains_layer, is_yaml, read_document

    if len(sources) == 1 and is_yaml(sources[0]) and sources[0].is_file() and explains_layer(read_document(sources[0])):
        given = [*parse_overrides(overrides), *_look({**look, "seed": seed})]
        explain_layer(sources[0], out, given, poster=poster, as_json=as_json, quiet=quiet)
        return
    if out is not None and not out.is_dir():
        check_suffix(out)
    if poster is not None:
        still_path(poster)
    planned = picture_path(out, sources[0].stem, ".gif")  # a folder that cannot be written is found before training
    if poster is not None and os.path.realpath(poster) == os.path.realpath(planned):
        raise UsageError(f"--poster {poster}: this is the picture's own file; give the poster another")

    def check(scenario: Scenario, place: int, of: int) -> None:
        from gandyn.rendering.foreseen import check_format, check_panels

        scenario.check_drawing()
        if place == 0:
            check_format(planned, scenario.animation)
            check_panels(scenario.animation, len(scenario.space(pretended=True).axes), of)

    parsed = parse_overrides(overrides)
    given = [*parsed, *_look(look, [one.key for one in parsed])]
    chosen_frames = any(one.key == ("animation", "frames") for one in given)
    with progress(quiet=quiet) as tick, _salvageable(sources, salvage):
        again = _command(
            "animate", sources, overrides, seed=seed, out=out, **look, poster=poster, json=as_json, quiet=quiet
        )
        opened = open_sources(
            sources, given, seed=seed, force=force, salvage=salvage, progress=tick, again=again, check=check
        )
        from gandyn.rendering import animate as draw
        from gandyn.rendering.figures.comparison import Compared

        path = picture_path(out, "-vs-".join(one.name for one in opened[: len(sources)]), ".gif")
        stills = chosen_frames and path.suffix.lower() in FIGURE_SUFFIXES
        shown = picture_of(opened)
        drawn = draw(
            shown, path, opened[0].animation, progress=drawing(tick), stills=stills, poster=poster,
            walk=walk_of(shown, opened[0].animation),
        )  # fmt: skip
    found = [summary(one.recorded.recording) for one in opened]
    first, *others = opened
    for other in others if not quiet else ():
        if other.animation.notes and other.animation.notes != first.animation.notes:
            complain(f"the notes (animation.notes) are those of {first.name}; those of {other.name} are not shown")
    if as_json:
        picture = {
            "path": drawn.path,
            "last": drawn.last,
            "bytes": drawn.bytes,
            "frames": drawn.frames,
            "size": list(drawn.size),
            "seconds": drawn.seconds,
            "frames_per_second": drawn.frames_per_second,
            "poster": drawn.poster,
            "unseen_notes": list(drawn.unseen_notes),
        }
        told = [
            {"recording": one.pop("recording"), "how": source.recorded.how, **one}
            for one, source in zip(found, opened, strict=True)
        ]
        tell(to_json({"picture": picture, **(told[0] if len(told) == 1 else {"sources": told})}))
        return
    if quiet:
        return
    frames = f"{drawn.frames} frame{'s' if drawn.frames != 1 else ''}"
    size = f"{drawn.size[0]}x{drawn.size[1]}"
    names = str(drawn.path) if drawn.last == drawn.path else f"{drawn.path} to {drawn.last}"
    tell(f"{names}  ({human_size(drawn.bytes)}, {frames}, {size})")
    if drawn.poster is not None:
        tell(f"{drawn.poster}  ({human_size(drawn.poster.stat().st_size)}, poster)")
    if drawn.unseen_notes:
        tell(unseen_note(drawn.unseen_notes))
    if not isinstance(shown, Compared):
        rates = {"frames/s": drawn.frames_per_second if drawn.frames > 1 else None}
        _tell_recording(opened[0].recorded, found[0], rates, named=sources[0].is_dir())
        return
    folders = [source.is_dir() for source in sources] + [False] * (len(opened) - len(sources))
    for source, one, named in zip(opened, found, folders, strict=True):
        _tell_place(source.recorded, one, named=named)
    columns = zip(found, shown.columns, strict=True)
    display(["", comparison_table(found, [f"{one['name']}\n{column.heading}" for one, column in columns])])


def train(
    path: Path, out: Path | None, overrides: list[str], *, resume: bool, force: bool, as_json: bool, quiet: bool
) -> None:
    """Train and record a scenario."""
    from gandyn.scenario.loading import load_scenario

    if resume and force:
        raise UsageError("--resume goes on with a recording and --force begins it anew: give one of them")
    scenario = load_scenario(path, overrides)
    with progress(quiet=quiet) as tick:
        again = _command("train", [path], overrides, out=out, resume=True, json=as_json, quiet=quiet)
        done = record(scenario, out, force=force, resume_only=resume, progress=tick, again=again)
    found = summary(done.recording)
    if as_json:
        tell(to_json({"how": done.how, **found}))
    elif not quiet:
        _tell_recording(done, found, {})


def plot(
    sources: list[Path],
    out: Path | None,
    overrides: list[str],
    *,
    seed: int | None,
    look: Mapping[str, Any],
    filmstrip: bool,
    steps: str | None,
    panels: str | None,
    width: str | None,
    height: str | None,
    title: bool,
    csv: Path | None,
    force: bool,
    salvage: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw the trajectories or a filmstrip of a recording, or the trajectories of several, and write its numbers."""
    from gandyn import rendering

    if out is not None and not out.is_dir():
        rendering.check_suffix(out, figure=True)
        check_output(out)
    elif csv is None:
        picture_path(out, sources[0].stem, ".png")
    if csv is not None:
        check_table(csv)
        check_output(csv)
    asked = Asked(
        filmstrip,
        None if steps is None else [_whole(part, "--steps", steps) for part in steps.split(",")],
        None if panels is None else [name.strip() for name in panels.split(",")],
        width, height, title, seed, theme=look["theme"] is not None, size=look["size"] is not None,
    )  # fmt: skip
    asked.check(len(sources), csv is not None)
    given = [*parse_overrides(overrides), *_look(look)]
    written: dict[str, Any] = {}
    notes: list[str] = []
    with progress(quiet=quiet) as tick, _salvageable(sources, salvage):
        again = _command(
            "plot", sources, overrides, seed=seed, out=out, **look, filmstrip=filmstrip, steps=steps, panels=panels,
            width=width, height=height, no_title=not title, csv=csv, json=as_json, quiet=quiet,
        )  # fmt: skip
        how: dict[str, Any] = {"seed": seed, "force": force, "salvage": salvage, "progress": tick, "again": again}
        opened = open_sources(sources, given, **how, beside=False, check=asked.check_scenario)
        if out is not None or csv is None:
            path = picture_path(out, "-vs-".join(one.name for one in opened), ".png")
            if tick is not None:
                tick(0, 0, "drawing")
            notes = asked.draw(opened, path)
            written["figure"] = {"path": path, "bytes": path.stat().st_size}
        if csv is not None:
            if tick is not None:
                tick(0, 0, "writing numbers")
            rows = write_table(opened[0].recorded.recording, csv)
            written["csv"] = {"path": csv, "bytes": csv.stat().st_size, "rows": rows}
    recordings = [one.recorded.recording for one in opened]
    found = [summary(recording) for recording in recordings]
    if as_json:
        told = [{"how": source.recorded.how, **one} for source, one in zip(opened, found, strict=True)]
        tell(to_json({**written, "notes": notes, **(told[0] if len(told) == 1 else {"sources": told})}))
    elif not quiet:
        for what in written.values():
            tell(f"{what['path']}  ({human_size(what['bytes'])})")
        for note in notes:
            complain(note)
        for recording, one in zip(recordings, found, strict=True):
            for note in filter(None, (stop_note(one), salvage_note(one))):
                tell(f"{recording.path}  (recording, {note})")


def show(folder: Path, *, verify: bool, salvage: bool, as_json: bool) -> None:
    """Show what is in a recording.

    Raises:
        RecordingError: all of it was to be read, and some is damaged.
    """
    from gandyn.recording.store.recording import open_recording
    from gandyn.recording.store.verification import verify as read_all

    refuse_other(folder)
    damage = read_all(folder) if verify else []
    if damage:
        lines = [str(one) for one in damage]
        tell(to_json({"recording": folder, "damage": damage_as_dicts(damage)}) if as_json else "\n".join(lines))
        files = len({one.file for one in damage})
        raise RecordingError(
            f"{folder}: {files} file{'s are' if files > 1 else ' is'} damaged; --salvage draws what is whole"
        )
    with _salvageable([folder], salvage):
        found = contents(open_recording(folder, salvage=salvage))
    if as_json:
        tell(to_json(found))
    else:
        display(render_contents(found))
        if verify:
            tell("All of it was read, and every checksum fits.")


def catalog(name: str | None, *, as_json: bool) -> None:
    """List the catalogue."""
    from gandyn.app.listing import entries, render

    found = entries(name)
    if as_json:
        tell(to_json({"entries": [entry.as_dict() for entry in found]}))
    else:
        display(render(found, name))


def schema(*, layer: bool) -> None:
    """Print the JSON Schema of a scenario, or of a file that explains a layer."""
    from gandyn.app.listing import json_schema
    from gandyn.scenario.explanations import ExplainedLayer

    tell(to_json(json_schema(ExplainedLayer, "gandyn explain-layer") if layer else json_schema()))


def gallery(folder: Path, out: Path, overrides: list[str], *, force: bool, as_json: bool, quiet: bool) -> None:
    """Draw the scenarios of a folder into a gallery."""
    from gandyn.app.gallery.building import build

    with progress(quiet=quiet) as tick:
        exhibits = build(folder, out, overrides, force=force, progress=tick)
    if as_json:
        tell(to_json({"gallery": out, "exhibits": [exhibit.as_dict() for exhibit in exhibits]}))
    elif not quiet:
        for exhibit in exhibits:
            picture = exhibit.media.picture
            tell(
                f"{picture}  ({human_size(picture.stat().st_size)}; with its videos {human_size(exhibit.media.bytes)})"
            )
        total = human_size(sum(exhibit.media.bytes for exhibit in exhibits))
        number = "1 scenario" if len(exhibits) == 1 else f"{len(exhibits)} scenarios"
        tell(f"{out / 'README.md'}, {out / 'index.html'}  ({number}, {total})")


@contextmanager
def _salvageable(sources: Iterable[Path], salvage: bool) -> Iterator[None]:
    """Say of a recording that is refused because it is damaged that what is whole of it can be had."""
    try:
        yield
    except DamageError as damage:
        if salvage or not all(one.is_dir() for one in sources):
            raise
        raise RecordingError(f"{damage} (--salvage leaves out what is damaged and takes the rest)") from None


def _look(look: Mapping[str, Any], set_already: Sequence[Key] = ()) -> list[Override]:
    values = dict(look)
    if values.get("size") is not None:
        values["size"] = pixels(str(values["size"]))
    if values.get("panels") is not None:
        values["panels"] = [name.strip() for name in str(values["panels"]).split(",")]
    if values.get("layout") == "lab" and values.get("panels") is None and ("animation", "panels") not in set_already:
        # Asked for by itself it is the whole instrument, whatever a scenario shows in a talk.
        return [*as_overrides("animation", values), Override(("animation", "panels"), None, "--layout lab")]
    return as_overrides("animation", values)


def _whole(text: str, flag: str, value: str) -> int:
    if re.fullmatch(r"\s*\d{1,18}\s*", text) is None:
        raise UsageError(f"{flag} {value}: expected steps as whole numbers, for example 0,100,500")
    return int(text)


def _command(name: str, sources: Iterable[Path], overrides: Iterable[str], **options: Any) -> str:
    """Return the command line that goes on after an interruption."""
    parts = ["gandyn", name, *map(str, sources)]
    for override in overrides:
        parts += ["--set", override]
    for option, value in options.items():
        if value is True:
            parts.append(f"--{option.replace('_', '-')}")
        elif value is not None and value is not False:
            parts += [f"--{option.replace('_', '-')}", str(value)]
    return shlex.join(parts)


def _tell_recording(
    done: Recorded, found: dict[str, Any], rates: dict[str, float | None], *, named: bool = False
) -> None:
    """Tell of a recording and its numbers; one that was named itself, not its scenario, is not there to be trained."""
    _tell_place(done, found, named=named)
    seeds = found["seeds"]
    tell(f"{'seed' if len(seeds) == 1 else f'{len(seeds)} seeds,'} {ranges(seeds)}")
    trained = {rate_name(found): found["seed_steps_per_second"]} if done.how != "reused" else {}
    display(["", final_table(found, {**trained, **rates})])


def _tell_place(done: Recorded, found: dict[str, Any], *, named: bool) -> None:
    words = {
        "trained": "trained",
        "resumed": "resumed and completed",
        "reused": "drawn as it is" if named else "reused as it was (--force trains again)",
    }
    note = "; it replaces one made with other settings" if done.replaced else ""
    if done.beside is not None:
        note = f"; {done.beside} was made with other settings and is kept"
    tell(f"{found['recording']}  (recording, {stop_note(found) or words[done.how]}{note})")
    for note in filter(None, (salvage_note(found), divergence_note(found), resolution_note(found), class_note(found))):
        tell(note)
