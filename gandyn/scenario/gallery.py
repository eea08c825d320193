"""Every scenario of a folder drawn once, with an index page for GitHub and one for the browser."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gandyn.errors import UsageError
from gandyn.messages import printable, shown
from gandyn.scenario.comparing import gather, open_sources, picture_of
from gandyn.scenario.console import Tick, prefixed
from gandyn.scenario.notes import divergence_note
from gandyn.scenario.pictures import check_output, drawing
from gandyn.scenario.report import MEASURES, short_number, summary
from gandyn.scenario.walking import walk_of

__all__ = ["Exhibit", "build"]


@dataclass(frozen=True)
class Exhibit:
    """One scenario in the gallery: its picture and what is said under it.

    Attributes:
        name: the scenario's name.
        title: its title.
        caption: its caption.
        scenario: its file, relative to the gallery.
        picture: the picture's file.
        bytes: the picture's size.
        width: of the picture, pixels.
        height: of the picture, pixels.
        numbers: the final numbers, in one line.
        group: the folder the scenario lies in.
    """

    name: str
    title: str
    caption: str
    scenario: str
    picture: str
    bytes: int
    width: int
    height: int
    numbers: str
    group: str

    def as_dict(self) -> dict[str, Any]:
        """Return the exhibit as plain values."""
        return asdict(self)


def build(
    folder: Path, out: Path, overrides: Iterable[str] = (), *, force: bool = False, progress: Tick | None = None
) -> list[Exhibit]:
    """Draw every scenario below a folder into another, and write README.md and index.html there.

    Recordings are kept in `runs/` and reused as `gandyn animate` does.

    Raises:
        UsageError: there are no scenarios, or two of one name.
        ScenarioError: one of them says something it cannot say; all are checked before the first is trained.
    """
    from gandyn.rendering import animate
    from gandyn.scenario.loading import load_scenario

    files = [folder] if folder.is_file() else sorted(folder.rglob("*.yaml"))
    if not files:
        reason = "holds no scenario files (*.yaml)" if folder.is_dir() else "there is no such folder"
        raise UsageError(f"{folder}: {reason}")
    chosen = list(overrides)
    scenarios = {file: load_scenario(file, chosen) for file in files}
    names = [scenario.name for scenario in scenarios.values()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            f"{folder}: two scenarios are named {shown(twice)}, and their pictures would overwrite each other"
        )
    for file in files:
        gather([file], chosen)
    check_output(out / "README.md")
    exhibits = []
    for number, (file, scenario) in enumerate(scenarios.items(), 1):
        tick = prefixed(progress, f"{number}/{len(files)} {scenario.name}")
        sources = open_sources([file], chosen, force=force, progress=tick)
        recordings = [source.recorded.recording for source in sources]
        picture, options = picture_of(sources), scenario.animation
        walk = walk_of(picture, options)
        drawn = animate(picture, out / f"{scenario.name}.gif", options, progress=drawing(tick), walk=walk)
        exhibits.append(
            Exhibit(
                name=scenario.name,
                title=scenario.title,
                caption=scenario.caption,
                scenario=os.path.relpath(file, out),
                picture=os.fspath(drawn.path),
                bytes=drawn.bytes,
                width=drawn.size[0],
                height=drawn.size[1],
                numbers=" | ".join(_line(summary(recording), len(recordings)) for recording in recordings),
                group=file.parent.name,
            )
        )
    _write(out / "README.md", _markdown(exhibits))
    _write(out / "index.html", _page(exhibits))
    return exhibits


def _line(found: dict[str, Any], beside: int) -> str:
    """Return the final numbers, with the name of a recording that is one of several."""
    return _numbers(found) if beside == 1 else f"{found['name']}, {_numbers(found)}"


def _numbers(found: dict[str, Any]) -> str:
    """Return the final numbers as one line of text."""
    parts = []
    several = len(found["seeds"]) > 1
    for name in ("kl", "reverse_kl", "js", "w1", "sliced_w1", "frechet_distance"):
        if name in found["final"]:
            value = found["final"][name]["median"]
            words = MEASURES[name].replace("||", "‖")
            if value == float("inf") and f"{name}_skew" in found["final"]:
                words, value = f"skew {words}", found["final"][f"{name}_skew"]["median"]
            parts.append(f"{words} {short_number(value)}")
    if found["modes"] > 1 and several:
        parts.append(f"all {found['modes']} modes in {found['seeds_with_all_modes']} of {len(found['seeds'])} seeds")
    elif found["modes"] > 1:
        parts.append(f"{found['final']['modes_captured']['median']:g} of {found['modes']} modes")
    note = divergence_note(found)
    return f"step {found['last_step']}: " + ", ".join(([note] if note else []) + parts)


def _write(path: Path, text: str) -> None:
    from gandyn.rendering.output import atomic

    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")


def _markdown(exhibits: list[Exhibit]) -> str:
    """Return the page GitHub shows: two pictures a row, each with its title, caption, command and numbers."""
    lines = [
        "# Gallery",
        "",
        "Every picture is drawn by `gandyn gallery` from a scenario file; click one for its scenario.",
        "",
    ]
    for group in dict.fromkeys(exhibit.group for exhibit in exhibits):
        members = [exhibit for exhibit in exhibits if exhibit.group == group]
        lines += [f"## {_verbatim(_heading(group))}", "", "<table>"]
        for row in range(0, len(members), 2):
            lines.append("<tr>")
            lines += [_cell(exhibit) for exhibit in members[row : row + 2]]
            lines.append("</tr>")
        lines += ["</table>", ""]
    return "\n".join(lines)


def _heading(group: str) -> str:
    return group.replace("_", " ").capitalize()


def _escaped(text: str) -> str:
    """Return text for HTML on one line: an empty line in a title would end the table on GitHub's page."""
    return html.escape(" ".join(printable(text).split()))


def _verbatim(text: str) -> str:
    """Return text for Markdown that takes none of its signs for markup."""
    return re.sub(r"([^\w\s])", r"\\\1", " ".join(printable(text).split()))


def _cell(exhibit: Exhibit) -> str:
    picture, source = quote(Path(exhibit.picture).name), quote(exhibit.scenario)
    title, caption = _escaped(exhibit.title), _escaped(exhibit.caption)
    return (
        f'<td width="50%" valign="top">\n<a href="{source}"><img src="{picture}" alt="{title}"></a><br>\n'
        f"<b>{title}</b><br>\n{caption}<br>\n<sub>{_escaped(exhibit.numbers)}</sub>\n</td>"
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>gandyn gallery</title>
<style>
:root {{ color-scheme: light dark; --ink: #1a1d21; --soft: #667080; --page: #f6f7f9; --card: #fff; --line: #e3e6ea; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #eceff3; --soft: #98a2b0; --page: #101318; --card: #181c22; --line: #2a3038; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }}
main {{ max-width: 1500px; margin: 0 auto; padding: 3rem clamp(1rem, 4vw, 3rem) 5rem; }}
h1 {{ font-size: clamp(2rem, 5vw, 3rem); letter-spacing: -.03em; margin: 0; }}
main > p {{ color: var(--soft); margin: .3rem 0 2.5rem; }}
h2 {{ font-size: 1.1rem; margin: 2.5rem 0 1rem; color: var(--soft); font-weight: 600; }}
.wall {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr)); gap: 1.75rem; }}
figure {{ margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }}
figure img {{ display: block; width: 100%; height: auto; border-bottom: 1px solid var(--line); }}
figcaption {{ padding: 1rem 1.25rem 1.25rem; }}
h3 {{ margin: 0; font-size: 1.15rem; }}
figcaption p {{ margin: .25rem 0 .75rem; }}
small {{ display: block; color: var(--soft); font-variant-numeric: tabular-nums; margin-bottom: .75rem; }}
code {{ font: .85em ui-monospace, monospace; }}
a {{ color: inherit; }}
</style>
</head>
<body>
<main>
<h1>gandyn</h1>
<p>A microscope for GAN training. Each picture comes from one scenario file.</p>
{groups}
</main>
</body>
</html>
"""


def _page(exhibits: list[Exhibit]) -> str:
    """Return the page for the browser: a wall of cards that follows the reader's light or dark setting."""
    groups = []
    for group in dict.fromkeys(exhibit.group for exhibit in exhibits):
        cards = "\n".join(_card(exhibit) for exhibit in exhibits if exhibit.group == group)
        groups.append(f'<h2>{_escaped(_heading(group))}</h2>\n<div class="wall">\n{cards}\n</div>')
    return _PAGE.format(groups="\n".join(groups))


def _card(exhibit: Exhibit) -> str:
    picture, source = quote(Path(exhibit.picture).name), quote(exhibit.scenario)
    title = _escaped(exhibit.title)
    size = f'width="{exhibit.width}" height="{exhibit.height}"'
    caption = f"<p>{_escaped(exhibit.caption)}</p>" if exhibit.caption else ""
    return f"""<figure>
<a href="{picture}"><img src="{picture}" alt="{title}" {size} loading="lazy"></a>
<figcaption><h3>{title}</h3>{caption}
<small>{_escaped(exhibit.numbers)}</small>
<a href="{source}"><code>{_escaped(exhibit.name)}.yaml</code></a></figcaption>
</figure>"""
