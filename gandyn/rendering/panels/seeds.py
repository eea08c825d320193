"""The seeds panel: the density panel in small, once a seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from gandyn.rendering.curves import thin
from gandyn.rendering.marks.guides import LegendEntry, x_axis
from gandyn.rendering.marks.marks import Area, Axes, Line, Mark, Scale
from gandyn.rendering.panels.base import TITLE
from gandyn.rendering.panels.density import density_top, response_scale
from gandyn.rendering.panels.multiples import Multiples
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said, how_real, short_name

__all__ = ["Seeds"]

_LOWEST = 3.0
"""Height under which a seed's picture has no room under its heading, in em."""


class Seeds(Multiples):
    """Data, generator density and discriminator of every seed.

    Small multiples, one a seed, each with the number of modes it has captured; in a talk, those found.
    """

    name = "seeds"
    dim: ClassVar[int | None] = 1
    asked: ClassVar[Said[Callable[[RecordingView], str]]] = Said(short_name, how_real)

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        if slot.alone:
            self.background += self.overview(top - 0.8 * em)
        head, gap = 1.5 * em, 1.1 * em
        columns, rows = _grid(len(self.seeds), slot.width, slot.height - TITLE * em, _LOWEST * em)
        width = (right - left - gap * (columns - 1)) / columns
        height = (top - TITLE * em - bottom - 0.55 * em * (rows - 1)) / rows
        x = Scale(*view.window(0))
        peak, response = density_top(view), response_scale(view, self.shown)
        self._columns = max(int(width), 1)
        for number, seed_index in enumerate(self.seeds):
            row, column = divmod(number, columns)
            cell_left, cell_top = left + column * (width + gap), top - TITLE * em - row * (height + 0.55 * em)
            box = (cell_left, cell_top - height + 0.3 * em, cell_left + width, cell_top - head)
            density, share = self._names(seed_index)
            self.axes[density] = Axes(box, x, Scale(-0.02 * peak, peak))
            self.axes[share] = Axes(box, x, response)
            dx, dy = thin(view.x, view.data, self._columns)
            self.background.append(Area(density, "data", dx, np.zeros_like(dx), dy, opacity=0.25))
            self.background.append(Line(density, "data", dx, dy, weight=0.6))
            self.background += x_axis(self.axes[density], [], em)
        self._places = {seed: self.axes[self._names(seed)[0]] for seed in self.seeds}

    def entries(self) -> list[LegendEntry]:
        """Return the names of the curves."""
        return [
            LegendEntry("data", "data", filled=True),
            LegendEntry("generator", "generator"),
            LegendEntry("discriminator", self.asked.to(self.slot)(self.view), self.view.player),
        ]

    @staticmethod
    def _names(seed_index: int) -> tuple[str, str]:
        return f"density {seed_index}", f"response {seed_index}"

    def marks(self, step_index: int) -> list[Mark]:
        """Return every seed's curves and heading at a step."""
        marks: list[Mark] = []
        for seed_index in self.seeds:
            marks += self._one(seed_index, step_index)
        return marks + self.headings(self._places, step_index)

    def _one(self, seed_index: int, step_index: int) -> list[Mark]:
        view = self.view
        density, share = self._names(seed_index)
        place, scale = self.axes[density], self.axes[share].y
        x, q = thin(
            view.x,
            np.minimum(view.field("generator_density", step_index, seed_index), 1.2 * place.y.high),
            self._columns,
        )
        marks: list[Mark] = [Area(density, "generator", x, np.zeros_like(x), q, opacity=0.12)]
        if view.has("discriminator"):
            span = scale.high - scale.low
            response = np.clip(view.field("discriminator", step_index, seed_index), scale.low - span, scale.high + span)
            marks.append(Line(share, "discriminator", *thin(view.x, response, self._columns), weight=0.55))
        marks.append(Line(density, "generator", x, q, weight=0.65))
        return marks


def _grid(number: int, width: float, height: float, lowest: float) -> tuple[int, int]:
    """Return columns and rows for cells about one and a half times as wide as high, and none lower than can be read."""

    def strain(columns: int) -> float:
        rows = math.ceil(number / columns)
        low = 20.0 * math.log(max(lowest * rows / height, 1.0))
        return abs(math.log(width / columns / (height / rows) / 1.5)) + 2.0 * (rows * columns - number) / number + low

    columns = min(range(1, number + 1), key=strain)
    return columns, math.ceil(number / columns)
