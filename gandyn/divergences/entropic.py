"""Divergences of two densities on a common partition, in nats: KL both ways, their skew forms, JS, TV, Hellinger.

Arguments are masses p (..., cell) and q (..., cell) of the same cells, each summing to one over the last axis and
broadcast against each other; results have the leading shape. Nothing is clipped: where q has no mass and p has more
than `NEGLIGIBLE`, KL is `inf`. Between partitions these are lower bounds that rise to the divergence as cells shrink.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = [
    "NEGLIGIBLE",
    "SKEW",
    "Pair",
    "hellinger",
    "jensen_shannon",
    "kl",
    "skew_kl",
    "total_variation",
    "unreached_mass",
]

SKEW = 1e-6

NEGLIGIBLE = 1e-15
"""Mass below float64's resolution of a total of one makes no divergence infinite: what it meets may be underflow."""

Masses = Float[ndarray, "*batch cell"]
Values = Float[ndarray, "*batch"]


@dataclass(frozen=True)
class Pair:
    """Two densities whose divergences share the logarithms they are made of: those cost more than all the rest.

    Attributes:
        p: masses.
        q: masses.
        negligible: mass of p in all that may lie where q has none: what the method that found q cannot tell from
            nothing.
    """

    p: Masses
    q: Masses
    negligible: float = NEGLIGIBLE

    @cached_property
    def _log_p(self) -> Masses:
        return _log(self.p)

    @cached_property
    def _log_q(self) -> Masses:
        return _log(self.q)

    @property
    def kl(self) -> Values:
        """KL(p || q) = sum p ln(p / q), `inf` where p reaches beyond q."""
        return _mean(self.p, self._log_p, self.q, self._log_q, self.negligible)

    @property
    def reverse_kl(self) -> Values:
        """KL(q || p)."""
        return _mean(self.q, self._log_q, self.p, self._log_p, NEGLIGIBLE)

    @property
    def kl_skew(self) -> Values:
        """KL(p || (1 - alpha) q + alpha p) with alpha = `SKEW`."""
        return self._skew(self.p, self._log_p, self.q)

    @property
    def reverse_kl_skew(self) -> Values:
        """KL(q || (1 - alpha) p + alpha q)."""
        return self._skew(self.q, self._log_q, self.p)

    @staticmethod
    def _skew(p: Masses, log_p: Masses, q: Masses) -> Values:
        mixed = (1 - SKEW) * q + SKEW * p
        return _mean(p, log_p, mixed, _log(mixed), NEGLIGIBLE)

    @property
    def js(self) -> Values:
        """JS(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2; at most ln 2."""
        middle = (self.p + self.q) / 2
        logs = _log(middle)
        from_p = _mean(self.p, self._log_p, middle, logs, NEGLIGIBLE)
        return (from_p + _mean(self.q, self._log_q, middle, logs, NEGLIGIBLE)) / 2

    @property
    def tv(self) -> Values:
        """TV(p, q) = sum |p - q| / 2, between 0 and 1."""
        return np.abs(self.p - self.q).sum(-1) / 2

    @property
    def hellinger(self) -> Values:
        """The Hellinger distance sqrt(sum (sqrt p - sqrt q)^2 / 2), between 0 and 1."""
        gap = np.sqrt(self.p) - np.sqrt(self.q)
        return np.sqrt(np.vecdot(gap, gap) / 2)

    @property
    def unreached_mass(self) -> Values:
        """The mass p has where q has none: the part of the data that the generator cannot produce."""
        return np.where(self.q > 0, 0.0, self.p).sum(-1) + 0 * self.q.sum(-1)  # NaN in q stays NaN


def _log(masses: Masses) -> Masses:
    with np.errstate(divide="ignore"):
        return np.log(masses)


def _mean(p: Masses, log_p: Masses, q: Masses, log_q: Masses, negligible: float) -> Values:
    """Return the mean of log p - log q under p; where p has no mass there is nothing to be averaged."""
    with np.errstate(invalid="ignore"):
        gap = log_p - log_q
    gap[np.broadcast_to(p == 0, gap.shape)] = 0.0
    empty = np.broadcast_to(q == 0, gap.shape)
    if empty.any():
        beyond = np.where(empty, p, 0.0).sum(-1) >= negligible
        gap[empty] = 0.0
        return np.where(beyond, np.inf, np.maximum(np.vecdot(p, gap), 0.0))
    return np.maximum(np.vecdot(p, gap), 0.0)


def kl(p: Masses, q: Masses, negligible: float = NEGLIGIBLE) -> Values:
    """Return KL(p || q) = sum p ln(p / q), `inf` where p reaches beyond q.

    Args:
        p: masses.
        q: masses.
        negligible: mass of p in all that may lie where q has none: what the method that found q cannot tell from
            nothing.

    References:
        Kullback and Leibler, "On Information and Sufficiency", 1951.

    Example:
        >>> float(kl(np.array([0.5, 0.5]), np.array([1.0, 0.0])))
        inf
    """
    return Pair(p, q, negligible).kl


def skew_kl(p: Masses, q: Masses) -> Values:
    """Return the skew divergence KL(p || (1 - alpha) q + alpha p), alpha = `SKEW`: like KL where small, at most 13.8.

    References:
        Lee, "Measures of Distributional Similarity", 1999.
    """
    return Pair(p, q).kl_skew


def jensen_shannon(p: Masses, q: Masses) -> Values:
    """Return JS(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2; at most ln 2.

    References:
        Lin, "Divergence Measures Based on the Shannon Entropy", 1991.
    """
    return Pair(p, q).js


def total_variation(p: Masses, q: Masses) -> Values:
    """Return TV(p, q) = sum |p - q| / 2, between 0 and 1."""
    return Pair(p, q).tv


def hellinger(p: Masses, q: Masses) -> Values:
    """Return the Hellinger distance sqrt(sum (sqrt p - sqrt q)^2 / 2), between 0 and 1.

    References:
        Hellinger, "Neue Begruendung der Theorie quadratischer Formen von unendlichvielen Veraenderlichen", 1909.
    """
    return Pair(p, q).hellinger


def unreached_mass(p: Masses, q: Masses) -> Values:
    """Return the mass p has where q has none: the part of the data that the generator cannot produce."""
    return Pair(p, q).unreached_mass
