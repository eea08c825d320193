"""What is in a recording, for `gandyn show`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gandyn.app.notes import cadence_note, class_note, divergence_note, resolution_note, salvage_note, stop_note
from gandyn.app.report import final_table, rate_name, summary, variable_order

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gandyn.recording.store.recording import Recording

__all__ = ["contents", "render_contents"]


def contents(recording: Recording) -> dict[str, Any]:
    """Return everything `gandyn show` tells, as plain values."""
    data = recording.contents
    variables = {
        name: {
            "dims": [f"{dim}: {variable.sizes[dim]}" for dim in variable.dims],
            "units": str(variable.attrs.get("units", "")),
            "method": str(variable.attrs.get("method") or variable.attrs.get("kind") or ""),
            "meaning": str(variable.attrs.get("long_name") or variable.attrs.get("description") or ""),
            "dtype": str(variable.dtype),
        }
        for name, variable in ((name, data[name]) for name in variable_order(data))
    }
    found = summary(recording)
    labels = ("objective_label", "optimizer_label", "dynamics_label", "latent_label")
    return {
        **found,
        "caption": str(data.attrs.get("caption", "")),
        "notes": [str(note) for note in noted] if isinstance(noted := data.attrs.get("notes"), list) else [],
        "setup": [str(data.attrs[label]) for label in labels if data.attrs.get(label)],
        "axes": [str(label) for label in data.attrs.get("axis_labels") or ()],
        "steps_recorded": len(recording.steps()),
        "cadence": cadence_note(recording.steps().tolist()),
        "sub_steps": data.attrs.get("sub_steps", 0),
        "bytes_on_disk": size_on_disk(recording.path),
        "variables": variables,
        "scenario": recording.scenario,
    }


def render_contents(found: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield what `gandyn show` prints."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    yield Text.assemble((found["title"] or found["name"], "bold"), f"  {found['recording']}")
    if found["caption"]:
        yield Text(found["caption"], style="dim")
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    if found["setup"]:
        facts.add_row("setup", " · ".join(found["setup"]))
    if found["axes"]:
        named = zip("xy", found["axes"], strict=False)
        facts.add_row("axes", Text(" · ".join(f"{axis} is {label}" for axis, label in named)))
    facts.add_row("seeds", ranges(found["seeds"]))
    often = f": {found['cadence']}" if found["cadence"] else ""
    facts.add_row("steps", f"{found['steps_recorded']} recorded, 0 to {found['last_step']}{often}")
    if found["sub_steps"]:
        facts.add_row("", f"every single update within the first {found['sub_steps']}")
    facts.add_row("state", stop_note(found) or "complete")
    note = divergence_note(found)
    if note:
        facts.add_row("diverged", note)
    for warning in found["warnings"]:
        facts.add_row("warning", Text(warning))
    for remark in filter(None, (resolution_note(found), class_note(found))):
        facts.add_row("note", remark)
    for own in found["notes"]:  # which may quote what somebody's models say
        facts.add_row("note", Text(own))
    damaged = salvage_note(found)
    if damaged:
        facts.add_row("damaged", damaged)
    facts.add_row("on disk", human_size(found["bytes_on_disk"]))
    yield facts
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    for title in ("variable", "dims", "units", "method", ""):
        table.add_column(title, overflow="fold")
    for name, variable in found["variables"].items():
        dims = ", ".join(variable["dims"])
        table.add_row(name, dims, variable["units"], variable["method"], variable["meaning"])
    yield Text("")
    yield table
    if found["last_step"] is not None:
        yield Text("")
        yield final_table(found, {rate_name(found): found["seed_steps_per_second"]})


def ranges(values: list[int]) -> str:
    """Return whole numbers with runs shortened: 0 to 63, or 1, 4, 7.

    Example:
        >>> ranges([0, 1, 2, 3, 7])
        '0 to 3, 7'
    """
    parts: list[list[int]] = []
    for value in sorted(values):
        if parts and value == parts[-1][-1] + 1:
            parts[-1].append(value)
        else:
            parts.append([value])
    texts = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in parts]
    return ", ".join(texts)


def size_on_disk(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(entry.stat().st_size for entry in folder.rglob("*") if entry.is_file())


def human_size(count: int) -> str:
    """Return a number of bytes as people read it.

    Example:
        >>> human_size(348_000)
        '348 kB'
    """
    if count < 1000:
        return f"{count} bytes"
    for unit, scale in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if count < 999.5 * scale or unit == "GB":
            break
    return f"{count / scale:.3g} {unit}"
