"""Every scenario of a folder drawn once, with a page for GitHub and one for the browser."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gandyn.app.comparing import gather, open_sources, picture_of
from gandyn.app.console import Tick, prefixed
from gandyn.app.gallery.drawing import FRAMES, SIZE, draw, fewer_frames
from gandyn.app.gallery.exhibits import Exhibit, in_words
from gandyn.app.gallery.page import page
from gandyn.app.gallery.readme import readme
from gandyn.app.output_paths import check_output, drawing
from gandyn.app.report import summary
from gandyn.core.errors import UsageError
from gandyn.core.messages import shown
from gandyn.scenario.overrides import Override, parse_overrides

if TYPE_CHECKING:
    from gandyn.scenario.schema import Scenario

__all__ = ["build"]


def build(
    folder: Path, out: Path, overrides: Iterable[str] = (), *, force: bool = False, progress: Tick | None = None
) -> list[Exhibit]:
    """Draw the scenarios below a folder into another, and write README.md and index.html there.

    Recordings are kept in `runs/` and reused as `gandyn animate` does.

    Args:
        folder: where the scenarios are, or one scenario's file. Of a folder those are left out that say
            `gallery: {shown: false}`.
        out: where pictures and pages go.
        overrides: values laid over every scenario; unless they say otherwise, pictures have the gallery's size, and no
            more frames than fit a page.
        force: train even where fitting recordings are.
        progress: called with (done, total, what) now and then.

    Raises:
        UsageError: there are no scenarios, or two of one name.
        ScenarioError: one of them says something it cannot say; all are checked before the first is trained.
    """
    from gandyn.scenario.loading import load_scenario

    chosen = [*parse_overrides([f"animation.size={SIZE}"]), *parse_overrides(overrides)]
    files = _files(folder)
    scenarios = {file: load_scenario(file, chosen) for file in files}
    if folder.is_dir():
        scenarios = {file: one for file, one in scenarios.items() if one.gallery.shown}
    _check_names(folder, list(scenarios.values()))
    for file in scenarios:
        gather([file], chosen)
    check_output(out / "README.md")
    exhibits = []
    for number, (file, scenario) in enumerate(scenarios.items(), 1):
        tick = prefixed(progress, f"{number}/{len(scenarios)} {scenario.name}")
        exhibits.append(_exhibit(file, scenario, out, chosen, force, tick))
    _write(out / "README.md", readme(exhibits))
    _write(out / "index.html", page(exhibits))
    return exhibits


def _files(folder: Path) -> list[Path]:
    from gandyn.scenario.loading import scenario_files

    files = [folder] if folder.is_file() else scenario_files(folder)
    if not files:
        reason = "holds no scenario files (*.yaml)" if folder.is_dir() else "there is no such folder"
        raise UsageError(f"{folder}: {reason}")
    return files


def _check_names(folder: Path, scenarios: Sequence[Scenario]) -> None:
    """Refuse scenarios whose files would overwrite each other: of one name, or of one that is another's in dark."""
    names = [scenario.name for scenario in scenarios]
    for name in names:
        others = "pictures would overwrite each other"
        if names.count(name) > 1:
            raise UsageError(f"{folder}: two scenarios are named {shown(name)}, and their {others}")
        if f"{name}-dark" in names:
            raise UsageError(f"{folder}: {shown(name)} in dark and {shown(f'{name}-dark')} are one name: {others}")


def _exhibit(
    file: Path, scenario: Scenario, out: Path, chosen: list[Override], force: bool, tick: Tick | None
) -> Exhibit:
    sources = open_sources([file], chosen, force=force, progress=tick)
    recordings = [source.recorded.recording for source in sources]
    options = scenario.animation
    if not any(one.key == ("animation", "frames") for one in chosen):
        options = fewer_frames(options, FRAMES)
    numbers = [in_words(summary(recording), named=len(recordings) > 1) for recording in recordings]
    return Exhibit(
        name=scenario.name,
        title=scenario.title,
        say=scenario.gallery.say or scenario.caption,
        scenario=os.path.relpath(file, out),
        media=draw(picture_of(sources), out, scenario.name, options, drawing(tick)),
        numbers="; ".join(numbers),
        question=scenario.gallery.question,
        order=scenario.gallery.order,
    )


def _write(path: Path, text: str) -> None:
    from gandyn.rendering.encoders.output import atomic

    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")
