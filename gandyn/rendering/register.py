"""What is said in two registers: as the field puts it, for study, and in plain words, for an audience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["Said", "how_real", "short_name"]

T = TypeVar("T")


@dataclass(frozen=True)
class Said(Generic[T]):
    """The same thing twice; which of the two is written depends on whom the room is for.

    Attributes:
        study: for those who know the field, with its terms and notes.
        plain: for those who do not.
    """

    study: T
    plain: T

    def to(self, slot: PanelSlot) -> T:
        """Return what is written in a room."""
        return self.plain if slot.plain else self.study


def short_name(view: RecordingView) -> str:
    """Return what the discriminator is called in the row of a legend: D, and a critic by its whole name."""
    return "critic" if view.player == "critic" else "D"


def how_real(view: RecordingView) -> str:
    """Return in plain words what the discriminator answers; a critic's numbers are no answer to a question."""
    return "critic’s score" if view.player == "critic" else f"{view.player}: “how real?”"
