"""The lines of a journal: what each may say, to the letter; anything else is damage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gandyn.recording.store.checksums import unsealed_line

__all__ = ["Begin", "Commit", "End", "Extend", "Line", "parsed_line"]

_Count = Annotated[int, Field(ge=0, lt=1 << 53)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Checksum = Annotated[str, Field(pattern="^[0-9a-f]{8}$")]


def _identifier(name: str) -> str:
    """Refuse what is no name: names of arrays are names of folders."""
    if not name.isidentifier() or len(name) > 200:
        raise ValueError("a name consists of letters, digits and _")
    return name


_Name = Annotated[str, AfterValidator(_identifier)]


class _Line(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    after: _Checksum


class Begin(_Line):
    """The first: what is recorded, of how many seeds and steps, and the checksums of what describes it."""

    line: Literal["begin"]
    format: Literal[2, 3]
    groups: list[tuple[_Count, _Count]] = Field(min_length=1)
    every: Annotated[int, Field(ge=1, lt=1 << 53)]
    steps: _Count
    scenario: bool
    variables: list[_Name]
    attributes: _Checksum
    arrays: dict[_Name, _Checksum]


class Extend(_Line):
    """A number that is recorded from some record on."""

    line: Literal["extend"]
    variable: _Name
    metadata: _Checksum
    first: _Count


class Commit(_Line):
    """A group's first records are safe."""

    line: Literal["commit"]
    group: _Count
    records: _Count
    written: _Count
    diverged: dict[Annotated[str, Field(pattern="^[0-9]{1,15}$")], _Count]
    steps: list[_Count] | None
    checkpoint: _Checksum | None


class End(_Line):
    """A stretch of training has ended."""

    line: Literal["end"]
    seconds: _Seconds
    trained: _Count
    complete: bool


Line = Begin | Extend | Commit | End
_LINES: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="line")])


def parsed_line(raw: bytes) -> Line:
    """Return what a line says.

    Raises:
        ValueError: it is damaged, or says what no line says.
    """
    try:
        return _LINES.validate_json(unsealed_line(raw))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise ValueError(f"{where}: {first['msg']}" if where else str(first["msg"])) from None
