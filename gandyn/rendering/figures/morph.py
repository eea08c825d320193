"""The story of one generator: the latent space carried to the data, for a title slide."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.typeface import ellipsize, measure
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.layout.layout import CAPTION, Layout, caption_lines, caption_marks, divide
from gandyn.rendering.layout.talk import talk_font
from gandyn.rendering.marks.marks import Mark, Text
from gandyn.rendering.pace import Shot, Timing
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.theme import Theme

__all__ = ["Morph"]

_FINE = 100_000
"""Frames are numbered by their place on the way, in as many parts."""

_WORD = "z → G(z)"


class Morph(Figure):
    """One panel, in which the last generator shown moves every latent z along the straight line to G(z).

    One generator carries the latent plane to the data: a title slide. With `loop: true` it goes there and back without
    a seam, with `header: false` without a word; `--transparent` leaves the ground out.

    Args:
        names: the panels asked for; the first of them that can show it does.
        header: whether title and caption stand above.
        loop: whether it goes there and back, so that the last frame is the first.

    Raises:
        UsageError: none of the panels can show that, or not of this recording.
    """

    def __init__(
        self,
        view: RecordingView,
        names: Sequence[str] | None,
        size: tuple[int, int],
        theme: Theme,
        header: bool = True,
        loop: bool = False,
    ) -> None:
        self._caption = caption_lines(view.attribute("caption"), _whose(view), size, talk_font(size)) if header else []
        em, margin, head, area = divide(size, header, len(self._caption), talk_font(size))
        dim = len(view.dims)
        kind = catalogue.find(catalogue.teller(names, dim, view.has), dim)
        slot = PanelSlot((margin, area[1], size[0] - margin, area[3]), em, alone=False, bare=True)
        super().__init__(size, theme, Layout(em, margin, head, (slot,)), [kind(view, slot)])
        self.view, self.header, self.loop = view, header, loop

    def frames(self, count: int) -> list[int]:
        """Return places on the way, from latent to data space, and of a loop back again."""
        if count == 1:
            return [_FINE]
        back = self.loop and count > 2
        number = (count + 1) // 2 if back else count
        there = [round(k * _FINE / (number - 1)) for k in range(number)]
        return [*there, *there[-1 - count % 2 :: -1]] if back else there

    def shots(self, timing: Timing) -> list[Shot]:
        """Return the places on the way and their times: a loop rests at either end, once."""
        found = super().shots(timing)
        if not self.loop or len(found) < 3:
            return found
        rests = {0: timing.hold_first, len(found) // 2: timing.hold}
        least = 1.0 / timing.fps
        return [Shot(shot.frame, max(rests.get(k, 0.0), least)) for k, shot in enumerate(found)]

    def closing(self, shots: Sequence[Shot]) -> int:
        """Return the end of the way, also of a loop."""
        return max(shot.frame for shot in shots)

    @property
    def clock(self) -> tuple[int, int]:
        """The step of the generator that is shown, twice."""
        return self.view.last_step, self.view.last_step

    def background(self) -> list[Mark]:
        """Return title and caption, and what is moved where: by which generator."""
        if not self.header:
            return []
        left, _bottom, right, top = self.layout.header
        em, view = self.layout.em, self.view
        at, whose = view.diverged(view.end - 1), _whose(view)
        slot = right - left - 2 * em
        title = ellipsize(view.name, slot - measure(_WORD, 1.5 * em), 1.7 * em, bold=True)
        return [
            Text("", "ink", left, top - 1.25 * em, title, size=1.7, bold=True),
            Text("", "ink", right, top - 1.25 * em, _WORD, size=1.5, align="right"),
            *caption_marks(self._caption, self.layout.header, em),
            *(
                [Text("", "muted" if at is None else "warning", right, top - CAPTION * em, whose, align="right")]
                if whose
                else []
            ),
        ]

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the latent space on its way."""
        panel = self.panels[0]
        painter.paint(panel.morph(self.view.end - 1, ease(frame / _FINE)), panel.axes)


def _whose(view: RecordingView) -> str:
    """Return which generator is shown."""
    at = view.diverged(view.end - 1)
    if at is not None:
        return f"seed {view.seed} diverged at step {at}"
    return f"seed {view.seed}" if len(view.seeds) > 1 else ""


def ease(t: float) -> float:
    """Return a place on the way that starts and ends gently: 0 to 1 with no speed at either end."""
    return t * t * (3.0 - 2.0 * t)
