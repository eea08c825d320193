"""Errors a user can cause, each with the exit code the command line gives it."""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "DamageError",
    "DataError",
    "GandynError",
    "RecordingError",
    "RenderError",
    "RunError",
    "ScenarioError",
    "SettingsWarning",
    "UsageError",
]


class GandynError(Exception):
    """Base of every error gandyn raises on purpose; its text is complete: what, where, and what to do."""

    exit_code = 1


class UsageError(GandynError):
    """A command or function was called with something it cannot take (a suffix, a step, an option)."""

    exit_code = 2


class ScenarioError(UsageError):
    """A scenario file is missing, is not YAML, or says something that is not in the catalogue."""


class RecordingError(GandynError):
    """A folder is not a recording, is damaged, or cannot be written."""


class DamageError(RecordingError):
    """A file of a recording does not hold what was written there.

    Attributes:
        file: which.
        reason: what is wrong with it.
        lost: what can no longer be read, such as "js at steps 512 to 1023"; empty where that is all there is.
    """

    def __init__(self, file: Path, reason: str, lost: str = "") -> None:
        super().__init__(f"{file} is damaged: {reason}{f'; lost: {lost}' if lost else ''}")
        self.file, self.reason, self.lost = file, reason, lost


class DataError(GandynError):
    """Files of a data set are missing, damaged, or not the ones they should be."""


class RunError(GandynError):
    """Training could not go on."""


class RenderError(GandynError):
    """A picture could not be drawn or written."""


class SettingsWarning(UserWarning):
    """A scenario has settings that are known to fail, said before it is trained."""
