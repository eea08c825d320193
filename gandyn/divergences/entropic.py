"""Divergences of two densities on a common partition, in nats: KL both ways, their skew forms, JS, TV, Hellinger.

A KL divergence is that of the parts' masses, plus the mean of the divergences within the parts (the chain rule). Within
a part both densities are taken as exponential, with the tilts that the partition knows: then no term is negative, equal
densities read zero, and the error falls with the fourth power of the parts' size, where masses alone are a lower bound
whose error falls with the second. Logarithms of masses are compared rather than masses, so nothing underflows: where KL
is `inf`, q has no mass at all in a part where p has some.

A method that only resolves masses above its `resolution`, such as points, proves no infinity. All parts where it sees
nothing then count as one, of no more mass than it can overlook: KL is a lower bound, and that of p is *unresolved*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy import special

from gandyn.densities.cells import Partition

if TYPE_CHECKING:
    from gandyn.divergences.sums import Side

__all__ = [
    "SKEW",
    "Divergences",
    "divergences",
    "hellinger",
    "jensen_shannon",
    "kl",
    "skew_kl",
    "total_variation",
    "unreached_mass",
]

SKEW = 1e-6

# Lighter masses add nothing that float64 could hold.
_TINY = 1e-300
# Masses handled at once: as many as stay in a processor's cache with all that is made of them.
_AT_ONCE = 16384

Masses = Float[ndarray, "*batch cell"]
Known = Partition | Float[ndarray, "*batch cell"]
"""What is known of a density: a partition, or nothing but the masses of cells."""

Values = Float[ndarray, "*batch"]


class Divergences(NamedTuple):
    """All divergences of p and q, in nats, with the leading shape of both; NaN where a mass is.

    Attributes:
        kl: KL(p || q) = sum p ln(p / q).
        reverse_kl: KL(q || p).
        kl_skew: KL(p || (1 - alpha) q + alpha p) with alpha = `SKEW`: like KL where small, at most 13.8.
        reverse_kl_skew: KL(q || (1 - alpha) p + alpha q).
        js: JS(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2; at most ln 2.
        tv: the total variation distance sum |p - q| / 2, between 0 and 1.
        hellinger: the Hellinger distance sqrt(sum (sqrt p - sqrt q)^2 / 2), between 0 and 1.
        unreached_mass: the mass p has where q truly has none: the part of the data that cannot be generated.
        unresolved_mass: the mass p has where the method that found q sees nothing, and could not.

    References:
        Kullback and Leibler, "On Information and Sufficiency", 1951; Lee, "Measures of Distributional Similarity",
        1999; Lin, "Divergence Measures Based on the Shannon Entropy", 1991; Hellinger, "Neue Begruendung der Theorie
        quadratischer Formen von unendlichvielen Veraenderlichen", 1909.
    """

    kl: Values
    reverse_kl: Values
    kl_skew: Values
    reverse_kl_skew: Values
    js: Values
    tv: Values
    hellinger: Values
    unreached_mass: Values
    unresolved_mass: Values


def divergences(p: Partition, q: Partition) -> Divergences:
    """Return all divergences of p and q on the same parts, broadcast against each other.

    Example:
        >>> p, q = (Partition.of(np.array(mass)) for mass in ([0.5, 0.5], [1.0, 0.0]))
        >>> float(divergences(p, q).kl), float(divergences(p, q).unreached_mass)
        (inf, 0.5)
    """
    if p.atoms is not None or q.atoms is not None:
        p, q = _with_points(p, q.atoms), _with_points(q, p.atoms)
    if p.folds is not None and q.folds is None:
        found = divergences(q, p)
        return found._replace(
            kl=found.reverse_kl, reverse_kl=found.kl, kl_skew=found.reverse_kl_skew, reverse_kl_skew=found.kl_skew
        )
    shape = np.broadcast_shapes(p.mass.shape, q.mass.shape)[:-1]
    sums = _sums(p, q, shape)
    kl, reverse_kl, kl_skew, reverse_kl_skew, js, tv, hellinger, missed, missed_back = sums
    with np.errstate(invalid="ignore"):
        forward = _with_resolution(kl, missed, p.log_mass, q.log_mass, q.resolution)
        backward = _with_resolution(reverse_kl, missed_back, q.log_mass, p.log_mass, p.resolution)
    nothing, exact = 0.0 * tv, q.resolution == 0.0  # NaN where a mass is
    missed = missed + nothing
    return Divergences(
        kl=np.maximum(forward, 0.0) + nothing,
        reverse_kl=np.maximum(backward, 0.0) + nothing,
        kl_skew=np.maximum(kl_skew, 0.0) + nothing,
        reverse_kl_skew=np.maximum(reverse_kl_skew, 0.0) + nothing,
        js=np.clip(js, 0.0, np.log(2)),
        tv=np.minimum(tv, 1.0),
        hellinger=np.sqrt(np.minimum(hellinger, 1.0)),
        unreached_mass=missed if exact else nothing,
        unresolved_mass=nothing if exact else missed,
    )


def _sums(p: Partition, q: Partition, shape: tuple[int, ...]) -> ndarray:
    """Return what `add_up` finds, for a few rows at a time: what is made on the way then stays in the cache."""
    from gandyn.divergences.sums import SUMS, add_up

    sides = [_arrays(side, shape) for side in (p, q)]
    endless = np.array(p.endless or q.endless, dtype=np.int64).reshape(-1, 2)
    rows, block = int(np.prod(shape)), max(1, _AT_ONCE // p.mass.shape[-1])
    found = np.empty((rows, SUMS))
    for first in range(0, rows, block):
        part = slice(first, min(first + block, rows))
        of_p, of_q = (_part(side, part) for side in sides)
        mass_p, mass_q = of_p[0], of_q[0]
        near_p, near_q = _log((1 - SKEW) * mass_p + SKEW * mass_q), _log((1 - SKEW) * mass_q + SKEW * mass_p)
        plain_p, plain_q, both = _log(mass_p), _log(mass_q), _log(mass_p + mass_q)
        add_up(of_p, of_q, plain_p, plain_q, near_p, near_q, both, endless, SKEW, found[part])
    return np.moveaxis(found, -1, 0).reshape(-1, *shape)


def _with_resolution(
    finite: Values, missed: Values, logs: Masses, other_logs: Masses, resolution: float
) -> Float[ndarray, "*batch"]:
    """Return a KL divergence with what it has where the other density seems to have nothing."""
    if resolution > 0.0:
        return finite + special.xlogy(missed, missed / resolution)
    never = (np.isneginf(other_logs) & (logs > -np.inf)).any(-1) | (missed > 0.0)
    return np.where(never, np.inf, finite)


def _with_points(of: Partition, others: ndarray | None) -> Partition:
    """Return a partition whose last parts are the places where it or another one has points."""
    places = (others if of.atoms is None else of.atoms).shape[-1]  # type: ignore[union-attr]
    points = np.zeros((*of.mass.shape[:-1], places)) if of.atoms is None else of.atoms

    cover = None if of.cover is None else np.concatenate([of.cover, np.ones_like(points)], axis=-1)
    tilt = None if of.tilt is None else np.concatenate([of.tilt, np.zeros((*points.shape, of.tilt.shape[-1]))], axis=-2)
    with np.errstate(divide="ignore"):
        logs = np.concatenate([of.log_mass, np.log(points)], axis=-1)
    mass = np.concatenate([of.mass, points], axis=-1)
    folds = None if of.folds is None else np.concatenate([of.folds, np.zeros_like(points)], axis=-1)
    past = None if of.past is None else np.concatenate([of.past, np.zeros_like(points)], axis=-1)
    return of._replace(mass=mass, log_mass=logs, tilt=tilt, cover=cover, folds=folds, past=past, atoms=None)


def _arrays(of: Partition, shape: tuple[int, ...]) -> Side:
    """Return masses, logarithms, tilts and covers with one leading axis, of length one where they serve all rows."""
    tilt = np.zeros((1, 1, 0)) if of.tilt is None else of.tilt
    cover, folds, past = (np.zeros((1, 0)) if known is None else known for known in (of.cover, of.folds, of.past))
    arrays = []
    for values, inner in ((of.mass, 1), (of.log_mass, 1), (tilt, 2), (cover, 1), (folds, 1), (past, 1)):
        if np.prod(values.shape[:-inner]) > 1:
            values = np.broadcast_to(values, (*shape, *values.shape[-inner:]))
        flat = values.reshape(int(np.prod(values.shape[:-inner])), *values.shape[-inner:])
        arrays.append(np.ascontiguousarray(flat, dtype=np.float64))
    return _side(arrays)


def _part(side: Side, rows: slice) -> Side:
    return _side([values if len(values) == 1 else values[rows] for values in side])


def _side(arrays: list[ndarray]) -> Side:
    mass, logs, tilts, covers, folds, past = arrays
    return mass, logs, tilts, covers, folds, past


def _log(masses: Masses) -> Masses:
    return np.log(np.maximum(masses, _TINY))


def kl(p: Known, q: Known) -> Values:
    """Return KL(p || q) = sum p ln(p / q) of masses of the same cells, `inf` where p reaches beyond q.

    References:
        Kullback and Leibler, "On Information and Sufficiency", 1951.

    Example:
        >>> float(kl(np.array([0.5, 0.5]), np.array([1.0, 0.0])))
        inf
    """
    return divergences(_known(p), _known(q)).kl


def skew_kl(p: Known, q: Known) -> Values:
    """Return the skew divergence KL(p || (1 - alpha) q + alpha p), alpha = `SKEW`: like KL where small, at most 13.8.

    References:
        Lee, "Measures of Distributional Similarity", 1999.
    """
    return divergences(_known(p), _known(q)).kl_skew


def jensen_shannon(p: Known, q: Known) -> Values:
    """Return JS(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2; at most ln 2.

    References:
        Lin, "Divergence Measures Based on the Shannon Entropy", 1991.
    """
    return divergences(_known(p), _known(q)).js


def total_variation(p: Known, q: Known) -> Values:
    """Return TV(p, q) = sum |p - q| / 2, between 0 and 1."""
    return divergences(_known(p), _known(q)).tv


def hellinger(p: Known, q: Known) -> Values:
    """Return the Hellinger distance sqrt(sum (sqrt p - sqrt q)^2 / 2), between 0 and 1.

    References:
        Hellinger, "Neue Begruendung der Theorie quadratischer Formen von unendlichvielen Veraenderlichen", 1909.
    """
    return divergences(_known(p), _known(q)).hellinger


def unreached_mass(p: Known, q: Known) -> Values:
    """Return the mass p has where q has none: the part of the data that the generator cannot produce."""
    return divergences(_known(p), _known(q)).unreached_mass


def _known(of: Known) -> Partition:
    return of if isinstance(of, Partition) else Partition.of(np.asarray(of))
