"""What small multiples have in common: which seeds are shown, and what stands above all and above each."""

from __future__ import annotations

import math
from typing import ClassVar

from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.guides import legend
from gandyn.rendering.marks.marks import Axes, Mark, Text
from gandyn.rendering.modes import modes_found
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Multiples"]

_MOST = 16


class Multiples(Panel):
    """One small picture a seed, headed by the seed and the modes it has captured; in plain words, found.

    Where there are more than 16 seeds the first are shown, and always the selected one.
    """

    lead = True
    every_seed: ClassVar[bool] = True
    counted: ClassVar[Said[str]] = Said("{}/{}", "{} of {}")
    needs: ClassVar[tuple[str, ...]] = ("generator_density",)
    aspect: ClassVar[float] = 1.6

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        self.seeds = self.shown(view)
        self._total = view.dataset.sizes.get("mode", 0)
        self._modes = modes_found(view) if slot.plain and self._total else view.scalars("modes_captured")

    @staticmethod
    def shown(view: RecordingView) -> list[int]:
        """Return the indices of the seeds shown."""
        first = list(range(min(len(view.seeds), _MOST)))
        return first if view.seed_index in first else [*first[:-1], view.seed_index]

    def overview(self, y: float) -> list[Mark]:
        """Return the legend and, where it fits beside it, what the numbers mean and how many seeds are shown."""
        em, (left, _bottom, right, _top) = self.slot.em, self.slot.box
        names = self.entries()
        marks = legend(left, y, names, em, right)
        some = f"{_MOST} of {len(self.view.seeds)} seeds" if len(self.view.seeds) > _MOST else ""
        counts = f"{self.counted.to(self.slot).format('n', self._total)} modes captured" if self._total else ""
        taken = left + sum(measure(name.text, em) + 3.9 * em for name in names)
        forms = ["; ".join(part for part in parts if part) for parts in ((some, counts), (some,), (counts,))]
        fitting = [text for text in forms if text and taken + measure(text, em) <= right]
        return marks + [Text("", "muted", right, y, text, align="right") for text in fitting[:1]]

    def headings(self, places: dict[int, Axes], step_index: int) -> list[Mark]:
        """Return what is written above each seed's axes: alike for all, as long as fits above each of them."""
        view, em = self.view, self.slot.em
        full = {seed: f"seed {view.seeds[seed]}" for seed in self.seeds}
        slot = min(place.width for place in places.values()) - 0.6 * em
        counted = self.counted.to(self.slot)
        count = counted.format(self._total, self._total) if self._total else ""
        wide = max(measure(text, em, bold=True) for text in full.values()) + measure(count, em) <= slot
        names = full if wide else {seed: text.removeprefix("seed ") for seed, text in full.items()}
        widest = max(measure(text, em, bold=True) for text in names.values())
        if widest + measure(count, em) > slot:
            names, widest = dict.fromkeys(names, ""), 0
        slot -= widest
        ends = {seed: view.diverged(step_index, seed) for seed in self.seeds}
        longest = max((measure(f"diverged at step {at}", em) for at in ends.values() if at is not None), default=0)
        marks: list[Mark] = []
        for seed, place in places.items():
            y, at, found = place.box[3] + 0.4 * em, ends[seed], self._modes[seed, step_index]
            chosen = seed == view.seed_index and len(self.seeds) > 1
            marks.append(Text("", "ink" if chosen else "muted", place.box[0], y, names[seed], bold=chosen))
            if at is not None:
                short = "diverged" if measure("diverged", em) <= slot else "×"
                text, role = f"diverged at step {at}" if longest <= slot else short, "warning"
            elif math.isfinite(found) and self._total:
                text, role = counted.format(int(found), self._total), "ink" if found >= self._total else "warning"
            else:
                continue
            marks.append(Text("", role, place.box[2], y, text, align="right"))
        return marks
