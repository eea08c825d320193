"""Distributions that are read from a user's file: found beside the scenario, and known by its hash."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationInfo, model_validator

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
            OSError: it cannot be opened.
            ValueError: it does not hold what it should.
        """

    @cached_property
    def content(self) -> Any:
        """What the file holds, as the subclass reads it."""
        return self._read()

    @model_validator(mode="before")
    @classmethod
    def _relative_to_scenario(cls, fields: dict[str, object], info: ValidationInfo) -> dict[str, object]:
        folder = (info.context or {}).get("folder")
        if folder is not None and isinstance(fields, dict) and isinstance(fields.get("file"), str):
            fields = {**fields, "file": Path(folder) / str(fields["file"])}
        return fields

    @model_validator(mode="after")
    def _readable(self) -> Self:
        path = self.file.expanduser().resolve()
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if self.sha256 not in (None, digest):
                raise ValueError(f"file {path} has changed: its SHA-256 is {digest}")
            # A frozen model fills itself in once, so that a resolved scenario names the very bytes it was run on.
            self.__dict__.update(file=path, sha256=digest)
            _ = self.content
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror}") from None
        return self
