"""Divergences of two densities on a common partition, in nats: KL both ways, their skew forms, JS, TV, Hellinger.

Arguments are masses p (..., cell) and q (..., cell) of the same cells, each summing to one over the last axis and
broadcast against each other; results have the leading shape. Nothing is clipped: where q has no mass and p has more
than `NEGLIGIBLE`, KL is `inf`. Between partitions these are lower bounds that rise to the divergence as cells shrink.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy import special

__all__ = ["NEGLIGIBLE", "SKEW", "hellinger", "jensen_shannon", "kl", "skew_kl", "total_variation", "unreached_mass"]

SKEW = 1e-6

NEGLIGIBLE = 1e-15
"""Mass below float64's resolution of a total of one makes no divergence infinite: what it meets may be underflow."""


def kl(
    p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"], negligible: float = NEGLIGIBLE
) -> Float[ndarray, "*batch"]:
    """Return KL(p || q) = sum p ln(p / q), `inf` where p reaches beyond q.

    Args:
        p: masses.
        q: masses.
        negligible: mass of p that one cell may hold where q has none: what the method that found q cannot tell from
            nothing.

    References:
        Kullback and Leibler, "On Information and Sufficiency", 1951.

    Example:
        >>> float(kl(np.array([0.5, 0.5]), np.array([1.0, 0.0])))
        inf
    """
    # p ln(p / q) - p + q is never negative term by term, so rounding cannot push the sum below zero.
    terms = special.kl_div(p, q)
    return np.where((q == 0) & (p < negligible), 0.0, terms).sum(-1)


def skew_kl(
    p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"], alpha: float = SKEW
) -> Float[ndarray, "*batch"]:
    """Return the skew divergence KL(p || (1 - alpha) q + alpha p): KL where that is small, and never above -ln alpha.

    References:
        Lee, "Measures of Distributional Similarity", 1999.
    """
    return kl(p, (1 - alpha) * q + alpha * p)


def jensen_shannon(p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"]) -> Float[ndarray, "*batch"]:
    """Return JS(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2; at most ln 2.

    References:
        Lin, "Divergence Measures Based on the Shannon Entropy", 1991.
    """
    middle = (p + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def total_variation(p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"]) -> Float[ndarray, "*batch"]:
    """Return TV(p, q) = sum |p - q| / 2, between 0 and 1."""
    return np.abs(p - q).sum(-1) / 2


def hellinger(p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"]) -> Float[ndarray, "*batch"]:
    """Return the Hellinger distance sqrt(sum (sqrt p - sqrt q)^2 / 2), between 0 and 1.

    References:
        Hellinger, "Neue Begruendung der Theorie quadratischer Formen von unendlichvielen Veraenderlichen", 1909.
    """
    return np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum(-1) / 2)


def unreached_mass(p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"]) -> Float[ndarray, "*batch"]:
    """Return the mass p has where q has none: the part of the data that the generator cannot produce."""
    return np.where(q > 0, 0.0, p).sum(-1) + 0 * q.sum(-1)  # NaN in q stays NaN
