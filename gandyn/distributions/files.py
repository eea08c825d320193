"""Distributions that are read from a user's file: found beside the scenario, and known by its hash."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

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
        path = ((info.context or {}).get("folder", Path()) / file.expanduser()).resolve()
        try:
            with path.open("rb"):
                return path
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror}") from None

    @field_validator("sha256")
    @classmethod
    def _same(cls, expected: str | None, info: ValidationInfo) -> str | None:
        # Filled in here, so that a resolved scenario names the very bytes it was run on.
        if "file" not in info.data:  # complained of by itself
            return expected
        path = info.data["file"]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if expected not in (None, digest):
            raise ValueError(f"file {path} has changed: its SHA-256 is {digest}")
        return digest

    @model_validator(mode="after")
    def _readable(self) -> Self:
        _ = self.content
        return self
