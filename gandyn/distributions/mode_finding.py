"""The modes of mixtures: their maxima, as far as a real drop of the density tells them apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.distributions.modes import Modes

__all__ = ["LOG_DROP", "climb", "groups", "joined", "joint_std"]

LOG_DROP = float(np.log(0.99))
"""Two peaks are two modes where the log density between them falls by this much below the lower of them: by 1 %."""

# The climb takes as many steps as this number of pairs of a point and a Gaussian allows, seconds at most: where it
# would take longer, bumps overlap so much that what is left apart is one mode anyway.
_WORK = 40_000_000
_MOST_STEPS = 2000
# Pairs of a point and a Gaussian handled at once.
_PAIRS = 1 << 15
# Fewer peaks than these are tried pair by pair, also those whose neighbourhood is a matter of rounding.
_MANY = 300


def climb(
    centres: Float[ndarray, "gaussian dim"], spreads: Float[ndarray, " gaussian"], shares: Float[ndarray, " gaussian"]
) -> Modes:
    """Return the modes of a mixture of round Gaussians: the maxima climbed to from each of their centres (mean shift).

    Peaks without a drop of 1 % between them are one mode, which lies at the highest of them and has the joint mass
    and standard deviation of all Gaussians that climbed there. There are no modes at all where such peaks line up in
    a ridge that bends, round a ring for one: no single place stands for the mass along it.

    References:
        Carreira-Perpinan, "Mode-finding for mixtures of Gaussian distributions", 2000.
    """
    mixture = _Mixture(centres, spreads, shares)
    at = _ascended(mixture)
    heights = mixture.log_density(at)
    peak_of, peaks = _distinct(at, heights, 1e-3 * spreads.min())
    pairs = _neighbours(at[peaks])
    group_of = joined(heights[peaks], pairs, _saddles(mixture, at[peaks], heights[peaks], pairs))
    places, stds, weights = [], [], []
    for tops_of, mine in zip(groups(group_of), groups(group_of[peak_of]), strict=True):
        tops = peaks[tops_of]
        place = _place(mixture, at[tops], heights[tops])
        if place is None:
            return Modes.none(centres.shape[1])
        places.append(place)
        stds.append(joint_std(shares[mine], centres[mine], spreads[mine]))
        weights.append(shares[mine].sum())
    return Modes(np.array(places), np.array(stds), np.array(weights))


def joined(
    heights: Float[ndarray, " peak"], pairs: Int[ndarray, "pair 2"], saddles: Float[ndarray, " pair"]
) -> Int[ndarray, " peak"]:
    """Return the mode that each peak belongs to, numbered from 0 in the order of the peaks.

    The saddles are gone through from the highest: one that lies within 1 % of the lower of the two summits it
    connects makes them one. A foothill between two summits so goes to one of them and does not join them.

    Args:
        heights: log density at each peak.
        pairs: neighbouring peaks.
        saddles: least log density on the way between each two.

    References:
        Chazal, Guibas, Oudot, Skraba, "Persistence-based clustering in Riemannian manifolds", 2013.
    """
    root, summit = list(range(len(heights))), heights.copy()

    def find(peak: int) -> int:
        while root[peak] != peak:
            root[peak] = root[root[peak]]
            peak = root[peak]
        return peak

    for edge in np.argsort(-saddles, kind="stable"):
        first, second = sorted(find(int(peak)) for peak in pairs[edge])
        if first != second and saddles[edge] >= min(summit[first], summit[second]) + LOG_DROP:
            root[second] = first
            summit[first] = max(summit[first], summit[second])
    return np.unique([find(peak) for peak in range(len(heights))], return_inverse=True)[1]


def groups(group_of: Int[ndarray, " member"]) -> list[Int[ndarray, " index"]]:
    """Return the members of each group, in their order, where each says the number of its own."""
    order = np.argsort(group_of, kind="stable")
    return np.split(order, np.cumsum(np.bincount(group_of))[:-1])


def joint_std(
    shares: Float[ndarray, " part"], middles: Float[ndarray, "part dim"], stds: Float[ndarray, " part"]
) -> float:
    """Return the standard deviation of several parts taken together, averaged over the axes."""
    if len(stds) == 1:
        return float(stds[0])
    unit, part = stds.max(), shares / shares.sum()
    away = (middles - part @ middles) / unit
    return float(unit * np.sqrt(part @ ((stds / unit) ** 2 + np.square(away).mean(1))))


@dataclass(frozen=True)
class _Mixture:
    """Round Gaussians, worked with in logarithms: their heights may be any number of orders apart."""

    centres: Float[ndarray, "gaussian dim"]
    spreads: Float[ndarray, " gaussian"]
    shares: Float[ndarray, " gaussian"]

    def _logs(self, points: Float[ndarray, "point dim"], power: int) -> Float[ndarray, "point gaussian"]:
        logs = np.zeros((len(points), len(self.centres)))
        with np.errstate(over="ignore"):  # a distance whose square overflows is as good as infinite
            for point, centre in zip(points.T, self.centres.T, strict=True):
                away = np.subtract.outer(point, centre)
                away /= self.spreads
                away *= away
                logs += away
        logs *= -0.5
        logs += np.log(self.shares) - power * np.log(self.spreads)
        return logs

    def _blocks(self, points: Float[ndarray, "point dim"]) -> Iterator[tuple[slice, Float[ndarray, "some dim"]]]:
        """Yield the points in parts that stay in the processor's cache with what is computed of them."""
        rows = max(1, _PAIRS // len(self.centres))
        for first in range(0, len(points), rows):
            part = slice(first, first + rows)
            yield part, points[part]

    def log_density(self, points: Float[ndarray, "point dim"]) -> Float[ndarray, " point"]:
        """Return the log density, but for a constant."""
        found = np.empty(len(points))
        for part, some in self._blocks(points):
            logs = self._logs(some, self.centres.shape[1])
            most = np.maximum(logs.max(1), np.finfo(np.float64).min)
            logs -= most[:, None]
            with np.errstate(divide="ignore"):  # infinitely far from all of them
                found[part] = most + np.log(np.exp(logs, out=logs).sum(1))
        return found

    def uphill(self, points: Float[ndarray, "point dim"]) -> Float[ndarray, "point dim"]:
        """Return the points after one step of mean shift."""
        found = np.empty_like(points)
        for part, some in self._blocks(points):
            pull = self._logs(some, self.centres.shape[1] + 2)
            pull -= pull.max(1, keepdims=True)
            np.exp(pull, out=pull)
            found[part] = (pull / pull.sum(1, keepdims=True)) @ self.centres
        return found


def _ascended(mixture: _Mixture) -> Float[ndarray, "gaussian dim"]:
    """Return where one comes to by climbing from each centre."""
    centres, spreads = mixture.centres, mixture.spreads
    # A start on an axis of symmetry may be a saddle, which a nudge leaves.
    angles = np.arange(len(centres))[:, None] + np.arange(centres.shape[1])
    at = centres + 1e-6 * spreads[:, None] * np.cos(angles)
    moving = np.arange(len(at))
    nothing = np.maximum(1e-12 * spreads.min(), 4 * np.spacing(np.abs(centres).max()))
    for _ in range(min(_MOST_STEPS, max(1, _WORK // len(at) ** 2))):
        moved = mixture.uphill(at[moving])
        step = np.abs(moved - at[moving]).max(1)
        at[moving] = moved
        moving = moving[step >= nothing]
        if not len(moving):
            break
    return at


def _distinct(
    at: Float[ndarray, "point dim"], heights: Float[ndarray, " point"], apart: float
) -> tuple[Int[ndarray, " point"], Int[ndarray, " peak"]]:
    """Return the peak each point has come to, and the highest point of each peak."""
    from scipy.spatial import cKDTree

    unit = max(np.abs(at).max(), apart)
    pairs = cKDTree(at / unit).query_pairs(apart / unit, output_type="ndarray")
    peak_of = joined(heights, pairs, np.full(len(pairs), np.inf))
    highest = [mine[np.argmax(heights[mine])] for mine in groups(peak_of)]
    return peak_of, np.array(highest)


def _neighbours(peaks: Float[ndarray, "peak dim"]) -> Int[ndarray, "pair 2"]:
    """Return the pairs of peaks whose midpoint has no other peak nearer to it (their Gabriel graph).

    On the line those are the peaks that follow each other; on the plane they are among the edges of a Delaunay
    triangulation.

    References:
        Gabriel, Sokal, "A new statistical approach to geographic variation analysis", 1969.
    """
    from scipy.spatial import Delaunay, cKDTree

    if peaks.shape[1] == 1:
        order = np.argsort(peaks[:, 0], kind="stable")
        return np.stack([order[:-1], order[1:]], axis=1)
    scaled = peaks / (np.abs(peaks).max() or 1.0)
    if len(peaks) < _MANY:
        first, second = np.triu_indices(len(peaks), 1)
    else:  # moved a little, so that those in a row have a triangulation too
        ends, others = Delaunay(scaled, qhull_options="QJ").vertex_neighbor_vertices
        first, second = np.repeat(np.arange(len(peaks)), np.diff(ends)), others.astype(np.intp)
        first, second = first[first < second], second[first < second]
    nearest, _ = cKDTree(scaled).query((scaled[first] + scaled[second]) / 2)
    reach = np.linalg.norm(scaled[first] - scaled[second], axis=1) / 2
    near = nearest >= reach * (1 - 1e-9)
    return np.stack([first[near], second[near]], axis=1)


def _saddles(
    mixture: _Mixture,
    peaks: Float[ndarray, "peak dim"],
    heights: Float[ndarray, " peak"],
    pairs: Int[ndarray, "pair 2"],
) -> Float[ndarray, " pair"]:
    """Return the least log density between neighbours; where the midpoint decides already, the one there."""
    if not len(pairs):
        return np.empty(0)
    start, end = peaks[pairs[:, 0]], peaks[pairs[:, 1]]
    found = mixture.log_density(start / 2 + end / 2)
    open_ = np.flatnonzero(found >= heights[pairs].min(1) + LOG_DROP)
    if len(open_):
        found[open_] = _least(mixture, start[open_], end[open_])
    return found


def _least(
    mixture: _Mixture, start: Float[ndarray, "segment dim"], end: Float[ndarray, "segment dim"]
) -> Float[ndarray, " segment"]:
    """Return the least log density inside each segment."""
    t = np.linspace(0, 1, 17)[1:-1, None]
    points = start[:, None] * (1 - t) + end[:, None] * t
    return mixture.log_density(points.reshape(-1, start.shape[1])).reshape(len(start), -1).min(1)


def _place(
    mixture: _Mixture, peaks: Float[ndarray, "peak dim"], heights: Float[ndarray, " peak"]
) -> Float[ndarray, " dim"] | None:
    """Return the place of the mode that peaks make up; None where they are a ridge that bends."""
    if len(peaks) == 1:
        return peaks[0]
    middle = peaks.mean(0)
    if _least(mixture, np.broadcast_to(middle, peaks.shape), peaks).min() < heights.min() + LOG_DROP:
        return None
    # On a plateau the highest point is a matter of rounding: the one in the middle stands for it.
    candidates = np.concatenate([middle[None], peaks])
    reached = np.concatenate([mixture.log_density(middle[None]), heights])
    high = np.flatnonzero(reached >= reached.max() - 1e-12)
    return _summit(mixture, candidates[high[np.argmin(np.linalg.norm(candidates[high] - middle, axis=1))]])


def _summit(mixture: _Mixture, start: Float[ndarray, " dim"]) -> Float[ndarray, " dim"]:
    """Return the maximum above a place where mean shift has become slow, by steps that grow while they lead up."""
    at, length = start[None], 1.0
    height = mixture.log_density(at)
    for _ in range(200):
        tried = at + length * (mixture.uphill(at) - at)
        reached = mixture.log_density(tried)
        if reached > height:
            at, height, length = tried, reached, 2 * length
        elif length > 1:
            length = 1.0
        else:
            break
    return at[0]
