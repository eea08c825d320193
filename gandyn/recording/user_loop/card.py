"""A recorder in a notebook: whether it records, how far it is, where to, and the last of what was noted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gandyn.recording.html_repr import page

__all__ = ["recorder_card"]


def recorder_card(
    about: Mapping[str, Any], path: Path, state: str, steps: int, records: int, last: Mapping[str, float]
) -> str:
    """Return a recorder as HTML.

    Args:
        about: the recording's attributes, of which the title and what was found of the models are shown.
        path: its folder.
        state: whether it records, in words.
        steps: how many steps it was told of.
        records: how many records there are.
        last: the numbers of the last record by name.
    """
    rows = [("recorder", state), ("folder", str(path)), ("steps", f"{steps}, {records} recorded")]
    rows += [(name.replace("_", " "), f"{value:.4g}") for name, value in last.items()]
    if "response" in about:
        rows.append(("discriminator", f"{about['response']}: {about['response_because']}"))
    rows += [("note", note) for note in about.get("notes", ())]
    return page(str(about.get("title", "")), "", rows)
