"""Values, with overrides laid over them, checked against a model; knows nothing of what a scenario holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gandyn.core.errors import ScenarioError
from gandyn.scenario.overrides import Override, apply, parse_overrides
from gandyn.scenario.validation_errors import complaints, truth_values_complaints
from gandyn.scenario.yaml12 import Document, Key

__all__ = ["Overrides", "validate"]

M = TypeVar("M", bound=BaseModel)
Overrides = Iterable[str | Override] | Mapping[str, Any]


def validate(
    model: type[M], document: Document, source: str, overrides: Overrides = (), *, folder: Path, prefix: Key = ()
) -> M:
    """Lay overrides over a document and check the whole against a model.

    Args:
        model: what the document should hold.
        document: the values and their places; changed in place.
        source: how to name the document in complaints.
        overrides: values laid over it.
        folder: what file names in the document are relative to.
        prefix: where the model's values stand in a scenario; keys of overrides begin with it.

    Raises:
        ScenarioError: something does not fit.
    """
    parsed = [
        replace(one, key=one.key[len(prefix) :]) if one.key[: len(prefix)] == prefix else one
        for one in parse_overrides(overrides)
    ]
    origins = apply(document.values, parsed, model)

    def locate(key: Key) -> str:
        key = key[len(prefix) :] if prefix else key
        if key and key not in origins and key not in document.marks:  # a section that an override has made
            made = next((origin for known, origin in origins.items() if known[: len(key)] == key), None)
            if made is not None:
                return made
        for length in range(len(key), -1, -1):
            if key[:length] in origins:
                return origins[key[:length]]
            if key[:length] in document.marks:
                line, column = document.marks[key[:length]]
                return f"{source}:{line}:{column}"
        return source

    try:
        checked = model.model_validate(document.values, context={"folder": folder})
    except ValidationError as error:
        raise ScenarioError("\n".join(complaints(error, model, document.values, locate, prefix))) from None
    if wrong := truth_values_complaints(document.values, checked.model_dump(mode="json"), locate, prefix):
        raise ScenarioError("\n".join(wrong))
    return checked
