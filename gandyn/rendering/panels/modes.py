"""The modes panel: how much of what is generated lies at each of the data's modes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from gandyn.rendering import ticks
from gandyn.rendering.bars import bars_top
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.guides import AxisTick, title, x_axis, y_axis
from gandyn.rendering.marks.marks import Area, Axes, Line, Mark, Scale, Segments, Text
from gandyn.rendering.modes import capture_rule, captured, modes_found, shares
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Modes", "count", "heading"]

_HIGH = 12.0
"""Height from which a panel has room for a heading of two rows, in em."""

_COUNT = Said("{}/{} captured", "{} of {} modes")
_QUALITY = (" · {} of samples on a mode", " · {} on a mode")
"""How many modes are found, and, the longest first, ways to add what part of the samples lies at any of them."""


class Modes(Panel):
    """A bar a mode: the share of generated samples there, and, as a line across, the data's own; lost ones are named.

    The axis ends a little above twice the data's largest share, of any of the group; of bars beyond the value is
    written. The heading says beside the modes captured what part of the samples is of high quality: a generator that
    covers everything, data or not, captures all modes and hits none. Lost modes are red.
    """

    name = "modes"
    needs: ClassVar[tuple[str, ...]] = ("mode_mass",)
    aspect: ClassVar[float] = 3.2
    strip: ClassVar[float] = 5.8
    numbers: ClassVar[bool] = True
    words: ClassVar[Said[tuple[str, ...]]] = Said(
        ("share of samples, line: the data’s", "line: data"),
        ("bar: samples at a mode; line: the data’s", "bars: samples; line: data", "line: data"),
    )

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        self._mass = view.scalars("mode_mass")[view.seed_index]
        counts = modes_found(view) if slot.plain else view.scalars("modes_captured")
        self._count = counts[view.seed_index]
        self._good = view.scalars("high_quality_fraction")[view.seed_index]
        share = shares(view)
        number = len(share)
        high = bars_top(max(float(shares(one).max()) for one in view.group if one.has("mode_mass")))
        most = max(int((top - bottom - (1.5 + TITLE) * em) / (1.5 * em)), 2)
        up = [] if slot.plain else [AxisTick(at, f"{100 * at:g} %") for at in ticks.nice(0.0, high, min(most, 5))]
        axis = max((measure(tick.text, em) + 0.45 * em for tick in up), default=0.0)
        counted = _COUNT.to(slot).format(number, number)
        rules = () if slot.plain else (capture_rule(view),)
        least = self.words.to(slot)[-1]
        beside = [least] if slot.height >= _HIGH * em else [*rules, least]
        self._forms = _fitting(slot, "modes", beside, counted)
        end = counted + max((form.format("100 %") for form in self._forms), key=len, default="")
        head, rows = heading(self, "modes", self.words.to(slot), rules, end)
        self.background += head
        box = (left + axis, bottom + 1.5 * em, right, top - rows * em)
        self.axes["modes"] = place = Axes(box, Scale(0.0, float(number)), Scale(0.0, high))
        self._half = 0.34 if number < 16 else 0.4
        self._labelled = place.width / number >= 1.5 * em
        self.background += y_axis(place, up, em, grid=True)
        self.background += x_axis(place, [], em)
        middle = np.arange(number) + 0.5
        self._middle, reach = middle, min(self._half + 0.1, 0.5)
        self._lines = Segments(
            "modes", "data", middle - reach, share, middle + reach, share, np.ones(number), weight=1.0
        )

    def marks(self, step_index: int) -> list[Mark]:
        """Return the bars at a step, how many modes are captured and what part of the samples is at any of them."""
        mass, marks, beyond = self._mass[step_index], list[Mark](), list[Mark]()
        has, place = captured(self.view, mass), self.axes["modes"]
        for at, share, there in zip(self._middle, mass, has, strict=True):
            ends = np.array([at - self._half, at + self._half])
            if np.isfinite(share) and share > 0:
                height = np.full(2, float(share))
                marks.append(Area("modes", "generator", ends, np.zeros(2), height, opacity=0.8))
                if share > place.y.high and not self.slot.plain:
                    beyond.append(self._beyond(float(at), float(share)))
            elif not there and np.isfinite(share):
                marks.append(Line("modes", "warning", ends, np.zeros(2), weight=0.9))
            if self._labelled:
                role = "muted" if there or not np.isfinite(share) else "warning"
                text = str(int(at) + 1)
                marks.append(Text("modes", role, at, 0.0, text, align="center", valign="top", dy=-0.4))
        marks += [self._lines, *beyond]
        good = self._good[step_index]
        said = [form.format(ticks.whole_percent(good)) for form in self._forms] if np.isfinite(good) else []
        return marks + count(self, step_index, self._count[step_index], len(mass), _COUNT.to(self.slot), said[:1])

    def _beyond(self, at: float, share: float) -> Text:
        """Return the value of a bar that runs off, at its top and inside the axes."""
        place, em, text = self.axes["modes"], self.slot.em, ticks.percent(share)
        x, half = float(place.pixels(at, 0.0)[0]), measure(text, em) / 2
        x = float(np.clip(x, place.box[0] + half, place.box[2] - half))
        return Text("", "ink", x, place.box[3], text, align="center", valign="top", ground=True)


def _fitting(slot: PanelSlot, name: str, notes: Sequence[str], counted: str) -> tuple[str, ...]:
    """Return the longest way to add the good part of the samples that leaves room for the title and for a note.

    Args:
        slot: the panel's.
        name: its title.
        notes: what is to find room beside it, what would be best first.
        counted: the number of modes, as it stands before.
    """
    em = slot.em
    for note, form in itertools.product(notes, _QUALITY):
        free = slot.width - measure(name, em, bold=True) - measure(note, em) - 2.4 * em
        if measure(counted + form.format("100 %"), em, bold=True) <= free:
            return (form,)
    return ()


def heading(panel: Panel, name: str, forms: Sequence[str], rules: Sequence[str], end: str) -> tuple[list[Mark], float]:
    """Return a panel's heading and its height in em: what is drawn, and by which rule something counts.

    Both stand in one row where that fits, else in two where the panel is high enough, else the rule is left out.

    Args:
        panel: whose heading it is.
        name: its title.
        forms: ways to say what is drawn, the longest first.
        rules: ways to say the rule, likewise; none where it is not said.
        end: the widest text that will stand at the right end.
    """
    em, (left, bottom, right, top) = panel.slot.em, panel.slot.box
    free = right - measure(end, em, bold=True) - em
    slot = free - left - measure(name, em, bold=True) - 0.7 * em
    both = [*(f"{form}; {rule}" for rule in rules for form in forms), *rules]
    if any(measure(text, em) <= slot for text in both):
        return title(left, top - 0.8 * em, name, both, em, free), TITLE
    marks = title(left, top - 0.8 * em, name, forms, em, free)
    below = [rule for rule in rules if measure(rule, em) <= right - left]
    if not below or top - bottom < _HIGH * em:
        return marks, TITLE
    return [*marks, Text("", "muted", left, top - 2.2 * em, below[0])], TITLE + 1.4


def count(panel: Panel, step_index: int, found: float, of: int, words: str, more: Sequence[str] = ()) -> list[Mark]:
    """Return how many modes are captured (or alive), or that the seed has diverged, at the end of a panel's heading.

    Args:
        panel: whose heading it is.
        step_index: of the step.
        found: how many; nothing is said where that is not known.
        of: how many there are.
        words: what is written, with a place for either number.
        more: what is written behind it.
    """
    right, y = panel.slot.box[2], panel.slot.box[3] - 0.8 * panel.slot.em
    if panel.view.diverged(step_index) is not None:
        return [Text("", "warning", right, y, "diverged", bold=True, align="right")]
    if not np.isfinite(found):
        return []
    role = "ink" if found >= of else "warning"
    return [Text("", role, right, y, words.format(int(found), of) + "".join(more), bold=True, align="right")]
