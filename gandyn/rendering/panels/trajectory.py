"""What losses and divergences have in common: a frame over the steps, curves that grow, values at their ends."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from gandyn.rendering import ticks
from gandyn.rendering.curves import History, band
from gandyn.rendering.decor import AxisTick, title, x_axis, y_axis
from gandyn.rendering.marks import Area, Axes, Dots, EndLabel, EndLabels, Line, Mark, Scale, Text
from gandyn.rendering.panels.base import TITLE, WIDE_TICKS, Panel
from gandyn.rendering.stage import Stage
from gandyn.rendering.typeface import measure

__all__ = ["FEW", "Curve", "Trajectory"]

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
    """

    role: str
    label: str
    values: Float[np.ndarray, "seed step"]
    noisy: bool = False
    under: bool = True
    weight: float = 1.0
    dotted: bool = False


class Trajectory(Panel):
    """Curves over the steps; the axis reaches to the last step from the first frame on.

    What is drawn of a stage is `quantities`; a panel asks for those of its whole company, so that axes are equal.
    """

    over_steps: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def quantities(cls, stage: Stage, brief: bool = False) -> list[Curve]:
        """Return the curves of a stage, `brief` in their labels where there is little room."""

    @classmethod
    def courses(cls, stage: Stage) -> dict[str, Float[np.ndarray, "seed step"]]:
        """Return the values of its curves, by their names."""
        return {curve.label: curve.values for curve in cls.quantities(stage)}

    @classmethod
    def widest(cls, stage: Stage, brief: bool = False) -> str:
        """Return the widest text it writes right of its axes."""
        labels = [label for one in stage.company for curve in cls.quantities(one, brief) for label in _last(one, curve)]
        return max(labels, key=len, default="")

    def frame(
        self,
        name: str,
        notes: Sequence[str],
        y: Scale,
        y_ticks: Sequence[AxisTick],
        curves: Sequence[Curve],
        held: float = 0.0,
    ) -> None:
        """Lay out title, axes and room for the end labels, and take in the curves.

        Args:
            name: the title.
            notes: what may stand behind it; the first that fits does.
            y: the scale of the values.
            y_ticks: where to write values at the left, most important first.
            curves: what is drawn.
            held: pixels of the heading kept free at the right.
        """
        stage, room, em = self.stage, self.room, self.room.em
        left, bottom, right, top = room.box
        gutter = max([room.gutter, *(measure(text, em, bold=True) for c in curves for text in _last(stage, c))])
        axis = max([measure(text, em) for text in (*WIDE_TICKS, *(tick.text for tick in y_ticks))]) + 0.45 * em
        plot = (
            left + axis,
            bottom + (1.5 * em if room.clock else 0.3 * em),
            max(right - gutter - 0.75 * em, left + axis + 4 * em),
            top - TITLE * em,
        )
        first, last = stage.clock
        self.axes[self.name] = place = Axes(plot, Scale(first, last if last > first else first + 1), y)
        self.background += title(left, top - 0.8 * em, name, notes, em, right - held)
        self.background += y_axis(place, y_ticks, em, grid=True)
        most = max(int(place.width / (4.2 * em)), 2)
        at = [step for step in ticks.several(first, max(last, first + 1), most) if step == int(step)]
        marks = [AxisTick(step, text) for step, text in zip(at, ticks.counts(at), strict=True)]
        if room.clock:
            self.background += x_axis(place, marks, em)
            self.background += _step_word(place, right, em)
        else:
            self.background += x_axis(place, [AxisTick(tick.at, "") for tick in marks], em)
        self.curves = list(curves)
        self._taken = [self._steps_of(curve) for curve in curves]
        self._courses = [self._course(curve, max(int(place.width), 1)) for curve in curves]

    @property
    def apart(self) -> bool:
        """Whether the seed in the light is the main line, and not the median: in company, where it is what is shown."""
        return len(self.stage.company) > 1

    def _steps_of(self, curve: Curve) -> Int[np.ndarray, " step"]:
        """Return the indices of the steps shown at which a curve has values: of all of them, unless it is dotted."""
        shown = np.arange(self.stage.begin, self.stage.end)
        return shown[np.isfinite(curve.values[:, shown]).any(axis=0)] if curve.dotted else shown

    def _place(self, number: int, step_index: int) -> int:
        """Return which of its own steps a curve has reached at a step; -1 before the first of them."""
        return int(np.searchsorted(self._taken[number], step_index, side="right")) - 1

    def _course(self, curve: Curve, columns: int) -> dict[str, History]:
        stage, taken = self.stage, self._steps_of(curve)
        steps, values = stage.steps[taken], curve.values[:, taken]
        y = self.axes[self.name].y
        log, exact = y.log, values
        if not log:
            # A wild value may run off the axes, but must not drag the running mean around it along.
            values = np.clip(values, y.low - (y.high - y.low), y.high + (y.high - y.low))
        shown = History(steps, values[stage.seed_index], columns, log)
        own = {"main": shown, "exact": History(steps, exact[stage.seed_index], columns, log)}
        if len(values) == 1:
            return own
        rows = zip(
            ("low", "main", "high", "exact"), [*band(values, (0.1, 0.5, 0.9)), *band(exact, (0.5,))], strict=True
        )
        found = {name: History(steps, row, columns, log) for name, row in rows}
        return found | own if self.apart else found | {"shown": shown}

    def marks(self, step_index: int) -> list[Mark]:
        """Return the curves up to a step and their values."""
        under: list[Mark] = []
        lines: list[Mark] = []
        for number, (curve, course) in enumerate(zip(self.curves, self._courses, strict=True)):
            index = self._place(number, step_index)
            if index < 0:
                continue
            if "low" in course:
                x, low = course["low"].mean(index)
                _, high = course["high"].mean(index)
                under.append(Area(self.name, curve.role, x, self._cut(low), self._cut(high), opacity=0.16))
                if "shown" in course:
                    x, y = course["shown"].mean(index)
                    under.append(Line(self.name, curve.role, x, self._cut(y), weight=0.38, opacity=0.75, dashed=False))
            elif curve.under and not curve.dotted:
                under += self._raw(curve, course["main"], index)
            x, y = course["main"].mean(index)
            lines.append(Line(self.name, curve.role, x, self._cut(y), weight=curve.weight))
            if curve.dotted:
                radius = min(0.24, 0.3 * self.axes[self.name].width / max(len(self._taken[number]), 1) / self.room.em)
                lines.append(Dots(self.name, curve.role, x, self._cut(y), radius))
        return under + lines + [self.end_labels(step_index)]

    def _raw(self, curve: Curve, course: History, index: int) -> list[Mark]:
        if not course.dense:
            x, y = course.until(index)
            return [Line(self.name, curve.role, x, self._cut(y), weight=0.32, opacity=0.4, dashed=False)]
        x, ends = course.extremes(index)
        return [Area(self.name, curve.role, x, self._cut(ends[:, 0]), self._cut(ends[:, 1]), opacity=0.3)]

    def _cut(self, values: Float[np.ndarray, " point"]) -> Float[np.ndarray, " point"]:
        """Keep values near the axes, so that wild ones do not make wild coordinates; they still run off the edge."""
        y = self.axes[self.name].y
        if y.log:
            return np.asarray(np.clip(values, y.low / 3, y.high * 3))
        span = y.high - y.low
        return np.asarray(np.clip(values, y.low - span, y.high + span))

    def current(self, number: int, step_index: int) -> float:
        """Return the value of a curve at a step: its running mean where single values are chance."""
        course, index = self._courses[number]["exact"], self._place(number, step_index)
        if index < 0:
            return float("nan")
        return float(course.mean(index)[1][-1] if self.curves[number].noisy else course.values[index])

    def end_labels(self, step_index: int) -> EndLabels:
        """Return the values at the ends of the curves; nothing for a curve that has ended."""
        labels = []
        for number, curve in enumerate(self.curves):
            now = self.current(number, step_index)
            if np.isfinite(now):
                x, y = self._courses[number]["main"].mean(self._place(number, step_index))
                labels.append(EndLabel(curve.role, float(x[-1]), float(y[-1]), self.text(curve, now)))
        return EndLabels(self.name, self.room.box[2], tuple(labels))

    def text(self, curve: Curve, now: float) -> str:
        """Return what is written at the end of a curve."""
        return f"{curve.label} {ticks.value(now)}"

    def crowd(self) -> str:
        """Return what thick line and band stand for, where there are several seeds."""
        return f"{self.main()}, 10–90 %" if self.main() and not self.apart else self.main()

    def main(self) -> str:
        """Return what thick line and values stand for, or where the line is plain what the band does."""
        seeds = len(self.stage.seeds)
        if seeds == 1:
            return ""
        return f"band: 10–90 % of {seeds} seeds" if self.apart else f"median of {seeds} seeds"


def _last(stage: Stage, curve: Curve) -> list[str]:
    """Return what may be written at the end of a curve when it has reached the end of the axes."""
    values = [curve.values[stage.seed_index, stage.end - 1], *_median(curve.values[:, stage.end - 1])]
    if curve.noisy:
        shown = curve.values[:, stage.begin : stage.end]
        half, count = shown.shape[1] // 120, shown.shape[1]
        # A label has its full way to go from some time before the end on.
        ends = range(count, max(count - max(count // 25, 1), 0), -max(count // 200, 1))
        means = [_mean(shown[:, max(end - 1 - half, 0) : end]) for end in ends]
        values = [float(one) for mean in means for one in (mean[stage.seed_index], *_median(mean))]
    return [f"{curve.label} 0.00", *(f"{curve.label} {ticks.value(one)}" for one in values if np.isfinite(one))]


def _mean(values: Float[np.ndarray, "seed step"]) -> Float[np.ndarray, " seed"]:
    """Return the mean over steps; NaN for a seed without a finite value."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _median(values: Float[np.ndarray, " seed"]) -> list[float]:
    there = values[np.isfinite(values)]
    return [float(np.median(there))] if len(there) else []


def _step_word(place: Axes, right: float, em: float) -> list[Mark]:
    x = min(place.box[2] + 1.7 * em, right - measure("step", em))
    return [Text("", "muted", x, place.box[1], "step", valign="top", dy=-0.4)]


def visible(stage: Stage, values: Float[np.ndarray, "seed step"]) -> Float[np.ndarray, " value"]:
    """Return the finite values that will be drawn: all seeds, steps shown."""
    seen = values[:, stage.begin : stage.end]
    return np.asarray(seen[np.isfinite(seen)])
