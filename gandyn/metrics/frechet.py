"""The Fréchet distance between two sets of features, as if both were Gaussian."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["frechet_distance", "moments"]


def moments(features: Float[ndarray, "image feature"]) -> tuple[Float[ndarray, " feature"], Float[ndarray, "f f"]]:
    """Return mean and unbiased covariance of at least two images' features, in float64."""
    features = np.asarray(features, np.float64)
    mean = features.mean(0)
    centred = features - mean
    return mean, centred.T @ centred / (len(features) - 1)


def frechet_distance(
    mean: Float[ndarray, " f"],
    covariance: Float[ndarray, "f f"],
    other_mean: Float[ndarray, " f"],
    other_covariance: Float[ndarray, "f f"],
) -> float:
    """Return |m - m'|² + tr(C + C' - 2 (C C')^½), the squared 2-Wasserstein distance between two Gaussians.

    Covariances may be singular. From n images each it is biased upwards, by about 1/n: figures compare at equal n only.

    References:
        Dowson and Landau, "The Fréchet distance between multivariate normal distributions", 1982; Heusel, Ramsauer,
        Unterthiner, Nessler and Hochreiter, "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
        Equilibrium", 2017.

    Example:
        >>> frechet_distance(np.zeros(2), np.eye(2), np.array([3.0, 4.0]), 4 * np.eye(2))
        27.0
    """
    # With C = L Lᵀ the trace of the root is the sum of the singular values of Lᵀ L': no matrix root is ever taken, and
    # no product of covariances, which would lose half the digits of their small eigenvalues.
    overlap = np.linalg.svd(_factor(covariance).T @ _factor(other_covariance), compute_uv=False).sum()
    spread = np.trace(covariance) + np.trace(other_covariance) - 2 * overlap
    return max(float(((mean - other_mean) ** 2).sum() + spread), 0.0)


def _factor(covariance: Float[ndarray, "f f"]) -> Float[ndarray, "f f"]:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))
