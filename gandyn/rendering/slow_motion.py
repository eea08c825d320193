"""The story of one step in slow motion: each player's moves by themselves, then the rest of training, fast."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

import numpy as np

from gandyn.errors import UsageError
from gandyn.rendering import pace
from gandyn.rendering.marks import Mark
from gandyn.rendering.moves import LineMoves, Moves, PlaneMoves
from gandyn.rendering.painter import Painter
from gandyn.rendering.panels.density import Density
from gandyn.rendering.panels.forces import Forces
from gandyn.rendering.stage import Stage
from gandyn.rendering.talk import TalkFigure, explained
from gandyn.rendering.theme import Theme

__all__ = ["SlowMotion", "slow_motion"]

_MOST = 12
"""Updates of one player's turn that are shown, and frames of the fast part for each turn."""

_TURN, _FAST = 1.0, 2.0
"""Seconds that a turn's first frame stays, and that the fast part takes."""

_SAID = {
    "discriminator": "The {player} learns to tell them apart; the generator waits",
    "generator": "The generator follows the {player}’s slope; the {player} waits",
    "both": "Both players move at once",
}
_BEFORE, _FASTER = "Two players: now one moves, now the other", "And so on, turn by turn"

_WHICH: dict[int, tuple[str, type[Density] | type[Forces], type[Any]]] = {
    1: ("density", Density, LineMoves),
    2: ("forces", Forces, PlaneMoves),
}
"""The main picture by the dimension of the data, and what is added to it."""


@dataclass(frozen=True)
class _Moment:
    """What a frame shows: an update, by index, and whose turn it is; or in the fast part a step."""

    index: int
    mover: str = ""
    opens: bool = False


class SlowMotion(TalkFigure):
    """The first rounds of training update by update, then all that was recorded, fast.

    In the discriminator's turn the generator stands still, and a dotted line shows the best answer to it; in the
    generator's turn arrows show where its loss pushes it. Frames are numbered by their place in the story.

    Args:
        stage: the recording of the steps.
        updates: the recording of every single update within the first of them, of the same seed.

    Raises:
        UsageError: the data are neither on the line nor on the plane, or what is shown was not recorded.
    """

    added: ClassVar[int] = 2

    def __init__(self, stage: Stage, updates: Stage, size: tuple[int, int], theme: Theme, big: bool = False) -> None:
        name, kind, moves = _WHICH[len(stage.dims)]
        for one in (stage, updates):
            for need in ("force", "generator_map") if len(stage.dims) == 1 else ("force",):
                if not one.has(need):
                    raise UsageError(f"story: step draws {need}, which this recording does not hold: record.gradients")
        self._player = stage.player
        said = [text.format(player=self._player) for text in (*_SAID.values(), _BEFORE, _FASTER)]
        numbers = ["distance"] if stage.has("js") else []
        super().__init__(stage, [name, *numbers], size, theme, big, said)
        room = self._main[0].room
        self._updates = updates
        self._slow: Moves = moves(kind(updates, room))
        self._fast: Moves = moves(self._main[0])
        self._moments = [*self._turns(), *self._rest()]

    def _turns(self) -> list[_Moment]:
        """Return the updates shown, turn by turn."""
        moved = self._updates.dataset["moved"]
        names = list(moved.attrs["names"])
        movers = [names[int(number)] for number in moved.values[1 : self._updates.end]]
        found, start = [_Moment(0)], 0
        for mover, run in groupby(movers):
            count = len(list(run))
            shown = np.unique(np.round(np.linspace(start, start + count, min(count, _MOST) + 1)).astype(int))
            found += [_Moment(int(index), mover, bool(index == start)) for index in shown]
            start += count
        return found

    def _rest(self) -> list[_Moment]:
        """Return the steps of the fast part: from where the slow one ends to the last, closer together at first."""
        steps, last = self.stage.steps, int(self._updates.dataset["training_step"].values[self._updates.end - 1])
        begin = int(np.searchsorted(steps, last, side="right"))
        if begin >= self.stage.end:
            return []
        places = np.linspace(0.0, 1.0, 3 * _MOST) ** 1.5 * (self.stage.end - 1 - begin)
        return [_Moment(begin + int(place)) for place in np.unique(np.round(places).astype(int))]

    def shots(self, timing: pace.Timing) -> list[pace.Shot]:
        """Return the whole story; the first frame of a turn stays for a while. It takes the time that it takes."""
        if timing.frames < 3:
            return [pace.Shot(0, timing.hold_first), pace.Shot(len(self._moments) - 1, timing.hold)][-timing.frames :]
        fast = sum(not moment.mover for moment in self._moments) - 1
        found = []
        for frame, moment in enumerate(self._moments):
            seconds = 1.0 / timing.fps if moment.mover else _FAST / max(fast, 1)
            found.append(pace.Shot(frame, max(seconds, _TURN if moment.opens else 0.0)))
        found[0] = pace.Shot(0, max(timing.hold_first, found[0].seconds))
        found[-1] = pace.Shot(found[-1].frame, max(timing.hold, found[-1].seconds))
        return found

    def frame_at(self, step: int) -> int:
        """Return the number of the frame that shows a step, or the nearest to it."""
        return int(np.argmin([abs(self._step(moment) - step) for moment in self._moments]))

    def _slowly(self, frame: int) -> bool:
        return frame == 0 or bool(self._moments[frame].mover)

    def _step(self, moment: _Moment) -> int:
        if moment.mover or moment.index == 0:
            return int(self._updates.dataset["training_step"].values[moment.index])
        return int(self.stage.steps[moment.index])

    def background(self) -> list[Mark]:
        """Return title and legend, with what moves the players."""
        head = self.places.header.background(self.places.head)
        return [*head, *explained(self._main, self.places, self._slow.entries())]

    def marks(self, step_index: int) -> list[Mark]:
        """Return caption, step and seed at a frame."""
        moment = self._moments[step_index]
        said = _SAID[moment.mover] if moment.mover else _BEFORE if step_index == 0 else _FASTER
        step = self._step(moment)
        words = self.notes.at(step) if not moment.mover else ""
        end = self.stage.attribute("caption") if step_index == len(self._moments) - 1 else ""
        caption = words or end or said.format(player=self._player)
        role = {"discriminator": "discriminator", "generator": "generator"}.get(moment.mover, "muted")
        return self.places.header.marks(self.places.head, caption, step, role=role)

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the main picture as it is in slow motion or in the fast part, and the numbers."""
        moment = self._moments[frame]
        if self._slowly(frame):
            marks = self._slow.still(moment.index)
            if moment.mover in ("discriminator", "both"):
                marks += self._slow.best(moment.index)
            if moment.mover in ("generator", "both"):
                marks += self._slow.push(moment.index)
            painter.paint(marks, self._slow.panel.axes)
            done = max(self._step(moment) - 1, 0)
            index = int(np.searchsorted(self.stage.steps, done, side="right")) - 1
        else:
            index = moment.index
            painter.paint(self._fast.still(index), self._main[0].axes)
        for panel in self.panels[1:]:
            painter.paint(panel.marks(max(index, self.stage.begin)), panel.axes)
        painter.paint(self.marks(frame), {})


def slow_motion(
    stage: Stage, updates: Any, seed: int | None, size: tuple[int, int], theme: Theme, big: bool
) -> SlowMotion:
    """Return the story of a recording.

    Args:
        stage: the recording.
        updates: its recording of single updates; None where it has none.
        seed: which seed is shown.
        size: width and height in pixels.
        theme: how it looks.
        big: larger type, for the back row.

    Raises:
        UsageError: no single updates were recorded.
    """
    if updates is None:
        raise UsageError("story: step shows single updates, which this recording does not hold: record.sub_steps: 3")
    return SlowMotion(stage, Stage(updates, seed), size, theme, big)
