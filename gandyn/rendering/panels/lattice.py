"""The lattice panel: the latent plane as the generator bends it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering.density_levels import peak
from gandyn.rendering.marks.guides import LegendEntry, legend
from gandyn.rendering.marks.marks import Line, Mark, Mesh
from gandyn.rendering.plane import Square, contours
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.register import Said

__all__ = ["Lattice", "areas"]

_MOST, _DENSE = 0.88, 24.0
"""Opacity of the densest cells, and the density they have at least, in parts of one spread over the whole window."""

_MESHES, _SHEET = 16, 0.5
"""Meshes along a side of the latent plane on its way to the data, about, and how much paler the sheet is there: its
lines are to stand out from it."""


class Lattice(Square):
    """Where the generator takes a lattice of latents; the ink of a cell is its latent mass, however far it is spread.

    Each cell is as opaque as its mass over its exact area, so cells on top of each other, a fold, add up. Where the
    latent has other dimensions than two there is no such lattice, and generated points are shown.
    """

    name = "lattice"
    needs: ClassVar[tuple[str, ...]] = ("generated",)
    morphs: ClassVar[tuple[str, ...] | None] = ("generator_map", "latent_mass")
    words: ClassVar[Said[tuple[str, ...]]] = Said(
        ("{latent}; a cell’s ink is its latent mass", "a cell’s ink is its latent mass", "ink: latent mass"),
        ("the darker, the more samples land there", "darker: more samples"),
    )
    drawn: ClassVar[Said[tuple[str, str]]] = Said(
        ("latent lattice through G", "lattice"), ("grid of noise z, bent by the generator", "noise z, bent")
    )

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        self._contours = contours("plane", view, self.place, em)
        self.mapped = view.has("generator_map") and view.has("latent_mass")
        if self.mapped:
            self._mass = np.asarray(view.dataset["latent_mass"].values, dtype=float)
            area = (self.place.x.high - self.place.x.low) * (self.place.y.high - self.place.y.low)
            self._full = min(2.0 * peak(view), _DENSE / area)
        if slot.alone:
            self.background += legend(self.left, self.head, self.entries(), em, self.right)
            latent = view.attribute("latent_label", "latent")
            no_lattice = (f"{latent}: no lattice to draw", "no lattice to draw")
            said = [form.format(latent=latent) for form in self.words.study]
            self.background += self.remark(*(said if self.mapped else no_lattice))

    def entries(self) -> list[LegendEntry]:
        """Return the names of contours and lattice, or points."""
        drawn, short = self.drawn.to(self.slot) if self.mapped else (self.points_name.to(self.slot),) * 2
        entry = LegendEntry("generator" if self.mapped else "points", drawn, short, self.mapped, dot=not self.mapped)
        return [LegendEntry("data", "data", weight=0.8), entry]

    def remarks(self) -> list[str]:
        """Return ways to say what the ink means, the longest first."""
        return list(self.words.plain) if self.mapped else []

    def marks(self, step_index: int) -> list[Mark]:
        """Return the lattice at a step."""
        if not self.mapped:
            return [*self._contours, *self.points(step_index), *self.notes(step_index)]
        net = self.view.field("generator_map", step_index)
        return [*self._contours, *self._net(net), *self.notes(step_index)]

    def sight(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the window; where nothing else is drawn, just what the data and the lattice on its way take up."""
        if not self.slot.bare:
            return super().sight()
        view, found = self.view, []
        net = view.field("generator_map", view.end - 1)
        inside = view.data > 1e-3 * peak(view)
        for axis, latent in enumerate(("z1", "z2")):
            low, high = view.window(axis)
            data = view.centres(axis)[inside.any(axis=1 - axis)]
            mapped = np.clip(net[..., axis], low, high)
            z = np.asarray(view.dataset[latent].values, dtype=float)
            taken = np.concatenate([data, mapped[np.isfinite(mapped)], z])
            slot = 0.03 * float(np.ptp(taken))
            found.append((float(taken.min()) - slot, float(taken.max()) + slot))
        return found[0], found[1]

    def morph(self, step_index: int, t: float) -> list[Mark]:
        """Return the lattice on its way from the latents' own places, while the data come out."""
        z1, z2 = (np.asarray(self.view.dataset[name].values, dtype=float) for name in ("z1", "z2"))
        start = np.stack(np.meshgrid(z1, z2, indexing="ij"), axis=-1)
        data: list[Mark] = [
            replace(line, opacity=t * line.opacity) for line in self._contours if isinstance(line, Line)
        ]
        net = (1 - t) * start + t * self.view.field("generator_map", step_index)
        if not np.isfinite(net).any():
            return data
        net = self._near(net)
        # A sheet with a grid that is seen, and as many lines as stay apart where it is narrow.
        sheet = Mesh("plane", "generator", net[..., 0], net[..., 1], _SHEET * self.opacity(net))
        return [*data, sheet, *_lines(net, max((len(net) - 1) // _MESHES, 1), 0.6, 0.8)]

    def _net(self, net: Float[np.ndarray, "row column axis"]) -> list[Mark]:
        if not np.isfinite(net).any():
            return []
        net = self._near(net)
        return [Mesh("plane", "generator", net[..., 0], net[..., 1], self.opacity(net)), *_lines(net, 1, 0.22, 0.55)]

    def opacity(self, net: Float[np.ndarray, "row column axis"]) -> Float[np.ndarray, "row_cell column_cell"]:
        """Return the opacity of each cell: in proportion to its density, up to a density fixed for all steps."""
        with np.errstate(divide="ignore", invalid="ignore"):
            density = np.nan_to_num(self._mass / areas(net), nan=0.0, posinf=np.inf)
        return np.minimum(density / self._full, 1.0) * _MOST

    def _near(self, net: Float[np.ndarray, "row column axis"]) -> Float[np.ndarray, "row column axis"]:
        """Keep corners within a few windows' reach, so that wild ones do not make wild coordinates."""
        low = np.array([self.place.x.low, self.place.y.low])
        high = np.array([self.place.x.high, self.place.y.high])
        return np.clip(net, low - 2 * (high - low), high + 2 * (high - low))


def _lines(net: Float[np.ndarray, "row column axis"], every: int, weight: float, opacity: float) -> list[Mark]:
    """Return one line for all rows of a net and one for all columns, broken between them; or for one in `every`."""
    x, y = net[..., 0], net[..., 1]
    marks: list[Mark] = []
    for across, down in ((x, y), (x.T, y.T)):
        across, down = across[::every], down[::every]
        breaks = np.full((len(across), 1), np.nan)
        first, second = (np.concatenate([part, breaks], axis=1).ravel() for part in (across, down))
        marks.append(Line("plane", "generator", first, second, weight=weight, opacity=opacity))
    return marks


def areas(net: Float[np.ndarray, "row column axis"]) -> Float[np.ndarray, "row_cell column_cell"]:
    """Return the area of each cell of a net of corners: of the two triangles it is cut into, each taken positive."""
    a, b, c, d = net[:-1, :-1], net[:-1, 1:], net[1:, 1:], net[1:, :-1]

    def triangle(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
        u, v = q - p, r - p
        return np.abs(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]) / 2

    return triangle(a, b, c) + triangle(a, c, d)
