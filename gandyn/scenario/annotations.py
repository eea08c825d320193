"""What can stand where in a scenario, read off the models' annotations."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from gandyn.scenario.yaml12 import Key

__all__ = ["all_keys", "is_container", "is_mapping", "is_text", "models_at", "models_of", "step_into", "type_name"]


def _plain(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def models_of(annotation: Any) -> tuple[type[BaseModel], ...]:
    """Return the models an annotation stands for: one, or all in a choice of models; none for anything else."""
    annotation = _plain(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [models_of(choice) for choice in get_args(annotation) if choice is not type(None)]
        if inner and all(inner):
            return tuple(model for models in inner for model in models)
    return ()


def is_container(annotation: Any) -> bool:
    """Tell whether an annotation stands for a list or mapping of things."""
    return get_origin(_plain(annotation)) in (list, tuple, set, frozenset, dict, Sequence, Mapping)


def is_mapping(annotation: Any) -> bool:
    """Tell whether an annotation stands for a mapping of things by name."""
    return get_origin(_plain(annotation)) in (dict, Mapping)


def is_text(annotation: Any) -> bool:
    """Tell whether an annotation stands for text, and for nothing else."""
    return _plain(annotation) is str


def step_into(annotation: Any, part: str | int) -> Any:
    """Return the annotation of what stands at `part` inside a value of this annotation; Any where it is not known."""
    for model in models_of(annotation):
        if part in model.model_fields:
            return model.model_fields[str(part)].annotation
    arguments = [arg for arg in get_args(_plain(annotation)) if arg is not Ellipsis]
    if is_container(annotation) and arguments:
        if get_origin(_plain(annotation)) is tuple and isinstance(part, int) and len(arguments) > part:
            return arguments[part]
        return arguments[-1]
    return Any


def models_at(model: type[BaseModel], key: Key) -> dict[str, type[BaseModel]]:
    """Return the catalogue classes that can stand at a key, by type name; empty where none can."""
    annotation: Any = model
    for part in key:
        annotation = step_into(annotation, part)
    return {type_name(choice): choice for choice in models_of(annotation) if "type" in choice.model_fields}


def type_name(model: type[BaseModel]) -> str:
    """Return what `type:` says for a model; its class name if it has no `type`."""
    return str(model.model_fields["type"].default) if "type" in model.model_fields else model.__name__


def all_keys(model: type[BaseModel], prefix: Key = ()) -> list[Key]:
    """Return every key a scenario can have; a section with a choice of types stands once for each ("data gaussian")."""
    keys: list[Key] = []
    for name, field in model.model_fields.items():
        keys.append((*prefix, name))
        choices = models_of(field.annotation)
        for choice in choices:
            label = f"{name} {type_name(choice)}" if len(choices) > 1 else name
            keys += all_keys(choice, (*prefix, label))
    return keys
