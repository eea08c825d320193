"""Several recordings side by side for a talk: a main picture each, and one number that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.errors import UsageError
from gandyn.rendering import panels as catalogue
from gandyn.rendering.comparison import Compared
from gandyn.rendering.decor import LegendEntry
from gandyn.rendering.layout import Box, Layout
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.painter import Painter
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.shared_course import RUNS, SharedCourse
from gandyn.rendering.stage import MOST, Room, Stage, together
from gandyn.rendering.steps_page import SharedStepsPage
from gandyn.rendering.talk_header import Header, legend_row
from gandyn.rendering.talk_layout import talk_font
from gandyn.rendering.theme import Theme
from gandyn.rendering.typeface import ellipsize

__all__ = ["TalkComparison"]

_HEADING, _LEGEND, _STRIP, _LOW = 1.85, 1.9, 7.6, 6.0
"""Height of the headings, of the legend, of the shared number, and of that where its rows are few, in em."""

_LEAST_WIDTH, _LEAST_HEIGHT = 9.0, 8.0
"""Size below which a main picture cannot be read, in em."""


class TalkComparison(SharedStepsPage):
    """A main picture for each recording under its heading, one legend, and one shared course with a line for each.

    Headings and lines have the recordings' colours. A recording that ends before the others keeps its last state.

    Args:
        compared: two recordings or more.
        names: a main panel, and one that stands for a number; unless given those that tell a comparison best.
        size: width and height in pixels.
        big: larger type, for the back row.
        captions: all that may be said under the title at some steps.
        first: the first step shown.
        last: the last step shown.

    Raises:
        UsageError: there are too few or too many recordings, or they are not of one space; the panels cannot stand
            side by side, or the picture is too small for them.
    """

    def __init__(
        self,
        compared: Compared,
        names: Sequence[str] | None,
        size: tuple[int, int],
        theme: Theme,
        big: bool = False,
        captions: Sequence[str] = (),
        first: int | None = None,
        last: int | None = None,
    ) -> None:
        if not 2 <= len(compared.columns) <= MOST:
            raise UsageError(f"two to {MOST} recordings find room side by side, not {len(compared.columns)}")
        stages = [Stage(one.recording, one.seed, first, last) for one in compared.columns]
        together(stages)
        main, number = _chosen(stages, names)
        em = talk_font(size, big)
        self._caption = compared.caption
        titles = [stage.name for stage in stages]
        self._headings = [one.heading or title for one, title in zip(compared.columns, titles, strict=True)]
        seeds = {stage.seed for stage in stages}
        title = compared.title or " vs ".join(dict.fromkeys(titles))
        end = max(stage.last_step for stage in stages)
        seed = f"seed {stages[0].seed}" if len(seeds) == 1 else "seeds " + ", ".join(str(one.seed) for one in stages)
        self._header = Header(title, (compared.caption, *captions), end, seed, em)
        margin = 1.3 * em
        right, top = size[0] - margin, size[1] - 0.7 * em
        floor = top - self._header.height(right - margin) - 0.3 * em
        self._head: Box = (margin, floor, right, top)
        self._legend: Box = (margin, floor - (_LEGEND if main.explained else 0.0) * em, right, floor)
        strip = (_LOW if len(stages) < 3 else _STRIP) * em if number is not None else 0.0
        area: Box = (margin, 0.7 * em + strip + (0.6 * em if strip else 0.0), right, self._legend[1])
        self._boxes = _columns(main, stages[0], area, em, len(stages))
        rooms = [Room(box, em, alone=False, first=k == 0, plain=True) for k, box in enumerate(self._boxes)]
        panels = [main(stage, room) for stage, room in zip(stages, rooms, strict=True)]
        super().__init__(size, theme, Layout(em, margin, self._head, tuple(rooms)), panels, stages)
        under: Box = (margin, 0.7 * em, right, 0.7 * em + strip)
        self._shared = None if number is None else SharedCourse(number.quantity, stages, self._headings, under, em)  # type: ignore[arg-type]

    def background(self) -> list[Mark]:
        """Return title, legend, headings and the frame of the shared course."""
        em = self.layout.em
        entries: dict[str, LegendEntry] = {}
        told = [panel for panel in self.panels if panel.stage.player == "discriminator"] or self.panels
        for entry in told[0].entries():
            entries.setdefault(entry.text, entry)
        marks = self._header.background(self._head)
        marks += legend_row(self._legend, list(entries.values()), self.panels[0].remarks(), em)
        for role, heading, box in zip(RUNS, self._headings, self._boxes, strict=False):
            text = ellipsize(heading, box[2] - box[0], 1.2 * em, bold=True)
            marks.append(Text("", role, box[0], box[3] + 0.55 * em, text, 1.2, bold=True))
        return [*marks, *(self._shared.background if self._shared else [])]

    def marks(self, frame: int) -> list[Mark]:
        """Return caption and step, the shared course, and what befell a recording."""
        em, step = self.layout.em, int(self.steps[frame])
        caption = self.notes.at(step) or self._caption
        marks = self._header.marks(self._head, caption, step)
        for stage, box in zip(self.stages, self._boxes, strict=True):
            if stage.diverged(self.index(stage, frame)) is None and step > stage.last_step:
                words = f"ended at step {stage.last_step}"
                marks.append(Text("", "muted", box[2], box[1] + 0.5 * em, words, align="right", ground=True))
        return [*marks, *(self._shared.marks(step) if self._shared else [])]

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint every recording at its own state of the common step."""
        for stage, panel in zip(self.stages, self.panels, strict=True):
            painter.paint(panel.marks(self.index(stage, frame)), panel.axes)
        painter.paint(self.marks(frame), {})


def _chosen(stages: Sequence[Stage], names: Sequence[str] | None) -> tuple[type[Panel], type[Panel] | None]:
    """Return the main panel, and the one whose number is shared, if there is one.

    Raises:
        UsageError: they are more than can be shown, or have no number to share.
    """
    dim = len(stages[0].dims)
    kinds = [catalogue.find(name, dim) for name in names or catalogue.contrasting(stages)]
    catalogue.refuse([kind.name for kind in kinds], stages)
    main = [kind for kind in kinds if kind.lead]
    numbers = [kind for kind in kinds if kind.quantity is not None]
    if len(main) != 1 or len(main) + len(numbers) != len(kinds) or len(numbers) > 1:
        able = ", ".join(name for name in catalogue.names(dim, images=True) if catalogue.find(name, dim).quantity)
        raise UsageError(
            "side by side, layout: talk shows one main panel and one shared number "
            f"({able}), not {', '.join(kind.name for kind in kinds)}; layout: lab shows any"
        )
    return main[0], numbers[0] if numbers else None


def _columns(main: type[Panel], stage: Stage, area: Box, em: float, number: int) -> list[Box]:
    """Return the boxes of the main pictures, under room for their headings.

    Raises:
        UsageError: they would be too small to be read.
    """
    left, bottom, right, top = area
    gap = 1.6 * em
    wide, high = (right - left - gap * (number - 1)) / number, top - bottom - _HEADING * em
    if main.square:
        wide = min(wide, high * stage.aspect)
        high = wide / stage.aspect
    if wide < _LEAST_WIDTH * em or high < _LEAST_HEIGHT * em:
        raise UsageError(
            f"{number} recordings side by side need a larger picture: each would be {wide:.0f} x {high:.0f} pixels "
            "(animation.size, or --size 1280x720)"
        )
    gap = min((right - left - wide * number) / max(number - 1, 1), 4.0 * em)
    start = left + (right - left - wide * number - gap * (number - 1)) / 2
    floor = bottom + (top - bottom - _HEADING * em - high) / 2
    return [(start + k * (wide + gap), floor, start + k * (wide + gap) + wide, floor + high) for k in range(number)]
