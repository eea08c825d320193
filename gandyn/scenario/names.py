"""The names that scenarios may have: their recordings lie in folders of these names."""

from __future__ import annotations

from gandyn.core.messages import printable, shown

__all__ = ["folder_name"]

_LONGEST = 200
"""Bytes; file systems take 255, and what is made of the name has more."""


def folder_name(name: str) -> str:
    """Return a name that a folder can have.

    Raises:
        ValueError: it leads elsewhere, as `.` does, cannot be read, or is too long.
    """
    wrong = name.strip(" .") == "" or any(sign in name for sign in "/\\\n") or printable(name) != name
    if wrong or len(name.encode()) > _LONGEST:
        allowed = f"at most {_LONGEST} bytes, none of them / or \\ or a control character, and not dots alone"
        raise ValueError(f"{shown(name)} cannot name the folder of the recording: {allowed}")
    return name
