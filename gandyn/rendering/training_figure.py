"""A figure of training: its frames are steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Int

from gandyn.rendering import pace
from gandyn.rendering.chosen import nearest_steps
from gandyn.rendering.layout import Layout
from gandyn.rendering.page import Page
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.stage import Stage
from gandyn.rendering.theme import Theme

__all__ = ["TrainingFigure"]


class TrainingFigure(Page):
    """Panels of one recording, whose frames are the indices of its steps, or of several side by side.

    Args:
        stages: what is shown. The frames of several are the steps that any of them recorded, numbered from 0.

    Attributes:
        shown: the steps there are frames of, rising.
    """

    def __init__(
        self, size: tuple[int, int], theme: Theme, layout: Layout, panels: Sequence[Panel], stages: Sequence[Stage]
    ) -> None:
        super().__init__(size, theme, layout, panels)
        self._stages = tuple(stages)
        self._begin = stages[0].begin if len(stages) == 1 else 0
        self.shown: Int[np.ndarray, " frame"] = np.unique(
            np.concatenate([stage.steps[stage.begin : stage.end] for stage in stages])
        )

    @property
    def clock(self) -> tuple[int, int]:
        """The first and the last step shown."""
        return int(self.shown[0]), int(self.shown[-1])

    def shots(self, timing: pace.Timing) -> list[pace.Shot]:
        """Return steps at the pace that is asked for; the change of all recordings counts."""
        found = pace.shots(self._stages, self.shown, timing, self.notes)
        return [replace(shot, frame=self._begin + shot.frame) for shot in found]

    def frame_at(self, step: int) -> int:
        """Return the number of the step shown that is nearest."""
        return self._begin + nearest_steps(self.shown, [step])[0]
