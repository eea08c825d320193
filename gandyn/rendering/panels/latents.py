"""The latents panel on the plane: the latent plane, coloured by the mode of the data that each latent lands in."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.landing import astray, between, field, landed, regions
from gandyn.rendering.latent_path import LatentPath
from gandyn.rendering.marks.guides import LegendEntry, title
from gandyn.rendering.marks.marks import Mark, Text
from gandyn.rendering.plane import Square
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Latents"]

_FINE = 1.0
"""Pixels that a fine cell of the latent plane is wide, about."""

_COARSE = 3
"""Of so many fine cells one is looked at to find room for a number."""


class Latents(Square):
    """The latent plane in one tint a mode: what lands in no mode, further off than 3 standard deviations, is striped.

    A continuous generator cannot send neighbours to two modes without sending what lies between them somewhere: the
    stripes between two tints are the bridge between those modes. For an audience one latent is followed across them:
    a dot is one noise value, and beside it on the map is the place where it lands; both go once around, and end on a
    bridge. The map beside it bears the same numbers.
    """

    name = "latents"
    needs: ClassVar[tuple[str, ...]] = ("mode_mass", "generator_map")
    absent: ClassVar[str] = "its latents are of other dimensions than its data"
    numbers: ClassVar[bool] = True
    tints: ClassVar[bool] = True
    nowhere: ClassVar[Said[str]] = Said("latents in no mode", "lands in no mode")
    corner: ClassVar[tuple[str, ...]] = ("noise z",)

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        # The numbers of a map of the data stand in regions here.
        self._numbers = []
        sides = (self.place.width, self.place.height)
        self._weights = [
            between(np.asarray(view.dataset[name].values, dtype=float), max(round(side / _FINE), 2))
            for name, side in zip(("z1", "z2"), sides, strict=True)
        ]
        self._path = LatentPath(view) if slot.plain and slot.tinted else None
        self._corner: list[Mark] = []
        if slot.plain:
            left, _bottom, _right, top = self.place.box
            fitting = [text for text in self.corner if measure(text, em) <= self.place.width - em]
            at = (left + 0.6 * em, top - 1.2 * em)
            self._corner = [Text("", "ink", *at, text, ground=True) for text in fitting[:1]]
        if slot.alone:
            notes = ("coloured by the mode they land in", "by the mode they land in", "by mode")
            self.background += title(self.left, self.head, "latents", notes, em, self.right)

    def sight(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the ends of the latent plane as it was recorded."""
        first, second = (np.asarray(self.view.dataset[name].values, dtype=float) for name in ("z1", "z2"))
        return (float(first[0]), float(first[-1])), (float(second[0]), float(second[-1]))

    def entries(self) -> list[LegendEntry]:
        """Return what the stripes mean, and the dot."""
        stripes = LegendEntry("muted", self.nowhere.to(self.slot), "in no mode", filled=True)
        return [stripes, *(self._path.entries() if self._path else [])]

    def remarks(self) -> list[str]:
        """Return what the colours mean."""
        return ["colour and number: the mode that noise z lands in", "colour: the mode it lands in"]

    def marks(self, step_index: int) -> list[Mark]:
        """Return the latent plane at a step, the number of each region's mode, and how much lands in none."""
        net = self.view.field("generator_map", step_index)
        if not np.isfinite(net).all():
            return self.diverged(step_index)
        first, second = self._weights
        fine = np.einsum("pi,ija,qj->pqa", first, net, second, optimize=True)
        modes = landed(self.view, fine)
        cells = field("plane", self.view, modes, self.sight())
        path = self._path.before("plane", step_index) if self._path else []
        named = self._named(modes[::_COARSE, ::_COARSE])
        return [cells, *path, *named, *self._astray(step_index), *self._corner]

    def _named(self, modes: np.ndarray) -> list[Mark]:
        """Return the number of each region's mode, once in every region that has room for it."""
        em, ((x0, x1), (y0, y1)) = self.slot.em, self.sight()
        columns, rows = modes.shape
        cell = min(self.place.width / columns, self.place.height / rows)
        found: list[Mark] = []
        for mode, column, row, depth in regions(modes):
            text = str(mode + 1)
            if depth * cell >= 0.5 * np.hypot(measure(text, em, bold=True), 0.8 * em):
                x, y = x0 + (column + 0.5) / columns * (x1 - x0), y0 + (row + 0.5) / rows * (y1 - y0)
                found.append(Text("plane", "ink", x, y, text, bold=True, align="center", valign="middle"))
        return found

    def _astray(self, step_index: int) -> list[Mark]:
        """Return what the stripes mean, and what part of the samples they are, in the row below."""
        text = astray(self.view, step_index, self.slot.box[2] - self.left, self.slot.em) if self.slot.alone else ""
        return self.remark(text) if text else []
