"""Values of curves in rows of a heading, for an audience: always in the same places, and no gutter is kept for them."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import EndLabel, Mark, Text

__all__ = ["ROW", "ValueRows"]

ROW = 1.45
"""From one row to the next, in em."""

_GAP = 1.1
"""Between two values, in em."""


class ValueRows:
    """Places for the names and values of curves: behind a title where they fit, else in rows of their own under it.

    Attributes:
        more: number of rows under the title.
    """

    def __init__(
        self, widest: Sequence[tuple[str, str]], left: float, start: float, right: float, y: float, em: float
    ) -> None:
        """Place the values.

        Args:
            widest: each curve's role, and the widest text that will stand for it.
            left: where rows begin.
            start: where the row of the title is free from.
            right: where that one ends; others may be longer, and are not.
            y: baseline of the title.
            em: base font size in pixels.
        """
        wide = {role: measure(text, em, bold=True) for role, text in widest}
        self._places: dict[str, tuple[float, float]] = {}
        x, self.more = start, 0
        if start + sum(wide.values()) + _GAP * em * (len(wide) - 1) > right:
            x, self.more = left, 1
        for role, one in wide.items():
            if x + one > right and x > left:
                x, self.more = left, self.more + 1
            self._places[role] = (x, y - ROW * em * self.more)
            x += one + _GAP * em

    def marks(self, labels: Sequence[EndLabel]) -> list[Mark]:
        """Return values in their places."""
        return [Text("", one.role, *self._places[one.role], one.text, bold=True) for one in labels]
