"""Polylines before they are stroked: cut in dashes that stay where they are, and at points that are not numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.path import Path

__all__ = ["dashed", "paths_of"]


def dashed(points: Float[np.ndarray, "point 2"], pattern: Sequence[float]) -> Path:
    """Return a polyline that runs to the right, cut in dashes.

    Every stretch of one period along x holds as many whole periods as come nearest to its length along the curve: the
    dashes stay where they are while the curve moves elsewhere, and a cliff is dashed as closely as a plain.
    """
    x, y = points[:, 0], points[:, 1]
    period = float(sum(pattern))
    if len(pattern) % 2 or x[-1] - x[0] < 1e-9 or period <= 0:
        return Path(points)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    grid = np.arange(np.floor(x[0] / period), np.ceil(x[-1] / period) + 1) * period
    # Beyond its ends the curve is taken to go on level.
    edges = np.interp(grid, x, length) + np.minimum(grid - x[0], 0.0) + np.maximum(grid - x[-1], 0.0)
    stretches = np.diff(edges)
    times = np.maximum(np.round(stretches / period), 1.0).astype(int)
    units = np.repeat(stretches / times, times)
    starts = edges[0] + np.concatenate([[0.0], np.cumsum(units)[:-1]])
    cuts = (starts[:, None] + units[:, None] * (np.cumsum([0.0, *pattern[:-1]]) / period)).ravel()
    inside = (cuts > 0.0) & (cuts < length[-1])
    at = np.concatenate([length, np.repeat(cuts[inside], 2)])
    corners = np.column_stack([np.interp(at, length, x), np.interp(at, length, y)])
    corners[: len(x)] = points
    # Of the two points at a cut, the first ends the piece on its left and the second begins the one on its right.
    piece = np.concatenate(
        [
            np.searchsorted(cuts, length, side="right"),
            np.repeat(np.flatnonzero(inside), 2) + np.tile([0, 1], inside.sum()),
        ]
    )
    order = np.lexsort((np.arange(len(at)), piece, at))
    corners, piece = corners[order], piece[order]
    drawn = piece % 2 == 1
    corners, piece = corners[drawn], piece[drawn]
    codes = np.full(len(corners), Path.LINETO, dtype=Path.code_type)
    if len(codes):
        codes[0] = Path.MOVETO
        codes[1:][np.diff(piece) != 0] = Path.MOVETO
    path = Path(corners, codes)
    path.should_simplify = False  # matplotlib's simplifier swallows whole dashes that lie on one line
    return path


def paths_of(points: Float[np.ndarray, "point 2"]) -> Sequence[Float[np.ndarray, "point 2"]]:
    """Cut a polyline at its NaN points into pieces of two points and more."""
    good = np.isfinite(points).all(axis=1)
    if good.all():
        return [points] if len(points) > 1 else []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    return [points[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]
