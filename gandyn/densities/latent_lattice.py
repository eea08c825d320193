"""Where a generator of two latent coordinates is evaluated for its density: a lattice, and a few corners far out.

A latent with tails has them followed by rings of corners around the lattice, and beyond the last ring the generator is
taken to go on as it does up to there. So the plane of latents is covered whole, by triangles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from gandyn.densities.patches import MOST_PARTS
from gandyn.distributions.latent import Latent

__all__ = ["LatentLattice"]

# Cells across which the latent density changes by more than a factor of five belong to the tails.
_STEEP = 1.6
# Directions in which the tails are followed, for each side of the lattice.
_DIRECTIONS = 8
# Where the latent plane ends, in lattices.
_END = 1e6


@dataclass(frozen=True)
class LatentLattice:
    """A lattice of latent cells of known mass, and corners beyond it.

    Attributes:
        latent: the latent's law.
        cells: number of cells along each coordinate.
    """

    latent: Latent
    cells: int

    @cached_property
    def edges(self) -> Float[ndarray, " edge"]:
        """Where cells begin and end along one coordinate."""
        return self.latent.bulk(self.cells)[0]

    def parts_ends(self, parts: int) -> Float[ndarray, "cell end"]:
        """Return the ends of the parts of each cell along one coordinate, where it is cut into so many."""
        edges = self.latent.bulk(self.cells * parts)[0]
        return edges[np.arange(self.cells)[:, None] * parts + np.arange(parts + 1)]

    @cached_property
    def shares(self) -> Float[ndarray, "parts cell part"]:
        """Masses along one coordinate, of each cell cut into so many parts."""
        found = np.zeros((MOST_PARTS + 1, self.cells, MOST_PARTS))
        for parts in range(1, MOST_PARTS + 1):
            found[parts, :, :parts] = self.latent.bulk(self.cells * parts)[1].reshape(self.cells, parts)
        return found

    @cached_property
    def changes(self) -> Float[ndarray, " cell"]:
        """By how much the logarithm of the density changes across each cell of one coordinate."""
        return np.abs(np.diff(np.log(self.latent.pdf(self.edges))))

    @cached_property
    def _blocks(self) -> Int[ndarray, " edge"]:
        """The edges that bound blocks of two cells by two: the tails are followed in these."""
        return np.unique(np.append(np.arange(0, self.cells, 2), self.cells))

    @cached_property
    def tail(self) -> Bool[ndarray, "cell1 cell2"]:
        """Which cells belong to the tails: whole blocks."""
        changes = np.maximum.reduceat(self.changes, self._blocks[:-1])
        lengths = np.diff(self._blocks)
        steep = np.add.outer(changes, changes) > _STEEP
        return steep.repeat(lengths, axis=0).repeat(lengths, axis=1)

    @cached_property
    def points(self) -> Float[ndarray, "point 2"]:
        """Where the generator is evaluated: the corners of the lattice, row by row, then the rings."""
        return np.concatenate([self._corners, *(self._picked * factor for factor in self.latent.rings)])

    @cached_property
    def _corners(self) -> Float[ndarray, "corner 2"]:
        return np.stack(np.meshgrid(self.edges, self.edges, indexing="ij"), axis=-1).reshape(-1, 2)

    @cached_property
    def _around(self) -> tuple[Int[ndarray, " corner"], Int[ndarray, " direction"]]:
        """The numbers of the blocks' corners on the lattice's border, in order, and the places of the picked ones."""
        n, side = self.cells, self._blocks[:-1]
        count = len(side)
        far, back = np.full(count, n), self._blocks[:0:-1]
        row = np.concatenate([side, far, back, 0 * side])
        column = np.concatenate([0 * side, side, far, back])
        picks = np.round(np.linspace(0, count, min(_DIRECTIONS, count) + 1)).astype(np.int64)[:-1]
        return row * (n + 1) + column, np.concatenate([picks + k * count for k in range(4)])

    @cached_property
    def _picked(self) -> Float[ndarray, "direction 2"]:
        border, places = self._around
        return self._corners[border[places]]

    @cached_property
    def latents(self) -> Float[ndarray, "corner 2"]:
        """All corners of triangles: the points, and a last ring where the latent plane ends."""
        if not self.latent.rings:
            return self.points
        return np.concatenate([self.points, self._picked * _END])

    def images(self, points: Float[ndarray, "row point 2"]) -> Float[ndarray, "row corner 2"]:
        """Return the images of all corners of triangles, from those of the points."""
        if not self.latent.rings:
            return points
        before, last = (1.0, *self.latent.rings)[-2:]
        count = len(self._picked)
        far, near = points[:, -count:], points[:, -2 * count : -count]
        return np.concatenate([points, far + (far - near) * ((_END - last) / (last - before))], axis=1)

    @cached_property
    def blocks(self) -> tuple[Float[ndarray, " block"], Bool[ndarray, " block"]]:
        """The least mass of a cell of each block, and whether the block belongs to the tails."""
        along = np.minimum.reduceat(self.shares[1, :, 0], self._blocks[:-1])
        first = self._blocks[:-1]
        return np.outer(along, along).ravel(), self.tail[np.ix_(first, first)].ravel()

    @cached_property
    def triangles(self) -> Int[ndarray, "triangle 3"]:
        """Numbers of the corners of each triangle: two for each block of the lattice, then those beyond it."""
        n = self.cells + 1
        low, high = self._blocks[:-1], self._blocks[1:]
        a, b, c, d = (np.add.outer(row * n, column).reshape(-1, 1) for row in (low, high) for column in (low, high))
        cells = np.concatenate([a, c, d, a, d, b], axis=1).reshape(-1, 3)
        if not self.latent.rings:
            return cells
        border, places = self._around
        count = len(places)
        found = []
        for k, place in enumerate(places):
            to = places[k + 1] if k + 1 < count else len(border)
            inner = border[np.arange(place, to + 1) % len(border)]
            here, there = n * n + k, n * n + (k + 1) % count
            found += [(here, a, b) for a, b in pairwise(inner)]
            found.append((here, inner[-1], there))
            for ring in range(len(self.latent.rings)):
                a, b = here + ring * count, there + ring * count
                found += [(a, b, b + count), (a, b + count, a + count)]
        return np.concatenate([cells, np.array(found)])
