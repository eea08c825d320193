"""Scenarios as YAML, which every reader of YAML takes for the same values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

__all__ = ["inline", "type_first", "written"]


def type_first(value: Any) -> Any:
    """Put `type` before the fields that depend on it, as people write it."""
    if isinstance(value, Mapping):
        first = {"type": value["type"]} if "type" in value else {}
        return {key: type_first(part) for key, part in {**first, **value}.items()}
    return [type_first(part) for part in value] if isinstance(value, list) else value


def written(values: Mapping[str, Any]) -> str:
    """Return plain values as YAML, one section a line where it fits."""
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=116, default_flow_style=None)


def inline(value: Any) -> str:
    """Return a plain value as YAML on one line.

    Example:
        >>> inline({"type": "ring", "weights": None})
        '{type: ring, weights: null}'
    """
    text: str = yaml.dump(
        [value], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9, default_flow_style=True
    )
    return text[1:-2]


class _Dumper(yaml.SafeDumper):
    """Writes numbers so that YAML 1.2 reads them back as numbers, and quotes what YAML 1.1 readers would misread."""


def _float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    text = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(repr(value), repr(value))
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")  # PyYAML and other YAML 1.1 readers take 1e-05 for text
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


_Dumper.add_representer(float, _float)
