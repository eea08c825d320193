"""The filmstrip: a main picture at several steps, in rows, with one legend and one key for them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gandyn.core.errors import UsageError
from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.sheet import Sheet
from gandyn.rendering.figures.headings import Heading
from gandyn.rendering.figures.panels_figure import SheetFigure, facts
from gandyn.rendering.layout.rows import GAP, INSET, columns_of
from gandyn.rendering.marks.guides import key, legend, legend_width
from gandyn.rendering.marks.marks import Mark, Text
from gandyn.rendering.panels.base import SIDE, TITLE, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.theme import Theme

__all__ = ["Filmstrip", "strip_panel"]

_STEP = 1.55
"""Height of the row of the step over a panel in plain words, in em."""

_NARROWEST = 10.0
"""Width of a panel at least, in em; where there is less, they stand in several rows."""

_LEGEND, _KEYED = 1.9, 2.9
"""Height of the row of the legend, and of one with a key, in em."""

_KEY_WIDTH = 25.0
"""Width that a key takes at most of the row that it shares with the legend, in em."""

_TICKS = 1.4
"""Height of the ticks under a square, in em."""

_AROUND = 9.0
"""Height of all that stands above and below the curves of a panel on the line, in em."""


class Filmstrip(SheetFigure):
    """Panels side by side, each at a step of its own; a page of one frame.

    Args:
        view: the recording.
        steps: indices of the steps shown.
        sheet: its height is found where it is not given.
        name: which panel; unless given that of samples where there are some, else that of the densities.
        title: whether title, caption and what else names the recording stand above.

    Raises:
        UsageError: the panel is no main picture, or the recording does not hold what it draws.
    """

    def __init__(
        self,
        view: RecordingView,
        steps: Sequence[int],
        sheet: Sheet,
        theme: Theme,
        name: str | None = None,
        title: bool = True,
    ) -> None:
        kind = strip_panel(name, len(view.dims), view.has)
        em, edge = sheet.em, sheet.margin * sheet.em
        heading = Heading(view.name, view.attribute("caption"), facts(view, [kind])) if title else Heading()
        _, head = heading.marks(sheet, 0.0)
        inner = sheet.width - 2 * edge
        columns = columns_of(inner / em, len(steps), _NARROWEST)
        rows = -(-len(steps) // columns)
        width = (inner - GAP * em * (columns - 1)) / columns
        plain = not theme.study
        # In plain words a panel leaves no row free over itself, and the step stands there.
        step = _STEP * em if plain else 0.0
        told = kind(view, PanelSlot((edge, 0.0, edge + width, 20 * em), em, alone=False, plain=plain))
        row, _ = _explained(told, edge, sheet.width - edge, 0.0)
        if sheet.height is None:
            high = _height(kind, view, width / em) * em
            height = round(head + row + rows * high + 2 * edge)
        else:
            height = sheet.height
            high = (height - head - row - 2 * edge) / rows
        slots = []
        for number in range(len(steps)):
            at, place = divmod(number, columns)
            left, top = edge + place * (width + GAP * em), height - edge - head - row - at * high
            start = left if kind.square else left + INSET * em
            last = place == columns - 1 or number == len(steps) - 1
            box = (start, top - high, left + width, top - step)
            slots.append(PanelSlot(box, em, alone=False, first=number == 0, last=last, plain=plain))
        marks, _ = heading.marks(sheet, height - edge)
        marks += _explained(told, edge, sheet.width - edge, height - edge - head)[1]
        for index, (left, _, _, top) in zip(steps, (slot.box for slot in slots), strict=True):
            marks.append(Text("", "ink", left, top + step - 1.05 * em, f"step {view.steps[index]}", bold=True))
        self.view, self.steps = view, list(steps)
        super().__init__(replace(sheet, height=height), theme, [kind(view, slot) for slot in slots], marks)

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint every panel at its step."""
        for step_index, panel in zip(self.steps, self.panels, strict=True):
            painter.paint(panel.marks(step_index), panel.axes)


def strip_panel(name: str | None, dim: int, has: Callable[[str], bool]) -> type[Panel]:
    """Return the panel of a filmstrip.

    Args:
        name: which; unless given that of samples where there are some, else that of the densities.
        dim: dimension of the recording, 1 or 2.
        has: says what it holds, by name.

    Raises:
        UsageError: it is no main picture, or the recording does not hold what it draws.
    """
    kind = catalogue.find(name or ("samples" if has("samples") else "density"), dim)
    refusal = kind.refusal(has)
    if refusal is not None:
        raise UsageError(refusal)
    if not kind.lead:
        able = [one for one in catalogue.names(dim) if catalogue.find(one, dim).lead]
        raise UsageError(f"a filmstrip is of a main picture ({', '.join(able)}), and {kind.name} is none")
    return kind


def _explained(panel: Panel, left: float, right: float, top: float) -> tuple[float, list[Mark]]:
    """Return the height of the rows of legend and key under a top, and their marks."""
    em, entries, bands = panel.slot.em, panel.entries(), panel.key()
    if not entries and bands is None:
        return 0.0, []
    row = top - 1.0 * em
    marks = legend(left, row, entries, em, right)
    if bands is None:
        return _LEGEND * em, marks
    beside = left + legend_width(entries, em) + 2.0 * em
    if right - beside >= _KEY_WIDTH * em:
        return _KEYED * em, marks + key(beside, row, bands, em, right)
    return (_KEYED + 1.6) * em, marks + key(left, row - 1.6 * em, bands, em, right)


def _height(kind: type[Panel], view: RecordingView, width: float) -> float:
    """Return the height of a panel of a width, both in em."""
    if kind.square:
        return (width - SIDE) / view.aspect + TITLE + _TICKS
    return 0.65 * width + _AROUND
