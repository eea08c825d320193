"""The timeline panel: the life of every mode of the data, step by step."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.curves import History
from gandyn.rendering.marks.marks import Area, Axes, Dots, Line, Mark, Scale, Segments, Text
from gandyn.rendering.modes import BORN, LOST, Life, lives, shares
from gandyn.rendering.panels.base import WIDE_TICKS, Panel
from gandyn.rendering.panels.modes import count, heading
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said
from gandyn.rendering.step_axis import step_axis

__all__ = ["Timeline"]

_FULL = 1.6
"""Parts of the data's share at which a ribbon fills its row."""


class Timeline(Panel):
    """A ribbon a mode, as thick as the generator's mass there, with marks where a mode is born and where it is lost.

    A mode is born (●) at 25 % of the data's share, and lost (×) at 5 %.

    Both are of the running mean: what chance adds to the samples of one step is neither a birth nor a death. A mark
    stands where the mean passes a threshold and comes when the steps are known that the mean there is taken over.
    """

    name = "timeline"
    over_steps: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("mode_mass",)
    aspect: ClassVar[float] = 2.2
    strip: ClassVar[float] = 8.4
    numbers: ClassVar[bool] = True
    called: ClassVar[Said[str]] = Said("timeline", "modes over time")
    counted: ClassVar[Said[str]] = Said("{}/{} alive", "{} of {} modes")
    words: ClassVar[Said[tuple[str, ...]]] = Said(
        ("mass at each mode; ● born, × lost", "● born, × lost"), ("● found, × lost again", "● found, × lost")
    )
    rules: ClassVar[Said[tuple[str, ...]]] = Said(
        (
            "alive from {} of the data’s share until under {}",
            "alive from {} of the data’s share to {}",
            "alive from {} of its share to {}",
        ),
        (),
    )

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        mass = view.scalars("mode_mass")[view.seed_index]
        self._share = shares(view)
        number = len(self._share)
        axis = measure(str(number), em) + 0.6 * em
        if slot.gutter:
            axis = max(measure(text, em) for text in WIDE_TICKS) + 0.45 * em
        first, last = view.clock
        after = slot.gutter + 0.75 * em if slot.gutter else 0.35 * em
        since, until = f"{BORN:.0%}".replace("%", " %"), f"{LOST:.0%}".replace("%", " %")
        rules = [rule.format(since, until) for rule in self.rules.to(slot)]
        end = self.counted.to(slot).format(number, number)
        head, rows = heading(self, self.called.to(slot), self.words.to(slot), rules, end)
        self.background += head
        box = (left + axis, bottom + 1.5 * em, right - after, top - rows * em)
        # The first mode stands at the top.
        x = Scale(first, last if last > first else first + 1)
        self.axes["timeline"] = place = Axes(box, x, Scale(number - 0.5, -0.5))
        self.background += step_axis(place, first, last, em)
        every = max(int(np.ceil(1.05 * em * number / place.height)), 1)
        ends = np.array([x.low, x.high])
        for mode in range(number):
            if place.height / number > 0.55 * em:
                self.background.append(Line("timeline", "faint", ends, np.full(2, float(mode))))
            if mode % every == 0:
                self.background.append(
                    Text("timeline", "muted", x.low, mode, str(mode + 1), align="right", valign="middle", dx=-0.4)
                )
        window = slice(view.begin, view.end)
        columns = max(int(place.width), 1)
        self._courses = [History(view.steps[window], mass[window, mode], columns) for mode in range(number)]
        self._lives = [self._drawn_lives(mode) for mode in range(number)]

    def _drawn_lives(self, mode: int) -> list[Life]:
        """Return the lives of a mode as it is drawn, in indices of the steps shown."""
        course = self._courses[mode]
        steps, mass = course.mean(len(course.steps) - 1)
        at = np.searchsorted(course.steps, steps).tolist()
        found = lives(mass, float(self._share[mode]))
        return [Life(at[one.birth], None if one.death is None else at[one.death]) for one in found]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the ribbons up to a step, births and deaths so far, and how many modes are captured."""
        place, em = self.axes["timeline"], self.slot.em
        index = step_index - self.view.begin
        marks: list[Mark] = []
        births: list[tuple[float, int]] = []
        deaths: list[tuple[float, int]] = []
        for mode, (course, share) in enumerate(zip(self._courses, self._share, strict=True)):
            x, mass = course.mean(index)
            half = 0.44 * np.clip(mass / max(_FULL * float(share), 1e-300), 0.0, 1.0)
            marks.append(Area("timeline", "generator", x, mode - half, mode + half, opacity=0.75))
            known = index if index == len(course.steps) - 1 else index - course.half
            for life in self._lives[mode]:
                if life.birth <= known:
                    births.append((float(course.steps[life.birth]), mode))
                if life.death is not None and life.death <= known:
                    deaths.append((float(course.steps[life.death]), mode))
        size = min(0.24 * em, max(0.34 * place.height / len(self._share), 0.11 * em))
        if births:
            x, y = np.array(births, dtype=float).T
            marks.append(Dots("timeline", "ink", x, y, size / em, halo=0.06))
        if deaths:
            x, y = np.array(deaths, dtype=float).T
            dx = 1.2 * size * (place.x.high - place.x.low) / place.width
            dy = 1.2 * size * (place.y.high - place.y.low) / place.height
            x0, y0 = np.concatenate([x - dx, x - dx]), np.concatenate([y - dy, y + dy])
            x1, y1 = np.concatenate([x + dx, x + dx]), np.concatenate([y + dy, y - dy])
            marks.append(Segments("timeline", "warning", x0, y0, x1, y1, np.ones(len(x0)), weight=0.8))
        return marks + count(self, step_index, len(births) - len(deaths), len(self._share), self.counted.to(self.slot))
