"""Pages whose frames are recorded steps: of one recording, or of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Int

from gandyn.rendering import pace
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.layout.layout import Layout
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.selection import nearest_steps
from gandyn.rendering.theme import Theme

__all__ = ["SharedStepsFigure", "StepsFigure"]


class StepsFigure(Figure):
    """A page of one recording; its frames are the recorded steps, by index."""

    def __init__(
        self, size: tuple[int, int], theme: Theme, layout: Layout, panels: Sequence[Panel], view: RecordingView
    ) -> None:
        super().__init__(size, theme, layout, panels)
        self.view = view

    def frames(self, count: int) -> list[int]:
        """Return the indices of `count` steps."""
        return self.view.frames(count)

    @property
    def clock(self) -> tuple[int, int]:
        """The first and the last step shown."""
        return self.view.first_step, self.view.last_step

    def shots(self, timing: pace.Timing) -> list[pace.Shot]:
        """Return steps at the pace that is asked for."""
        begin, shown = self.view.begin, self.view.steps[self.view.begin : self.view.end]
        found = pace.shots([self.view], shown, timing, self.notes)
        return [replace(shot, frame=begin + shot.frame) for shot in found]

    def frame_at(self, step: int) -> int:
        """Return the index of the step shown that is nearest."""
        begin, end = self.view.begin, self.view.end
        return begin + nearest_steps(self.view.steps[begin:end], [step])[0]


class SharedStepsFigure(Figure):
    """A page of several recordings; its frames are the steps that any of them recorded, by index."""

    def __init__(
        self,
        size: tuple[int, int],
        theme: Theme,
        layout: Layout,
        panels: Sequence[Panel],
        views: Sequence[RecordingView],
    ) -> None:
        super().__init__(size, theme, layout, panels)
        self.views = list(views)
        self.steps: Int[np.ndarray, " frame"] = np.unique(
            np.concatenate([view.steps[view.begin : view.end] for view in self.views])
        )

    def frames(self, count: int) -> list[int]:
        """Return the indices of `count` steps, spread evenly in time."""
        if min(count, len(self.steps)) == 1:
            return [len(self.steps) - 1]
        wanted = np.linspace(self.steps[0], self.steps[-1], min(count, len(self.steps)))
        middles = (self.steps[1:] + self.steps[:-1]) / 2
        return [int(i) for i in np.unique(np.searchsorted(middles, wanted))]

    @property
    def clock(self) -> tuple[int, int]:
        """The first and the last step that any of them shows."""
        return int(self.steps[0]), int(self.steps[-1])

    def shots(self, timing: pace.Timing) -> list[pace.Shot]:
        """Return steps at the pace that is asked for; the change of all recordings counts."""
        return pace.shots(self.views, self.steps, timing, self.notes)

    def frame_at(self, step: int) -> int:
        """Return the index of the step that is nearest."""
        return nearest_steps(self.steps, [step])[0]

    def index(self, view: RecordingView, frame: int) -> int:
        """Return the index of a view's own step that is shown at a frame: the latest it has recorded by then."""
        shown = view.steps[view.begin : view.end]
        return view.begin + max(int(np.searchsorted(shown, self.steps[frame], side="right")) - 1, 0)
