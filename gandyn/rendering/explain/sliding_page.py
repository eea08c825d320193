"""The picture of a sliding kernel: where it reads, where it writes, and what has come of it so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gandyn.core.errors import UsageError
from gandyn.rendering.canvas.typeface import measure, wrap
from gandyn.rendering.explain.explanation import Explanation
from gandyn.rendering.explain.sliding import Grid, Move, Sliding
from gandyn.rendering.layout.layout import Box
from gandyn.rendering.marks.marks import Line, Mark, Mesh, Region, Text
from gandyn.rendering.theme import Theme
from gandyn.rendering.ticks import clean

__all__ = ["SlidingFigure"]

_SOURCE, _KERNEL, _TARGET = "series_4", "series_1", "series_3"
"""Roles of the three squares."""

_GAP = 3.4
"""Between two squares, in em."""

_LARGEST, _LEAST = 4.6, 1.8
"""Sides of a cell, in em."""

_NAME, _REMARK, _LEGEND, _FORMULA = 2.0, 1.6, 2.6, 1.7
"""Heights of the rows above and below the squares, in em."""

_DEEPEST, _PLAIN = 0.62, 0.24
"""Opacity of the cells that were added to most often; of all, where it does not matter how often."""

_PALE, _STRONG = 0.12, 0.35
"""Opacity of cells that wait, and of those that are read or written."""

_BETWEEN = 3
"""Frames between one place of the kernel and the next."""

_SLOW, _READ, _SEEN = 2, (1.5, 0.9), (0.5, 0.35)
"""Moves that are explained slowly; seconds for what is added and for what comes of it, in those and in the others."""

_REST = 8.0
"""Seconds that all the other moves take together at most."""


@dataclass(frozen=True)
class Moment:
    """What a frame shows.

    Attributes:
        done: number of moves whose numbers were added.
        at: which move's place the kernel is at, or on its way to; None where it is at none.
        fresh: whether what that move adds is seen apart.
    """

    done: int
    at: float | None = None
    fresh: bool = False


def moments(count: int) -> tuple[list[Moment], dict[int, float]]:
    """Return what the frames of so many moves show, and the seconds that some of them are looked at."""
    found, pauses = [Moment(0)], dict[int, float]()
    quick = min(1.0, _REST / max((count - _SLOW) * sum(_SEEN), 1e-9))
    for move in range(count):
        if move:
            found += [Moment(move, move - 1 + k / (_BETWEEN + 1)) for k in range(1, _BETWEEN + 1)]
        added, seen = _READ if move < _SLOW else [quick * part for part in _SEEN]
        pauses |= {len(found): added, len(found) + 1: seen}
        found += [Moment(move, move, fresh=True), Moment(move + 1, move)]
    return [*found, Moment(count)], pauses


class SlidingFigure(Explanation):
    """Source, kernel and target in a row, on one scale.

    Raises:
        UsageError: the squares are too large for their numbers to be read.
    """

    def __init__(self, shown: Sliding, size: tuple[int, int], theme: Theme, big: bool = False) -> None:
        self.shown = shown
        self._moments, pauses = moments(len(shown.moves))
        captions = [self._said(moment) for moment in self._moments]
        super().__init__(shown.title, captions, pauses, size, theme, big)
        em, grids = self.layout.em, (shown.source, shown.kernel, shown.target)
        left, bottom, right, top = self.area
        self._formula = wrap(shown.formula, right - left, 1.15 * em, 2)
        under = len(self._formula) * _FORMULA + 0.3
        under += _REMARK * any(grid.remark for grid in grids) + _LEGEND * shown.stamps
        free = top - bottom - (_NAME + under) * em
        names = [measure(grid.name, 1.15 * em, bold=True) for grid in grids]
        self.cell = _largest_cell([grid.side for grid in grids], names, (right - left, free), em)
        numbers = {_number(value) for value in [*shown.sums.ravel().tolist(), *shown.target.values.ravel().tolist()]}
        widest = max(measure(f"+{number}", em) for number in numbers) / em
        self._type = min(0.56, 0.9 / widest) * self.cell / em
        if self.cell < _LEAST * em or self._type < 1.0:
            sides = ", ".join(f"{grid.side} x {grid.side}" for grid in grids)
            raise UsageError(
                f"squares of {sides} numbers find no room in {size[0]}x{size[1]} pixels: "
                "take a smaller input, kernel or stride"
            )
        columns = [max(grid.side * self.cell, wide) for grid, wide in zip(grids, names, strict=True)]
        start = (left + right - sum(columns) - 2 * _GAP * em) / 2
        middle = bottom + under * em + free / 2
        self.boxes: list[Box] = []
        for grid, wide in zip(grids, columns, strict=True):
            half, centre = grid.side * self.cell / 2, start + wide / 2
            self.boxes.append((centre - half, middle - half, centre + half, middle + half))
            start += wide + _GAP * em

    def _said(self, moment: Moment) -> str:
        if moment.at is None:
            return self.shown.closing if moment.done else self.shown.opening
        return self.shown.moves[int(np.ceil(moment.at))].caption

    def background(self) -> list[Mark]:
        """Return title, names, the source's and the kernel's numbers, and how large the target is."""
        em, shown = self.layout.em, self.shown
        marks = super().background()
        centre = (self.area[0] + self.area[2]) / 2
        for row, line in enumerate(reversed(self._formula)):
            marks.append(
                Text("", "ink", centre, self.area[1] + (row * _FORMULA + 0.3) * em, line, 1.15, align="center")
            )
        for grid, box, role in zip(self._grids, self.boxes, (_SOURCE, _KERNEL, _TARGET), strict=True):
            marks.append(
                Text("", role, (box[0] + box[2]) / 2, box[3] + 0.6 * em, grid.name, 1.15, True, align="center")
            )
            if grid.remark:
                half = measure(grid.remark, em) / 2
                x = min(max((box[0] + box[2]) / 2, self.area[0] + half), self.area[2] - half)
                marks.append(Text("", "muted", x, box[1] - 1.2 * em, grid.remark, align="center"))
        for first, second, sign in ((0, 1, "×"), (1, 2, "→")):
            x = (self.boxes[first][2] + self.boxes[second][0]) / 2
            y = (self.boxes[first][1] + self.boxes[first][3]) / 2
            marks.append(Text("", "muted", x, y, sign, 1.8, align="center", valign="middle"))
        return [*marks, *(self._legend() if shown.stamps else [])]

    @property
    def _grids(self) -> tuple[Grid, Grid, Grid]:
        return self.shown.source, self.shown.kernel, self.shown.target

    def marks(self, frame: int) -> list[Mark]:
        """Return the caption and the squares as they are at a frame."""
        moment, shown = self._moments[frame], self.shown
        marks = super().marks(frame)
        fresh = shown.moves[int(moment.at)] if moment.fresh and moment.at is not None else None
        if moment.at is not None:
            marks += self._beams(moment.at)
        marks += self._square(0, _texts(shown.source.values), self._read(moment), _SOURCE)
        marks += self._square(1, _texts(shown.kernel.values), np.full(shown.kernel.values.shape, _PALE), _KERNEL)
        marks += self._target(moment, fresh)
        if moment.at is not None:
            for number, role, side in ((0, _SOURCE, shown.reads), (2, _KERNEL, shown.writes)):
                marks.append(_outline(self._cells(number, *self._place(number, moment.at), side), role, 1.3))
        return marks

    def _read(self, moment: Moment) -> Float[np.ndarray, "row column"]:
        """Return the opacity of the source's cells: those that are read stand out."""
        opacity = np.full(self.shown.source.values.shape, _PALE)
        if moment.at is not None and moment.at == int(moment.at):
            (row, column), side = self.shown.moves[int(moment.at)].source, self.shown.reads
            opacity[row : row + side, column : column + side] = _STRONG
        return opacity

    def _target(self, moment: Moment, fresh: Move | None) -> list[Mark]:
        """Return the target: its numbers, the deeper in colour the more often they were added to, and what is added."""
        shown, done = self.shown, moment.done
        counts = shown.counts[done]
        opacity = (_DEEPEST if shown.stamps else _PLAIN) * counts / shown.counts[-1].max()
        ended = moment.at is None and done > 0
        texts = _texts(shown.target.values if ended else shown.sums[done])
        for i, j in np.argwhere((counts == 0) & (not ended)):
            texts[i][j] = ""
        marks: list[Mark] = []
        if fresh is not None:
            (row, column), side = fresh.target, shown.writes
            box = self._cells(2, row, column, side)
            opacity[row : row + side, column : column + side] = 0.0
            marks.append(_filled(box, side, np.full((side, side), _STRONG), _KERNEL))
            for i, j in np.ndindex(side, side):
                texts[row + i][column + j] = f"{'+' * shown.stamps}{_number(float(fresh.added[i, j]))}"
        return [*marks, *self._square(2, texts, opacity, _TARGET)]

    def _square(
        self, number: int, texts: list[list[str]], opacity: Float[np.ndarray, "row column"], role: str
    ) -> list[Mark]:
        """Return a square's cells, numbers and lines; what is not its own is pale."""
        grid, box = self._grids[number], self.boxes[number]
        first, end = grid.kept
        marks: list[Mark] = [_filled(box, grid.side, opacity, role), *self._lines(number)]
        for i, j in np.ndindex(grid.side, grid.side):
            x, y = box[0] + (j + 0.5) * self.cell, box[3] - (i + 0.5) * self.cell
            own = first <= min(i, j) and max(i, j) < end
            look, bold = "ink" if own else "muted", own and number == 2
            marks.append(Text("", look, x, y, texts[i][j], self._type, bold, align="center", valign="middle"))
        return marks

    def _lines(self, number: int) -> list[Mark]:
        """Return the lines between cells, and a frame around those that are the square's own."""
        grid, box = self._grids[number], self.boxes[number]
        steps = np.arange(grid.side + 1) * self.cell
        rules: list[Mark] = []
        for step in steps:
            rules.append(Line("", "faint", np.full(2, box[0] + step), np.array([box[1], box[3]])))
            rules.append(Line("", "faint", np.array([box[0], box[2]]), np.full(2, box[1] + step)))
        first, end = grid.kept
        return [*rules, _outline(self._cells(number, first, first, end - first), "ink", 1.4)]

    def _beams(self, at: float) -> list[Mark]:
        """Return what leads from the patch that is read to the kernel, and on to the patch that is written.

        It is seen between the squares alone, where it lies under no numbers.
        """
        source, kernel, target = self.boxes
        read = self._cells(0, *self._place(0, at), self.shown.reads)
        written = self._cells(2, *self._place(2, at), self.shown.writes)
        beams = ((read, kernel, source[2], kernel[0], _SOURCE), (kernel, written, kernel[2], target[0], _KERNEL))
        marks: list[Mark] = []
        for a, b, start, end, role in beams:
            x = np.array([start, end])
            upper, lower = (np.interp(x, [a[2], b[0]], [a[side], b[side]]) for side in (3, 1))
            outline = np.concatenate([upper, lower[::-1], upper[:1]])
            marks.append(Region("", role, x[[0, 1, 1, 0, 0]], outline, opacity=0.2))
        return marks

    def _place(self, number: int, at: float) -> tuple[float, float]:
        """Return row and column where the patch of a square begins, between two moves on the way."""
        before, after = (self.shown.moves[int(step)] for step in (np.floor(at), np.ceil(at)))
        ends = [(move.source, move.target)[number == 2] for move in (before, after)]
        t = at - np.floor(at)
        row, column = ((1 - t) * np.array(ends[0]) + t * np.array(ends[1])).tolist()
        return row, column

    def _cells(self, number: int, row: float, column: float, side: float) -> Box:
        """Return the box of some cells of a square, in pixels."""
        left, _bottom, _right, top = self.boxes[number]
        x, y = left + column * self.cell, top - row * self.cell
        return x, y - side * self.cell, x + side * self.cell, y

    def _legend(self) -> list[Mark]:
        """Return which colour stands for how many additions, under the target."""
        em, box, shown = self.layout.em, self.boxes[2], self.shown
        first, end = shown.target.kept
        counts = shown.counts[-1]
        told = np.unique(counts[first:end, first:end])
        side, before, after = 1.6 * em, "stamped", "time" if told.tolist() == [1] else "times"
        wide = measure(before, em) + measure(after, em) + 1.2 * em + len(told) * side
        x = (box[0] + box[2] - wide) / 2
        x, y = min(max(x, self.area[0]), self.area[2] - wide), box[1] - (0.5 + 1.5 * bool(shown.target.remark)) * em
        marks: list[Mark] = [Text("", "muted", x, y - 0.5 * side, before, valign="middle")]
        x += measure(before, em) + 0.6 * em
        for count in told:
            cell = (x, y - side, x + side, y)
            marks.append(_filled(cell, 1, np.full((1, 1), _DEEPEST * count / counts.max()), _TARGET))
            marks.append(_outline(cell, "faint", 1.0))
            middle = (x + side / 2, y - 0.5 * side)
            marks.append(Text("", "ink", *middle, str(count), 1.0, True, align="center", valign="middle"))
            x += side
        return [*marks, Text("", "muted", x + 0.6 * em, y - 0.5 * side, after, valign="middle")]


def _largest_cell(sides: Sequence[int], names: Sequence[float], slot: tuple[float, float], em: float) -> float:
    """Return the side of the cells of three squares in a row that fill a room, in pixels."""
    width, height = slot[0] - 2 * _GAP * em, slot[1]
    for cell in np.arange(_LARGEST, 0.0, -0.02) * em:
        wide = sum(max(side * cell, name) for side, name in zip(sides, names, strict=True))
        if wide <= width and max(sides) * cell <= height:
            return float(cell)
    return 0.0


def _filled(box: Box, side: int, opacity: Float[np.ndarray, "row column"], role: str) -> Mesh:
    """Return the cells of a square box, top row first."""
    x, y = np.meshgrid(np.linspace(box[0], box[2], side + 1), np.linspace(box[3], box[1], side + 1))
    return Mesh("", role, x, y, opacity)


def _outline(box: Box, role: str, weight: float) -> Line:
    left, bottom, right, top = box
    x, y = np.array([left, right, right, left, left]), np.array([bottom, bottom, top, top, bottom])
    return Line("", role, x, y, weight=weight)


def _number(value: float) -> str:
    return clean(round(value, 6) + 0.0)


def _texts(values: Float[np.ndarray, "row column"]) -> list[list[str]]:
    return [[_number(value) for value in row] for row in values.tolist()]
