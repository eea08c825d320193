"""What `gandyn plot` draws: the figure of one recording, that of several, or a filmstrip."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gandyn.app.comparing import compared
from gandyn.app.output_paths import figure_look
from gandyn.app.runs import Source
from gandyn.core.errors import UsageError

if TYPE_CHECKING:
    from gandyn.scenario.schema import Scenario

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """What was asked of a figure on the command line.

    Attributes:
        filmstrip: whether it is one.
        steps: of the filmstrip; those that tell most unless given.
        panels: what is drawn; the default unless given.
        width: in print; `height` likewise.
        title: whether it has title and caption.
        seed: which is drawn; of several recordings the median of all unless given.
        theme: whether the theme was asked for; `size` likewise.
    """

    filmstrip: bool
    steps: Sequence[int] | None
    panels: Sequence[str] | None
    width: str | None
    height: str | None
    title: bool
    seed: int | None
    theme: bool
    size: bool

    def check(self, sources: int, csv: bool) -> None:
        """Find out before training what cannot be drawn.

        Args:
            sources: number of scenarios and recordings.
            csv: whether numbers are to be written.

        Raises:
            UsageError: what was asked for does not go together, or a length is none.
        """
        from gandyn.rendering.canvas.sheet import Sheet

        if self.steps is not None and not self.filmstrip:
            raise UsageError("--steps belongs to --filmstrip; give both")
        if self.filmstrip and self.panels is not None and len(self.panels) > 1:
            raise UsageError(f"--panels {','.join(self.panels)}: a filmstrip is of one panel")
        if self.width is not None and self.size:
            raise UsageError("--size is in pixels and --width in print; give one of them")
        if sources > 1 and (self.filmstrip or csv):
            raise UsageError(f"--{'filmstrip' if self.filmstrip else 'csv'} takes one scenario or recording")
        Sheet.chosen(width=self.width, height=self.height)

    def check_scenario(self, scenario: Scenario, place: int, of: int) -> None:
        """Find out before a scenario is trained that the figure cannot be drawn of it.

        Args:
            scenario: which.
            place: of the scenario among all that are drawn.
            of: number of these.

        Raises:
            UsageError: it will not be recorded what is to be drawn, or not so far.
        """
        from gandyn.recording.commit_buffer import recorded_variables
        from gandyn.rendering.figures.filmstrip import strip_panel
        from gandyn.rendering.figures.overlay import check_curves
        from gandyn.rendering.figures.paper import check_steps
        from gandyn.rendering.panels import find

        space, names = scenario.space(pretended=True), self.panels or ()
        dim, variables = len(space.axes), recorded_variables(space, scenario.played)
        held = {*space.coords, *(one.name for one in variables)}
        if self.filmstrip:
            strip_panel(names[0] if names else None, dim, held.__contains__)
            check_steps(self.steps or (), scenario.train.steps)
            return
        for name in names:
            if of > 1:
                scalars = [one.name for one in variables if not one.dims]
                check_curves(name, dim, held.__contains__, scalars)
            elif (refusal := find(name, dim).refusal(held.__contains__)) is not None:
                raise UsageError(refusal)

    def draw(self, sources: Sequence[Source], path: Path) -> list[str]:
        """Draw recordings into a file and return what there is to say of it.

        Raises:
            UsageError: they cannot be drawn so.
            RenderError: the file cannot be written.
        """
        from gandyn import rendering

        look: dict[str, Any] = figure_look(sources[0].animation, theme=self.theme, size=self.size)
        look |= {"width": self.width, "height": self.height, "title": self.title}
        recordings = [source.recorded.recording for source in sources]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if self.filmstrip:
                panel = None if self.panels is None else self.panels[0]
                rendering.filmstrip(recordings[0], path, steps=self.steps, panel=panel, **look)
            elif len(recordings) > 1:
                rendering.plot(compared(recordings, [self.seed] * len(recordings)), path, panels=self.panels, **look)
            else:
                rendering.plot(recordings[0], path, panels=self.panels, **look)
        return [str(one.message) for one in caught if one.category is UserWarning]
