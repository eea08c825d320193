"""Scenarios with something wrong in them: values, keys, structure, bytes, and all that ever broke what reads them."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gandyn.core.catalog import members
from gandyn.distributions.base import Distribution
from gandyn.scenario.loading import parse_scenario, scenario_files

SHIPPED = Path(__file__).parents[2] / "scenarios"
NEED_FILES = {"empirical", "image"}

PIECES = {
    "tag": "!!int x",
    "tag of python": "!!python/object/apply:os.system [ls]",
    "binary": "!!binary aGk=",
    "4,301 digits": "9" * 4301,
    "300 digits": "9" * 300,
    "hexadecimal": "0x" + "f" * 5000,
    "beyond unicode": '"\\U00110000"',
    "far beyond unicode": '"\\UFFFFFFFF"',
    "surrogate": '"\\ud800"',
    "NUL": '"a\\0b"',
    "escape": '"\\e[31mred\\a"',
    "deep lists": "[" * 5000,
    "deep but closed": "[" * 60 + "]" * 60,
    "deep mappings": "{a: " * 2000,
    "itself": "&a [*a]",
    "no such alias": "*" + "x" * 500,
    "long": "Q" * 20_000,
    "anchor": "&q 1",
    "merge key": "<<",
}
"""Pieces of YAML."""

NUMBERS: list[Any] = [
    *(0, -1, 1, 2, 3, 7, 8, 16, 100, 1000, 65536, 2**31, 2**53, 2**63, 2**64, -(2**64), 10**19, 10**30, 10**299),
    *(0.0, -0.0, 0.5, 1e-320, 5e-324, 1e-45, 1e-15, 1e-7, 1e-3, 30.0, 1e4, 1e7, 1e15, 1e38, 1e39, 1e308, -1e308),
    *(float("inf"), float("-inf"), float("nan")),
]
VALUES: list[Any] = [
    *NUMBERS,
    *(None, True, False),
    *(
        "",
        " ",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "a\nb",
        "~",
        "~nosuchuser",
        "~nosuchuser/x",
        "no",
        "²",
        "1e400",
        "Q" * 5000,
    ),
    *("/dev/zero", "/dev/null", "/etc/passwd", "{}", "{0}", "%s", "gaussian", "é" * 300, "\U0001f600"),
    *([], {}, [[]], [None], [[1, 2], [3]], [1] * 50, ["Q" * 3000], [True, True], list(range(3000)), [[0, 1]] * 3),
    *({"type": None}, {"type": []}, {"type": ["gaussian"]}, {"type": {}}, {"type": 1}, {"type": "Q" * 3000}),
    *({"type": "gaussian"}, {"type": "image"}, {"type": "empirical"}, {"type": "digits"}, {"type": "affine"}),
    *({"Q" * 3000: 1}, {f"key{i}": i for i in range(200)}, {"low": 0, "high": 1e-320}, {"low": 1e300, "high": 2e300}),
]
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
KEYS = ["type", "data", "Q" * 3000, "", "<<", "a.b", "0", "train", "\x1b[31m", "name", "file"]


def places(values: Any, key: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where every value of a scenario stands."""
    parts = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for name, value in parts:
        yield (*key, name)
        yield from places(value, (*key, name))


def holder(values: Any, key: tuple[Any, ...]) -> Any:
    """Return what the last part of a key is a part of."""
    for part in key[:-1]:
        values = values[part]
    return values


def replaced(rng: random.Random, values: dict[str, Any]) -> str:
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        key = rng.choice(list(places(values)))
        holder(values, key)[key[-1]] = copy.deepcopy(rng.choice(VALUES))
    return written(values)


def renumbered(rng: random.Random, values: dict[str, Any]) -> str:
    """Put numbers in the place of numbers: these come further than anything else."""
    found = [key for key in places(values) if type(holder(values, key)[key[-1]]) in (int, float)]
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        key = rng.choice(found)
        old = holder(values, key)[key[-1]]
        holder(values, key)[key[-1]] = rng.choice(
            [rng.choice(NUMBERS), -old, old * 10.0 ** rng.randint(-9, 9), old + 1]
        )
    return written(values)


def renamed(rng: random.Random, values: dict[str, Any]) -> str:
    key = rng.choice([key for key in places(values) if isinstance(key[-1], str)])
    held = holder(values, key)
    name = rng.choice([*KEYS, key[-1] + "z", key[-1][:-1], key[-1].upper()])
    held[name] = held.pop(key[-1])
    return written(values)


def moved(rng: random.Random, values: dict[str, Any]) -> str:
    """Put a part of a scenario where another one stands, or inside itself."""
    found = list(places(values))
    start, end = rng.choice(found), rng.choice(found)
    part = copy.deepcopy(holder(values, start)[start[-1]])
    for _ in range(rng.choice([0, 1, 3, 60])):
        part = [part] if rng.random() < 0.5 else {"type": part}
    holder(values, end)[end[-1]] = part
    return written(values)


def spliced(rng: random.Random, values: dict[str, Any]) -> str:
    """Put a piece of YAML in the place of a value."""
    key = rng.choice(list(places(values)))
    holder(values, key)[key[-1]] = "HERE"
    return written(values).replace("HERE", rng.choice(list(PIECES.values())), 1)


def flipped(rng: random.Random, values: dict[str, Any]) -> bytes:
    content = bytearray(written(values).encode())
    for _ in range(rng.choice([1, 1, 2, 5, 30])):
        at = rng.randrange(len(content))
        content[at : at + rng.choice([0, 1, 1, 20])] = rng.choice(
            [bytes([rng.randrange(256)]), b"", b"\t", b"[", b"{", b"&a ", b"*a ", b"!", b"? ", b"- ", b"\n", b"<<: *a"]
        )
    return bytes(content)


def overridden(rng: random.Random, values: dict[str, Any]) -> list[str]:
    """Return `--set` of some values."""
    keys = list(places(values))
    chosen = [".".join(map(str, rng.choice(keys))) for _ in range(rng.choice([1, 1, 3]))]
    return [f"{key}={rng.choice(_pieces())}" for key in chosen]


@cache
def _pieces() -> list[str]:
    return [*PIECES.values(), *(written(value).strip() for value in VALUES if not isinstance(value, str))]


def written(values: Any) -> str:
    return yaml.dump(values, Dumper=_DUMPER, sort_keys=False, allow_unicode=True)


def bases() -> list[dict[str, Any]]:
    """Return the scenarios that are mutated: those shipped, and one of each distribution with every field given."""
    shipped = [yaml.safe_load(file.read_text()) for file in scenario_files(SHIPPED)]
    plain = [{"type": name} for name in members(Distribution) if name not in NEED_FILES]
    return [*shipped, *(parse_scenario({"data": data}).resolved() for data in plain)]


MUTATIONS: list[Callable[[random.Random, dict[str, Any]], str | bytes]] = [
    *(replaced, renumbered, renumbered, renamed, moved, spliced, flipped),
]
