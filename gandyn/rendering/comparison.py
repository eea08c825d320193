"""Side by side: several recordings in one picture, with one clock and one set of scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from gandyn.errors import UsageError
from gandyn.rendering import panels as catalogue
from gandyn.rendering.decor import legend
from gandyn.rendering.layout import Box, Layout, divide, grid
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.page import Page
from gandyn.rendering.painter import Painter
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.stage import Room, Source, Stage, together
from gandyn.rendering.theme import Theme
from gandyn.rendering.typeface import ellipsize, measure

__all__ = ["MOST", "Column", "Compared", "Comparison"]

_SHARES = (0.0, 0.38, 0.52, 0.64)
"""The part of a column's height that none, one, two and more trajectories take."""

MOST = 4
"""Recordings that find room side by side."""


@dataclass(frozen=True)
class Column:
    """One of the recordings side by side.

    Attributes:
        recording: what is drawn.
        heading: what stands above it; the recording's title unless given.
        seed: which seed is shown; the first unless given.
    """

    recording: Source
    heading: str = ""
    seed: int | None = None


@dataclass(frozen=True)
class Compared:
    """Recordings to be drawn side by side, and what is said above them.

    Attributes:
        columns: from left to right.
        title: what is compared; the titles unless given.
        caption: one sentence under the title.
    """

    columns: tuple[Column, ...]
    title: str = ""
    caption: str = ""


class Comparison(Page):
    """A column of panels for each recording; its frames are the steps that any of them recorded, by index.

    Every panel's stage is in company of the others, so like panels have like scales. A recording that ends before the
    others keeps its last state and says so.

    Args:
        compared: two recordings or more.
        names: panels in every column; by default those that tell a comparison best.
        first: the first step shown.
        last: the last step shown.

    Raises:
        UsageError: there are too few or too many of them, or they are not of one dimension; or a panel, a seed, or
            the steps are not there.
    """

    def __init__(
        self,
        compared: Compared,
        names: Sequence[str] | None,
        size: tuple[int, int],
        theme: Theme,
        first: int | None = None,
        last: int | None = None,
    ) -> None:
        columns = compared.columns
        if not 2 <= len(columns) <= MOST:
            raise UsageError(f"two to {MOST} recordings find room side by side, not {len(columns)}")
        self.stages = [Stage(column.recording, column.seed, first, last) for column in columns]
        together(self.stages)
        dim = len(self.stages[0].dims)
        kinds = [catalogue.find(name, dim) for name in names or catalogue.telling(_usual(dim), self.stages)]
        em, margin, head, area = divide(size)
        gap = 2.6 * em
        width = (area[2] - area[0] - gap * (len(columns) - 1)) / len(columns)
        # Pictures too narrow for a legend each have one above them all; the columns' headings then take its place.
        leads = sum(kind.lead for kind in kinds)
        self._shared = leads > 0 and (len(columns) > 2 or width < 22 * em * leads)
        ceiling = area[3] - (2.0 * em if self._shared else 0.0)
        self._boxes = [
            (left, area[1], left + width, ceiling)
            for left in (area[0] + number * (width + gap) for number in range(len(columns)))
        ]
        rooms = [_rooms(kinds, self.stages[0], box, em, self._shared) for box in self._boxes]
        self._columns = [
            (stage, [kind(stage, room) for kind, room in zip(kinds, places, strict=True)])
            for stage, places in zip(self.stages, rooms, strict=True)
        ]
        layout = Layout(em, margin, head, tuple(room for places in rooms for room in places))
        super().__init__(size, theme, layout, [panel for _, panels in self._columns for panel in panels])
        self.steps: Int[np.ndarray, " frame"] = np.unique(
            np.concatenate([stage.steps[stage.begin : stage.end] for stage in self.stages])
        )
        titles = [stage.attribute("title", "gandyn") for stage in self.stages]
        self._headings = [column.heading or title for column, title in zip(columns, titles, strict=True)]
        self.title = compared.title or " vs ".join(dict.fromkeys(titles))
        self.caption = compared.caption
        self._digits = len(str(self.steps[-1]))

    def frames(self, count: int) -> list[int]:
        """Return the indices of `count` steps, spread evenly in time."""
        if min(count, len(self.steps)) == 1:
            return [len(self.steps) - 1]
        wanted = np.linspace(self.steps[0], self.steps[-1], min(count, len(self.steps)))
        middles = (self.steps[1:] + self.steps[:-1]) / 2
        return [int(i) for i in np.unique(np.searchsorted(middles, wanted))]

    def index(self, stage: Stage, frame: int) -> int:
        """Return the index of a stage's own step that is shown at a frame: the latest it has recorded by then."""
        shown = stage.steps[stage.begin : stage.end]
        return stage.begin + max(int(np.searchsorted(shown, self.steps[frame], side="right")) - 1, 0)

    def background(self) -> list[Mark]:
        """Return title, caption, and what stands above the columns."""
        left, _bottom, right, top = self.layout.header
        em = self.layout.em
        step = measure(self._step(len(self.steps) - 1), 1.5 * em, mono=True)
        room = right - left - step - 2 * em
        fitting = (scale for scale in (1.7, 1.6, 1.5, 1.4, 1.3) if measure(self.title, scale * em, bold=True) <= room)
        scale = next(fitting, 1.2)
        caption = ellipsize(self.caption, right - left - measure(self._seeds(), em) - 2 * em, em)
        title = ellipsize(self.title, room, scale * em, bold=True)
        marks: list[Mark] = [
            Text("", "ink", left, top - 1.25 * em, title, scale, bold=True),
            Text("", "muted", left, top - 2.95 * em, caption),
        ]
        if self._shared:
            # Discriminator is the wider word: a critic is one as well.
            told = [panels for stage, panels in self._columns if stage.player == "discriminator"]
            entries = [entry for panel in (told or [self.panels])[0] for entry in panel.entries()]
            names = list({entry.text: entry for entry in entries}.values())
            marks += legend(left, self.layout.header[1] - 2.0 * em, names, em, right)
        if self._seeds():
            marks.append(Text("", "muted", right, top - 2.95 * em, self._seeds(), align="right"))
        return marks

    def marks(self, frame: int) -> list[Mark]:
        """Return the step, and each column's heading with what befell it."""
        _left, _bottom, right, top = self.layout.header
        em = self.layout.em
        marks: list[Mark] = [
            Text("", "ink", right, top - 1.25 * em, self._step(frame), size=1.5, mono=True, align="right")
        ]
        for stage, heading, box in zip(self.stages, self._headings, self._boxes, strict=True):
            y = box[3] - 0.95 * em
            role, *notes = self._notes(stage, frame)
            size = next((size for size in (1.2, 1.1) if measure(heading, size * em, bold=True) <= box[2] - box[0]), 1.0)
            wide = measure(heading, size * em, bold=True) + 0.8 * em
            note = next((note for note in notes if wide + measure(note, em) <= box[2] - box[0]), notes[-1])
            end = box[2] - (measure(note, em) + 0.8 * em if note else 0.0)
            text = ellipsize(heading, end - box[0], size * em, bold=True)
            marks.append(Text("", "ink", box[0], y, text, size, bold=True))
            marks.append(Text("", role, box[2], y, note, align="right"))
        return marks

    def _notes(self, stage: Stage, frame: int) -> tuple[str, ...]:
        """Return a role, and in it, the longest first, ways to say what befell a recording or which seed it is."""
        at, last = stage.diverged(self.index(stage, frame)), stage.last_step
        if at is not None:
            return "warning", f"diverged at step {at}", f"diverged at {at}"
        if self.steps[frame] > last:
            return "muted", f"ended at step {last}", f"ended at {last}"
        return "muted", "" if self._seeds() else f"seed {stage.seed}"

    def _seeds(self) -> str:
        seeds = {stage.seed for stage in self.stages}
        return f"seed {self.stages[0].seed}" if len(seeds) == 1 else ""

    def _step(self, frame: int) -> str:
        return f"step {self.steps[frame]:>{self._digits}d}"

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint every column at its own state of the common step."""
        for stage, panels in self._columns:
            index = self.index(stage, frame)
            for panel in panels:
                painter.paint(panel.marks(index), panel.axes)
        painter.paint(self.marks(frame), {})


def _usual(dim: int) -> tuple[str, ...]:
    """Return the panels of a column: one that shows data, generator and discriminator, and the divergences.

    Losses are left out: they say little across objectives.
    """
    return ("density" if dim == 1 else "discriminator", "divergences")


def _rooms(kinds: Sequence[type[Panel]], stage: Stage, column: Box, em: float, shared: bool) -> list[Room]:
    """Return the places of panels in a column: main pictures above, trajectories one under the other below.

    A main picture under a `shared` legend leaves the row of its own to the heading.
    """
    left, bottom, right, top = column
    top -= 0.0 if shared else 1.9 * em
    leads = [i for i, kind in enumerate(kinds) if kind.lead]
    others = [i for i, kind in enumerate(kinds) if not kind.lead]
    gap, foot = 1.1 * em, 1.2 * em
    square = bool(leads) and all(kinds[i].square for i in leads)
    share = _SHARES[min(len(others), 3)] * (0.85 if square else 1.0) if leads or not others else 1.0
    floor = bottom + share * (top - bottom)
    for brief in (False, True):
        gutter = max(measure(kind.widest(stage, brief), em, bold=True) for kind in kinds)
        if gutter <= 0.4 * (right - left):
            break
    if square and others:
        # Squares side by side are no higher than they are wide: the rest of the height is the trajectories'.
        wide = (right - left - gap * (len(leads) - 1)) / len(leads)
        floor = max(floor, min(top - wide - 2.5 * em, bottom + 0.6 * (top - bottom)))
    rooms: dict[int, Room] = {}
    ceiling = floor + 0.8 * em if others else bottom
    for i, box in zip(leads, grid(kinds, leads, (left, ceiling, right, top), gap, em) if leads else (), strict=True):
        rooms[i] = Room(box, em, alone=not shared)
    height = (floor - bottom - foot - gap * (len(others) - 1)) / max(len(others), 1)
    for number, i in enumerate(others):
        upper, lowest = floor - number * (height + gap), number == len(others) - 1
        box = (left, bottom if lowest else upper - height, right, upper)
        rooms[i] = Room(box, em, gutter, clock=lowest, brief=brief)
    return [rooms[i] for i in range(len(kinds))]
