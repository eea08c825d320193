"""A picture of a recording: header and panels on a canvas, at any step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gandyn.rendering import panels as catalogue
from gandyn.rendering.enough import check_rooms
from gandyn.rendering.layout import CAPTION, Layout, arrange, caption_lines, caption_marks
from gandyn.rendering.marks import Mark, Text
from gandyn.rendering.painter import Painter
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.seeds_shown import seeds_shown
from gandyn.rendering.stage import Stage
from gandyn.rendering.steps_page import StepsPage
from gandyn.rendering.theme import Theme
from gandyn.rendering.typeface import ellipsize, measure

__all__ = ["Picture"]


class Picture(StepsPage):
    """Header and panels of one recording; its frames are the recorded steps, by index.

    Args:
        header: whether title, caption, step and seed stand above the panels.
        captions: what else may be said under the title than the recording's caption, at some of the steps.
    """

    def __init__(
        self,
        stage: Stage,
        names: Sequence[str],
        size: tuple[int, int],
        theme: Theme,
        header: bool = True,
        captions: Sequence[str] = (),
    ) -> None:
        kinds = [catalogue.find(name, len(stage.dims)) for name in names]
        self._below = _whose(kinds, stage)
        said = (stage.attribute("caption"), *captions) if header else ()
        rows = max((len(caption_lines(text, self._below, size)) for text in said), default=1) or 1
        layout = _arrange(kinds, stage, size, header, rows)
        check_rooms(kinds, layout.rooms, size, lambda one: _arrange(kinds, stage, one, header, rows).rooms)
        panels = [kind(stage, room) for kind, room in zip(kinds, layout.rooms, strict=True)]
        super().__init__(size, theme, layout, panels, stage)
        self.header = header
        self._all = all(kind.every_seed for kind in kinds)
        self._digits = len(str(stage.last_step))

    def background(self) -> list[Mark]:
        """Return the marks of the header that do not change."""
        if not self.header:
            return []
        left, _bottom, right, top = self.layout.header
        em = self.layout.em
        step = measure(self._step(self.stage.last_step), 1.5 * em, mono=True)
        title = ellipsize(self.stage.name, right - left - step - 2 * em, 1.7 * em, bold=True)
        return [Text("", "ink", left, top - 1.25 * em, title, size=1.7, bold=True)]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the marks of the header at a step."""
        if not self.header:
            return []
        _left, _bottom, right, top = self.layout.header
        em, at_step = self.layout.em, int(self.stage.steps[step_index])
        step, caption = self._step(at_step), self.notes.at(at_step) or self.stage.attribute("caption")
        marks: list[Mark] = [Text("", "ink", right, top - 1.25 * em, step, size=1.5, mono=True, align="right")]
        marks += caption_marks(caption_lines(caption, self._below, self.size), self.layout.header, em)
        # Where every seed is shown, each says itself what befell it.
        at = None if self._all else self.stage.diverged(step_index)
        below = self._below if at is None else f"seed {self.stage.seed} diverged at step {at}"
        marks.append(Text("", "muted" if at is None else "warning", right, top - CAPTION * em, below, align="right"))
        return marks

    def _step(self, step: int) -> str:
        return f"step {step:>{self._digits}d}"

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the panels and the step."""
        for panel in self.panels:
            painter.paint(panel.marks(frame), panel.axes)
        painter.paint(self.marks(frame), {})


def _whose(kinds: Sequence[type[Panel]], stage: Stage) -> str:
    """Return which seeds, objective and optimizer the picture is of."""
    labels = (stage.attribute(name) for name in ("objective_label", "optimizer_label", "unseen"))
    parts = [seeds_shown(kinds, stage), *labels]
    return " · ".join(part for part in parts if part)


def _arrange(kinds: Sequence[type[Panel]], stage: Stage, size: tuple[int, int], header: bool, rows: int) -> Layout:
    """Lay panels out; with brief names at the ends of curves where full ones would take more room than the curves."""
    aspect = stage.aspect
    layout = arrange(kinds, size, header, [kind.widest(stage) for kind in kinds], aspect, rows)
    if all(kind.lead or room.gutter < 0.5 * room.width for kind, room in zip(kinds, layout.rooms, strict=True)):
        return layout
    layout = arrange(kinds, size, header, [kind.widest(stage, brief=True) for kind in kinds], aspect, rows)
    return replace(layout, rooms=tuple(replace(room, brief=True) for room in layout.rooms))
