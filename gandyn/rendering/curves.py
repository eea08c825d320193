"""Curves over the steps: how many points of them are worth drawing, and how they are smoothed."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

__all__ = ["History", "band", "calm", "thin"]

Values = Float[np.ndarray, " point"]


def thin(x: Values, y: Values, columns: int) -> tuple[Values, Values]:
    """Return a curve reduced to the least and greatest value in each of `columns` columns, if that is fewer points."""
    if len(x) <= 2 * columns:
        return x, y
    edges = _edges(len(x), columns)
    return np.repeat(x[(edges[:-1] + edges[1:] - 1) // 2], 2), _extremes(y, edges).ravel()


def band(values: Float[np.ndarray, "seed step"], levels: tuple[float, ...]) -> Float[np.ndarray, "level step"]:
    """Return quantiles over the seeds that are still going at each step; NaN where none is."""
    ordered = np.sort(np.where(np.isnan(values), np.inf, values), axis=0)
    alive = (~np.isnan(values)).sum(axis=0)
    rows = []
    for level in levels:
        place = level * np.maximum(alive - 1, 0)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, np.maximum(alive - 1, 0))
        a = np.take_along_axis(ordered, low[None], axis=0)[0]
        b = np.take_along_axis(ordered, high[None], axis=0)[0]
        with np.errstate(invalid="ignore"):
            mixed = np.where(a == b, a, a + (b - a) * (place - low))
        rows.append(np.where(alive > 0, mixed, np.nan))
    return np.array(rows)


def calm(values: Float[np.ndarray, "seed step"]) -> Float[np.ndarray, "seed step"]:
    """Return the running median over five steps: the course without its single wild values."""
    if values.shape[1] < 5:
        return values
    padded = np.pad(values, ((0, 0), (2, 2)), mode="edge")
    window = np.lib.stride_tricks.sliding_window_view(padded, 5, axis=1)
    return np.asarray(np.partition(window, 2, axis=-1)[..., 2])


class History:
    """A scalar's course, ready to be drawn up to any step without touching all of it again.

    Args:
        steps: recorded steps shown.
        values: one a step; NaN where there is none.
        columns: pixels the whole course is drawn over: never more than two points a pixel are returned.
        log: take means of logarithms, as befits a logarithmic axis.

    Attributes:
        half: steps to either side that a running mean is taken over.
    """

    def __init__(self, steps: Int[np.ndarray, " step"], values: Values, columns: int, log: bool = False) -> None:
        self.steps = np.asarray(steps, dtype=float)
        self.values = np.where(np.isinf(values), np.nan, np.asarray(values, dtype=float))
        self._dense = len(self.steps) > 2 * columns
        self._edges = _edges(len(self.steps), columns) if self._dense else np.arange(len(self.steps) + 1)
        self._ends = _extremes(self.values, self._edges) if self._dense else np.zeros((0, 2))
        good = np.isfinite(self.values)
        self._log = log
        scaled = np.log(np.maximum(np.where(good, self.values, 1.0), 1e-12)) if log else self.values
        self._sum = np.concatenate([[0.0], np.cumsum(np.where(good, scaled, 0.0))])
        self._count = np.concatenate([[0], np.cumsum(good)])
        self.half = len(self.steps) // 120

    @property
    def dense(self) -> bool:
        """Whether several steps share a pixel."""
        return self._dense

    def until(self, index: int) -> tuple[Values, Values]:
        """Return the curve up to and with a step, as points of a line."""
        if not self._dense:
            return self.steps[: index + 1], self.values[: index + 1]
        x, ends = self.extremes(index)
        tip = self.values[index]
        return np.append(np.repeat(x, 2), self.steps[index]), np.append(ends.ravel(), tip)

    def extremes(self, index: int) -> tuple[Values, Float[np.ndarray, "column 2"]]:
        """Return the least and greatest value of each pixel column up to and with a step."""
        if not self._dense:
            return self.steps[: index + 1], np.repeat(self.values[: index + 1, None], 2, axis=1)
        whole = int(np.searchsorted(self._edges[1:], index + 1, side="right"))
        first = int(self._edges[whole])
        ends = self._ends[:whole]
        x = self.steps[self._edges[1 : whole + 1] - 1]
        if first <= index:
            ends = np.concatenate([ends, _extremes(self.values[first : index + 1], np.array([0, index + 1 - first]))])
            x = np.append(x, self.steps[index])
        return x, ends

    def mean(self, index: int) -> tuple[Values, Values]:
        """Return the running mean up to a step: centred, and only over what is known by then.

        A gap of NaN longer than the window stays a gap.
        """
        if self._dense:
            at = self._edges[1:] - 1
            at = np.append(at[at < index], index)
        else:
            at = np.arange(index + 1)
        low = np.maximum(at - self.half, 0)
        high = np.minimum(at + self.half, index) + 1
        count = self._count[high] - self._count[low]
        mean = (self._sum[high] - self._sum[low]) / np.maximum(count, 1)
        mean = np.exp(mean) if self._log else mean
        return self.steps[at], np.where((count > 0) & np.isfinite(self.values[at]), mean, np.nan)


def _edges(points: int, columns: int) -> Int[np.ndarray, " edge"]:
    return np.round(np.linspace(0, points, max(columns, 1) + 1)).astype(int)


def _extremes(values: Values, edges: Int[np.ndarray, " edge"]) -> Float[np.ndarray, "column 2"]:
    starts = edges[:-1]
    return np.column_stack([np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)])
