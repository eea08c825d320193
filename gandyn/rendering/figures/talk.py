"""The picture for a talk: one main picture, at most two plain numbers beside it, in type for the back row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gandyn.core.errors import UsageError
from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.figures.steps_figure import StepsFigure
from gandyn.rendering.figures.talk_header import Header, legend_column, legend_row
from gandyn.rendering.layout.layout import Layout
from gandyn.rendering.layout.talk import LEGENDS, Places, compose, talk_font
from gandyn.rendering.marks.marks import Mark
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.seeds_shown import seeds_shown
from gandyn.rendering.theme import Theme

__all__ = ["TalkFigure", "split"]

_MOST_MAIN, _MOST_NUMBERS = 2, 2

_SIDE = 11.0
"""Height of a panel beside the main picture that does not say what it needs, in em."""


class TalkFigure(StepsFigure):
    """One or two main pictures of a recording, and numbers; its frames are the recorded steps, by index.

    Training, step by step; what is drawn unless another story is asked for. Each number has its whole course faint
    behind the dot that moves along it. “% outside” and “% beyond” are the part of the generated samples that lies
    outside of the picture.

    Args:
        names: panels: main pictures, and what stands beside them.
        big: larger type, for the back row.
        captions: what else may be said under the title than the recording's caption, at some of the steps.

    Raises:
        UsageError: there are more panels than a talk's picture shows.
    """

    def __init__(
        self,
        view: RecordingView,
        names: Sequence[str],
        size: tuple[int, int],
        theme: Theme,
        big: bool = False,
        captions: Sequence[str] = (),
    ) -> None:
        kinds = [catalogue.find(name, len(view.dims)) for name in names]
        main, beside = split(kinds)
        em = talk_font(size, big)
        said = (view.attribute("caption"), *captions)
        # Which of several seeds it is matters; that a single one has a number does not, but what is not seen of it.
        seeds = seeds_shown(kinds, view) if len(view.seeds) > 1 else view.attribute("unseen")
        header = Header(view.name, said, view.last_step, seeds, em)
        self._all = all(kind.every_seed for kind in kinds)
        header = replace(header, warnings=tuple(filter(None, [self._warning(view, view.end - 1)])))
        aspects = [view.aspect if kind.square else None for kind in main]
        legends = LEGENDS if any(kind.explained for kind in main) else ()
        self.places = places = compose(header, size, aspects, [_height(kind) for kind in beside], legends)
        named = {"numbered": any(kind.numbers for kind in kinds), "tinted": any(kind.tints for kind in kinds)}
        slots = [PanelSlot(box, em, alone=False, plain=True, **named) for box in places.heroes]
        slots += [_side_room(kind, view, box, em) for kind, box in zip(beside, places.sides, strict=False)]
        panels = [kind(view, slot) for kind, slot in zip([*main, *beside], slots, strict=False)]
        super().__init__(size, theme, Layout(em, em, places.head, tuple(slots)), panels, view)
        self._main = panels[: len(main)]

    def background(self) -> list[Mark]:
        """Return title and legend."""
        return [*self.places.header.background(self.places.head), *explained(self._main, self.places)]

    def caption(self, step: int) -> str:
        """Return what is said under the title at a step."""
        return self.notes.at(step) or self.view.attribute("caption")

    def marks(self, step_index: int) -> list[Mark]:
        """Return caption, step and seed."""
        step, warning = int(self.view.steps[step_index]), self._warning(self.view, step_index)
        return self.places.header.marks(self.places.head, self.caption(step), step, warning)

    def _warning(self, view: RecordingView, step_index: int) -> str:
        """Return what befell the seed that is shown; where every seed is, each says that itself."""
        at = None if self._all else view.diverged(step_index)
        return "" if at is None else f"diverged at step {at}"

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the panels and the step."""
        for panel in self.panels:
            painter.paint(panel.marks(frame), panel.axes)
        painter.paint(self.marks(frame), {})


def split(kinds: Sequence[type[Panel]]) -> tuple[list[type[Panel]], list[type[Panel]]]:
    """Return which of some panels are main pictures, and which stand beside them.

    Raises:
        UsageError: there are more of either than find room.
    """
    main = [kind for kind in kinds if kind.lead]
    beside = [kind for kind in kinds if not kind.lead]
    main, beside = (main, beside) if main else (beside[:1], beside[1:])
    if len(main) > _MOST_MAIN or len(beside) > _MOST_NUMBERS:
        names = ", ".join(kind.name for kind in kinds)
        raise UsageError(
            f"layout: talk shows one or two main pictures and at most {_MOST_NUMBERS} panels beside them, not {names}; "
            "layout: lab shows up to nine"
        )
    return main, beside


def explained(panels: Sequence[Panel], places: Places) -> list[Mark]:
    """Return one legend for main pictures: in a row over them, or in a column beside."""
    entries = {entry.text: entry for panel in panels for entry in panel.entries()}
    remarks = next((panel.remarks() for panel in panels if panel.remarks()), [])
    em, box = places.header.em, places.legend
    if box[3] - box[1] > 4 * em:
        return legend_column(box, list(entries.values()), remarks, em)
    return legend_row(box, list(entries.values()), remarks, em) if box[3] > box[1] else []


def _height(kind: type[Panel]) -> float:
    """Return the height that a panel asks for beside the main picture, in em."""
    return kind.side or kind.readout or _SIDE


def _side_room(kind: type[Panel], view: RecordingView, box: tuple[float, float, float, float], em: float) -> PanelSlot:
    gutter = float(measure(kind.widest(view, brief=True), em, bold=True)) if kind.widest(view) else 0.0
    return PanelSlot(box, em, gutter, brief=True, plain=True)
