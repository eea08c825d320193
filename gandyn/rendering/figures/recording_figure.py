"""A picture of a recording: header and panels on a canvas, at any step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.typeface import ellipsize, measure
from gandyn.rendering.figures.steps_figure import StepsFigure
from gandyn.rendering.layout.enough import check_slots
from gandyn.rendering.layout.layout import CAPTION, Layout, arrange, caption_lines, caption_marks
from gandyn.rendering.marks.marks import Mark, Text
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.seeds_shown import seeds_shown
from gandyn.rendering.theme import Theme

__all__ = ["RecordingFigure"]


class RecordingFigure(StepsFigure):
    """Header and panels of one recording; its frames are the recorded steps, by index.

    Args:
        header: whether title, caption, step and seed stand above the panels.
        captions: what else may be said under the title than the recording's caption, at some of the steps.
    """

    def __init__(
        self,
        view: RecordingView,
        names: Sequence[str],
        size: tuple[int, int],
        theme: Theme,
        header: bool = True,
        captions: Sequence[str] = (),
    ) -> None:
        kinds = [catalogue.find(name, len(view.dims)) for name in names]
        self._below = _whose(kinds, view)
        said = (view.attribute("caption"), *captions) if header else ()
        rows = max((len(caption_lines(text, self._below, size)) for text in said), default=1) or 1
        layout = _arrange(kinds, view, size, header, rows)
        check_slots(kinds, layout.slots, size, lambda one: _arrange(kinds, view, one, header, rows).slots)
        panels = [kind(view, slot) for kind, slot in zip(kinds, layout.slots, strict=True)]
        super().__init__(size, theme, layout, panels, view)
        self.header = header
        self._all = all(kind.every_seed for kind in kinds)
        self._digits = len(str(view.last_step))

    def background(self) -> list[Mark]:
        """Return the marks of the header that do not change."""
        if not self.header:
            return []
        left, _bottom, right, top = self.layout.header
        em = self.layout.em
        step = measure(self._step(self.view.last_step), 1.5 * em, mono=True)
        title = ellipsize(self.view.name, right - left - step - 2 * em, 1.7 * em, bold=True)
        return [Text("", "ink", left, top - 1.25 * em, title, size=1.7, bold=True)]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the marks of the header at a step."""
        if not self.header:
            return []
        _left, _bottom, right, top = self.layout.header
        em, at_step = self.layout.em, int(self.view.steps[step_index])
        step, caption = self._step(at_step), self.notes.at(at_step) or self.view.attribute("caption")
        marks: list[Mark] = [Text("", "ink", right, top - 1.25 * em, step, size=1.5, mono=True, align="right")]
        marks += caption_marks(caption_lines(caption, self._below, self.size), self.layout.header, em)
        # Where every seed is shown, each says itself what befell it.
        at = None if self._all else self.view.diverged(step_index)
        below = self._below if at is None else f"seed {self.view.seed} diverged at step {at}"
        marks.append(Text("", "muted" if at is None else "warning", right, top - CAPTION * em, below, align="right"))
        return marks

    def _step(self, step: int) -> str:
        return f"step {step:>{self._digits}d}"

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the panels and the step."""
        for panel in self.panels:
            painter.paint(panel.marks(frame), panel.axes)
        painter.paint(self.marks(frame), {})


def _whose(kinds: Sequence[type[Panel]], view: RecordingView) -> str:
    """Return which seeds, objective and optimizer the picture is of."""
    labels = (view.attribute(name) for name in ("objective_label", "optimizer_label", "unseen"))
    parts = [seeds_shown(kinds, view), *labels]
    return " · ".join(part for part in parts if part)


def _arrange(
    kinds: Sequence[type[Panel]], view: RecordingView, size: tuple[int, int], header: bool, rows: int
) -> Layout:
    """Lay panels out; with brief names at the ends of curves where full ones would take more room than the curves."""
    aspect = view.aspect
    layout = arrange(kinds, size, header, [kind.widest(view) for kind in kinds], aspect, rows)
    if all(kind.lead or slot.gutter < 0.5 * slot.width for kind, slot in zip(kinds, layout.slots, strict=True)):
        return layout
    layout = arrange(kinds, size, header, [kind.widest(view, brief=True) for kind in kinds], aspect, rows)
    return replace(layout, slots=tuple(replace(slot, brief=True) for slot in layout.slots))
