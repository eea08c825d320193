"""What a discriminator proves about a divergence, whether or not it is the best one."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["js_lower_bound"]

# Responses in single precision round to 0 and 1 beyond these; any response gives a bound, so these do.
_SURE = 2.0**-24


def js_lower_bound(
    p: Float[ndarray, "*#batch cell"], q: Float[ndarray, "*#batch cell"], response: Float[ndarray, "*batch cell"]
) -> Float[ndarray, "*batch"]:
    """Return ln 2 + (E_p[ln D] + E_q[ln(1 - D)]) / 2 in nats: never above JS(p, q), which D* alone attains.

    Where the response is not known, beyond the cells, it is taken as 1/2, which adds nothing.

    Args:
        p: the data's mass in each cell.
        q: the generator's.
        response: the discriminator's probability of data, D, one value a cell, in [0, 1].

    References:
        Goodfellow et al., "Generative Adversarial Nets", 2014.

    Example:
        >>> p, q = np.array([0.75, 0.25]), np.array([0.25, 0.75])
        >>> float(js_lower_bound(p, q, p / (p + q))).__round__(6)  # JS itself
        0.130812
        >>> float(js_lower_bound(p, q, np.full(2, 0.5)))
        0.0
    """
    sure = np.clip(np.asarray(response, dtype=np.float64), _SURE, 1 - _SURE)
    return (np.vecdot(p, np.log(2 * sure)) + np.vecdot(q, np.log(2 - 2 * sure))) / 2
