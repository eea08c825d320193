"""The story of a training in two pictures: before it, and after."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.rendering import panels as catalogue
from gandyn.rendering.layout import Layout
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.pace import Shot, Timing
from gandyn.rendering.page import Page
from gandyn.rendering.painter import Painter
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.talk_header import legend_row
from gandyn.rendering.talk_layout import talk_font
from gandyn.rendering.theme import Theme
from gandyn.rendering.typeface import ellipsize, measure

__all__ = ["BeforeAfter"]

_TITLE, _HEADING = 1.9, 1.5
"""Size of the title, and of the words above each picture."""

_HEAD, _LEGEND, _ABOVE = 4.4, 2.0, 2.2
"""Height of title and legend, of the legend alone, and of the row for the words above each picture, in em."""

_SECONDS = 2.0
"""How long either of the two frames of an animation is shown at least."""


class BeforeAfter(Page):
    """The first and the last step beside each other, under plain headings; as an animation the second comes after.

    As a still (`.png`, `.pdf`, `.svg`) both stand side by side; as a `.gif` one comes after the other.

    Args:
        names: the panels asked for; the first is drawn, and of none that one which shows the recording best.

    Raises:
        UsageError: there is no such panel for the recording.
    """

    def __init__(self, stage: Stage, names: Sequence[str] | None, size: tuple[int, int], theme: Theme) -> None:
        name = (names or catalogue.spoken(stage))[0]
        kind = catalogue.find(name, len(stage.dims))
        catalogue.refuse([name], [stage])
        em = talk_font(size)
        left, right, top = em, size[0] - em, size[1] - em
        # Images explain themselves.
        head = (left, top - (_HEAD if kind.explained else _HEAD - _LEGEND) * em, right, top)
        gap = 1.6 * em
        width = (right - left - gap) / 2
        boxes = [(at, em, at + width, head[1] - _ABOVE * em) for at in (left, left + width + gap)]
        rooms = tuple(Room(box, em, alone=False, first=k == 0, plain=True) for k, box in enumerate(boxes))
        super().__init__(size, theme, Layout(em, em, head, rooms), [kind(stage, room) for room in rooms])
        self.stage = stage

    def frames(self, count: int) -> list[int]:
        """Return how many pictures are seen, less one: both in a still, one after the other in an animation."""
        return [0, 1] if count > 1 else [1]

    @property
    def clock(self) -> tuple[int, int]:
        """The two steps shown."""
        return self.stage.first_step, self.stage.last_step

    def shots(self, timing: Timing) -> list[Shot]:
        """Return both frames, each to be seen in peace."""
        rests = {0: timing.hold_first, 1: timing.hold}
        return [Shot(frame, max(rests[frame], _SECONDS)) for frame in self.frames(timing.frames)]

    def background(self) -> list[Mark]:
        """Return title, legend, seed, and the heading of each picture."""
        left, bottom, right, top = self.layout.header
        em, seed = self.layout.em, f"seed {self.stage.seed}"
        end = right - measure(seed, em) - 1.5 * em
        title = ellipsize(self.stage.name, end - left, _TITLE * em, bold=True)
        marks: list[Mark] = [
            Text("", "ink", left, top - 1.5 * em, title, _TITLE, bold=True),
            Text("", "muted", right, top - 1.5 * em, seed, align="right"),
        ]
        panel = self.panels[0]
        marks += legend_row((left, bottom, right, bottom + _LEGEND * em), panel.entries(), panel.remarks(), em)
        for words, panel in zip(self.headings(), self.panels, strict=True):
            box = next(iter(panel.axes.values())).box
            size = min(_HEADING, panel.room.width / measure(words, em, bold=True))
            marks.append(Text("", "ink", box[0], box[3] + 0.5 * em, words, size, bold=True))
        return marks

    def headings(self) -> tuple[str, str]:
        """Return what stands above the two pictures."""
        first, last = self.clock
        return _after(first) if first else "before training", _after(last)

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the first picture, or both."""
        for panel, index in list(zip(self.panels, (self.stage.begin, self.stage.end - 1), strict=True))[: frame + 1]:
            painter.paint(panel.marks(index), panel.axes)


def _after(step: int) -> str:
    return f"after {step:,} step{'' if step == 1 else 's'}"
