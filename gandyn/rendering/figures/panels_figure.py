"""A figure of one recording: panels in rows under a heading, all steps or the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.sheet import Sheet
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.figures.headings import Heading
from gandyn.rendering.layout.layout import Layout
from gandyn.rendering.layout.rows import Cell, cell, places
from gandyn.rendering.marks.marks import Mark
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.seeds_shown import seeds_shown
from gandyn.rendering.theme import Theme

__all__ = ["PanelsFigure", "SheetFigure", "facts", "room_for"]


class SheetFigure(Figure):
    """A page of one frame, on a sheet that has a height.

    Args:
        sheet: on which the layout was made.
        heading: the marks that stand above the panels.
    """

    def __init__(self, sheet: Sheet, theme: Theme, panels: Sequence[Panel], heading: Sequence[Mark]) -> None:
        edge, height = sheet.margin * sheet.em, sheet.height or 1
        box = (edge, float(height), sheet.width - edge, float(height))
        layout = Layout(sheet.em, edge, box, tuple(panel.slot for panel in panels))
        super().__init__((sheet.width, height), theme, layout, panels, sheet)
        self._heading = list(heading)

    def frames(self, count: int) -> list[int]:
        """Return the one frame there is."""
        return [0]

    def background(self) -> list[Mark]:
        """Return the heading."""
        return self._heading


class PanelsFigure(SheetFigure):
    """Panels of one recording as they are at its last step; those of trajectories show all steps.

    Args:
        view: the recording.
        names: of the panels.
        sheet: its height is found where it is not given.
        title: whether title, caption and what else names the recording stand above the panels.

    Raises:
        UsageError: there is no such panel, or the recording does not hold what it draws.
    """

    def __init__(
        self, view: RecordingView, names: Sequence[str], sheet: Sheet, theme: Theme, title: bool = True
    ) -> None:
        kinds = [catalogue.find(name, len(view.dims)) for name in names]
        catalogue.refuse(names, [view])
        heading = Heading()
        if title:
            at = view.diverged(view.end - 1)
            step = "" if all(kind.over_steps for kind in kinds) else f"step {view.last_step}"
            told = facts(view, kinds) if at is None else f"seed {view.seed} diverged at step {at}"
            heading = Heading(view.name, view.attribute("caption"), told, step)
        sheet, marks, slots, _ = room_for(sheet, heading, [cell(kind, view) for kind in kinds])
        super().__init__(sheet, theme, [kind(view, slot) for kind, slot in zip(kinds, slots, strict=True)], marks)
        self.view = view

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the panels at the last step."""
        for panel in self.panels:
            painter.paint(panel.marks(self.view.end - 1), panel.axes)


def facts(view: RecordingView, kinds: Sequence[type[Panel]]) -> str:
    """Return which seeds, objective and optimizer a figure of some panels is of."""
    labels = (view.attribute(name) for name in ("objective_label", "optimizer_label", "unseen"))
    parts = [seeds_shown(kinds, view), *labels]
    return " · ".join(part for part in parts if part)


def room_for(
    sheet: Sheet, heading: Heading, cells: Sequence[Cell], rise: float = 0.0
) -> tuple[Sheet, list[Mark], list[PanelSlot], float]:
    """Lay a heading and panels out.

    Args:
        sheet: what is drawn on.
        heading: what stands above.
        cells: what the panels ask for.
        rise: pixels to leave free between the two.

    Returns:
        The sheet, which has a height; the heading's marks; the panels' places; where the heading ends.
    """
    em, edge = sheet.em, sheet.margin * sheet.em
    head = heading.marks(sheet, 0.0)[1] + rise
    free = None if sheet.height is None else sheet.height - head - 2 * edge
    slots, high = places(cells, sheet.width - 2 * edge, em, edge, free)
    height = sheet.height or round(high + head + 2 * edge)
    marks, _ = heading.marks(sheet, height - edge)
    moved = [replace(slot, box=(slot.box[0], slot.box[1] + edge, slot.box[2], slot.box[3] + edge)) for slot in slots]
    return replace(sheet, height=height), marks, moved, height - edge - head + rise
