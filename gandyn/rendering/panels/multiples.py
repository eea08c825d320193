"""What small multiples have in common: which seeds are shown, and what stands above all and above each."""

from __future__ import annotations

import math
from typing import ClassVar

from gandyn.rendering.decor import legend
from gandyn.rendering.marks import Axes, Mark, Text
from gandyn.rendering.modes import modes_found
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.register import Said
from gandyn.rendering.stage import Room, Stage
from gandyn.rendering.typeface import measure

__all__ = ["Multiples"]

_MOST = 16


class Multiples(Panel):
    """One small picture a seed, headed by the seed and the modes it has captured; in plain words, found.

    Where there are more than 16 seeds the first are shown, and always the one in the light.
    """

    lead = True
    every_seed: ClassVar[bool] = True
    counted: ClassVar[Said[str]] = Said("{}/{}", "{} of {}")
    needs: ClassVar[tuple[str, ...]] = ("generator_density",)
    aspect: ClassVar[float] = 1.6

    def __init__(self, stage: Stage, room: Room) -> None:
        super().__init__(stage, room)
        self.seeds = self.shown(stage)
        self._total = stage.dataset.sizes.get("mode", 0)
        self._modes = modes_found(stage) if room.plain and self._total else stage.scalars("modes_captured")

    @staticmethod
    def shown(stage: Stage) -> list[int]:
        """Return the indices of the seeds shown."""
        first = list(range(min(len(stage.seeds), _MOST)))
        return first if stage.seed_index in first else [*first[:-1], stage.seed_index]

    def overview(self, y: float) -> list[Mark]:
        """Return the legend and, where it fits beside it, what the numbers mean and how many seeds are shown."""
        em, (left, _bottom, right, _top) = self.room.em, self.room.box
        names = self.entries()
        marks = legend(left, y, names, em, right)
        some = f"{_MOST} of {len(self.stage.seeds)} seeds" if len(self.stage.seeds) > _MOST else ""
        counts = f"{self.counted.to(self.room).format('n', self._total)} modes captured" if self._total else ""
        taken = left + sum(measure(name.text, em) + 3.9 * em for name in names)
        forms = ["; ".join(part for part in parts if part) for parts in ((some, counts), (some,), (counts,))]
        fitting = [text for text in forms if text and taken + measure(text, em) <= right]
        return marks + [Text("", "muted", right, y, text, align="right") for text in fitting[:1]]

    def headings(self, places: dict[int, Axes], step_index: int) -> list[Mark]:
        """Return what is written above each seed's axes: alike for all, as long as fits above each of them."""
        stage, em = self.stage, self.room.em
        full = {seed: f"seed {stage.seeds[seed]}" for seed in self.seeds}
        room = min(place.width for place in places.values()) - 0.6 * em
        counted = self.counted.to(self.room)
        count = counted.format(self._total, self._total) if self._total else ""
        wide = max(measure(text, em, bold=True) for text in full.values()) + measure(count, em) <= room
        names = full if wide else {seed: text.removeprefix("seed ") for seed, text in full.items()}
        widest = max(measure(text, em, bold=True) for text in names.values())
        if widest + measure(count, em) > room:
            names, widest = dict.fromkeys(names, ""), 0
        room -= widest
        ends = {seed: stage.diverged(step_index, seed) for seed in self.seeds}
        longest = max((measure(f"diverged at step {at}", em) for at in ends.values() if at is not None), default=0)
        marks: list[Mark] = []
        for seed, place in places.items():
            y, at, found = place.box[3] + 0.4 * em, ends[seed], self._modes[seed, step_index]
            chosen = seed == stage.seed_index and len(self.seeds) > 1
            marks.append(Text("", "ink" if chosen else "muted", place.box[0], y, names[seed], bold=chosen))
            if at is not None:
                short = "diverged" if measure("diverged", em) <= room else "×"
                text, role = f"diverged at step {at}" if longest <= room else short, "warning"
            elif math.isfinite(found) and self._total:
                text, role = counted.format(int(found), self._total), "ink" if found >= self._total else "warning"
            else:
                continue
            marks.append(Text("", role, place.box[2], y, text, align="right"))
        return marks
