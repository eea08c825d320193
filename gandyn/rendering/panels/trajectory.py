"""What losses and divergences have in common: a frame over the steps, curves that grow, values at their ends."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from gandyn.rendering import ticks
from gandyn.rendering.canvas.painter import place_labels
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.curve import Curve, last_texts, visible
from gandyn.rendering.curves import History, band
from gandyn.rendering.layout.line_words import Box, free_place, off_scale, overlap
from gandyn.rendering.marks.guides import AxisTick, title, y_axis
from gandyn.rendering.marks.marks import Area, Axes, Dots, EndLabel, EndLabels, Line, Mark, Scale, Text
from gandyn.rendering.panels.base import TITLE, WIDE_TICKS, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said
from gandyn.rendering.step_axis import step_axis
from gandyn.rendering.value_row import ROW, ValueRows

__all__ = ["Trajectory"]


class Trajectory(Panel):
    """Curves over the steps; the axis reaches to the last step from the first frame on.

    What is drawn of a view is `quantities`; a panel asks for those of its whole group, so that axes are equal.

    In plain words, notes behind the title are left out, curves are called what `names` says, those it does not name are
    not drawn, and the whole course lies faint behind what is drawn of it so far.

    Attributes:
        called: its title.
        names: what curves are called in plain words, by role; "player" stands for what the discriminator is called.
            Where it is empty all curves keep their labels.
    """

    over_steps: ClassVar[bool] = True
    called: ClassVar[Said[str]]
    names: ClassVar[Mapping[str, str]] = {}

    @classmethod
    @abstractmethod
    def quantities(cls, view: RecordingView, brief: bool = False) -> list[Curve]:
        """Return the curves of a view, `brief` in their labels where there is little room."""

    @classmethod
    def courses(cls, view: RecordingView) -> dict[str, Float[np.ndarray, "seed step"]]:
        """Return the values of its curves, by their names."""
        return {curve.label: curve.values for curve in cls.quantities(view)}

    @classmethod
    def widest(cls, view: RecordingView, brief: bool = False) -> str:
        """Return the widest text it writes right of its axes."""
        labels = [
            label for one in view.group for curve in cls.quantities(one, brief) for label in last_texts(one, curve)
        ]
        return max(labels, key=len, default="")

    def frame(
        self,
        notes: Sequence[str],
        y: Scale,
        y_ticks: Sequence[AxisTick],
        curves: Sequence[Curve],
        held: float = 0.0,
        called: str = "",
    ) -> None:
        """Lay out title, axes and room for the end labels, and take in the curves.

        Args:
            notes: what may stand behind the title; the first that fits does.
            y: the scale of the values.
            y_ticks: where to write values at the left, most important first.
            curves: what is drawn.
            held: pixels of the heading kept free at the right.
            called: the title, where it is not the panel's own.
        """
        view, slot, em = self.view, self.slot, self.slot.em
        left, bottom, right, top = slot.box
        curves = self.worded(view, slot, curves)
        heading = called or self.called.to(slot).format(player=view.player)
        gutter, wide, rows = 0.35 * em, list[str](), 0
        if slot.plain:
            notes = [self._seeds_in_words()]
            start = left + measure(heading, em, bold=True) + 1.1 * em
            start += measure(notes[0], em) + 0.7 * em if notes[0] else 0.0
            self._values = ValueRows(self._widest_values(curves), left, start, right - held, top - 0.8 * em, em)
            rows = self._values.more
        else:
            ends = (measure(text, em, bold=True) for curve in curves for text in last_texts(view, curve))
            gutter, wide = max([slot.gutter, *ends]) + 0.75 * em, [*WIDE_TICKS]
        axis = max([measure(text, em) for text in ("0", *wide, *(tick.text for tick in y_ticks))]) + 0.45 * em
        plot = (
            left + axis,
            bottom + (1.5 * em if slot.clock else 0.3 * em),
            max(right - gutter, left + axis + 4 * em),
            top - (TITLE + ROW * rows) * em,
        )
        first, last = view.clock
        self.axes[self.name] = place = Axes(plot, Scale(first, last if last > first else first + 1), y)
        self.background += title(left, top - 0.8 * em, heading, notes, em, right - held)
        self.background += y_axis(place, y_ticks, em, grid=True)
        self.background += step_axis(place, first, last, em, slot.clock)
        self.curves = list(curves)
        self._words: list[tuple[Box, Text]] = []
        self._taken = [self._steps_of(curve) for curve in curves]
        self._courses = [self._course(curve, max(int(place.width), 1)) for curve in curves]
        if slot.plain:
            self.background += [
                self._whole(number, taken) for number, taken in enumerate(self._taken) if len(taken) > 1
            ]

    @classmethod
    def worded(cls, view: RecordingView, slot: PanelSlot, curves: Sequence[Curve]) -> list[Curve]:
        """Return the curves that are drawn in a room, called as it asks for."""
        if not slot.plain or not cls.names:
            return list(curves)
        named = {role: name.format(player=view.player) for role, name in cls.names.items()}
        return [replace(curve, label=named[curve.role]) for curve in curves if curve.role in named]

    def _whole(self, number: int, taken: Int[np.ndarray, " step"]) -> Line:
        """Return the whole course of a curve, faint."""
        x, y = self._courses[number]["main"].mean(len(taken) - 1)
        curve = self.curves[number]
        return Line(self.name, curve.role, x, self._cut(y), weight=0.7 * curve.weight, opacity=0.25, dashed=False)

    def _seeds_in_words(self) -> str:
        seeds = len(self.view.seeds)
        return "" if seeds == 1 else f"band: most of {seeds} seeds"

    def rule(self, at: float, words: str) -> list[Mark]:
        """Return a thin line at a value, and words on it where the curves leave most room for them."""
        place, em = self.axes[self.name], self.slot.em
        ends = np.array([place.x.low, place.x.high])
        line = Line(self.name, "muted", ends, np.full(2, at), weight=0.8, opacity=0.55)
        taken = [box for box, _ in self._words]
        box = free_place(place, at, measure(words, em), em, self._whole_ways(), taken) if words else None
        if box is not None:
            self._words.append((box, Text("", "muted", box[0], box[1] + 0.2 * em, words, ground=True)))
        return [line]

    def _whole_ways(self) -> list[Float[np.ndarray, "2 point"]]:
        """Return all that will be drawn of the curves, in pixels."""
        place, found = self.axes[self.name], []
        for course, taken in zip(self._courses, self._taken, strict=True):
            some = [one for name, one in course.items() if name in ("low", "main", "high")] if len(taken) else []
            found += [np.stack(place.pixels(*one.mean(len(taken) - 1))) for one in some]
        return found

    @property
    def apart(self) -> bool:
        """Whether the selected seed is the main line, and not the median: in a group, where it is what is shown."""
        return len(self.view.group) > 1

    def _steps_of(self, curve: Curve) -> Int[np.ndarray, " step"]:
        """Return the indices of the steps shown at which a curve has values: of all of them, unless it is dotted."""
        shown = np.arange(self.view.begin, self.view.end)
        return shown[np.isfinite(curve.values[:, shown]).any(axis=0)] if curve.dotted else shown

    def _place(self, number: int, step_index: int) -> int:
        """Return which of its own steps a curve has reached at a step; -1 before the first of them."""
        return int(np.searchsorted(self._taken[number], step_index, side="right")) - 1

    def _course(self, curve: Curve, columns: int) -> dict[str, History]:
        view, taken = self.view, self._steps_of(curve)
        steps, values = view.steps[taken], curve.values[:, taken]
        y = self.axes[self.name].y
        log, exact = y.log, values
        if not log:
            # A wild value may run off the axes, but must not drag the running mean around it along.
            values = np.clip(values, y.low - (y.high - y.low), y.high + (y.high - y.low))
        shown = History(steps, values[view.seed_index], columns, log)
        own = {"main": shown, "exact": History(steps, exact[view.seed_index], columns, log)}
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
                radius = min(0.24, 0.3 * self.axes[self.name].width / max(len(self._taken[number]), 1) / self.slot.em)
                lines.append(Dots(self.name, curve.role, x, self._cut(y), radius))
        return under + lines + self.ends(step_index)

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

    def ends(self, step_index: int) -> list[Mark]:
        """Return names and values of the curves: at their ends, or for an audience in the heading, and a dot there."""
        found = self.end_labels(step_index)
        if not self.slot.plain:
            return [*self._uncovered(found), found]
        y, em, ends = self.axes[self.name].y, self.slot.em, list[Mark]()
        for one in found.labels:
            if y.low <= one.y <= y.high:
                at = np.array([one.x]), np.array([one.y])
                ends.append(Dots(self.name, one.role, *at, radius=0.36, halo=0.1))
            else:
                ends += off_scale(self.axes[self.name], one, em, [box for box, _ in self._words])
        return [*(text for _, text in self._words), *ends, *self._values.marks(found.labels)]

    def _uncovered(self, labels: EndLabels) -> list[Text]:
        """Return the words on lines, without those that a value at the end of a curve would be written over."""
        em = self.slot.em
        taken = [
            (one.x, one.y - 0.6 * em, one.x + measure(one.text, em, one.bold), one.y + 0.6 * em)
            for one in (place_labels(labels, self.axes[self.name], em) if self._words else [])
        ]
        return [text for box, text in self._words if not any(overlap(box, other) for other in taken)]

    def _widest_values(self, curves: Sequence[Curve]) -> list[tuple[str, str]]:
        """Return each curve's role and, of what will be written of it, the widest."""
        found = []
        for curve in curves:
            seen = visible(self.view, curve.values)
            some = np.quantile(seen, np.linspace(0, 1, 41), method="nearest") if seen.size else np.zeros(1)
            texts = {*last_texts(self.view, curve), *(self.text(curve, float(one)) for one in some)}
            found.append((curve.role, max(texts, key=lambda text: measure(text, self.slot.em, bold=True))))
        return found

    def end_labels(self, step_index: int) -> EndLabels:
        """Return the values at the ends of the curves; nothing for a curve that has ended."""
        labels = []
        for number, curve in enumerate(self.curves):
            now = self.current(number, step_index)
            if np.isfinite(now):
                x, y = self._courses[number]["main"].mean(self._place(number, step_index))
                labels.append(EndLabel(curve.role, float(x[-1]), float(y[-1]), self.text(curve, now)))
        return EndLabels(self.name, self.slot.box[2], tuple(labels))

    def text(self, curve: Curve, now: float) -> str:
        """Return what is written at the end of a curve."""
        return curve.text(ticks.value(now))

    def crowd(self) -> str:
        """Return what thick line and band stand for, where there are several seeds."""
        return f"{self.main()}, 10–90 %" if self.main() and not self.apart else self.main()

    def main(self) -> str:
        """Return what thick line and values stand for, or where the line is plain what the band does."""
        seeds = len(self.view.seeds)
        if seeds == 1:
            return ""
        return f"band: 10–90 % of {seeds} seeds" if self.apart else f"median of {seeds} seeds"
