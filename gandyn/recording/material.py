"""What somebody hands over to be recorded, made uniform: real samples, latents, and how a discriminator is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from gandyn.errors import UsageError
from gandyn.objectives.base import Objective
from gandyn.recording.reals import Latents, Reals
from gandyn.recording.scenes.sampled import Draw, Reading

__all__ = ["fixed_latents", "reading_of", "real_samples", "value_range"]

_MOST_READ = 20_000
"""Samples that are read from a data set one by one: enough for a view and a density."""


def real_samples(data: Any, conditional: bool) -> Reals:
    """Return real samples from a tensor, an array, a data set, or a pair of samples and classes.

    Raises:
        UsageError: it is none of these, or has no or too few samples, or classes are missing.
    """
    labels = None
    if isinstance(data, tuple | list) and len(data) == 2 and all(hasattr(part, "shape") for part in data):
        data, labels = data
    if hasattr(data, "shape"):
        values = _array(data)
    elif hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        values, labels = _read(data)
    else:
        raise UsageError(
            f"data: real samples come as a tensor, an array or a data set with a length, not {type(data).__name__}"
        )
    if values.ndim == 1:
        values = values[:, None]
    if len(values) < 32:
        raise UsageError(f"data: {len(values)} real samples are too few to be looked at (at least 32)")
    if values.dtype != np.uint8:
        values = values.astype(np.float32, copy=False)
        if not np.isfinite(values).all():
            raise UsageError("data: some real samples are not finite")
    found = None if labels is None else _array(labels).reshape(-1).astype(np.int64)
    if found is not None and len(found) != len(values):
        raise UsageError(f"data: {len(values)} samples and {len(found)} classes")
    if conditional and found is None:
        raise UsageError("data: a conditional discriminator needs the classes too: data=(samples, classes)")
    return Reals(values, found)


def _array(data: Any) -> ndarray:
    return data.detach().cpu().numpy() if isinstance(data, Tensor) else np.asarray(data)


def _read(data: Any) -> tuple[ndarray, ndarray | None]:
    """Read a data set: samples, or pairs of sample and class."""
    chosen = np.linspace(0, len(data) - 1, min(len(data), _MOST_READ)).round().astype(np.int64)
    items = [data[int(index)] for index in chosen]
    paired = bool(items) and isinstance(items[0], tuple | list)
    samples = [_array(torch.as_tensor(item[0] if paired else item)) for item in items]
    labels = None
    if paired and all(np.ndim(item[1]) == 0 for item in items):
        labels = np.array([int(item[1]) for item in items])
    try:
        return np.stack(samples), labels
    except ValueError as error:
        raise UsageError(f"data: its samples cannot be put in one array ({error})") from None


def fixed_latents(latent: Callable[[int], Any], conditional: bool) -> Draw:
    """Return what draws somebody's own latents."""

    def draw(count: int, purpose: str) -> Latents:
        found = latent(count)
        parts = tuple(found) if isinstance(found, tuple | list) else (found,)
        if not all(isinstance(part, Tensor) and len(part) == count for part in parts):
            raise UsageError(f"latent({count}) must return a tensor for {count} samples, or a tuple of such tensors")
        if conditional and len(parts) < 2:
            raise UsageError(f"latent({count}) must return (z, classes) for a conditional generator")
        parts = tuple(part.detach() for part in parts)
        return Latents(parts, parts[1].cpu().long() if conditional else None)

    return draw


def reading_of(response: Literal["logit", "probability", "critic"], objective: Objective | None) -> Reading:
    """Return how a discriminator that returns this is read.

    Raises:
        UsageError: it returns no such thing.
    """
    if response == "logit" and objective is not None:
        return Reading(objective.response_kind, objective.response)
    if response == "logit":
        return Reading("probability", torch.sigmoid)
    if response in ("probability", "critic"):
        return Reading("probability" if response == "probability" else "critic", lambda value: value)
    raise UsageError(f"response: 'logit', 'probability' or 'critic', not {response!r}")


def value_range(reals: Reals) -> tuple[float, float]:
    """Return the values that stand for black and white: -1 and 1, or 0 and 1, or those the samples reach."""
    if reals.values.dtype == np.uint8:
        return -1.0, 1.0
    low, high = float(reals.values.min()), float(reals.values.max())
    usual = next(((a, b) for a, b in ((0.0, 1.0), (-1.0, 1.0)) if a <= low and high <= b), None)
    return usual or (low, max(high, low + 1e-6))
