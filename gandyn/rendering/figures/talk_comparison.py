"""Several recordings side by side for a talk: a main picture each, and one number that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.core.errors import UsageError
from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.figures.comparison import Compared
from gandyn.rendering.figures.steps_figure import SharedStepsFigure
from gandyn.rendering.figures.talk_header import Header, legend_row
from gandyn.rendering.layout.layout import Layout
from gandyn.rendering.layout.talk import talk_font
from gandyn.rendering.layout.talk_columns import Wanted, place
from gandyn.rendering.marks.marks import Mark, Text
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import MOST, PanelSlot, RecordingView, share_scales
from gandyn.rendering.shared_course import RUNS, SharedCourse
from gandyn.rendering.theme import Theme

__all__ = ["TalkComparison", "shared"]


class TalkComparison(SharedStepsFigure):
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
        views = [RecordingView(one.recording, one.seed, first, last) for one in compared.columns]
        share_scales(views)
        main, number = _chosen(views, names)
        self._caption = compared.caption
        titles = [view.name for view in views]
        headings = [one.heading or title for one, title in zip(compared.columns, titles, strict=True)]
        seeds = {view.seed for view in views}
        title = compared.title or " vs ".join(dict.fromkeys(titles))
        end = max(view.last_step for view in views)
        seed = f"seed {views[0].seed}" if len(seeds) == 1 else "seeds " + ", ".join(str(one.seed) for one in views)
        seed = seed if len(seeds) > 1 or any(len(view.seeds) > 1 for view in views) else ""
        self._header = Header(title, (compared.caption, *captions), end, seed, talk_font(size, big))
        aspect = views[0].aspect if main.square else None
        wanted = Wanted(self._header, tuple(headings), aspect, main.explained, number is not None)
        self.places = places = place(wanted, size, big)
        slots = [PanelSlot(box, places.em, alone=False, first=k == 0, plain=True) for k, box in enumerate(places.boxes)]
        panels = [main(view, slot) for view, slot in zip(views, slots, strict=True)]
        super().__init__(size, theme, Layout(places.em, places.head[0], places.head, tuple(slots)), panels, views)
        self.shared: SharedCourse | None = None
        if number is not None and number.quantity is not None:
            short = [one.label or heading for one, heading in zip(compared.columns, headings, strict=True)]
            self.shared = SharedCourse(number.quantity, views, headings, short, places.under, places.em)

    def background(self) -> list[Mark]:
        """Return title, legend, headings and the frame of the shared course."""
        found = {entry.text: entry for panel in self.panels for entry in panel.entries()}
        # What one game calls a discriminator and another a critic has one colour, and stands side by side.
        roles = list(dict.fromkeys(entry.role for entry in found.values()))
        entries = sorted(found.values(), key=lambda entry: roles.index(entry.role))
        places = self.places
        marks = self._header.background(places.head)
        marks += legend_row(places.legend, entries, self.panels[0].remarks(), places.em)
        for number, (role, lines) in enumerate(zip(RUNS, places.headings, strict=False)):
            for row, line in enumerate(lines):
                marks.append(Text("", role, *places.line(number, row), line, places.size, bold=True))
        return [*marks, *(self.shared.background if self.shared else [])]

    def marks(self, frame: int) -> list[Mark]:
        """Return caption and step, the shared course, and what befell a recording."""
        em, step = self.layout.em, int(self.steps[frame])
        caption = self.notes.at(step) or self._caption
        marks = self._header.marks(self.places.head, caption, step)
        for view, box in zip(self.views, self.places.boxes, strict=True):
            if view.diverged(self.index(view, frame)) is None and step > view.last_step:
                words = f"ended at step {view.last_step}"
                marks.append(Text("", "muted", box[2], box[1] + 0.5 * em, words, align="right", ground=True))
        return [*marks, *(self.shared.marks(step) if self.shared else [])]

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint every recording at its own state of the common step."""
        for view, panel in zip(self.views, self.panels, strict=True):
            painter.paint(panel.marks(self.index(view, frame)), panel.axes)
        painter.paint(self.marks(frame), {})


def _chosen(views: Sequence[RecordingView], names: Sequence[str] | None) -> tuple[type[Panel], type[Panel] | None]:
    """Return the main panel, and the one whose number is shared, if there is one.

    Raises:
        UsageError: they are more than can be shown, or have no number to share.
    """
    dim = len(views[0].dims)
    kinds = [catalogue.find(name, dim) for name in names or catalogue.contrasting(views)]
    catalogue.refuse([kind.name for kind in kinds], views)
    return shared(kinds, dim)


def shared(kinds: Sequence[type[Panel]], dim: int) -> tuple[type[Panel], type[Panel] | None]:
    """Return which of some panels is the main one, and the one whose number is shared, if there is one.

    Args:
        kinds: the panels.
        dim: dimension of the recordings.

    Raises:
        UsageError: they are more than can be shown, or have no number to share.
    """
    main = [kind for kind in kinds if kind.lead]
    numbers = [kind for kind in kinds if kind.quantity is not None]
    if len(main) != 1 or len(main) + len(numbers) != len(kinds) or len(numbers) > 1:
        able = ", ".join(name for name in catalogue.names(dim, images=True) if catalogue.find(name, dim).quantity)
        raise UsageError(
            "side by side, layout: talk shows one main panel and one shared number "
            f"({able}), not {', '.join(kind.name for kind in kinds)}; layout: lab shows any"
        )
    return main[0], numbers[0] if numbers else None
