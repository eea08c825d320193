"""What a player is moved by: the best answer there is, for the discriminator; the slope it meets, for the generator."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gandyn.rendering.decor import LegendEntry
from gandyn.rendering.fields import isolines
from gandyn.rendering.levels import own_window, peak
from gandyn.rendering.marks import Arrows, Dots, Line, Mark
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.panels.density import Density
from gandyn.rendering.panels.forces import Forces

__all__ = ["LineMoves", "Moves", "PlaneMoves"]

_ARROWS, _ROWS = 9, 4
"""Arrows on the line, and the heights they stand at in turn: side by side they would run into each other."""

_REACH, _LONGEST = 0.08, 0.16
"""Length of a strong arrow on the line, and of the longest, as parts of the window."""

_DOTTED = 2
"""Points of a line on the plane from one dot to the next."""

_SEEN = 0.02
"""Part of the data's peak that both densities together have at least where the best answer is drawn on the plane."""


class Moves(Protocol):
    """The main picture of a story in slow motion: what stands in any case, and what moves either player.

    Attributes:
        panel: the main picture.
    """

    panel: Panel

    def entries(self) -> list[LegendEntry]:
        """Return the names of what is added to the picture."""
        ...

    def still(self, index: int) -> list[Mark]:
        """Return data, generator and discriminator at an update."""
        ...

    def best(self, index: int) -> list[Mark]:
        """Return the best answer there is to the generator at an update."""
        ...

    def push(self, index: int) -> list[Mark]:
        """Return where the generator is pushed at an update."""
        ...


class LineMoves:
    """On the line: the optimal discriminator as a dotted curve, and arrows at latents spread over the generator."""

    def __init__(self, panel: Density) -> None:
        self.panel = panel
        self._stage = stage = panel.stage
        self._x = stage.x
        lattice = stage.field("generator_map", stage.begin)
        density = np.asarray(stage.dataset["latent_density"].values, dtype=float)
        share = np.cumsum(density) / max(float(density.sum()), 1e-300)
        wanted = (np.arange(_ARROWS) + 0.5) / _ARROWS
        self._latents = np.clip(np.searchsorted(share, wanted), 0, len(lattice) - 1)
        strong = [np.abs(self._force(index)[1]).max(initial=0.0) for index in range(stage.begin, stage.end)]
        low, high = stage.window(0)
        self._span, self._scale = high - low, _REACH * (high - low) / max(float(np.median(strong)), 1e-300)

    def _force(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return where some latents land at an update, and minus the gradient of the generator's loss there."""
        at = self._stage.field("generator_map", index)[self._latents]
        return at, np.interp(at, self._x, self._stage.field("force", index))

    def entries(self) -> list[LegendEntry]:
        """Return the names of the dotted curve and the arrows."""
        return [
            LegendEntry("optimum", "its best answer D*", "best: D*"),
            LegendEntry("force", "push on the generator", "push"),
        ]

    def still(self, index: int) -> list[Mark]:
        """Return all that the panel draws."""
        return self.panel.marks(index)

    def best(self, index: int) -> list[Mark]:
        """Return the optimal response to the densities."""
        found = self._stage.optimum(self._stage.field("generator_density", index))
        return [] if found is None else [Line("response", "optimum", self._x, found, weight=1.3)]

    def push(self, index: int) -> list[Mark]:
        """Return arrows within the generator's density, where it is not too thin for that."""
        at, force = self._force(index)
        length = np.clip(force * self._scale, -_LONGEST * self._span, _LONGEST * self._span)
        rows = (np.arange(len(at)) % _ROWS + 1.0) / (_ROWS + 2.0)
        y = 0.45 * self.panel.axes["density"].y.high * rows
        return [Arrows("density", "force", at, y, at + length, y, width=0.22)]


class PlaneMoves:
    """On the plane: the line where the optimal discriminator is undecided, and arrows at generated points."""

    def __init__(self, panel: Forces) -> None:
        self.panel, self._stage = panel, panel.stage

    def entries(self) -> list[LegendEntry]:
        """Return the names of the dotted line and the arrows."""
        return [
            LegendEntry("optimum", "its best answer D* undecided", "best: D*", dot=True),
            LegendEntry("force", "push on the generator", "push"),
        ]

    def still(self, index: int) -> list[Mark]:
        """Return all that the panel draws but its arrows."""
        return [mark for mark in self.panel.marks(index) if not isinstance(mark, Arrows)]

    def best(self, index: int) -> list[Mark]:
        """Return the line on which both densities are equal, where either is worth speaking of."""
        stage, window = self._stage, own_window(self._stage)
        generator = stage.field("generator_density", index)
        if not np.isfinite(generator).all():
            return []
        x, y = isolines(stage.data - generator, *window, 0.0, 2)
        both = stage.data + generator
        cells = [
            np.clip((np.nan_to_num(at) - low) / (high - low) * size, 0, size - 1).astype(np.intp)
            for at, (low, high), size in zip((x, y), window, both.shape, strict=True)
        ]
        unseen = ~np.isfinite(x) | (both[cells[0], cells[1]] < _SEEN * peak(stage))
        # Dots along the line: dashes are made for curves that run from left to right.
        return [Dots("plane", "optimum", x[~unseen][::_DOTTED], y[~unseen][::_DOTTED], radius=0.11)]

    def push(self, index: int) -> list[Mark]:
        """Return the panel's arrows."""
        return [mark for mark in self.panel.marks(index) if isinstance(mark, Arrows)]
