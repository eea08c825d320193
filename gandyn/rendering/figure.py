"""A figure of one recording: panels in rows under a heading, all steps or the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gandyn.rendering import panels as catalogue
from gandyn.rendering.headings import Heading
from gandyn.rendering.layout import Layout
from gandyn.rendering.marks import Mark
from gandyn.rendering.page import Page
from gandyn.rendering.painter import Painter
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.rows import Cell, cell, places
from gandyn.rendering.seeds_shown import seeds_shown
from gandyn.rendering.sheet import Sheet
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.theme import Theme

__all__ = ["Figure", "FigurePage", "facts", "room_for"]


class FigurePage(Page):
    """A page of one frame, on a sheet that has a height.

    Args:
        sheet: on which the layout was made.
        heading: the marks that stand above the panels.
    """

    def __init__(self, sheet: Sheet, theme: Theme, panels: Sequence[Panel], heading: Sequence[Mark]) -> None:
        edge, height = sheet.margin * sheet.em, sheet.height or 1
        box = (edge, float(height), sheet.width - edge, float(height))
        layout = Layout(sheet.em, edge, box, tuple(panel.room for panel in panels))
        super().__init__((sheet.width, height), theme, layout, panels, sheet)
        self._heading = list(heading)

    def frames(self, count: int) -> list[int]:
        """Return the one frame there is."""
        return [0]

    def background(self) -> list[Mark]:
        """Return the heading."""
        return self._heading


class Figure(FigurePage):
    """Panels of one recording as they are at its last step; those of trajectories show all steps.

    Args:
        stage: the recording.
        names: of the panels.
        sheet: its height is found where it is not given.
        title: whether title, caption and what else names the recording stand above the panels.

    Raises:
        UsageError: there is no such panel, or the recording does not hold what it draws.
    """

    def __init__(self, stage: Stage, names: Sequence[str], sheet: Sheet, theme: Theme, title: bool = True) -> None:
        kinds = [catalogue.find(name, len(stage.dims)) for name in names]
        catalogue.refuse(names, [stage])
        heading = Heading()
        if title:
            at = stage.diverged(stage.end - 1)
            step = "" if all(kind.over_steps for kind in kinds) else f"step {stage.last_step}"
            told = facts(stage, kinds) if at is None else f"seed {stage.seed} diverged at step {at}"
            heading = Heading(stage.name, stage.attribute("caption"), told, step)
        sheet, marks, rooms, _ = room_for(sheet, heading, [cell(kind, stage) for kind in kinds])
        super().__init__(sheet, theme, [kind(stage, room) for kind, room in zip(kinds, rooms, strict=True)], marks)
        self.stage = stage

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the panels at the last step."""
        for panel in self.panels:
            painter.paint(panel.marks(self.stage.end - 1), panel.axes)


def facts(stage: Stage, kinds: Sequence[type[Panel]]) -> str:
    """Return which seeds, objective and optimizer a figure of some panels is of."""
    labels = (stage.attribute(name) for name in ("objective_label", "optimizer_label", "unseen"))
    parts = [seeds_shown(kinds, stage), *labels]
    return " · ".join(part for part in parts if part)


def room_for(
    sheet: Sheet, heading: Heading, cells: Sequence[Cell], rise: float = 0.0
) -> tuple[Sheet, list[Mark], list[Room], float]:
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
    rooms, high = places(cells, sheet.width - 2 * edge, em, edge, free)
    height = sheet.height or round(high + head + 2 * edge)
    marks, _ = heading.marks(sheet, height - edge)
    moved = [replace(room, box=(room.box[0], room.box[1] + edge, room.box[2], room.box[3] + edge)) for room in rooms]
    return replace(sheet, height=height), marks, moved, height - edge - head + rise
