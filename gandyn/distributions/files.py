"""Distributions that are read from a user's file: found beside the scenario, and known by its hash."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gandyn.core.files import MOST_DATA_BYTES, located, open_regular
from gandyn.core.messages import shortened
from gandyn.distributions.base import Distribution

__all__ = ["FromFile"]


class FromFile(Distribution):
    """A distribution made of what a file holds."""

    file: Path = Field(description="relative to the scenario's folder")
    sha256: str | None = Field(None, description="hash of the file; filled in when it is read, checked when given")

    @abstractmethod
    def _read(self) -> Any:
        """Return what the file holds.

        Raises:
            ValueError: it does not hold what it should.
        """

    @cached_property
    def content(self) -> Any:
        """What the file holds, as the subclass reads it."""
        return self._read()

    @field_validator("file")
    @classmethod
    def _opens(cls, file: Path, info: ValidationInfo) -> Path:
        try:
            path = located(file, (info.context or {}).get("folder", Path()))
            open_regular(path, MOST_DATA_BYTES).close()
        except OSError as error:
            raise _unreadable(file, error) from None
        return path

    @field_validator("sha256")
    @classmethod
    def _same(cls, expected: str | None, info: ValidationInfo) -> str | None:
        # Filled in here, so that a resolved scenario names the very bytes it was run on.
        if "file" not in info.data:  # complained of by itself
            return expected
        path = info.data["file"]
        try:
            with open_regular(path, MOST_DATA_BYTES) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(path, error) from None
        if expected not in (None, digest):
            raise ValueError(f"file {path} has changed: its SHA-256 is {digest}")
        return digest

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            _ = self.content
        except OSError as error:
            raise _unreadable(self.file, error) from None
        return self


def _unreadable(file: Path, error: OSError) -> ValueError:
    return ValueError(f"cannot read {shortened(error.filename or file)}: {error.strerror}")
