"""What a panel is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from gandyn.rendering.marks import Axes, Mark
from gandyn.rendering.stage import Room, Stage

__all__ = ["TITLE", "Panel"]

TITLE = 1.75
"""Height of the row above a panel's axes that its title or legend is written in, in em."""


class Panel(ABC):
    """One picture of a recording in one place.

    A panel is made once for an animation: the constructor looks at the whole recording and fixes `axes` and
    `background`. After that `marks` depends on the step alone, so axes never jump.

    Attributes:
        name: what scenarios call it; a class without one is a base of others.
        lead: whether it is a main picture (large, at the left) rather than a trajectory beside it.
        aspect: width over height at which it looks best.
        axes: the coordinate systems its marks are in.
        background: what does not change with the step.
    """

    name: ClassVar[str]
    lead: ClassVar[bool] = False
    aspect: ClassVar[float] = 2.4

    axes: dict[str, Axes]
    background: list[Mark]

    def __init__(self, stage: Stage, room: Room) -> None:
        self.stage, self.room = stage, room
        self.axes, self.background = {}, []

    @classmethod
    def widest(cls, stage: Stage) -> str:
        """Return the widest text it writes right of its axes, if it writes any."""
        return ""

    @abstractmethod
    def marks(self, step_index: int) -> list[Mark]:
        """Return what is to be seen at a recorded step (its index, not its number)."""
