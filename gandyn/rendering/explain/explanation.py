"""A picture that explains something frame by frame, with a caption for each: what all such pictures have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.figures.talk_header import Header
from gandyn.rendering.layout.layout import Box, Layout
from gandyn.rendering.layout.talk import talk_font
from gandyn.rendering.marks.marks import Axes, Mark
from gandyn.rendering.pace import Shot, Timing, choose, held
from gandyn.rendering.theme import Theme

__all__ = ["Explanation"]

_MARGIN, _EDGE = 1.3, 0.7
"""Free space at the sides, and above and below, in em."""


class Explanation(Figure):
    """A title, a caption that changes, and under them whatever is explained, in frames numbered from 0.

    Args:
        title: what is explained.
        captions: what is said at each frame.
        pauses: seconds for which some frames are looked at; the others pass at the animation's pace.
        big: larger type, for the back row.

    Attributes:
        area: what is left under the words: left, bottom, right and top in pixels.
        axes: the coordinate systems that marks are in which are not in pixels.
    """

    def __init__(
        self,
        title: str,
        captions: Sequence[str],
        pauses: dict[int, float],
        size: tuple[int, int],
        theme: Theme,
        big: bool = False,
    ) -> None:
        em = talk_font(size, big)
        self._header = Header(title, tuple(dict.fromkeys(captions)), 0, "", em)
        self._captions, self._pauses = list(captions), pauses
        left, right, top = _MARGIN * em, size[0] - _MARGIN * em, size[1] - _EDGE * em
        floor = top - self._header.height(right - left)
        self._head: Box = (left, floor, right, top)
        self.area: Box = (left, _EDGE * em, right, floor - 0.3 * em)
        self.axes: dict[str, Axes] = {}
        super().__init__(size, theme, Layout(em, left, self._head, ()), [])

    def frames(self, count: int) -> list[int]:
        """Return the numbers of `count` frames, those that are looked at among them, even if these are more."""
        last = len(self._captions) - 1
        return [last] if count == 1 else choose(np.ones(last), count, self._pauses)

    def shots(self, timing: Timing) -> list[Shot]:
        """Return the frames of an animation, and for how long each is shown."""
        return held(self.frames(timing.frames), timing, self._pauses)

    def background(self) -> list[Mark]:
        """Return the title."""
        return self._header.background(self._head)

    def marks(self, frame: int) -> list[Mark]:
        """Return the caption."""
        return self._header.marks(self._head, self._captions[frame], None)

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the caption and what is explained."""
        painter.paint(self.marks(frame), self.axes)

    def _paint_background(self, painter: Painter) -> None:
        painter.paint(self.background(), self.axes)
