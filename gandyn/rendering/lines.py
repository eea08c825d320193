"""Lines of several recordings in one panel: told apart by colour, by the shape of their markers, and by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.canvas.painter import leaders, place_labels
from gandyn.rendering.canvas.typeface import ellipsize, measure
from gandyn.rendering.curves import History, band
from gandyn.rendering.marks.guides import AxisTick, title, y_axis
from gandyn.rendering.marks.marks import Area, Axes, Dots, EndLabel, EndLabels, Line, Mark, Scale, Shape, Text
from gandyn.rendering.panels.base import TITLE, WIDE_TICKS, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.step_axis import step_axis
from gandyn.rendering.theme import Style, Theme, rgb

__all__ = ["CURVES", "Curves", "Label", "Series", "legend_rows", "with_curves"]

CURVES = ("curve1", "curve2", "curve3", "curve4")
"""Roles of the recordings in a figure of several, in their order."""

_SHAPES: dict[str, Shape] = dict(zip(CURVES, ("circle", "square", "triangle", "diamond"), strict=True))
_ON_LIGHT = ("#1b1f27", "#9977ff", "#669977", "#554400")
_ON_DARK = ("#eef1f5", "#a066e8", "#f2d53c", "#6f8f60")
"""Colours at least 20 apart (CIEDE2000) for normal, protanope and deuteranope sight, and none that the players have."""

_WIDTH = 2.8
"""Width of a curve in pixels at 1280x720, as in a theme."""

_MARKERS = 7
"""Markers on a curve that reaches over the whole axis."""

_RADIUS = 0.27
"""Radius of a marker, in em."""

_DECADES = 30.0
"""Greatest over least value from which on an axis is logarithmic."""

_DEEPEST = 1e-5
"""How far under its upper end a logarithmic axis reaches at most."""


@dataclass(frozen=True)
class Label:
    """What a curve is called in a figure, by its role."""

    role: str
    text: str


@dataclass(frozen=True)
class Series:
    """A number that every one of some recordings holds at every step.

    Attributes:
        title: what it is called.
        units: in which it is measured; empty where it is a count or a share.
        values: of each recording.
        of: the most it can be; NaN where there is no such number.
    """

    title: str
    units: str
    values: tuple[Float[np.ndarray, "seed step"], ...]
    of: float = float("nan")


def with_curves(theme: Theme) -> Theme:
    """Return a theme that has the roles of curves too."""
    dark = sum(rgb(theme.background)) < 1.5
    looks = {role: Style(color, _WIDTH) for role, color in zip(CURVES, _ON_DARK if dark else _ON_LIGHT, strict=True)}
    return replace(theme, roles={**theme.roles, **looks})


class Curves(Panel):
    """A number over the steps, a line a recording: the median of its seeds, with a band from the 10th to the 90th.

    Lines are running means. Names stand right of the axes, beside the lines' ends, and never on a line.

    Args:
        views: the recordings, each in group of the others.
        series: what is drawn of them.
        labels: what the lines are called; texts may be empty.
        what: what the labels are values of; said in the heading.
        alone: whether one seed of each is drawn, the selected one, and not the median.
    """

    over_steps = True

    def __init__(
        self,
        views: Sequence[RecordingView],
        series: Series,
        slot: PanelSlot,
        labels: Sequence[Label],
        what: str = "",
        alone: bool = False,
    ) -> None:
        super().__init__(views[0], slot)
        em, (left, bottom, right, top) = slot.em, slot.box
        values = [one[[view.seed_index]] if alone else one for view, one in zip(views, series.values, strict=True)]
        y = _scale(values, series.of)
        rows = max(int((slot.height - (TITLE + 1.5) * em) / (1.8 * em)), 2)
        found = ticks.decades(y.low, y.high, rows) if y.log else ticks.several(y.low, y.high, min(rows, 6))
        if np.isfinite(series.of):
            found = [at for at in found if at == int(at)]
        written = [AxisTick(at, ticks.clean(at)) for at in found]
        axis = max(measure(text, em) for text in (*WIDE_TICKS, *(tick.text for tick in written))) + 0.45 * em
        gutter = max((measure(one.text, em, bold=True) for one in labels), default=0)
        end = right - (gutter + 0.75 * em if gutter else 1.2 * em)
        first, last = views[0].clock
        box = (left + axis, bottom + 1.5 * em, end, top - TITLE * em)
        place = self.axes["curves"] = Axes(box, Scale(first, max(last, first + 1)), y)
        several = max(len(one) for one in values)
        seeds = f"median and 10–90 % of {several} seeds" if several > 1 else ""
        unit = f"in {series.units}" if series.units else ""
        notes = ["; ".join(part for part in parts if part) for parts in ((unit, what, seeds), (what, seeds))]
        self.background += title(left, top - 0.8 * em, series.title, [*notes, seeds, what], em, right)
        self.background += y_axis(place, written, em, grid=True)
        self.background += step_axis(place, first, last, em)
        self._drawn = [
            self._curve(view, one, label.role, number)
            for number, (view, one, label) in enumerate(zip(views, values, labels, strict=True))
        ]
        self._labels = list(labels)

    def _curve(
        self, view: RecordingView, values: Float[np.ndarray, "seed step"], role: str, number: int
    ) -> tuple[list[Mark], tuple[float, float]]:
        """Return the marks of a recording, and where its curve ends."""
        place = self.axes["curves"]
        columns, shown = max(int(place.width), 1), np.isfinite(values).any(axis=0)
        steps, seen = view.steps[shown], values[:, shown]
        if not shown.any():
            return [], (float("nan"), float("nan"))
        rows = band(seen, (0.1, 0.5, 0.9)) if len(seen) > 1 else seen
        means = [History(steps, row, columns, place.y.log).mean(len(steps) - 1) for row in rows]
        x, y = means[len(means) // 2]
        y = np.clip(y, place.y.low / 3 if place.y.log else place.y.low - 1e3, None)
        marks: list[Mark] = []
        if len(means) > 1:
            marks.append(Area("curves", role, x, means[0][1], means[-1][1], opacity=0.14))
        marks.append(Line("curves", role, x, y))
        # Markers of one curve stand between those of the others, so that they can be seen where curves run together.
        span = place.x.high - place.x.low
        wanted = place.x.low + span * (np.arange(_MARKERS) + (number + 0.5) / len(CURVES)) / _MARKERS
        wanted = wanted[(wanted >= x[0]) & (wanted <= x[-1])]
        good = np.isfinite(y)
        at = np.append(np.interp(wanted, x[good], y[good]), y[good][-1])
        wanted = np.append(wanted, x[good][-1])
        # Lines are cut at the axes' edge, and markers are not.
        seen = (at >= place.y.low) & (at <= place.y.high)
        marks.append(Dots("curves", role, wanted[seen], at[seen], _RADIUS, halo=0.05, shape=_SHAPES[role]))
        return marks, (float(x[good][-1]), float(y[good][-1]))

    def marks(self, step_index: int) -> list[Mark]:
        """Return all curves, whatever the step, and their names."""
        em, place = self.slot.em, self.axes["curves"]
        marks = [mark for drawn, _ in self._drawn for mark in drawn]
        named = [
            # A curve that ends early is named beside the axes as well: its name would stand on the others.
            EndLabel(label.role, place.x.high, y, label.text)
            for label, (_, (_, y)) in zip(self._labels, self._drawn, strict=True)
            if label.text and np.isfinite(y)
        ]
        placed = place_labels(EndLabels("curves", self.slot.box[2], tuple(named)), place, em)
        for role, ends in leaders(placed, place, em):
            marks.append(Line("", role, ends[:, 0], ends[:, 1], weight=0.3, opacity=0.6))
        texts = [Text("", one.role, one.x, one.y, one.text, bold=True, valign="middle") for one in placed]
        return [*marks, *texts]


def _scale(values: Sequence[Float[np.ndarray, "seed step"]], of: float) -> Scale:
    """Return an axis that holds nearly all values: of counts from 0 to all; over decades logarithmic."""
    seen = np.concatenate([one[np.isfinite(one)] for one in values])
    if not seen.size:
        return Scale(0.0, 1.0)
    if np.isfinite(of):
        return Scale(0.0, 1.06 * of)
    low, high = (float(one) for one in np.quantile(seen, [0.005, 0.995]))
    if low > 0 and high > _DECADES * low:
        return Scale(0.8 * max(float(seen.min()), high * _DEEPEST), 1.25 * high, log=True)
    pad = 0.08 * (high - low) or 0.1 * abs(high) or 0.5
    return Scale(0.0 if 0 <= low < 0.5 * high else low - pad, high + pad)


def legend_rows(labels: Sequence[Label], left: float, top: float, width: float, em: float) -> tuple[list[Mark], float]:
    """Return the names of curves behind pieces of them, in as many rows as they take under a top, and their height."""
    swatch, gap, space, pitch = 2.2 * em, 0.5 * em, 1.6 * em, 1.4 * em
    marks: list[Mark] = []
    x, y = left, top - 0.8 * em
    for label in labels:
        text = ellipsize(label.text, width - swatch - gap, em)
        wide = swatch + gap + measure(text, em)
        if x > left and x + wide > left + width:
            x, y = left, y - pitch
        middle = y + 0.34 * em
        marks.append(Line("", label.role, np.array([x, x + swatch]), np.full(2, middle)))
        dot = np.array([x + swatch / 2])
        marks.append(Dots("", label.role, dot, np.full(1, middle), _RADIUS, halo=0.05, shape=_SHAPES[label.role]))
        marks.append(Text("", "ink", x + swatch + gap, y, text))
        x += wide + space
    return marks, top - y + 0.9 * em
