"""One quantity over the steps, and what may be written of it at its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.recording_view import RecordingView

__all__ = ["FEW", "Curve", "last_texts", "visible"]

FEW = 120
"""Recorded steps from which on a running mean (`curves.History`) is taken over more than one of them."""


@dataclass(frozen=True)
class Curve:
    """One quantity to be drawn over the steps.

    Attributes:
        label: what stands before its value at the end of the curve.
        noisy: whether the value at one step is chance, as a loss on a batch is: then the running mean is written at
            the end of the curve, else the value itself.
        under: whether the single values are drawn, thin, under the running mean.
        dotted: whether it is measured at some of the steps only, NaN at others: dots, joined; the last value stays.
        unit: what stands behind its value.
    """

    role: str
    label: str
    values: Float[np.ndarray, "seed step"]
    noisy: bool = False
    under: bool = True
    weight: float = 1.0
    dotted: bool = False
    unit: str = ""

    def text(self, value: str) -> str:
        """Return what is written at its end, with a value."""
        return f"{self.label} {value} {self.unit}".rstrip()


def last_texts(view: RecordingView, curve: Curve) -> list[str]:
    """Return what may be written at the end of a curve when it has reached the end of the axes."""
    values = [curve.values[view.seed_index, view.end - 1], *_median(curve.values[:, view.end - 1])]
    if curve.noisy:
        shown = curve.values[:, view.begin : view.end]
        half, count = shown.shape[1] // 120, shown.shape[1]
        # A label has its full way to go from some time before the end on.
        ends = range(count, max(count - max(count // 25, 1), 0), -max(count // 200, 1))
        means = [_mean(shown[:, max(end - 1 - half, 0) : end]) for end in ends]
        values = [float(one) for mean in means for one in (mean[view.seed_index], *_median(mean))]
    return [curve.text("0.00"), *(curve.text(ticks.value(one)) for one in values if np.isfinite(one))]


def _mean(values: Float[np.ndarray, "seed step"]) -> Float[np.ndarray, " seed"]:
    """Return the mean over steps; NaN for a seed without a finite value."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _median(values: Float[np.ndarray, " seed"]) -> list[float]:
    there = values[np.isfinite(values)]
    return [float(np.median(there))] if len(there) else []


def visible(view: RecordingView, values: Float[np.ndarray, "seed step"]) -> Float[np.ndarray, " value"]:
    """Return the finite values that will be drawn: all seeds, steps shown."""
    seen = values[:, view.begin : view.end]
    return np.asarray(seen[np.isfinite(seen)])
