"""The modes of mixtures: their maxima, as far as a real drop of the density tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from gandyn.distributions.base import Modes

__all__ = ["LOG_DROP", "climb", "joined", "joint_std"]

LOG_DROP = float(np.log(0.99))
"""Two peaks are two modes where the log density between them falls by this much below the lower of them: by 1 %."""

# The climb takes as many steps as this number of pairs of a point and a Gaussian allows, seconds at most: where it
# would take longer, bumps overlap so much that what is left apart is one mode anyway.
_WORK = 40_000_000
_MOST_STEPS = 2000
# Pairs of a point and a Gaussian handled at once.
_PAIRS = 1 << 17


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
    for group in range(group_of.max() + 1):
        tops = peaks[group_of == group]
        mine = group_of[peak_of] == group
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
        with np.errstate(over="ignore"):  # a distance whose square overflows is as good as infinite
            axes = zip(points.T, self.centres.T, strict=True)
            squares = sum(np.square((point[:, None] - centre) / self.spreads) for point, centre in axes)
        return np.log(self.shares) - power * np.log(self.spreads) - 0.5 * squares

    def log_density(self, points: Float[ndarray, "point dim"]) -> Float[ndarray, " point"]:
        """Return the log density, but for a constant."""
        rows = max(1, _PAIRS // len(self.centres))
        dim = self.centres.shape[1]
        found = np.empty(len(points))
        for first in range(0, len(points), rows):
            logs = self._logs(points[first : first + rows], dim)
            most = np.maximum(logs.max(1), np.finfo(np.float64).min)
            with np.errstate(divide="ignore"):  # infinitely far from all of them
                found[first : first + rows] = most + np.log(np.exp(logs - most[:, None]).sum(1))
        return found

    def uphill(self, points: Float[ndarray, "point dim"]) -> Float[ndarray, "point dim"]:
        """Return the points after one step of mean shift."""
        logs = self._logs(points, self.centres.shape[1] + 2)
        pull = np.exp(logs - logs.max(1, keepdims=True))
        return (pull / pull.sum(1, keepdims=True)) @ self.centres


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
    highest = [max(np.flatnonzero(peak_of == peak), key=heights.__getitem__) for peak in range(peak_of.max() + 1)]
    return peak_of, np.array(highest)


def _neighbours(peaks: Float[ndarray, "peak dim"]) -> Int[ndarray, "pair 2"]:
    """Return the pairs of peaks whose midpoint has no other peak nearer to it (their Gabriel graph).

    References:
        Gabriel, Sokal, "A new statistical approach to geographic variation analysis", 1969.
    """
    from scipy.spatial import cKDTree

    scaled = peaks / (np.abs(peaks).max() or 1.0)
    first, second = np.triu_indices(len(peaks), 1)
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
