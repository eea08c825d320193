"""The story of a few steps in slow motion: one player moves while the other waits, update by update; then all the rest.

A frame's number says which state it shows, that of a single update or that of a step, and how it is explained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from gandyn.core.errors import UsageError
from gandyn.rendering import pace
from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.figures.talk import TalkFigure, split
from gandyn.rendering.marks.marks import Mark
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.selection import nearest_steps
from gandyn.rendering.theme import Theme
from gandyn.rendering.turns import Turns

__all__ = ["CAPTIONS", "Moment", "SlowMotion", "Turn", "turns_of"]

Mover = Literal["nobody", "discriminator", "generator", "all"]

CAPTIONS: dict[str, str] = {
    "nobody": "Two players take turns: now one moves, now the other",
    "discriminator": "The {} learns to tell them apart; the generator waits",
    "generator": "The generator moves to where the {} says “real”; the {} waits",
    "all": "Both players move at once",
    "": "And so on, turn by turn",
}
"""What is said before anybody moves, while somebody does, and after the slow motion."""

ROLES = {"discriminator": "discriminator", "generator": "generator"}
"""What that is said in: the mover's colour."""

_LEVELS = 8
"""Frames in which the arrows come out, in the first round; in those after it, half as many."""

_EXPLAINED = 2 + _LEVELS + 1
"""Ways in which a state is explained: not at all, by what the discriminator aims at, by arrows that come out, both."""

_SLOW = 0.66
"""Part of the frames that goes to the slow motion."""

_FASTER = 0.6
"""By how much of the first round's frames each round goes without, as 1 / (1 + this * rounds before it)."""

_READ, _SEEN, _AGAIN = 1.2, 0.7, 0.25
"""Seconds for which a caption is read at first, arrows are looked at, and either in later rounds."""


@dataclass(frozen=True)
class Turn:
    """A stretch of updates by the same player.

    Attributes:
        mover: who moves.
        round: which round it belongs to, from 0 on.
        first: number of the state before it.
        last: number of the state after it.
    """

    mover: Mover
    round: int
    first: int
    last: int


@dataclass(frozen=True)
class Moment:
    """What a frame shows.

    Attributes:
        mover: who moves: empty for steps of training, nobody before the first update.
        index: of the state, among the recorded updates or the recorded steps.
        t: how far the arrows have come out.
    """

    mover: str
    index: int
    t: float = 1.0


def turns_of(view: RecordingView) -> list[Turn]:
    """Return the turns that a recording of single updates holds, in order."""
    # Recordings of two players once said "both" for all of them.
    names = [{"both": "all"}.get(str(name), str(name)) for name in view.dataset["moved"].attrs["names"]]
    moved, rounds = (np.asarray(view.dataset[name].values) for name in ("moved", "training_step"))
    found: list[Turn] = []
    numbers = range(1, len(view.steps))
    for (number, who), members in groupby(numbers, key=lambda k: (int(rounds[k]), int(moved[k]))):
        states = list(members)
        found.append(Turn(names[who], number - 1, states[0] - 1, states[-1]))  # type: ignore[arg-type]
    return found


class SlowMotion(TalkFigure):
    """Single updates of the first steps in slow motion, then the rest of training.

    D climbs towards its best answer (D*, dotted) while G waits, then G's samples move up D's slope, along the arrows,
    while D waits; three rounds, then the rest, fast. What it takes is recorded where a scenario asks for it:
    `record: {sub_steps: 3, gradients: true}`, as in scenarios/line/slow_motion.yaml.

    Args:
        names: panels: a main picture that explains turns, and numbers beside it; those of a talk unless given.
        captions: what else may be said under the title.

    Raises:
        UsageError: the recording holds no single updates, or the panels explain none.
    """

    def __init__(
        self,
        view: RecordingView,
        names: Sequence[str] | None,
        size: tuple[int, int],
        theme: Theme,
        big: bool = False,
        captions: Sequence[str] = (),
    ) -> None:
        updates = view.recording.sub_steps
        if updates is None:
            raise UsageError(f"{view.name}: story: step shows single updates: train with record.sub_steps: 3, say")
        names = list(names or self._usual(view))
        self.updates = RecordingView(updates, view.seed)
        # The updates are drawn on the scales of the steps, so that nothing jumps between them.
        self.updates.group = view.group
        main, _ = split([catalogue.find(name, len(view.dims)) for name in names])
        refusal = main[0].turns_refusal(self.updates.has)
        if refusal is not None:
            raise UsageError(f"story: step: {refusal}")
        said = tuple(self._said(view, mover) for mover in CAPTIONS)
        super().__init__(view, names, size, theme, big, (*captions, *said))
        self.turns = turns_of(self.updates)
        self._closely = [kind(self.updates, panel.slot) for kind, panel in zip(main, self._main, strict=True)]
        for panel, shown in zip(self._closely, self._main, strict=True):
            panel.axes = shown.axes
        self._explained = [panel.turns(panel) for panel in self._closely if panel.turns is not None]

    @staticmethod
    def _usual(view: RecordingView) -> list[str]:
        """Return the main panel that explains turns, and the numbers of a talk."""
        dim = len(view.dims)
        numbers = [name for name in catalogue.spoken(view) if not catalogue.find(name, dim).lead]
        return [catalogue.explaining(dim), *numbers]

    @staticmethod
    def _said(view: RecordingView, mover: str) -> str:
        return CAPTIONS[mover].format(*[view.player] * 2)

    def frames(self, count: int) -> list[int]:
        """Return the numbers of `count` frames or so."""
        return [shot.frame for shot in self.shots(pace.Timing(count, 20.0))]

    def frame_at(self, step: int) -> int:
        """Return the number of the frame that shows a whole step."""
        begin, end = self.view.begin, self.view.end
        return self.number(Moment("", begin + nearest_steps(self.view.steps[begin:end], [step])[0]))

    def number(self, moment: Moment) -> int:
        """Return the number of the frame that shows a moment."""
        if not moment.mover:
            return moment.index
        way = {"nobody": 0, "discriminator": 1, "all": _EXPLAINED - 1}.get(moment.mover)
        way = 1 + max(round(moment.t * _LEVELS), 1) if way is None else way
        return len(self.view.steps) + moment.index * _EXPLAINED + way

    def moment(self, frame: int) -> Moment:
        """Return what a frame of some number shows."""
        if frame < len(self.view.steps):
            return Moment("", frame)
        index, way = divmod(frame - len(self.view.steps), _EXPLAINED)
        if way in (0, 1, _EXPLAINED - 1):
            return Moment({0: "nobody", 1: "discriminator"}.get(way, "all"), index)
        return Moment("generator", index, (way - 1) / _LEVELS)

    def shots(self, timing: pace.Timing) -> list[pace.Shot]:
        """Return the slow motion, and then the steps that follow it at the pace that is asked for."""
        rest = self._rest(timing)
        if timing.frames <= 2:
            return [pace.Shot(self.number(Moment("nobody", 0)), timing.hold_first), rest[-1]]
        opening = pace.Shot(self.number(Moment("nobody", 0)), max(timing.hold_first, 1.0 / timing.fps))
        slow = [
            pace.Shot(self.number(moment), max(seconds, 1.0 / timing.fps)) for moment, seconds in self._slow(timing)
        ]
        return [opening, *slow, *rest]

    def _slow(self, timing: pace.Timing) -> Iterator[tuple[Moment, float]]:
        """Yield the moments of the slow motion, with the seconds that each is to stay beyond its frame's own."""
        weights = [1.0 / (1.0 + _FASTER * turn.round) for turn in self.turns]
        for turn, weight in zip(self.turns, weights, strict=True):
            count = max(round(_SLOW * timing.frames * weight / sum(weights)), 2)
            states = np.unique(np.round(np.linspace(turn.first, turn.last, count)).astype(int))
            read, seen = (_READ, _SEEN) if turn.round == 0 else (_AGAIN, _AGAIN)
            if turn.mover == "generator":
                levels = range(1, _LEVELS + 1) if turn.round == 0 else range(2, _LEVELS + 1, 2)
                yield from ((Moment("generator", turn.first, level / _LEVELS), 0.0) for level in levels)
                read = max(read, seen)
            for place, state in enumerate(states):
                yield Moment(turn.mover, int(state)), read if place == 0 else seen if place == len(states) - 1 else 0.0

    def _rest(self, timing: pace.Timing) -> list[pace.Shot]:
        """Return the steps after the slow motion; of a run that ends with it, its last."""
        view, rounds = self.view, int(self.updates.dataset["training_step"].values[-1])
        first = int(np.searchsorted(view.steps, rounds))
        begin = min(max(first, view.begin), view.end - 1)
        rest = RecordingView(view.recording, view.seed, int(view.steps[begin]), view.last_step)
        fast = pace.Timing(max(round((1 - _SLOW) * timing.frames), 1), timing.fps, timing.pace, 0.0, timing.hold)
        shown = pace.shots([rest], view.steps[begin : view.end], fast, self.notes)
        return [pace.Shot(begin + shot.frame, shot.seconds) for shot in shown]

    def caption(self, step: int) -> str:
        """Return what is said after the slow motion: the note that has come, or that it goes on; at the end more."""
        ended = self.view.attribute("caption") if step == self.view.last_step else ""
        return self.notes.at(step) or ended or self._said(self.view, "")

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint a step as any talk's picture does, or the state between two updates and what explains it."""
        moment = self.moment(frame)
        if not moment.mover:
            super().paint_frame(painter, frame)
            return
        done = self._done(moment.index)
        for panel in self._closely:
            painter.paint(panel.marks(moment.index), panel.axes)
        for panel in self.panels[len(self._main) :]:
            painter.paint(panel.marks(done), panel.axes)
        for explained in self._explained:
            painter.paint(self._explain(explained, moment), explained.axes)
        said = self._said(self.view, moment.mover)
        step = int(self.updates.dataset["training_step"].values[moment.index])
        role, warning = ROLES.get(moment.mover, "ink"), self._warning(self.view, done)
        painter.paint(self.places.header.marks(self.places.head, said, step, warning, role), {})

    @staticmethod
    def _explain(turns: Turns, moment: Moment) -> list[Mark]:
        """Return what explains a moment of a turn."""
        marks: list[Mark] = []
        if moment.mover in ("discriminator", "all"):
            marks += turns.aim(moment.index)
        if moment.mover in ("generator", "all"):
            marks += turns.push(moment.index, moment.t)
        return marks

    def _done(self, index: int) -> int:
        """Return the index of the last whole step that was recorded up to the state after an update."""
        rounds = np.asarray(self.updates.dataset["training_step"].values)
        ends = np.searchsorted(rounds, np.arange(rounds[-1] + 1), side="right") - 1
        done = int(np.searchsorted(ends, index, side="right")) - 1
        return max(int(np.searchsorted(self.view.steps, done, side="right")) - 1, 0)
