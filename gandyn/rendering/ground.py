"""What the discriminator answers, as a faint ground behind data and points."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy import ndimage

from gandyn.rendering.density_levels import own_window
from gandyn.rendering.fields import isolines, smooth
from gandyn.rendering.marks.guides import LegendEntry
from gandyn.rendering.marks.marks import Bands, Line, Mark
from gandyn.rendering.panels.discriminator import centred, critic_scale, tints
from gandyn.rendering.plane import CONTOURS, narrow
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["Ground"]

_TINT = 0.09
"""Opacity of the ground: so faint that data and points stand before it. It is flat on either side of the line: bands of
how sure the discriminator is move from frame to frame, distract, and cost a GIF a tenth of its bytes each."""

_BLUR = 0.025
"""Part of the window over which answers are averaged: islands smaller than that are blotches to who looks."""

_LEAST = 2e-3
"""Part of the way from undecided to certain from which on there is a tint."""

_SURE, _NEAR = 0.3, 5
"""Part of the way from undecided to certain that is reached within so many cells of a line worth drawing, along half of
it at least: one through a field that hardly says anything is a scribble."""


class Ground:
    """A tint about the data: in their colour where the discriminator says "data", in the generator's where "generated".

    Answers are averaged over a fortieth of the window. A line runs where it is undecided between two of them, but not
    for an audience, to whom the tints say it all. Of recordings without a discriminator there is nothing to be seen.
    """

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        self._view, self._there, self._lined = view, view.has("discriminator"), not slot.plain
        # Within the data's outline there is none: a tint over a tint is a third colour that means nothing.
        top = float(np.nanmax(smooth(view.data), initial=0.0))
        self._free = np.clip(1.0 - view.data / (CONTOURS[0] * top), 0.0, 1.0) if top > 0 and not narrow(view) else 1.0
        self._certain = critic_scale(view) if self._there and view.critic else 0.5

    def entries(self) -> list[LegendEntry]:
        """Return the name of the line, where there is one."""
        if not (self._there and self._lined):
            return []
        return [LegendEntry("discriminator", f"{self._view.player} undecided", "undecided", dashed=False)]

    def remarks(self) -> list[str]:
        """Return ways to say what the tints mean, the longest first."""
        return tints(self._view) if self._there else []

    def marks(self, step_index: int) -> list[Mark]:
        """Return the tints at a step, and over them the line."""
        return [*self._tints(step_index), *(self.undecided(step_index) if self._lined else [])]

    def _tints(self, step_index: int) -> list[Mark]:
        response = self._response(step_index)
        if response is None:
            return []
        response = ndimage.gaussian_filter(response, _BLUR * len(response), mode="nearest") * self._free
        least = _LEAST * self._certain
        fills = (("generator", _TINT), ("data", 0.0), ("data", _TINT))
        return [Bands("plane", *own_window(self._view), response, (-least, least), fills)]

    def undecided(self, step_index: int) -> list[Mark]:
        """Return the line where the discriminator is undecided at a step, for whoever asks for it."""
        response = self._response(step_index)
        if response is None:
            return []
        return [Line("plane", "discriminator", *self._between(response), weight=0.8, dashed=False)]

    def _response(self, step_index: int) -> Float[np.ndarray, "x y"] | None:
        return centred(self._view, "discriminator", step_index) if self._there else None

    def _between(self, response: Float[np.ndarray, "x y"]) -> tuple[np.ndarray, np.ndarray]:
        """Return the lines between answers that are answers."""
        window = own_window(self._view)
        x, y = isolines(response, *window, 0.0, 2)
        known = np.isfinite(x)
        if not known.any():
            return x, y
        sure = ndimage.maximum_filter(np.abs(response), _NEAR) > _SURE * self._certain
        column, row = (
            np.clip((np.nan_to_num(at) - low) / (high - low) * size, 0, size - 1).astype(int)
            for at, (low, high), size in zip((x, y), window, response.shape, strict=True)
        )
        piece = np.cumsum(~known)
        parts = np.bincount(piece, known & sure[column, row]) / np.maximum(np.bincount(piece, known), 1)
        return np.where(parts[piece] >= 0.5, x, np.nan), y
