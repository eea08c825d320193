"""The story of a training in two pictures: before it, and after."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.typeface import ellipsize, measure
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.figures.talk_header import legend_row
from gandyn.rendering.layout.layout import Layout
from gandyn.rendering.layout.talk import talk_font
from gandyn.rendering.marks.marks import Mark, Text
from gandyn.rendering.pace import Shot, Timing
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.theme import Theme

__all__ = ["BeforeAfter"]

_TITLE, _HEADING = 1.9, 1.5
"""Size of the title, and of the words above each picture."""

_HEAD, _LEGEND, _ABOVE = 4.4, 2.0, 2.2
"""Height of title and legend, of the legend alone, and of the row for the words above each picture, in em."""

_SECONDS = 2.0
"""How long either of the two frames of an animation is shown at least."""


class BeforeAfter(Figure):
    """The first and the last step beside each other, under plain headings; as an animation the second comes after.

    As a still (`.png`, `.pdf`, `.svg`) both stand side by side; as a `.gif` one comes after the other.

    Args:
        names: the panels asked for; the first is drawn, and of none that one which shows the recording best.

    Raises:
        UsageError: there is no such panel for the recording.
    """

    def __init__(self, view: RecordingView, names: Sequence[str] | None, size: tuple[int, int], theme: Theme) -> None:
        name = (names or catalogue.spoken(view))[0]
        kind = catalogue.find(name, len(view.dims))
        catalogue.refuse([name], [view])
        em = talk_font(size)
        left, right, top = em, size[0] - em, size[1] - em
        # Images explain themselves.
        head = (left, top - (_HEAD if kind.explained else _HEAD - _LEGEND) * em, right, top)
        gap = 1.6 * em
        width = (right - left - gap) / 2
        boxes = [(at, em, at + width, head[1] - _ABOVE * em) for at in (left, left + width + gap)]
        slots = tuple(PanelSlot(box, em, alone=False, first=k == 0, plain=True) for k, box in enumerate(boxes))
        super().__init__(size, theme, Layout(em, em, head, slots), [kind(view, slot) for slot in slots])
        self.view = view

    def frames(self, count: int) -> list[int]:
        """Return how many pictures are seen, less one: both in a still, one after the other in an animation."""
        return [0, 1] if count > 1 else [1]

    @property
    def clock(self) -> tuple[int, int]:
        """The two steps shown."""
        return self.view.first_step, self.view.last_step

    def shots(self, timing: Timing) -> list[Shot]:
        """Return both frames, each to be seen in peace."""
        rests = {0: timing.hold_first, 1: timing.hold}
        return [Shot(frame, max(rests[frame], _SECONDS)) for frame in self.frames(timing.frames)]

    def background(self) -> list[Mark]:
        """Return title, legend, seed, and the heading of each picture."""
        left, bottom, right, top = self.layout.header
        em, seed = self.layout.em, f"seed {self.view.seed}"
        end = right - measure(seed, em) - 1.5 * em
        title = ellipsize(self.view.name, end - left, _TITLE * em, bold=True)
        marks: list[Mark] = [
            Text("", "ink", left, top - 1.5 * em, title, _TITLE, bold=True),
            Text("", "muted", right, top - 1.5 * em, seed, align="right"),
        ]
        panel = self.panels[0]
        marks += legend_row((left, bottom, right, bottom + _LEGEND * em), panel.entries(), panel.remarks(), em)
        for words, panel in zip(self.headings(), self.panels, strict=True):
            box = next(iter(panel.axes.values())).box
            size = min(_HEADING, panel.slot.width / measure(words, em, bold=True))
            marks.append(Text("", "ink", box[0], box[3] + 0.5 * em, words, size, bold=True))
        return marks

    def headings(self) -> tuple[str, str]:
        """Return what stands above the two pictures."""
        first, last = self.clock
        return _after(first) if first else "before training", _after(last)

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the first picture, or both."""
        for panel, index in list(zip(self.panels, (self.view.begin, self.view.end - 1), strict=True))[: frame + 1]:
            painter.paint(panel.marks(index), panel.axes)


def _after(step: int) -> str:
    return f"after {step:,} step{'' if step == 1 else 's'}"
