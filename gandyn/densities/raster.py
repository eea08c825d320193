"""Mass laid evenly over quadrangles, cell by cell of a grid, by Green's theorem.

As font rasterizers find the coverage of a pixel: each edge adds what lies to its right, times the jump of density
across it, and a running sum along every row does the rest. The cost follows the edges' length, not the area.

Positions are in cells; `running` has one row for each cell along v, and two columns more than there are cells along u.

References:
    Levien, "Inside the fastest font renderer in the world", 2016 (signed areas accumulated along rows).
"""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from gandyn.core.jit import compiled

__all__ = ["lay_mesh", "lay_point"]

# What is thinner than this share of its length would lose digits to cancellation.
_THIN = 1e-6
# The halves of a quadrangle whose areas differ by less than this are laid as one.
_EVEN = 0.2


@compiled
def lay_point(u: float, v: float, mass: float, running: ndarray) -> None:
    """Lay mass on the cell of one point, if it is on the grid."""
    n = len(running)
    if 0.0 <= u <= n and 0.0 <= v <= n:
        cell, row = min(int(u), n - 1), min(int(v), n - 1)
        running[row, cell] += mass
        running[row, cell + 1] -= mass


@compiled
def lay_mesh(u: ndarray, v: ndarray, masses: ndarray, halves: ndarray, running: ndarray) -> None:
    """Lay the mass of each quadrangle of a mesh over it, half of it evenly on either of the triangles it is cut into.

    Args:
        u: position of each corner, shape (a + 1, b + 1) at least.
        v: the other coordinate.
        masses: of the quadrangles, shape (a, b).
        halves: memory, shape (2, a + 2, b + 2) at least.
        running: what is added to, in rows of one piece of memory.
    """
    parts_a, parts_b = masses.shape
    n, flat = len(running), running.reshape(-1)
    below, above = halves[0], halves[1]
    for a in range(parts_a + 2):
        for b in range(parts_b + 2):
            below[a, b] = above[a, b] = 0.0
    for a in range(parts_a):
        for b in range(parts_b):
            mass = masses[a, b]
            if mass == 0.0:
                continue
            u0, v0, along_u, along_v = u[a, b], v[a, b], u[a + 1, b + 1] - u[a, b], v[a + 1, b + 1] - v[a, b]
            across_u, across_v = u[a, b + 1] - u[a + 1, b], v[a, b + 1] - v[a + 1, b]
            first = (u[a + 1, b] - u0) * along_v - (v[a + 1, b] - v0) * along_u
            second = along_u * (v[a, b + 1] - v0) - along_v * (u[a, b + 1] - u0)
            size = max(max(abs(along_u), abs(along_v)), max(abs(across_u), abs(across_v)))
            least = _THIN * size * min(size, 1.0)
            if abs(first - second) < _EVEN * abs(first) and abs(first) > least:
                below[a + 1, b + 1] = above[a + 1, b + 1] = 2.0 * mass / (first + second)
                continue
            if abs(first) > least:
                below[a + 1, b + 1] = mass / first
            else:
                _needle(u0, v0, u[a + 1, b], v[a + 1, b], u0 + along_u, v0 + along_v, mass / 2, running)
            if abs(second) > least:
                above[a + 1, b + 1] = mass / second
            else:
                _needle(u0, v0, u[a, b + 1], v[a, b + 1], u0 + along_u, v0 + along_v, mass / 2, running)
    for a in range(parts_a + 1):
        for b in range(parts_b + 1):
            u0, v0, under, over = u[a, b], v[a, b], below[a, b + 1], above[a + 1, b]
            here, there = below[a + 1, b + 1], above[a + 1, b + 1]
            if a < parts_a and here != over:
                _edge(u0, v0, u[a + 1, b], v[a + 1, b], here - over, flat, n)
            if b < parts_b and under != there:
                _edge(u0, v0, u[a, b + 1], v[a, b + 1], under - there, flat, n)
            if a < parts_a and b < parts_b and here != there:
                _edge(u0, v0, u[a + 1, b + 1], v[a + 1, b + 1], there - here, flat, n)


@compiled
def _edge(u0: float, v0: float, u1: float, v1: float, jump: float, flat: ndarray, n: int) -> None:
    """Add what lies to the right of an edge."""
    if u0 >= 0.0 and v0 >= 0.0 and u1 >= 0.0 and v1 >= 0.0 and u0 < n and v0 < n and u1 < n and v1 < n:
        cell, row = np.uint64(u0), np.uint64(v0)
        # Most edges end in the cell they begin in.
        if np.uint64(u1) == cell and np.uint64(v1) == row:
            height = (v0 - v1) * jump
            covered = height * (float(cell) + 1.0 - 0.5 * (u0 + u1))
            at = row * np.uint64(n + 2) + cell
            flat[at] += covered
            flat[at + np.uint64(1)] += height - covered
        elif v0 < v1:
            _inner(u0, v0, u1, v1, -jump, flat, n)
        else:
            _inner(u1, v1, u0, v0, jump, flat, n)
        return
    if v0 > v1:
        u0, v0, u1, v1 = u1, v1, u0, v0
    else:
        jump = -jump
    if not (v1 > 0.0 and v0 < n and v0 < v1):
        return
    if v0 < 0.0:
        u0, v0 = u0 - (u1 - u0) / (v1 - v0) * v0, 0.0
    if v1 > n:
        u1, v1 = u0 + (u1 - u0) / (v1 - v0) * (n - v0), float(n)
    # Left of the grid an edge counts as if it ran along its left side; right of it, not at all.
    if u0 >= 0.0 and u1 >= 0.0 and u0 <= n and u1 <= n:
        _inner(u0, v0, u1, v1, jump, flat, n)
    elif u0 <= 0.0 and u1 <= 0.0:
        _inner(0.0, v0, 0.0, v1, jump, flat, n)
    elif u0 < n or u1 < n:
        slope = (v1 - v0) / (u1 - u0)
        left = min(max(v0 - u0 * slope, v0), v1)
        right = min(max(v0 + (n - u0) * slope, v0), v1)
        if u0 < 0.0:
            _inner(0.0, v0, 0.0, left, jump, flat, n)
            u0, v0 = 0.0, left
        elif u0 > n:
            u0, v0 = float(n), right
        if u1 < 0.0:
            _inner(0.0, left, 0.0, v1, jump, flat, n)
            u1, v1 = 0.0, left
        elif u1 > n:
            u1, v1 = float(n), right
        _inner(u0, v0, u1, v1, jump, flat, n)


@compiled
def _inner(u0: float, v0: float, u1: float, v1: float, jump: float, flat: ndarray, n: int) -> None:
    """Add what lies to the right of an edge that runs upwards within the grid, row by row and cell by cell."""
    if not v0 < v1:
        return
    # Unsigned: an index that may be negative costs as much as the rest of the arithmetic.
    row, last, width = np.uint64(v0), np.uint64(v1), np.uint64(n + 2)
    slope = (u1 - u0) / (v1 - v0) if row < last else 0.0
    a, begin = u0, v0
    while True:
        b, end = u1, v1
        if row < last:
            end = float(row) + 1.0
            b = u0 + slope * (end - v0)
        height, low, high = (end - begin) * jump, max(min(a, b), 0.0), max(a, b)
        cell, stop = np.uint64(low), np.uint64(high)
        at = row * width + cell
        if cell == stop:
            covered = height * (float(cell) + 1.0 - 0.5 * (low + high))
            flat[at] += covered
            flat[at + np.uint64(1)] += height - covered
        else:
            rate = height / (high - low)
            while cell < stop:
                part = float(cell) + 1.0 - low
                covered = 0.5 * rate * part * part
                flat[at] += covered
                flat[at + np.uint64(1)] += rate * part - covered
                cell += np.uint64(1)
                at += np.uint64(1)
                low = float(cell)
            part = high - low
            covered = rate * part * (1.0 - 0.5 * part)
            flat[at] += covered
            flat[at + np.uint64(1)] += rate * part - covered
        if row >= last or end >= v1:
            return
        a, begin = b, end
        row += np.uint64(1)


@compiled
def _needle(u0: float, v0: float, u1: float, v1: float, u2: float, v2: float, mass: float, running: ndarray) -> None:
    """Lay mass on points along the longest side of a triangle of no area to speak of."""
    au, av, bu, bv = u1 - u0, v1 - v0, u2 - u0, v2 - v0
    first, second, third = math.hypot(au, av), math.hypot(bu, bv), math.hypot(bu - au, bv - av)
    length = max(first, second, third)
    if length == first:
        bu, bv = au, av
    elif length == third:
        u0, v0, bu, bv = u1, v1, bu - au, bv - av
    count = 1 + int(min(16.0 * length, 4096.0))
    for k in range(count):
        lay_point(u0 + bu * (k + 0.5) / count, v0 + bv * (k + 0.5) / count, mass / count, running)
