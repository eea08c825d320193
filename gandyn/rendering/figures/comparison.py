"""Side by side: several recordings in one picture, with one clock and one set of scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gandyn.core.errors import UsageError
from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.typeface import ellipsize, measure
from gandyn.rendering.figures.steps_figure import SharedStepsFigure
from gandyn.rendering.layout.columns import column
from gandyn.rendering.layout.layout import CAPTION, Layout, caption_lines, caption_marks, divide
from gandyn.rendering.marks.guides import key, legend, legend_width
from gandyn.rendering.marks.marks import Area, Mark, Text
from gandyn.rendering.recording_view import MOST, RecordingView, share_scales
from gandyn.rendering.source import Source
from gandyn.rendering.theme import Theme

__all__ = ["Column", "Compared", "Comparison"]

_KEY_WIDTH = 25.0
"""Width that a key takes of the row of the legend, with the space before it, in em."""


@dataclass(frozen=True)
class Column:
    """One of the recordings side by side.

    Attributes:
        recording: what is drawn.
        heading: what stands above it; the recording's title unless given.
        seed: which seed is shown; the first unless given.
        label: the heading where what differs is named elsewhere: the value alone; the heading unless given.
    """

    recording: Source
    heading: str = ""
    seed: int | None = None
    label: str = ""


@dataclass(frozen=True)
class Compared:
    """Recordings to be drawn side by side, and what is said above them.

    Attributes:
        columns: from left to right.
        title: what is compared; the titles unless given.
        caption: one sentence under the title.
        knob: what the labels of the columns are values of; empty where they speak for themselves.
    """

    columns: tuple[Column, ...]
    title: str = ""
    caption: str = ""
    knob: str = ""


class Comparison(SharedStepsFigure):
    """A column of panels for each recording; its frames are the steps that any of them recorded, by index.

    Every panel's view is in group of the others, so like panels have like scales. A recording that ends before the
    others keeps its last state and says so.

    Args:
        compared: two recordings or more.
        names: panels in every column; by default those that tell a comparison best.
        first: the first step shown.
        last: the last step shown.
        captions: what else may be said under the title, at some of the steps.

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
        captions: Sequence[str] = (),
    ) -> None:
        columns = compared.columns
        if not 2 <= len(columns) <= MOST:
            raise UsageError(f"two to {MOST} recordings find room side by side, not {len(columns)}")
        self.views = [RecordingView(one.recording, one.seed, first, last) for one in columns]
        share_scales(self.views)
        dim = len(self.views[0].dims)
        kinds = [catalogue.find(name, dim) for name in names or catalogue.telling(_usual(self.views), self.views)]
        catalogue.refuse([kind.name for kind in kinds], self.views)
        titles = [view.name for view in self.views]
        self.title = compared.title or " vs ".join(dict.fromkeys(titles))
        self._caption = compared.caption
        rows = max(len(caption_lines(text, self._seeds(), size)) for text in (compared.caption, *captions))
        em, margin, head, area = divide(size, rows=rows)
        gap = 2.6 * em
        width = (area[2] - area[0] - gap * (len(columns) - 1)) / len(columns)
        # Squares, and pictures too narrow for a legend each, have one above them all; headings then take its place.
        leads = [kind for kind in kinds if kind.lead]
        square = any(kind.square for kind in leads)
        self._shared = bool(leads) and (square or len(columns) > 2 or width < 22 * em * len(leads))
        explained = self._shared and not all(kind.tones for kind in leads)
        ceiling = area[3] - (2.0 * em if explained else 0.0)
        self._boxes = [
            (left, area[1], left + width, ceiling)
            for left in (area[0] + number * (width + gap) for number in range(len(columns)))
        ]
        told = any(need.startswith("discriminator") for kind in leads for need in kind.needs)
        apart = square and told and len({_answers(view) for view in self.views}) > 1
        slots = [column(kinds, self.views[0], box, em, self._shared, apart) for box in self._boxes]
        if square:
            # The headings stand on the squares, wherever these are.
            self._boxes = [
                (*box[:3], max(slot.box[3] for kind, slot in zip(kinds, places, strict=True) if kind.lead))
                for box, places in zip(self._boxes, slots, strict=True)
            ]
        self._columns = [
            (view, [kind(view, slot) for kind, slot in zip(kinds, places, strict=True)])
            for view, places in zip(self.views, slots, strict=True)
        ]
        layout = Layout(em, margin, head, tuple(slot for places in slots for slot in places))
        panels_of_all = [panel for _, panels in self._columns for panel in panels]
        super().__init__(size, theme, layout, panels_of_all, self.views)
        self._headings = [one.heading or title for one, title in zip(columns, titles, strict=True)]
        self._digits = len(str(self.steps[-1]))

    def background(self) -> list[Mark]:
        """Return title, caption, and what stands above the columns."""
        left, _bottom, right, top = self.layout.header
        em = self.layout.em
        step = measure(self._step(len(self.steps) - 1), 1.5 * em, mono=True)
        slot = right - left - step - 2 * em
        fitting = (scale for scale in (1.7, 1.6, 1.5, 1.4, 1.3) if measure(self.title, scale * em, bold=True) <= slot)
        scale = next(fitting, 1.2)
        title = ellipsize(self.title, slot, scale * em, bold=True)
        marks: list[Mark] = [Text("", "ink", left, top - 1.25 * em, title, scale, bold=True)]
        if self._shared:
            marks += self._explained(left, self.layout.header[1] - 1.55 * em, right)
        if self._seeds():
            marks.append(Text("", "muted", right, top - CAPTION * em, self._seeds(), align="right"))
        return marks

    def _explained(self, left: float, y: float, right: float) -> list[Mark]:
        """Return the legend of all columns and, at the right, the keys they have in common; others stand by theirs."""
        em = self.layout.em
        # Discriminator is the wider word: a critic is one as well.
        told = [panels for view, panels in self._columns if view.player == "discriminator"]
        entries = [entry for panel in (told or [self.panels])[0] for entry in panel.entries()]
        names = list({entry.text: entry for entry in entries}.values())
        found = [[panel.key() for panel in panels if panel.lead] for _, panels in self._columns]
        keys = [one for one in dict.fromkeys(found[0]) if one is not None and all(one in each for each in found)]
        entry_room = max(legend_width(names, em, short=True), min(legend_width(names, em), 0.5 * (right - left)))
        width = min((right - left - entry_room) / max(len(keys), 1), _KEY_WIDTH * em)
        marks = legend(left, y, names, em, right - width * len(keys))
        for one in reversed(keys):
            start = right - width + 2.0 * em
            # What is narrower than its room stands at the right end of it.
            start += right - _end(key(start, y, one, em, right), em)
            marks += key(start, y, one, em, right)
            right -= width
        for box, (_, panels) in zip(self._boxes, self._columns, strict=True):
            leads = [panel for panel in panels if panel.lead]
            for panel in leads:
                own = panel.key()
                if own is None or own in keys:
                    continue
                place = next(iter(panel.axes.values())).box
                start, end = (box[0], box[2]) if len(leads) == 1 else (place[0], place[2])
                below = place[1] - 2.9 * em
                # In the middle under the picture, wherever that is.
                wide = _end(key(start, below, own, em, end), em) - start
                start = float(np.clip((place[0] + place[2] - wide) / 2, start, end - wide))
                marks += key(start, below, own, em, end)
        return marks

    def marks(self, frame: int) -> list[Mark]:
        """Return the step, and each column's heading with what befell it."""
        _left, _bottom, right, top = self.layout.header
        em = self.layout.em
        caption = self.notes.at(int(self.steps[frame])) or self._caption
        marks: list[Mark] = [
            Text("", "ink", right, top - 1.25 * em, self._step(frame), size=1.5, mono=True, align="right"),
            *caption_marks(caption_lines(caption, self._seeds(), self.size), self.layout.header, em),
        ]
        for view, heading, box in zip(self.views, self._headings, self._boxes, strict=True):
            y = box[3] - 0.95 * em
            role, *notes = self._notes(view, frame)
            size = next((size for size in (1.2, 1.1) if measure(heading, size * em, bold=True) <= box[2] - box[0]), 1.0)
            wide = measure(heading, size * em, bold=True) + 0.8 * em
            note = next((note for note in notes if wide + measure(note, em) <= box[2] - box[0]), notes[-1])
            end = box[2] - (measure(note, em) + 0.8 * em if note else 0.0)
            text = ellipsize(heading, end - box[0], size * em, bold=True)
            marks.append(Text("", "ink", box[0], y, text, size, bold=True))
            marks.append(Text("", role, box[2], y, note, align="right"))
        return marks

    def _notes(self, view: RecordingView, frame: int) -> tuple[str, ...]:
        """Return a role, and in it, the longest first, ways to say what befell a recording or which seed it is."""
        at, last = view.diverged(self.index(view, frame)), view.last_step
        if at is not None:
            return "warning", f"diverged at step {at}", f"diverged at {at}"
        if self.steps[frame] > last:
            return "muted", f"ended at step {last}", f"ended at {last}"
        return "muted", "" if self._seeds() else f"seed {view.seed}"

    def _seeds(self) -> str:
        seeds = {view.seed for view in self.views}
        return f"seed {self.views[0].seed}" if len(seeds) == 1 else ""

    def _step(self, frame: int) -> str:
        return f"step {self.steps[frame]:>{self._digits}d}"

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint every column at its own state of the common step."""
        for view, panels in self._columns:
            index = self.index(view, frame)
            for panel in panels:
                painter.paint(panel.marks(index), panel.axes)
        painter.paint(self.marks(frame), {})


def _end(marks: Sequence[Mark], em: float) -> float:
    """Return how far a key reaches to the right."""
    ends = [float(mark.x.max()) for mark in marks if isinstance(mark, Area)]
    for mark in marks:
        if isinstance(mark, Text):
            wide = measure(mark.text, em)
            ends.append(mark.x + (wide / 2 if mark.align == "center" else wide))
    return max(ends)


def _usual(views: Sequence[RecordingView]) -> tuple[str, ...]:
    """Return the panels of a column: one that shows data, generator and discriminator, and the divergences.

    Of images, the images, and how good they are where that was measured. Losses are left out: they say little across
    objectives.
    """
    if all(one.has("samples") for one in views):
        return "samples", "quality" if all(one.has("frechet_distance") for one in views) else "divergences"
    return ("density" if len(views[0].dims) == 1 else "discriminator", "divergences")


def _answers(view: RecordingView) -> tuple[bool, str, str]:
    """Return what a key to a discriminator's answers depends on: columns with equal ones can share it."""
    kind = str(getattr(view.recording.objective, "type", "")) if view.critic else ""
    return view.critic, view.player, kind
