"""What a pitfall is: a setting that can be seen to fail before anything is trained."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from gandyn.core.catalog import Component
from gandyn.games.base import Game
from gandyn.scenario.schema import Scenario

__all__ = ["GameType", "Pitfall"]

GameType = type[Game]


class Pitfall(Component):
    """A setting that is known to fail; a new one is a new file in this folder.

    Attributes:
        of: the games that it is about.
    """

    of: ClassVar[GameType] = Game

    @abstractmethod
    def check(self, scenario: Scenario, game: Any) -> str | None:
        """Return what is wrong with a scenario and, behind a colon, what cures it; None where nothing is."""
