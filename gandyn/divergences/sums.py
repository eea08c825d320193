"""The loop behind the divergences: one pass over the parts of a partition adds up all of them.

Within a part both densities are taken as exponential. With the position t in [-1/2, 1/2] across it, a density of tilt a
is in proportion to exp(a t); the logarithm of that factor's mean is the potential, its derivative the mean position,
and KL from tilt a to b is potential(b) - potential(a) - (b - a) potential'(a), as in every exponential family.
"""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from gandyn.core.jit import compiled

__all__ = ["SUMS", "Side", "add_up"]

Side = tuple[ndarray, ndarray, ndarray, ndarray, ndarray, ndarray]

KL, REVERSE_KL, KL_SKEW, REVERSE_KL_SKEW, JS, TV, HELLINGER, MISSED, MISSED_BACK = range(9)
SUMS = 9

# Below this a series is exact to 1e-6, and the closed form loses digits to cancellation; and it takes no time.
_SMALL = 2.0
# Below this two terms of it are enough.
_TINY = 0.5
# What is lighter than this adds nothing that could be seen in a sum, whatever its logarithm.
_LIGHT = 1e-30
# Nor does a divergence within a part that is lighter than this, beside that of the parts' masses.
_FAINT = 1e-11
# Pieces that a part is cut into up to a caustic.
_PIECES = 8
# Ends of two densities this share of a part apart, or less, are the same end but for single precision.
_TOUCHING = 1e-3
# Contributions of parts that follow each other to infinity shrink by less than this only where their sum is infinite.
_SHRINKING = 5e-4


@compiled
def _potential(tilt: float) -> float:
    size = abs(tilt)
    if size < _SMALL:
        square = size * size
        return square * (1 / 24 - square * (1 / 2880 - square * (1 / 181440 - square / 9676800)))
    whole = size / 2 - math.log(size)
    return whole if size > 40.0 else whole + math.log(1.0 - math.exp(-size))


@compiled
def _centre(tilt: float) -> float:
    size = abs(tilt)
    if size < _SMALL:
        square = size * size
        return tilt * (1 / 12 - square * (1 / 720 - square * (1 / 30240 - square / 1209600)))
    return math.copysign(0.5 / math.tanh(size / 2) - 1 / size, tilt)


@compiled
def _within(a: float, b: float) -> float:
    """Return KL in nats from the density of tilt a to that of tilt b on one part."""
    gap = a - b
    if abs(a) < _TINY and abs(b) < _TINY:
        # The same difference of potentials, written so that close tilts do not cancel.
        return gap * gap * (1 / 24 - (3 * a * a + 2 * a * b + b * b) / 2880)
    return max(_potential(b) - _potential(a) + gap * _centre(a), 0.0)


@compiled
def _add(p: float, log_p: float, q: float, log_q: float, skew: float, sums: ndarray) -> None:
    """Add what a part of two flat densities contributes."""
    both = p + q
    sums[TV] += abs(p - q)
    root = math.sqrt(p) - math.sqrt(q)
    sums[HELLINGER] += root * root
    if p > 0.0:
        sums[KL] += p * (log_p - log_q)
        sums[KL_SKEW] += p * (log_p - math.log((1 - skew) * q + skew * p))
        sums[JS] += p * math.log(2 * p / both)
    if q > 0.0:
        sums[REVERSE_KL] += q * (log_q - log_p)
        sums[REVERSE_KL_SKEW] += q * (log_q - math.log((1 - skew) * p + skew * q))
        sums[JS] += q * math.log(2 * q / both)


@compiled
def _add_folded(p: float, log_p: float, q: float, fold: float, past: float, skew: float, sums: ndarray) -> None:
    """Add what a part contributes in which the generator turns back: in pieces, up to the caustic and beyond it.

    Beyond it q is as flat as at the part's edge there, of logarithm `past`; up to it there is besides what rises as one
    over the root of the distance.
    """
    share, flat = abs(fold), min(math.exp(past), q)
    piece = share / _PIECES
    for k in range(_PIECES):
        mine = (q - flat) * (math.sqrt((k + 1) / _PIECES) - math.sqrt(k / _PIECES)) + flat * piece
        _add(p * piece, log_p + math.log(piece), mine, math.log(mine), skew, sums)
    rest = 1.0 - share
    if rest > _TOUCHING:
        if past > -math.inf:
            _add(p * rest, log_p + math.log(rest), flat * rest, past + math.log(rest), skew, sums)
        else:
            sums[MISSED] += p * rest
            sums[TV] += p * rest
            sums[HELLINGER] += p * rest
            sums[JS] += p * rest * math.log(2.0)
            sums[KL_SKEW] -= p * rest * math.log(skew)


@compiled
def _rest(terms: ndarray, own: float, masses: ndarray) -> float:
    """Return what the endless last part of a tail adds: infinity where the sum has no bound.

    A tail that falls like a power goes on in geometric progression, since the parts grow like one; `terms` are what the
    two parts before the last added. What does not fall there is no such tail, and the part adds its `own` term.
    """
    if not 0.0 < masses[1] < masses[0] or not min(terms[0], terms[1]) > 0.0:
        return own
    if masses[2] * (masses[0] - masses[1]) > 2 * masses[1] * masses[1]:
        return own
    ratio = terms[1] / terms[0]
    return math.inf if ratio > 1 - _SHRINKING else terms[1] * ratio / (1 - ratio)


@compiled
def _beyond(
    masses: ndarray, logs: ndarray, tilts: ndarray, other_logs: ndarray, other_tilts: ndarray, last: int
) -> float:
    """Return what has to be added to a KL divergence for its tail to be continued beyond the part without an end."""
    terms = np.zeros(3)
    for index in range(3):
        k = last - 2 + index
        if masses[k] > _LIGHT and other_logs[k] > -math.inf:
            inner = 0.0
            for axis in range(min(tilts.shape[1], other_tilts.shape[1])):
                inner += _within(tilts[k, axis], other_tilts[k, axis])
            terms[index] = masses[k] * (logs[k] - other_logs[k] + inner)
    return _rest(terms, terms[2], masses[last - 2 : last + 1]) - terms[2]


@compiled
def add_up(
    of_p: Side,
    of_q: Side,
    plain_p: ndarray,
    plain_q: ndarray,
    near_p: ndarray,
    near_q: ndarray,
    log_both: ndarray,
    endless: ndarray,
    skew: float,
    found: ndarray,
) -> None:
    """Add up the divergences of some rows; what is not finite is left to the caller.

    Args:
        of_p: masses of p and their logarithms, shape (row or 1, part); tilts, shape (row or 1, part, axis), without
            axes where they are not known; the share of each part that is covered, shape (row or 1, part), without parts
            where all of it is; `folds` and `past` of the partition, without parts where there are none.
        of_q: the same of q.
        plain_p: logarithms of the masses of p as they are, shape (row or 1, part): what bounded divergences compare.
        plain_q: the same of q.
        near_p: logarithm of (1 - skew) p + skew q, shape (row, part).
        near_q: logarithm of (1 - skew) q + skew p.
        log_both: logarithm of p + q.
        endless: the first part and the one after the last, of all directions that have no end.
        skew: the weight alpha of skew divergences.
        found: filled, shape (row, `SUMS`), by the numbers that this module names: the squared Hellinger distance, the
            mass of p where q has none (`MISSED`), and of q where p has none (`MISSED_BACK`).
    """
    p, log_p, tilt_p, cover_p, _, _ = of_p
    q, log_q, tilt_q, cover_q, fold_q, past_q = of_q
    folded = fold_q.shape[1] > 0
    rows, parts = log_both.shape
    axes = min(tilt_p.shape[2], tilt_q.shape[2])
    partly = min(cover_p.shape[1], cover_q.shape[1]) > 0
    sums = np.empty(SUMS)
    for row in range(rows):
        at_p, at_q = min(row, len(p) - 1), min(row, len(q) - 1)
        row_p, row_q, logs_p, logs_q = p[at_p], q[at_q], log_p[at_p], log_q[at_q]
        tilts_p, tilts_q = tilt_p[min(row, len(tilt_p) - 1)], tilt_q[min(row, len(tilt_q) - 1)]
        covers_p, covers_q = cover_p[min(row, len(cover_p) - 1)], cover_q[min(row, len(cover_q) - 1)]
        plains_p, plains_q = plain_p[min(row, len(plain_p) - 1)], plain_q[min(row, len(plain_q) - 1)]
        nears_p, nears_q, boths = near_p[row], near_q[row], log_both[row]
        sums[:] = 0.0
        for k in range(parts):
            mp, mq = row_p[k], row_q[k]
            lp, lq = logs_p[k], logs_q[k]
            inner = inner_back = 0.0
            if mp < _LIGHT and mq < _LIGHT:
                continue
            whole = not partly or covers_p[k] == 1.0
            if folded and whole and mp > _LIGHT and mq > _LIGHT and fold_q[at_q, k] != 0.0 and lp > -math.inf:
                _add_folded(mp, lp, mq, fold_q[at_q, k], past_q[at_q, k], skew, sums)
                continue
            slope = steepest = 0.0
            for axis in range(axes):
                a, b = tilts_p[k, axis], tilts_q[k, axis]
                change = mp * a - mq * b
                slope += change * change
                steepest = max(steepest, abs(a), abs(b))
                if abs(a) < _TINY and abs(b) < _TINY:
                    # As `_within` has it, without the call.
                    gap = (a - b) * (a - b)
                    inner += gap * (1 / 24 - (3 * a * a + 2 * a * b + b * b) / 2880)
                    inner_back += gap * (1 / 24 - (3 * b * b + 2 * a * b + a * a) / 2880)
                else:
                    if mp > _FAINT:
                        inner += _within(a, b)
                    if mq > _FAINT:
                        inner_back += _within(b, a)
            p_alone = q_alone = 0.0
            if partly and abs(covers_p[k] - covers_q[k]) > _TOUCHING and mp > 0.0 and mq > 0.0:
                if covers_p[k] < covers_q[k]:
                    inner += math.log(covers_q[k] / max(covers_p[k], _LIGHT))
                    q_alone = mq * (1 - covers_p[k] / covers_q[k])
                else:
                    inner_back += math.log(covers_p[k] / max(covers_q[k], _LIGHT))
                    p_alone = mp * (1 - covers_q[k] / covers_p[k])
            if mp > 0.0:
                if lq > -math.inf:
                    sums[KL] += mp * (lp - lq + inner)
                else:
                    sums[MISSED] += mp
            if mq > 0.0:
                if lp > -math.inf:
                    sums[REVERSE_KL] += mq * (lq - lp + inner_back)
                else:
                    sums[MISSED_BACK] += mq
            lp, lq = plains_p[k], plains_q[k]
            log_p_near, log_q_near, log_sum = nears_p[k], nears_q[k], boths[k]
            if p_alone + q_alone > 0.0:
                # Where one density ends within the part the other is alone on the rest of it.
                sums[MISSED] += p_alone
                sums[MISSED_BACK] += q_alone
                mp -= p_alone
                mq -= q_alone
                lp, lq = math.log(max(mp, _LIGHT)), math.log(max(mq, _LIGHT))
                sums[KL_SKEW] -= p_alone * math.log(skew)
                sums[REVERSE_KL_SKEW] -= q_alone * math.log(skew)
                sums[JS] += (p_alone + q_alone) * math.log(2.0)
                sums[TV] += p_alone + q_alone
                sums[HELLINGER] += p_alone + q_alone
                log_p_near = math.log((1 - skew) * mp + skew * mq)
                log_q_near = math.log((1 - skew) * mq + skew * mp)
                log_sum = math.log(mp + mq)
                inner = inner_back = 0.0
            both = mp + mq
            gap = abs(mp - mq)
            if slope > 4 * gap * gap and steepest < 1.0:
                # The densities, nearly linear, cross within the part.
                slope = math.sqrt(slope) / 2
                gap = (gap * gap + slope * slope) / (2 * slope)
            sums[TV] += gap
            root = math.sqrt(mp) - math.sqrt(mq)
            sums[HELLINGER] += root * root
            if mp > 0.0:
                # A mixture's tilt is that of its parts in proportion to their masses, so it is as much closer to each.
                part = 1.0 if mq > mp else (1 - skew) * mq / ((1 - skew) * mq + skew * mp)
                sums[KL_SKEW] += mp * (lp - log_q_near + inner * part * part)
                sums[JS] += mp * (lp - log_sum)
            if mq > 0.0:
                part = 1.0 if mp > mq else (1 - skew) * mp / ((1 - skew) * mp + skew * mq)
                sums[REVERSE_KL_SKEW] += mq * (lq - log_p_near + inner_back * part * part)
                sums[JS] += mq * (lq - log_sum)
            sums[JS] += both * math.log(2.0) + mp * mq / both * min(inner, inner_back, 1.0)
        for direction in range(len(endless)):
            last = endless[direction, 1] - 1
            sums[KL] += _beyond(row_p, logs_p, tilts_p, logs_q, tilts_q, last)
            sums[REVERSE_KL] += _beyond(row_q, logs_q, tilts_q, logs_p, tilts_p, last)
        sums[JS] /= 2
        sums[TV] /= 2
        sums[HELLINGER] /= 2
        for k in range(SUMS):  # assigning the whole array compiles numba's own check of shapes, in seconds
            found[row, k] = sums[k]
