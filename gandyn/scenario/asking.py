"""The few questions that `gandyn new` asks in a terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from gandyn.catalog import members
from gandyn.errors import UsageError
from gandyn.objectives.base import Objective
from gandyn.scenario.beginning import Answers, begun, data_types
from gandyn.scenario.console import complain, tell
from gandyn.scenario.own_data import fields_as_written
from gandyn.scenario.schema import Scenario

__all__ = ["asked"]

_MODES = 8


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
    if answers.objective is None:
        tell(f"The pair of losses: {', '.join(members(Objective))}.")
        ask("objective", "objective", Scenario.model_fields["objective"].default["type"])
    if answers.steps is None:
        ask("training steps", "steps", Scenario.model_fields["train"].default.steps)
    return answers
