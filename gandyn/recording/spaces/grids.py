"""The line and the plane as they are looked at: a window cut into cells, histograms on it, and transport across it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from gandyn.densities.cells import CellMasses
from gandyn.densities.estimators import quasi_monte_carlo
from gandyn.densities.grid import LineGrid, Masses
from gandyn.densities.plane import PlaneGrid, PlaneMasses
from gandyn.densities.plane_points import quasi_monte_carlo_plane
from gandyn.divergences.transport import projected, sliced_wasserstein_1, wasserstein_1
from gandyn.recording.spaces.base import Coord, Space

__all__ = ["LineWindow", "PlaneWindow", "Window"]

_DRAWN = 200
"""Points that show what a generator on the plane does, without covering it."""


class Window(Space):
    """Surroundings with a window that is cut into equal cells.

    Attributes:
        cells: number of cells along a side where the options give none; at most `most_cells`.
    """

    cells: ClassVar[int]
    most_cells: ClassVar[int]

    @abstractmethod
    def extent(self) -> Float[ndarray, "axis 2"]:
        """Return the window that shows the data with room around it."""

    @property
    def atoms(self) -> Float[ndarray, "atom axis"]:
        """The points of the data that carry mass; none where its law is not known."""
        return np.empty((0, len(self.axes)))

    @property
    @abstractmethod
    def widths(self) -> tuple[float, ...]:
        """Length of a cell along each axis."""

    @abstractmethod
    def histogram(self, points: Float[ndarray, "row point axis"]) -> CellMasses:
        """Return points of equal mass as masses of the cells."""

    @abstractmethod
    def spill(self, masses: Any, spilt: Float[ndarray, ...]) -> Any:
        """Return masses of which a part is moved beyond the edge, where nothing is told apart; transport sees no move.

        Args:
            masses: of one or many densities.
            spilt: how much of the mass of each cell is meant.
        """


class LineWindow(Window):
    """Surroundings on the line."""

    cells: ClassVar[int] = 512
    most_cells: ClassVar[int] = 65536

    @cached_property
    def grid(self) -> LineGrid:
        """The cells; the ends left open by the options are the data's extent."""
        ((low, high),) = self.options.grid.window(self.extent())
        return LineGrid(low, high, self.options.grid.cells or self.cells, tuple(self.atoms[:, 0].tolist()))

    @property
    def axes(self) -> tuple[str, ...]:  # noqa: D102
        return ("x",)

    @property
    def points(self) -> Float[ndarray, "point 1"]:  # noqa: D102
        return self.grid.centres[:, None]

    @property
    def shape(self) -> tuple[int]:  # noqa: D102
        return (self.grid.cells,)

    @property
    def cell(self) -> float:  # noqa: D102
        return self.grid.width

    @property
    def widths(self) -> tuple[float]:  # noqa: D102
        return (self.grid.width,)

    @property
    def transport(self) -> str:  # noqa: D102
        return "w1"

    def histogram(self, points: Float[ndarray, "row point 1"]) -> Masses:  # noqa: D102
        return quasi_monte_carlo(points[..., 0], self.grid)

    def spill(self, masses: Masses, spilt: Float[ndarray, "*batch cell"]) -> Masses:  # noqa: D102
        tails, half = np.zeros_like(masses.tails), self.grid.cells // 2
        tails[..., 0] = masses.beyond
        tails[..., 0, 0] += spilt[..., :half].sum(-1)
        tails[..., 1, 0] += spilt[..., half:].sum(-1)
        return replace(masses, cells=masses.cells - spilt, tails=tails, logs=None)

    def distance(self, masses: Masses) -> Float[ndarray, " row"]:  # noqa: D102
        assert isinstance(self.compared_data, Masses)
        return wasserstein_1(self.compared_data, masses, self.grid)

    def window(self) -> dict[str, Coord]:  # noqa: D102
        grid = self.grid
        return {
            self.axes[0]: (self.axes, grid.centres, {"long_name": "cell centres", "low": grid.low, "high": grid.high}),
            "side": (("side",), np.array([0, 1]), {"long_name": "below and above the grid"}),
        }


class PlaneWindow(Window):
    """Surroundings on the plane."""

    kept_bits: ClassVar[int | None] = 10
    cells: ClassVar[int] = 64
    most_cells: ClassVar[int] = 1024

    @cached_property
    def grid(self) -> PlaneGrid:
        """The cells; the ends left open by the options are the data's extent."""
        (left, right), (bottom, top) = self.options.grid.window(self.extent())
        return PlaneGrid((left, bottom), (right, top), self.options.grid.cells or self.cells)

    @property
    def drawn(self) -> int:  # noqa: D102
        return _DRAWN

    @property
    def axes(self) -> tuple[str, ...]:  # noqa: D102
        return ("x", "y")

    @property
    def points(self) -> Float[ndarray, "point 2"]:  # noqa: D102
        return self.grid.centres

    @property
    def shape(self) -> tuple[int, int]:  # noqa: D102
        return (self.grid.cells, self.grid.cells)

    @property
    def cell(self) -> float:  # noqa: D102
        return self.grid.area

    @property
    def widths(self) -> tuple[float, float]:  # noqa: D102
        return self.grid.widths

    @property
    def transport(self) -> str:  # noqa: D102
        return "sliced_w1"

    def histogram(self, points: Float[ndarray, "row point 2"]) -> PlaneMasses:  # noqa: D102
        return quasi_monte_carlo_plane(points, self.grid)

    def spill(self, masses: PlaneMasses, spilt: Float[ndarray, "*batch x y"]) -> PlaneMasses:  # noqa: D102
        return replace(
            masses,
            cells=masses.cells - spilt,
            outside=masses.outside + spilt.sum((-2, -1)),
            shadow=masses.shadow + projected(spilt, self.grid),
        )

    def distance(self, masses: PlaneMasses) -> Float[ndarray, " row"]:  # noqa: D102
        assert isinstance(self.compared_data, PlaneMasses)
        return sliced_wasserstein_1(self.compared_data, masses, self.grid)

    def window(self) -> dict[str, Coord]:  # noqa: D102
        found: dict[str, Coord] = {}
        for axis, low, high, middles in zip(self.axes, self.grid.low, self.grid.high, self.grid.middles, strict=True):
            found[axis] = ((axis,), middles, {"long_name": "cell centres", "low": low, "high": high})
        found["side"] = (("side",), np.array([0]), {"long_name": "beyond the grid"})
        return found
