"""The loop behind transport on the line: the area between two distribution functions, cell by cell."""

from __future__ import annotations

from numpy import ndarray

from gandyn.core.jit import compiled

__all__ = ["areas"]


@compiled
def areas(gap: ndarray, rise: ndarray, found: ndarray) -> None:
    """Fill the integral of |gap| over each cell, in cells.

    Where the gap changes its sign it is taken as linear: two triangles. Elsewhere it is a trapezoid, which a bent gap
    differs from by a twelfth of the change of its rise across the cell; a change in a jump is none of that kind.

    Args:
        gap: the difference of two distribution functions at the edges, shape (row, cell + 1).
        rise: how much it rises across each cell where it does not jump, shape (row, cell).
        found: filled, shape (row, cell).
    """
    rows, cells = found.shape
    for row in range(rows):
        for cell in range(cells):
            left, right = gap[row, cell], gap[row, cell + 1]
            if left * right < 0.0:
                found[row, cell] = (left * left + right * right) / (2.0 * (abs(left) + abs(right)))
                continue
            bend = 0.0
            if 0 < cell < cells - 1:
                before, after = rise[row, cell] - rise[row, cell - 1], rise[row, cell + 1] - rise[row, cell]
                if before * after > 0.0:
                    bend = before if abs(before) < abs(after) else after
            found[row, cell] = abs((left + right) / 2.0 - bend / 12.0)
