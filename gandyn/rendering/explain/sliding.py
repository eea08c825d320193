"""A kernel that slides over a square of numbers: convolutions, and transposed ones that stamp it into their output.

Three squares stand in a row on one scale, source, kernel and target; each move takes a patch of the source through
the kernel to a patch of the target, where what it makes is added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

__all__ = ["Grid", "Move", "Sliding"]


@dataclass(frozen=True)
class Grid:
    """A square of numbers.

    Attributes:
        name: what stands over it.
        values: its numbers, top row first.
        first: the first row and column that are its own; what lies before is padding, or is cut off.
        end: one past the last of them; all to the end where it is None.
        remark: what stands under it, of what lies around.
    """

    name: str
    values: Float[np.ndarray, "row column"]
    first: int = 0
    end: int | None = None
    remark: str = ""

    @property
    def side(self) -> int:
        """Number of its rows, and of its columns."""
        return len(self.values)

    @property
    def kept(self) -> tuple[int, int]:
        """The first row and column that are its own, and one past the last."""
        return self.first, self.side if self.end is None else self.end


@dataclass(frozen=True)
class Move:
    """One place of the kernel.

    Attributes:
        source: row and column where the patch that it reads begins.
        target: row and column where the patch that it writes begins.
        added: what is added there.
        caption: what is said of it.
    """

    source: tuple[int, int]
    target: tuple[int, int]
    added: Float[np.ndarray, "row column"]
    caption: str


@dataclass(frozen=True)
class Sliding:
    """A kernel on its way over a square of numbers.

    Attributes:
        title: what it is.
        opening: what is said before the first move.
        closing: what is said after the last one.
        formula: how large the target is.
        source: what is read.
        kernel: by what it is multiplied.
        target: what comes out in the end.
        moves: the way, in order.
        reads: side of the patches that are read.
        stamps: whether patches of the target overlap, so that it matters how often a number was added to.
    """

    title: str
    opening: str
    closing: str
    formula: str
    source: Grid
    kernel: Grid
    target: Grid
    moves: tuple[Move, ...]
    reads: int
    stamps: bool

    @property
    def writes(self) -> int:
        """Side of the patches that are written."""
        return len(self.moves[0].added)

    @cached_property
    def sums(self) -> Float[np.ndarray, "move row column"]:
        """The target's numbers before any move and after each."""
        found = np.zeros((len(self.moves) + 1, *self.target.values.shape))
        for number, move in enumerate(self.moves):
            found[number + 1] = found[number]
            found[number + 1][self._patch(move)] += move.added
        return found

    @cached_property
    def counts(self) -> Int[np.ndarray, "move row column"]:
        """How often the target's numbers were added to, before any move and after each."""
        found = np.zeros((len(self.moves) + 1, *self.target.values.shape), dtype=int)
        for number, move in enumerate(self.moves):
            found[number + 1] = found[number]
            found[number + 1][self._patch(move)] += 1
        return found

    def _patch(self, move: Move) -> tuple[slice, slice]:
        (row, column), side = move.target, self.writes
        return slice(row, row + side), slice(column, column + side)
