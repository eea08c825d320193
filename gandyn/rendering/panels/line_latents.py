"""The latents panel on the line: the graph of the generator over its latent line, coloured by the mode it lands in."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Int

from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.landing import NOWHERE, astray, between, field, landed
from gandyn.rendering.marks.guides import AxisTick, LegendEntry, diverged, title, x_axis, y_axis
from gandyn.rendering.marks.marks import Axes, Line, Mark, Scale, Text
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["LineLatents"]

_FINE = 1.0
"""Pixels that a fine cell of the latent line is wide, about."""

_PALE = 0.5
"""Opacity of the columns: the graph is drawn over them."""

_FOOT = 2.9
"""Height below the axes, for ticks and what the stripes mean, in em."""


class LineLatents(Panel):
    """G(z) against z, over columns in the tint of the mode that each latent lands in, striped where it is in none.

    Thin lines across are the modes, with their numbers at the right.
    """

    name = "latents"
    needs: ClassVar[tuple[str, ...]] = ("mode_mass", "generator_map")
    absent: ClassVar[str] = "its latents are of other dimensions than its data"
    lead = True
    aspect: ClassVar[float] = 1.25
    drawn: ClassVar[Said[str]] = Said("G(z)", "generator: where noise z lands")
    nowhere: ClassVar[Said[str]] = Said("latents in no mode", "lands in no mode")
    dim: ClassVar[int | None] = 1

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em, (left, bottom, right, top) = slot.em, slot.box
        z = np.asarray(view.dataset["z"].values, dtype=float)
        self._middles = np.asarray(view.dataset["mode_position"].values, dtype=float)[:, 0]
        y = Scale(*view.window(0))
        count = max(int((top - bottom) / (3.0 * em)), 2)
        up = [AxisTick(at, ticks.clean(at)) for at in ticks.nice(y.low, y.high, count)]
        wide = max((measure(tick.text, em) for tick in up), default=0.0) + 0.45 * em
        end = max(measure(str(len(self._middles)), em, bold=True) + 0.9 * em, 1.5 * em)
        foot = (_FOOT if slot.alone else 1.5) * em
        box = (left + wide, bottom + foot, max(right - end, left + wide + 1), top - TITLE * em)
        self.axes["latents"] = self.place = Axes(box, Scale(float(z[0]), float(z[-1])), y)
        most = max(int(self.place.width / (3.6 * em)), 2)
        across = [AxisTick(at, ticks.clean(at)) for at in ticks.nice(z[0], z[-1], most)]
        self.background += x_axis(self.place, across, em, label="z")
        self.background += y_axis(self.place, up, em)
        if slot.alone:
            notes = ("G(z), coloured by the mode it lands in", "coloured by the mode they land in", "by mode")
            self.background += title(left, top - 0.8 * em, "latents", notes, em, right)
        taken: list[float] = []
        for number, at in enumerate(self._middles.tolist(), 1):
            _, v = self.place.pixels(0.0, at)
            if box[1] <= v <= box[3] and all(abs(float(v) - other) >= em for other in taken):
                taken.append(float(v))
                self.background.append(
                    Text("latents", "data", z[-1], at, str(number), bold=True, valign="middle", dx=0.4)
                )
        self._columns = max(round(self.place.width / _FINE), 2)
        self._rows = max(round(self.place.height / _FINE), 2)
        self._weights = between(z, self._columns)
        edges = np.linspace(z[0], z[-1], self._columns + 1)
        self._fine = (edges[1:] + edges[:-1]) / 2

    def entries(self) -> list[LegendEntry]:
        """Return what curve and stripes are."""
        drawn, nowhere = self.drawn.to(self.slot), self.nowhere.to(self.slot)
        return [LegendEntry("generator", drawn), LegendEntry("muted", nowhere, "in no mode", filled=True)]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the columns and the graph at a step, the number of each region's mode, and how much is in none."""
        at, found = self.view.diverged(step_index), self.view.field("generator_map", step_index)
        if at is not None or not np.isfinite(found).all():
            return [] if at is None else [diverged(at, self.place.box, self.slot.em)]
        image = self._weights @ found
        modes = landed(self.view, image[:, None])
        x, y = self.place.x, self.place.y
        window = ((x.low, x.high), (y.low, y.high))
        reach = y.high - y.low
        seen = np.clip(image, y.low - reach, y.high + reach)
        across = [Line("latents", "data", np.array(window[0]), np.full(2, mode), weight=0.4) for mode in self._middles]
        return [
            field("latents", self.view, np.repeat(modes[:, None], self._rows, axis=1), window, _PALE),
            *across,
            Line("latents", "generator", self._fine, seen),
            *self._named(modes),
            *self._astray(step_index),
        ]

    def _named(self, modes: Int[np.ndarray, " column"]) -> list[Mark]:
        """Return the number of each column's mode at its top, where the column is wide enough for it."""
        em, starts = self.slot.em, np.flatnonzero(np.diff(modes, prepend=NOWHERE - 1))
        ends = np.append(starts[1:], len(modes))
        left, _bottom, _right, top = self.place.box
        cell = self.place.width / len(modes)
        return [
            Text("", "ink", left + cell * (start + end) / 2, top - 1.2 * em, str(mode + 1), bold=True, align="center")
            for start, end, mode in zip(starts.tolist(), ends.tolist(), modes[starts].tolist(), strict=True)
            if mode != NOWHERE and cell * (end - start) >= measure(str(mode + 1), em, bold=True) + 0.4 * em
        ]

    def _astray(self, step_index: int) -> list[Mark]:
        left, bottom, right, _top = self.slot.box
        text = astray(self.view, step_index, right - left, self.slot.em) if self.slot.alone else ""
        return [Text("", "muted", left, bottom + 0.25 * self.slot.em, text)] if text else []
