"""What all panels on the plane share: window, data contours, and the square they are drawn in."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.distributions.units import unit_of
from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.density_levels import own_window
from gandyn.rendering.fields import isolines, region, smooth
from gandyn.rendering.landing import TINTS
from gandyn.rendering.marks.guides import AxisTick, cleared, diverged, x_axis, y_axis
from gandyn.rendering.marks.marks import Axes, Dots, Line, Mark, Region, Scale, Text
from gandyn.rendering.modes import discs, mode_numbers, reaches
from gandyn.rendering.panels.base import FOOT, SIDE, TITLE, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said
from gandyn.rendering.tints import assigned

__all__ = ["CONTOURS", "RING", "Square", "contours", "drawn_data", "fill", "fit", "frame", "narrow"]

CONTOURS = (0.08, 0.3, 0.7)
"""Where the data's contours run, as parts of its peak: for a Gaussian 2.2, 1.6 and 0.8 standard deviations out."""

_OVERHANG = 0.05
"""How far the numbers of ticks may reach beyond the room for them, without the space before the axes, in em."""

RING, _DISC = 0.42, 0.3
"""Least radius of the disc that stands for a narrow mode, in em, and its opacity: a mere ring is but a hair."""

_OUTSIDE = (0.001, 0.02)
"""Part of the generator's mass beyond the window that is worth a note, and in a picture for an audience."""

_FILLED = (0.15, 0.1, 0.1)
"""Opacity within each of the data's contours, from outside in: they add up."""


class Square(Panel):
    """A panel whose axes are a square of the plane; a unit is as long in x as in y, or what counts as equally long.

    From above: a row for the legend, the square with ticks at its left and below, and a row for a key.

    Attributes:
        aside: ways to say in a corner what is drawn where the plane is one of principal components, the longest first.
        points_name: what generated points are called.
        mass_outside: ways to say that a share of what is generated lies beyond the window, the longest first.
    """

    lead = True
    square = True
    dim: ClassVar[int | None] = 2
    aspect: ClassVar[float] = 0.9
    aside: ClassVar[tuple[str, ...]] = ()
    points_name: ClassVar[Said[str]] = Said("G(z)", "generated")
    mass_outside: ClassVar[Said[tuple[str, ...]]] = Said((" of G outside", " outside", ""), (" outside",))

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        x, y = self.sight()
        self._numbers: list[Text] = []
        self._discs: list[Mark] = []
        self._names: list[Text] = []
        if slot.bare:
            self.place = self.axes["plane"] = fill(slot.box, x, y, view.lengths)
            return
        if slot.plain and not view.labels:
            self.place = fit(slot.box, x, y, view.lengths)
        elif slot.plain:
            self.place = self._fit((left + 0.3 * em, bottom + 1.6 * em, right, top))
        else:
            foot = FOOT * em if slot.alone else 1.4 * em
            self.place = self._fit((left, bottom + foot, right, top - TITLE * em))
            self.head = self.place.box[3] + 0.85 * em
            self.foot = self.place.box[1] - FOOT * em
        self.axes["plane"] = self.place
        self.left, self.right = self.place.box[0], self.place.box[2]
        self.background += frame(self.place)
        if view.labels or not slot.plain:
            self._lay_axes()
        self._number_modes()

    def _lay_axes(self) -> None:
        """Write ticks, and what the axes are where it cannot be seen."""
        em, (x, y) = self.slot.em, self.sight()
        across = _ticks(x, self.place.width, self._most(), em)
        name = self._name_axes() if self.view.named else ""
        self.background += x_axis(self.place, cleared(self.place, across, name, em), em)
        self.background += y_axis(self.place, _ticks(y, self.place.height, self._most(), em), em)

    def _number_modes(self) -> None:
        """Give every mode of the data its number, where a panel beside it names modes by number."""
        view, em = self.view, self.slot.em
        if self.slot.numbered and view.has("mode_std"):
            middles = np.asarray(view.dataset["mode_position"].values, dtype=float)
            reach = reaches(view, self.place, CONTOURS[0], RING * em)
            self._numbers = mode_numbers("plane", self.place, middles, reach, em)
            if self.slot.tinted:
                self._discs = discs(self._numbers, assigned(middles, TINTS), em)

    def _fit(self, box: tuple[float, float, float, float]) -> Axes:
        """Return axes in a box with room for ticks at their left: more where their numbers are long."""
        em, (x, y) = self.slot.em, self.sight()
        lengths = self.view.lengths
        self.place = fit((box[0] + SIDE * em, *box[1:]), x, y, lengths)
        up = _ticks(y, self.place.height, self._most(), em)
        wide = max((measure(tick.text, em) for tick in up), default=0.0) - _OVERHANG * em
        return self.place if wide <= SIDE * em else fit((box[0] + wide, *box[1:]), x, y, lengths)

    def _most(self) -> int:
        return max(int(self.place.width / (3.6 * self.slot.em)), 2)

    def _name_axes(self) -> str:
        """Write what the axes are: one name at the end of the row of ticks, which is returned, one inside."""
        em, view, (left, bottom, right, top) = self.slot.em, self.view, self.place.box
        names = [view.axis_name(axis) for axis in range(2)]
        forms = [[name, unit_of([name]) or dim] for name, dim in zip(names, view.dims, strict=True)]
        first, second = (next((t for t in form if measure(t, em) <= 0.4 * (right - left)), "") for form in forms)
        self._names = [Text("", "muted", left + 0.5 * em, top - 1.1 * em, second, ground=True)] if second else []
        free = right - left - measure(second, em) - 2.5 * em
        asides = self.aside if view.projected else ()
        for text in [text for text in asides if measure(text, em) <= free][:1]:
            aside = Text("", "muted", right - 0.5 * em, top - 1.1 * em, text, align="right", ground=True)
            self._names.append(aside)
        self.background.append(Text("", "muted", right, bottom, first, align="right", valign="top", dy=-0.4))
        return first

    def sight(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return what its axes show along x and along y."""
        return self.view.window(0), self.view.window(1)

    def remark(self, *forms: str) -> list[Mark]:
        """Return the first of some ways to say something, the longest first, that fits in the row below; or none."""
        fitting = [text for text in forms if measure(text, self.slot.em) <= self.slot.box[2] - self.left]
        return [Text("", "muted", self.left, self.foot + 1.1 * self.slot.em, text) for text in fitting[:1]]

    def points(self, step_index: int, radius: float = 0.2, halo: float = 0.09) -> list[Mark]:
        """Return the generated points at a step that lie in sight."""
        if not self.view.has("generated"):
            return []
        x, y = self.inside(self.view.field("generated", step_index), radius).T
        return [Dots("plane", "points", x, y, radius, halo=halo)]

    def inside(self, points: Float[np.ndarray, "point 2"], margin: float = 0.0) -> Float[np.ndarray, "point 2"]:
        """Return the points in sight, at least `margin` em from the edge."""
        pixels = np.column_stack(self.place.pixels(points[:, 0], points[:, 1]))
        low, high = np.array(self.place.box[:2]), np.array(self.place.box[2:])
        slot = margin * self.slot.em
        with np.errstate(invalid="ignore"):
            return points[((pixels >= low + slot) & (pixels <= high - slot)).all(axis=1)]

    def notes(self, step_index: int) -> list[Mark]:
        """Return what is written over the picture at a step: names, numbers of modes, a divergence, mass beyond it."""
        marks = list[Mark]([*self._names, *self._discs])
        # What was lost says so where numbers stand.
        marks += self.diverged(step_index) or self._numbers
        if self.view.has("outside_mass"):
            mass = np.asarray(self.view.recording.scalars("outside_mass"))[self.view.seed_index, step_index]
            share = float(mass.sum())
            if np.isfinite(share) and share >= _OUTSIDE[self.slot.plain]:
                marks.append(self._outside(ticks.percent(share)))
        return marks

    def diverged(self, step_index: int) -> list[Mark]:
        """Return the words that say when the seed diverged, in the middle, if it has by then."""
        at = self.view.diverged(step_index)
        return [] if at is None else [diverged(at, self.place.box, self.slot.em)]

    def _outside(self, share: str) -> Text:
        """Return the note that mass lies beyond the window: in the first corner, at the right if it can, that is free.

        As long as fits at its widest, so that it neither grows nor moves about from step to step.
        """
        em, (left, bottom, right, top) = self.slot.em, self.place.box
        numbers = [self.place.pixels(one.x, one.y) for one in self._numbers]
        forms = self.mass_outside.to(self.slot)
        for rest, low, right_hand in itertools.product(forms, (True, False), (True, False)):
            wide = measure(f"100 %{rest}", em, bold=True) + em
            y = bottom + 0.5 * em if low else top - 1.1 * em
            start = right - wide if right_hand else left
            clear = (low or not self._names) and all(
                u + 0.6 * em < start or u - 0.6 * em > start + wide or abs(v - y - 0.36 * em) > 1.1 * em
                for u, v in numbers
            )
            if clear and wide <= right - left:
                break
        if right_hand:
            return Text("", "generator", right - 0.5 * em, y, share + rest, bold=True, align="right", halo=True)
        return Text("", "generator", left + 0.5 * em, y, share + rest, bold=True, halo=True)


def _ticks(ends: tuple[float, float], length: float, most: int, em: float) -> list[AxisTick]:
    """Return at most `most` ticks along an axis of a length in pixels; more, or every other, where that leaves < 3."""
    found = ticks.nice(*ends, most)
    for count, every in itertools.product(range(most + 1, 10), (1, 2)):
        if len(found) >= 3:
            break
        finer = ticks.nice(*ends, count)
        if len(finer) < 2:
            continue
        step = finer[1] - finer[0]
        some = [at for at in finer if round(at / step) % every == 0]
        wide = max((measure(ticks.clean(at), em) for at in some), default=0.0)
        if len(some) > len(found) and every * step / (ends[1] - ends[0]) * length >= wide + 0.7 * em:
            found = some
    return [AxisTick(at, ticks.clean(at)) for at in found]


def fit(
    box: tuple[float, float, float, float],
    x: tuple[float, float],
    y: tuple[float, float],
    lengths: Sequence[float] = (1.0, 1.0),
) -> Axes:
    """Return axes in which `lengths` are equally long: as large as the box allows, at its top, in whole pixels."""
    left, bottom, right, top = box
    across, up = (float(np.ptp(ends)) / length for ends, length in zip((x, y), lengths, strict=True))
    unit = min((right - left) / across, (top - bottom) / up)
    width, height = max(int(unit * across), 1), max(int(unit * up), 1)
    left = round(left + (right - left - width) / 2)
    return Axes((left, round(top) - height, left + width, round(top)), Scale(*x), Scale(*y))


def fill(
    box: tuple[float, float, float, float], x: tuple[float, float], y: tuple[float, float], lengths: Sequence[float]
) -> Axes:
    """Return axes in which `lengths` are equally long that fill a box and show at least what was asked for."""
    left, bottom, right, top = box
    across, up = (float(np.ptp(ends)) / length for ends, length in zip((x, y), lengths, strict=True))
    unit = min((right - left) / across, (top - bottom) / up)

    def around(ends: tuple[float, float], pixels: float, length: float) -> Scale:
        middle, half = (ends[0] + ends[1]) / 2, pixels / unit / 2 * length
        return Scale(middle - half, middle + half)

    return Axes(box, around(x, right - left, lengths[0]), around(y, top - bottom, lengths[1]))


def drawn_data(axes: str, view: RecordingView, place: Axes, em: float) -> list[Mark]:
    """Return the data as a region: filled contours, or the discs of modes narrower than a cell; as `contours` takes."""
    lines = contours(axes, view, place, em, weight=0.8)
    top = float(np.nanmax(smooth(view.data), initial=0.0))
    if narrow(view) or top <= 0:
        return lines
    window = own_window(view)
    regions = [region(view.data, *window, part * top) for part in CONTOURS]
    filled = [Region(axes, "data", x, y, opacity=opacity) for (x, y), opacity in zip(regions, _FILLED, strict=True)]
    return [*filled, *lines[:1]]


def contours(axes: str, view: RecordingView, place: Axes, em: float, weight: float = 0.62) -> list[Mark]:
    """Return the data's density as contour lines; modes narrower than a cell, which show no shape, as ringed discs.

    Args:
        axes: name of the axes they are drawn in.
        view: the recording.
        place: those axes.
        em: base font size in pixels.
        weight: of the lines.
    """
    if narrow(view):
        reach = reaches(view, place, CONTOURS[0], RING * em)
        angle = np.append(np.linspace(0, 2 * np.pi, 25), np.nan)
        middle = np.asarray(view.dataset["mode_position"].values, dtype=float)
        x = middle[:, :1] + reach[:, None] * np.cos(angle)
        y = middle[:, 1:] + reach[:, None] * np.sin(angle)
        pixels = reach * place.width / (place.x.high - place.x.low) / em
        spots = [
            Dots(axes, "data", some[:, 0], some[:, 1], radius=float(radius), opacity=_DISC)
            for radius in np.unique(pixels.round(6))
            for some in [middle[np.isclose(pixels, radius)]]
        ]
        return [*spots, Line(axes, "data", x.ravel(), y.ravel(), weight=max(weight, 0.9))]
    top = float(np.nanmax(smooth(view.data), initial=0.0))
    window = own_window(view)
    found = [isolines(view.data, *window, part * top) for part in CONTOURS] if top > 0 else []
    return [Line(axes, "data", x, y, weight=weight) for x, y in found]


def narrow(view: RecordingView) -> bool:
    """Say whether most of the data's modes are narrower than a cell, and would show as single pixels."""
    if not view.has("mode_std"):
        return False
    stds = np.asarray(view.dataset["mode_std"].values, dtype=float)
    return len(stds) > 0 and bool(np.median(stds) < np.sqrt(view.cell))


def frame(place: Axes) -> list[Mark]:
    """Return thin lines around axes."""
    left, bottom, right, top = place.box
    x, y = np.array([left, left, right, right, left]), np.array([bottom, top, top, bottom, bottom])
    return [Line("", "faint", x, y)]
