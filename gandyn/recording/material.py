"""What somebody hands over to be recorded, made uniform: real samples, latents, and how a discriminator is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor
from torch.nn import functional

from gandyn.errors import UsageError
from gandyn.messages import warn
from gandyn.objectives.base import Objective
from gandyn.recording.reals import Latents, Reals
from gandyn.recording.scenes.sampled import Draw, Reading

__all__ = [
    "class_names",
    "fixed_latents",
    "picture_shape",
    "reading_of",
    "real_samples",
    "telling",
    "value_range",
]

_FEWEST = 32
_MOST_READ = 10_000
"""Samples that are read from a data set one by one: enough for a view and a density."""

_MOST_VALUES = 1 << 26
"""Numbers that are kept of larger arrays: 80,000 images of MNIST, 5,000 coloured ones of 64 by 64."""

_MOST_CLASSES = 1000


def real_samples(data: Any, conditional: bool) -> Reals:
    """Return real samples from a tensor, an array, a data set, or a pair of samples and classes; they are copied.

    Raises:
        UsageError: it is none of these, has too few samples or some that are not finite, or classes are missing.
    """
    labels: Any = None
    if isinstance(data, tuple | list) and len(data) == 2 and all(hasattr(part, "shape") for part in data):
        data, labels = data
    if hasattr(data, "shape") and len(data.shape):
        values = _array(data)
    elif hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        values, labels = _read(data)
    else:
        advice = ": give loader.dataset, or a tensor of samples" if hasattr(data, "dataset") else ""
        raise UsageError(
            f"data: real samples come as a tensor, an array or a data set with a length and items, "
            f"not {type(data).__name__}{advice}"
        )
    if len(values) < _FEWEST:
        raise UsageError(f"data: {len(values)} real samples are too few to be looked at (at least {_FEWEST})")
    found = None if labels is None else _classes(labels, len(values))
    if conditional and found is None:
        raise UsageError("data: a conditional discriminator needs the classes too: data=(samples, classes)")
    if values.ndim == 1:
        values = values[:, None]
    most = max(_MOST_VALUES // max(int(np.prod(values.shape[1:])), 1), _FEWEST)
    chosen = slice(None) if len(values) <= most else _spread(len(values), most)
    values, found = values[chosen], None if found is None else found[chosen]
    # A copy: what somebody's program does to its own array later must not change what is compared with.
    try:
        values = values.astype(np.uint8 if values.dtype == np.uint8 else np.float32, copy=True)
    except (TypeError, ValueError):
        raise UsageError(f"data: real samples must be numbers, not {type(values.flat[0]).__name__}") from None
    if not np.isfinite(values).all():
        raise UsageError("data: some real samples are not finite (NaN or infinite)")
    if values.min() == values.max():
        raise UsageError(f"data: all real samples are the same number, {values.flat[0]:g}")
    return Reals(values, found)


def _spread(length: int, most: int) -> ndarray:
    return np.linspace(0, length - 1, min(length, most)).round().astype(np.int64)


def _array(data: Any) -> ndarray:
    if not isinstance(data, Tensor):
        return np.asarray(data)
    data = data.detach().cpu()
    return (data if data.dtype == torch.uint8 else data.float()).numpy()


def _classes(labels: Any, count: int) -> ndarray:
    """Return the class of each sample as a whole number from 0."""
    found = _array(labels)
    if found.ndim == 2 and found.shape[1] > 1:
        if (found == found.round()).all() and ((found != 0).sum(1) != 1).any():  # soft classes are no whole numbers
            raise UsageError(f"data: classes of shape {found.shape} must be one-hot vectors, a class a sample")
        found = found.argmax(1)
    found = found.reshape(-1)
    if len(found) != count:
        raise UsageError(f"data: {count} samples have {len(found)} classes")
    whole = found.astype(np.int64)
    if (whole != found).any() or whole.min() < 0 or whole.max() >= _MOST_CLASSES:
        raise UsageError(
            f"data: classes are whole numbers from 0 to at most {_MOST_CLASSES - 1}, not {found.min():g} to "
            f"{found.max():g}; give samples alone if these are no classes"
        )
    return whole


def _read(data: Any) -> tuple[ndarray, ndarray | None]:
    """Read a data set: samples, or pairs of sample and class."""
    items = [data[int(index)] for index in _spread(len(data), _MOST_READ)]
    if not items:
        return np.empty((0, 1)), None
    grouped = isinstance(items[0], tuple | list)
    samples = [item[0] if grouped else item for item in items]
    labels = None
    if grouped and all(len(item) > 1 and np.ndim(item[1]) == 0 for item in items):
        labels = np.array([int(item[1]) for item in items])
    try:
        return np.stack(
            [_array(sample if isinstance(sample, Tensor) else np.asarray(sample)) for sample in samples]
        ), labels
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"data: its items must be tensors or arrays of one shape, or pairs that begin with one, not "
            f"{type(samples[0]).__name__} ({error})"
        ) from None


def class_names(reals: Reals) -> tuple[str, ...]:
    """Return the names of the classes, which are their numbers; none where there are no classes."""
    return () if reals.labels is None else tuple(map(str, range(int(reals.labels.max()) + 1)))


def fixed_latents(latent: Callable[[int], Any], classes: int) -> Draw:
    """Return what draws somebody's own latents.

    Args:
        latent: n -> a tensor for n samples, or a tuple of such tensors.
        classes: number of classes, of which the second tells, as numbers or as one-hot vectors; 0 in a game that is not
            conditional.
    """

    def draw(count: int, purpose: str) -> Latents:
        found = latent(count)
        parts = tuple(found) if isinstance(found, tuple | list) else (found,)
        for part in parts:
            if not isinstance(part, Tensor):
                raise UsageError(
                    f"latent({count}) must return a tensor or a tuple of tensors, not {type(part).__name__}"
                )
            if not part.ndim or len(part) != count:
                raise UsageError(
                    f"latent({count}) must return what makes {count} samples, not a tensor of shape {tuple(part.shape)}"
                )
        parts = tuple(part.detach() for part in parts)
        return Latents(parts, _told(parts, count, classes) if classes else None)

    return draw


def _told(parts: tuple[Tensor, ...], count: int, classes: int) -> Tensor:
    """Return the classes that the generator is told, as numbers."""
    if len(parts) < 2:
        raise UsageError(f"latent({count}) must return (z, classes) for a conditional generator")
    told = parts[1].cpu()
    if told.numel() != count and not _one_hot(told, classes):
        raise UsageError(
            f"latent({count}) returns classes of shape {tuple(told.shape)}: they must be numbers, shape ({count},) or "
            f"({count}, 1), or one-hot vectors of the data's {classes} classes, shape ({count}, {classes})"
        )
    labels = told.argmax(1) if _one_hot(told, classes) else told.reshape(count).long()
    if labels.min() < 0 or labels.max() >= classes:
        raise UsageError(
            f"latent({count}) returns classes {int(labels.min())} to {int(labels.max())}; "
            f"the data's are 0 to {classes - 1}"
        )
    return labels


def telling(told: Tensor, classes: int) -> Callable[[Tensor], Tensor]:
    """Return what makes of class numbers, shape (n,), what a discriminator takes: the kind that its generator is told.

    Args:
        told: classes as the generator is told them: numbers, also in a column, or one-hot vectors.
        classes: how many there are.
    """
    if _one_hot(told, classes):
        return lambda labels: functional.one_hot(labels, classes).to(told.dtype)
    return lambda labels: labels.to(told.dtype).reshape(-1, *told.shape[1:])


def _one_hot(told: Tensor, classes: int) -> bool:
    """Return whether classes are told as one-hot vectors; numbers in a column are none."""
    return told.ndim == 2 and told.shape[1] == classes > 1


def picture_shape(reals: Reals) -> tuple[int, int, int] | None:
    """Return the shape (channel, height, width) of samples that are matrices and images; None of all others.

    Bytes are images. Of other matrices, which may as well be series in time, it is said that they are taken for none.
    """
    event = reals.values.shape[1:]
    if len(event) != 2:
        return None
    shape = (1, int(event[0]), int(event[1]))
    if reals.values.dtype == np.uint8:
        return shape
    warn(
        f"gandyn.record: samples of shape {shape[1:]} are taken for no images, and no pictures of them are recorded: "
        f"say image_shape={shape} if they are images, image_shape=() if not",
    )
    return None


def reading_of(response: Literal["logit", "probability", "critic"], objective: Objective | None) -> Reading:
    """Return how a discriminator that returns this is read.

    Raises:
        UsageError: there is no such reading, or the objective asks for another.
    """
    if response not in ("logit", "probability", "critic"):
        raise UsageError(f"response: 'logit', 'probability' or 'critic', not {response!r}")
    if objective is not None:
        kind = objective.response_kind
        if response not in ("logit", kind):
            raise UsageError(
                f"response={response!r}: under the {objective.label()} objective the discriminator's is a {kind}"
            )
        if response == "logit":
            return Reading(kind, objective.response)
    if response == "logit":
        return Reading("probability", torch.sigmoid)
    return Reading(response, lambda value: value)


def value_range(reals: Reals) -> tuple[float, float]:
    """Return the values that stand for black and white: -1 and 1, or 0 and 1, or those the samples reach."""
    if reals.values.dtype == np.uint8:
        return -1.0, 1.0
    low, high = float(reals.values.min()), float(reals.values.max())
    usual = next(((a, b) for a, b in ((0.0, 1.0), (-1.0, 1.0)) if a <= low and high <= b), None)
    return usual or (low, high)
