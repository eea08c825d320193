"""What `gandyn new` does: ask a few questions in a terminal, and write a scenario."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from gandyn.app.console import complain, in_a_terminal, tell
from gandyn.app.new_scenario import Answers, begun, data_types
from gandyn.app.output_paths import check_output
from gandyn.core.catalog import members
from gandyn.core.errors import UsageError
from gandyn.objectives.base import Objective
from gandyn.rendering.encoders.output import atomic
from gandyn.scenario.own_data import fields_as_written
from gandyn.scenario.schema import scenario_type

__all__ = ["asked", "new"]

_MODES = 8


def new(out: Path | None, answers: Mapping[str, Any], *, force: bool, quiet: bool) -> None:
    """Write a new scenario, from what is given and, in a terminal, what is asked for.

    Args:
        out: the file; unless given it is named after the data.
        answers: those of `Answers`, None where nothing is said.
        force: write over what is there.
        quiet: neither ask nor tell.

    Raises:
        UsageError: too little is given and nobody can be asked, the answers make no scenario, or the file is there.
    """
    given = Answers(**{**answers, "data": answers["data"] or ""})
    ask = in_a_terminal() and not quiet
    if not given.data and not ask:
        raise UsageError(
            "gandyn new asks its questions in a terminal; elsewhere say --data TYPE or --data FILE "
            "(and, if you like, --modes, --column, --objective, --steps, --set)"
        )
    if out is not None:
        _check_place(out, force)
    if ask and not any(value for name, value in answers.items() if name != "data"):
        given = asked(given, out)
    path = given.home() if out is None else out
    _check_place(path, force)
    text = begun(given, path)
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")
    if not quiet:
        tell(f"{path}  (gandyn animate {shlex.quote(str(path))} trains and draws it)")


def _check_place(path: Path, force: bool) -> None:
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(f"{path}: a scenario is a .yaml file; name it {path.stem}.yaml")
    check_output(path)
    if path.exists() and not force:
        raise UsageError(f"{path}: this file is there already; --force writes over it")


def asked(answers: Answers, out: Path | None) -> Answers:
    """Return answers with those that are missing asked for; one that is none is asked for again.

    Args:
        answers: what is known already.
        out: the file they are for, where it is known.
    """
    folder = Path() if out is None else out.parent

    def ask(question: str, name: str, usual: str | int) -> None:
        """Ask until the answer, with those before it, makes a scenario."""
        nonlocal answers
        while True:
            found = replace(answers, **{name: typer.prompt(question, default=usual)})
            try:
                begun(found, folder / "scenario.yaml")
            except UsageError as error:
                complain(str(error))
                continue
            answers = found
            return

    if not answers.data:
        tell("What is to be learnt? A file of your own (.csv, .npy, a picture), a folder of images, or one of these:")
        tell(f"  {', '.join(data_types())}")
        ask("data", "data", "ring")
    ways = answers.ways(folder)
    if answers.column is None and len(ways) > 1:
        named = [fields_as_written(way, ways[0]) for way in ways[1:]]
        tell(f"The file can also be read with {', or '.join(named)}.")
        ask("column (two for the plane: a,b)", "column", str(ways[0]["column"]))
    kinds, data = data_types(), answers.data
    if answers.modes is None and data in kinds and kinds[data].with_modes(1) is not None:
        ask("modes", "modes", _MODES)
    usual = scenario_type().model_fields
    if answers.objective is None:
        tell(f"The pair of losses: {', '.join(members(Objective))}.")
        ask("objective", "objective", usual["objective"].default["type"])
    if answers.steps is None:
        ask("training steps", "steps", usual["train"].default.steps)
    return answers
