"""The seeds panel on the plane: data and generator density in small, once a seed."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from gandyn.rendering.decor import LegendEntry, legend
from gandyn.rendering.marks import Axes, Mark, Text
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.plane import contours, density_bands, density_levels, fit, frame
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.typeface import measure

__all__ = ["PlaneSeeds"]

_MOST = 16


class PlaneSeeds(Panel):
    """Small multiples, one a seed, each with the number of modes it has captured; the first 16 where there are more."""

    name = "seeds"
    needs: ClassVar[tuple[str, ...]] = ("generator_density",)
    lead = True
    dim: ClassVar[int | None] = 2
    square: ClassVar[bool] = True
    aspect: ClassVar[float] = 1.6

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        em = room.em
        left, bottom, right, top = room.box
        self._shown = list(range(min(len(stage.seeds), _MOST)))
        self._modes = stage.scalars("modes_captured")
        self._levels = density_levels(stage)
        self._total = stage.dataset.sizes.get("mode", 0)
        if room.alone:
            names = self.entries()
            self.background += legend(left, top - 0.8 * em, names, em, right)
            note = f"first {_MOST} of {len(stage.seeds)} seeds" if len(stage.seeds) > _MOST else ""
            if note and left + sum(measure(n.text, em) + 3.9 * em for n in names) + measure(note, em) <= right:
                self.background.append(Text("", "muted", right, top - 0.8 * em, note, align="right"))
        x, y = stage.window("x"), stage.window("y")
        head, gap = 1.4 * em, 0.7 * em
        width, height = right - left, top - TITLE * em - bottom
        aspect = (x[1] - x[0]) / (y[1] - y[0])
        columns, side = _columns(len(self._shown), width, height, head, gap, aspect)
        rows = math.ceil(len(self._shown) / columns)
        cell = (side * aspect, side + head)
        shift = left + (width - columns * cell[0] - (columns - 1) * gap) / 2
        if columns > 1:
            # What is left over stands between the columns.
            gap = min((width - columns * cell[0]) / (columns - 1), 3 * gap)
            shift = left + (width - columns * cell[0] - (columns - 1) * gap) / 2
        down = min((height - rows * cell[1]) / max(rows - 1, 1), 1.2 * em)
        for number, seed_index in enumerate(self._shown):
            row, column = divmod(number, columns)
            x0, y1 = shift + column * (cell[0] + gap), top - TITLE * em - row * (cell[1] + down)
            place = fit((x0, y1 - cell[1], x0 + cell[0], y1 - head), x, y)
            self.axes[self._name(seed_index)] = place
            self.background += frame(place)
            chosen = seed_index == stage.seed_index and len(self._shown) > 1
            role, text = "ink" if chosen else "muted", self._label(seed_index)
            self.background.append(Text("", role, place.box[0], y1 - em, text, bold=chosen))
        self._contours = {
            seed: contours(self._name(seed), stage, self.axes[self._name(seed)], 0.22 * em, weight=0.4)
            for seed in self._shown
        }

    def entries(self) -> list[LegendEntry]:
        """Return the names of the two densities."""
        return [LegendEntry("data", "data", weight=0.8), LegendEntry("generator", "generator", filled=True)]

    @staticmethod
    def _name(seed_index: int) -> str:
        return f"plane {seed_index}"

    def _label(self, seed_index: int) -> str:
        """Return what a seed is called: only its number, where a count of modes would not fit beside more."""
        text, em = f"seed {self.stage.seeds[seed_index]}", self.room.em
        beside = measure(f"{self._total}/{self._total}", em) + 0.6 * em
        wide = self.axes[self._name(seed_index)].width
        return text if measure(text, em, bold=True) + beside <= wide else text.removeprefix("seed ")

    def marks(self, step_index: int) -> list[Mark]:
        """Return every seed's densities and modes captured at a step."""
        marks: list[Mark] = []
        for seed_index in self._shown:
            name = self._name(seed_index)
            values = self.stage.field("generator_density", step_index, seed_index)
            if np.isfinite(values).all():
                marks.append(density_bands(name, self.stage, values, self._levels))
            marks += self._contours[seed_index]
            marks += self._heading(seed_index, step_index, self.axes[name])
        return marks

    def _heading(self, seed_index: int, step_index: int, place: Axes) -> list[Mark]:
        em = self.room.em
        right, y = place.box[2], place.box[3] + 0.4 * em
        room = place.width - measure(self._label(seed_index), em, bold=True) - 0.6 * em
        at, found = self.stage.diverged(step_index, seed_index), self._modes[seed_index, step_index]
        if at is not None:
            words, role = [f"diverged at step {at}", "diverged", "×"], "warning"
        elif math.isfinite(found) and self._total:
            role = "ink" if found >= self._total else "warning"
            share = f"{int(found)}/{self._total}"
            words = [f"{share} mode{'s' if self._total > 1 else ''}", share]
        else:
            return []
        text = next((word for word in words if measure(word, em) <= room), words[-1])
        return [Text("", role, right, y, text, align="right")]


def _columns(number: int, width: float, height: float, head: float, gap: float, aspect: float) -> tuple[int, float]:
    """Return in how many columns the cells are largest, and how high their axes are then."""

    def side(columns: int) -> float:
        rows = math.ceil(number / columns)
        return min(((width + gap) / columns - gap) / aspect, (height + gap) / rows - gap - head)

    best = max(range(1, number + 1), key=side)
    return best, max(side(best), 1.0)
