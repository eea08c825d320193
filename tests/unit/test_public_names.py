"""Whatever docstrings and the README call by name is there."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
import typer

import gandyn
from gandyn.cli import app

PACKAGE = Path(gandyn.__file__).parent
README = PACKAGE.parent / "README.md"
NAME = re.compile(r"(?<![\w./-])gandyn((?:\.[A-Za-z_]\w*)+)")
COMMAND = re.compile(r"`gandyn ([a-z][a-z-]*)")
FILES = re.compile(r"\.(py|yaml|md|gif|json|zarr)\b")


def texts():
    """Yield every docstring of the package, attributes' too, and the README, with where they stand."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                yield f"{file.relative_to(PACKAGE.parent)}:{node.lineno}", node.value.value
    yield "README.md", README.read_text(encoding="utf-8")


def there(dotted):
    """Return whether a name below `gandyn` is a module, or what one holds."""
    found = gandyn
    for depth, name in enumerate(dotted, 1):
        if not hasattr(found, name):
            try:
                importlib.import_module(".".join(("gandyn", *dotted[:depth])))
            except ModuleNotFoundError:
                return False
        found = getattr(found, name)
    return True


def test_names_in_docstrings_and_in_the_readme_exist():
    named = {}
    for place, text in texts():
        for match in NAME.finditer(text):
            if not FILES.search(match[0]):
                named.setdefault(match[1][1:], place)
    assert {"record", "animate", "PCA", "adapters.lightning.GandynCallback"} <= named.keys()
    assert {name: place for name, place in named.items() if not there(name.split("."))} == {}


def test_commands_in_docstrings_and_in_the_readme_exist():
    known = set(typer.main.get_command(app).commands)
    named = {match[1]: place for place, text in texts() for match in COMMAND.finditer(text)}
    assert {"animate", "train", "show"} <= named.keys()
    assert {name: place for name, place in named.items() if name not in known} == {}


@pytest.mark.parametrize("name", ["render", "recording.nothing", "PCA.nothing"])
def test_a_name_that_is_not_there_is_found_out(name):
    assert not there(name.split("."))
