"""The catalogue: every distribution, network, objective ... is a small frozen class found by its `type` name.

To add one is to write one class in the folder of its kind; nothing else needs to know.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Field

from gandyn.core.errors import UsageError
from gandyn.core.suggestions import hint

__all__ = ["Component", "NonNegativeFinite", "PositiveFinite", "choice", "create", "members", "union"]

PositiveFinite = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeFinite = Annotated[float, Field(ge=0, allow_inf_nan=False)]

C = TypeVar("C", bound="Component")


class Component(BaseModel):
    """A catalogue entry: frozen, with defaults for all its fields and unknown fields refused.

    A concrete entry declares `type: Literal["its_name"] = "its_name"`; the classes between it and
    `Component` (`Distribution`, `Network`, ...) declare none.

    Attributes:
        tag: the field that names an entry.
        catalogued: whether it is an entry; a class that takes another's fields over is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, ser_json_inf_nan="constants")

    tag: ClassVar[str] = "type"
    catalogued: ClassVar[bool] = True

    def label(self) -> str:
        """Return the type name as people write it ("non_saturating" -> "non-saturating")."""
        return str(getattr(self, self.tag, type(self).__name__)).replace("_", "-")


def _descendants(cls: type[C]) -> list[type[C]]:
    found = []
    for sub in cls.__subclasses__():
        found.append(sub)
        found.extend(_descendants(sub))
    return found


@cache
def _load(package: str) -> None:
    module = importlib.import_module(package)
    for info in pkgutil.iter_modules(module.__path__):
        importlib.import_module(f"{package}.{info.name}")


def members(base: type[C]) -> dict[str, type[C]]:
    """Return every concrete class of a kind, by its `type` name, in alphabetical order.

    Args:
        base: the kind's base class (`Distribution`, `Latent`, `Network`, `Objective`, ...). The modules of the
            package it lives in are imported, so a new file is found without being named anywhere.
    """
    _load(base.__module__.rpartition(".")[0])
    found = {}
    for cls in _descendants(base):
        if cls.tag in cls.model_fields and cls.catalogued and not inspect.isabstract(cls):
            found[str(cls.model_fields[cls.tag].default)] = cls
    return dict(sorted(found.items()))


def union(*bases: type[Component]) -> Any:
    """Return the annotated union of some kinds' classes, told apart by `type`: a field type for pydantic models."""
    return choice(*(cls for base in bases for cls in members(base).values()))


def choice(*classes: type[Component]) -> Any:
    """Return the annotated union of some classes, told apart by `type`."""
    return Annotated[Union[classes], Field(discriminator="type")]  # noqa: UP007 - built at run time


def create(base: type[C], spec: Mapping[str, Any]) -> C:
    """Build the catalogue entry that a mapping with a `type` key describes.

    Raises:
        UsageError: no class of that kind has this `type` name.
        pydantic.ValidationError: a field is unknown or its value is not allowed.

    Example:
        >>> from gandyn.distributions.base import Distribution
        >>> create(Distribution, {"type": "gaussian", "mean": 1.0}).std
        1.0
    """
    known = members(base)
    name = str(spec.get("type"))
    if name not in known:
        raise UsageError(f"no {base.__name__.lower()} of type {name!r}{hint(name, known)}")
    return known[name].model_validate(dict(spec))
