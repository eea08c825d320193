"""The seeds panel: the density panel in small, once a seed."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from gandyn.rendering.curves import thin
from gandyn.rendering.decor import LegendEntry, legend, title, x_axis
from gandyn.rendering.marks import Area, Axes, Line, Mark, Scale, Text
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.panels.density import density_top, response_scale
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.typeface import measure

__all__ = ["Seeds"]

_MOST = 16


class Seeds(Panel):
    """Small multiples, one a seed, each with the number of modes it has captured; the first 16 where there are more."""

    name = "seeds"
    needs: ClassVar[tuple[str, ...]] = ("generator_density",)
    lead = True
    aspect: ClassVar[float] = 1.6
    dim: ClassVar[int | None] = 1

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        em = room.em
        left, bottom, right, top = room.box
        self._shown = _shown(stage)
        self._modes = stage.scalars("modes_captured")
        self._total = len(stage.dataset["mode"]) if "mode" in stage.dataset.dims else 0
        if room.alone:
            names = self.entries()
            self.background += legend(left, top - 0.8 * em, names, em, right)
            note = f"first {_MOST} of {len(stage.seeds)} seeds" if len(stage.seeds) > _MOST else ""
            taken = left + sum(measure(n.text, em) + 3.9 * em for n in names)
            if note and taken + measure(note, em) <= right:
                self.background.append(Text("", "muted", right, top - 0.8 * em, note, align="right"))
        head, gap = 1.5 * em, 1.1 * em
        columns, rows = _grid(len(self._shown), room.width, room.height - TITLE * em)
        width = (right - left - gap * (columns - 1)) / columns
        height = (top - TITLE * em - bottom - 0.55 * em * (rows - 1)) / rows
        x = Scale(*stage.window("x"))
        peak, response = density_top(stage), response_scale(stage, _shown)
        self._columns = max(int(width), 1)
        for number, seed_index in enumerate(self._shown):
            row, column = divmod(number, columns)
            cell_left, cell_top = left + column * (width + gap), top - TITLE * em - row * (height + 0.55 * em)
            box = (cell_left, cell_top - height + 0.3 * em, cell_left + width, cell_top - head)
            density, share = self._names(seed_index)
            self.axes[density] = Axes(box, x, Scale(-0.02 * peak, peak))
            self.axes[share] = Axes(box, x, response)
            dx, dy = thin(stage.x, stage.data, self._columns)
            self.background.append(Area(density, "data", dx, np.zeros_like(dx), dy, opacity=0.25))
            self.background.append(Line(density, "data", dx, dy, weight=0.6))
            self.background += x_axis(self.axes[density], [], em)
            chosen = seed_index == stage.seed_index and len(self._shown) > 1
            self.background += title(
                cell_left,
                cell_top - 1.1 * em,
                f"seed {stage.seeds[seed_index]}" if chosen else "",
                (),
                em,
                cell_left + width,
            )
            if not chosen:
                self.background.append(
                    Text("", "muted", cell_left, cell_top - 1.1 * em, f"seed {stage.seeds[seed_index]}")
                )

    def entries(self) -> list[LegendEntry]:
        """Return the names of the curves."""
        return [
            LegendEntry("data", "data", filled=True),
            LegendEntry("generator", "generator"),
            LegendEntry("discriminator", "critic" if self.stage.player == "critic" else "D"),
        ]

    @staticmethod
    def _names(seed_index: int) -> tuple[str, str]:
        return f"density {seed_index}", f"response {seed_index}"

    def marks(self, step_index: int) -> list[Mark]:
        """Return every seed's curves and modes captured at a step."""
        marks: list[Mark] = []
        for seed_index in self._shown:
            marks += self._one(seed_index, step_index)
        return marks

    def _one(self, seed_index: int, step_index: int) -> list[Mark]:
        stage = self.stage
        density, share = self._names(seed_index)
        place, scale = self.axes[density], self.axes[share].y
        x, q = thin(
            stage.x,
            np.minimum(stage.field("generator_density", step_index, seed_index), 1.2 * place.y.high),
            self._columns,
        )
        marks: list[Mark] = [Area(density, "generator", x, np.zeros_like(x), q, opacity=0.12)]
        if stage.has("discriminator"):
            span = scale.high - scale.low
            response = np.clip(
                stage.field("discriminator", step_index, seed_index), scale.low - span, scale.high + span
            )
            marks.append(Line(share, "discriminator", *thin(stage.x, response, self._columns), weight=0.55))
        marks.append(Line(density, "generator", x, q, weight=0.65))
        right, top = place.box[2], place.box[3] + 0.4 * self.room.em
        at = stage.diverged(step_index, seed_index)
        found = self._modes[seed_index, step_index]
        if at is not None:
            wide = measure(f"diverged at step {at}", self.room.em) + measure("seed 00", self.room.em) < place.width
            text = f"diverged at step {at}" if wide else "diverged"
            marks.append(Text("", "warning", right, top, text, align="right"))
        elif math.isfinite(found) and self._total:
            lost = found < self._total
            marks.append(
                Text("", "warning" if lost else "ink", right, top, self._count(int(found), place.width), align="right")
            )
        return marks

    def _count(self, found: int, width: float) -> str:
        text = f"{found}/{self._total} mode{'s' if self._total > 1 else ''}"
        return (
            text if measure(text, self.room.em) + measure("seed 00", self.room.em) < width else f"{found}/{self._total}"
        )


def _shown(stage: Stage) -> range:
    """Return the indices of the seeds shown."""
    return range(min(len(stage.seeds), _MOST))


def _grid(number: int, width: float, height: float) -> tuple[int, int]:
    """Return columns and rows for cells about one and a half times as wide as high."""

    def strain(columns: int) -> float:
        rows = math.ceil(number / columns)
        return abs(math.log(width / columns / (height / rows) / 1.5)) + 2.0 * (rows * columns - number) / number

    columns = min(range(1, number + 1), key=strain)
    return columns, math.ceil(number / columns)
