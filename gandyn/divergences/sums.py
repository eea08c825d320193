"""The loop behind the divergences: one pass over the parts of a partition adds up all of them.

Within a part both densities are taken as exponential. With the position t in [-1/2, 1/2] across it, a density of tilt a
is in proportion to exp(a t); the logarithm of that factor's mean is the potential, its derivative the mean position,
and KL from tilt a to b is potential(b) - potential(a) - (b - a) potential'(a), as in every exponential family.
"""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from gandyn.compiled import compiled

__all__ = ["Side", "add_up"]

Side = tuple[ndarray, ndarray, ndarray, ndarray]

# Below this a series is exact to 1e-6, and the closed form loses digits to cancellation; and it takes no time.
_SMALL = 2.0
# Below this two terms of it are enough.
_TINY = 0.5
# What is lighter than this adds nothing that could be seen in a sum, whatever its logarithm.
_LIGHT = 1e-30
# Nor does a divergence within a part that is lighter than this, beside that of the parts' masses.
_FAINT = 1e-11
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
def add_up(
    of_p: Side,
    of_q: Side,
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
            where all of it is.
        of_q: the same of q.
        near_p: logarithm of (1 - skew) p + skew q, shape (row, part).
        near_q: logarithm of (1 - skew) q + skew p.
        log_both: logarithm of p + q.
        endless: the first part and the one after the last, of all directions that have no end.
        skew: the weight alpha of skew divergences.
        found: filled, shape (row, 9): KL, reverse KL, both skew, JS, TV, the squared Hellinger distance, and the mass
            of p where q has none, and of q where p has none.
    """
    p, log_p, tilt_p, cover_p = of_p
    q, log_q, tilt_q, cover_q = of_q
    rows, parts = log_both.shape
    axes = min(tilt_p.shape[2], tilt_q.shape[2])
    partly = min(cover_p.shape[1], cover_q.shape[1]) > 0
    sums = np.empty(9)
    for row in range(rows):
        at_p, at_q = min(row, len(p) - 1), min(row, len(q) - 1)
        row_p, row_q, logs_p, logs_q = p[at_p], q[at_q], log_p[at_p], log_q[at_q]
        tilts_p, tilts_q = tilt_p[min(row, len(tilt_p) - 1)], tilt_q[min(row, len(tilt_q) - 1)]
        covers_p, covers_q = cover_p[min(row, len(cover_p) - 1)], cover_q[min(row, len(cover_q) - 1)]
        nears_p, nears_q, boths = near_p[row], near_q[row], log_both[row]
        sums[:] = 0.0
        for k in range(parts):
            mp, mq = row_p[k], row_q[k]
            lp, lq = logs_p[k], logs_q[k]
            inner = inner_back = 0.0
            if mp < _LIGHT and mq < _LIGHT:
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
                    sums[0] += mp * (lp - lq + inner)
                else:
                    sums[7] += mp
            if mq > 0.0:
                if lp > -math.inf:
                    sums[1] += mq * (lq - lp + inner_back)
                else:
                    sums[8] += mq
            log_p_near, log_q_near, log_sum = nears_p[k], nears_q[k], boths[k]
            if p_alone + q_alone > 0.0:
                # Where one density ends within the part the other is alone on the rest of it.
                sums[7] += p_alone
                sums[8] += q_alone
                mp -= p_alone
                mq -= q_alone
                lp, lq = math.log(max(mp, _LIGHT)), math.log(max(mq, _LIGHT))
                sums[2] -= p_alone * math.log(skew)
                sums[3] -= q_alone * math.log(skew)
                for index in range(4, 7):
                    sums[index] += (p_alone + q_alone) * (math.log(2.0) if index == 4 else 1.0)
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
            sums[5] += gap
            root = math.sqrt(mp) - math.sqrt(mq)
            sums[6] += root * root
            if mp > 0.0:
                # A mixture's tilt is that of its parts in proportion to their masses, so it is as much closer to each.
                part = 1.0 if mq > mp else (1 - skew) * mq / ((1 - skew) * mq + skew * mp)
                sums[2] += mp * (lp - log_q_near + inner * part * part)
                sums[4] += mp * (lp - log_sum)
            if mq > 0.0:
                part = 1.0 if mp > mq else (1 - skew) * mp / ((1 - skew) * mp + skew * mq)
                sums[3] += mq * (lq - log_p_near + inner_back * part * part)
                sums[4] += mq * (lq - log_sum)
            sums[4] += both * math.log(2.0) + mp * mq / both * min(inner, inner_back, 1.0)
        for direction in range(len(endless)):
            stop = endless[direction, 1]
            terms = np.zeros(3)
            for way in range(2):
                for index in range(3):
                    k = stop - 3 + index
                    terms[index] = 0.0
                    if way == 0 and row_p[k] > _LIGHT and logs_q[k] > -math.inf:
                        terms[index] = row_p[k] * (logs_p[k] - logs_q[k])
                        for axis in range(axes):
                            terms[index] += row_p[k] * _within(tilts_p[k, axis], tilts_q[k, axis])
                    if way == 1 and row_q[k] > _LIGHT and logs_p[k] > -math.inf:
                        terms[index] = row_q[k] * (logs_q[k] - logs_p[k])
                        for axis in range(axes):
                            terms[index] += row_q[k] * _within(tilts_q[k, axis], tilts_p[k, axis])
                masses = row_p[stop - 3 : stop] if way == 0 else row_q[stop - 3 : stop]
                sums[way] += _rest(terms, terms[2], masses) - terms[2]
        sums[4:7] /= 2
        found[row] = sums
