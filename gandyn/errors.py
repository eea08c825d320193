"""Errors a user can cause, each with the exit code the command line gives it."""

from __future__ import annotations

__all__ = ["DataError", "GandynError", "RecordingError", "RenderError", "RunError", "ScenarioError", "UsageError"]


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


class DataError(GandynError):
    """Files of a data set are missing, damaged, or not the ones they should be."""


class RunError(GandynError):
    """Training could not go on."""


class RenderError(GandynError):
    """A picture could not be drawn or written."""
