"""Real samples that somebody hands over to be recorded, made uniform, and what goes with each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray
from torch import Tensor

from gandyn.core.errors import UsageError
from gandyn.core.messages import warn
from gandyn.recording.samples import RealSamples
from gandyn.recording.user_loop.classes import MOST_CLASSES

__all__ = ["class_names", "picture_shape", "real_samples", "value_range"]

_FEWEST = 32
_MOST_READ = 10_000
"""Samples that are read from a data set one by one: enough for a view and a density."""

_MOST_VALUES = 1 << 26
"""Numbers that are kept of larger arrays: 80,000 images of MNIST, 5,000 coloured ones of 64 by 64."""


def real_samples(data: Any, *, conditional: bool = False, pairs: bool = False) -> RealSamples:
    """Return real samples, and what goes with each of them; they are copied.

    Args:
        data: a tensor, an array, a data set, or a pair (or mapping of two) of samples and what goes with them: classes
            as whole numbers or one-hot vectors, else conditions of any shape.
        conditional: whether there must be something that goes with them.
        pairs: whether data are pairs of an input and a target, of which the latter are the samples.

    Raises:
        UsageError: it is none of these, has too few samples or some that are not finite, or what goes with them lacks.
    """
    values, besides = _halves(data, pairs)
    if len(values) < _FEWEST:
        raise UsageError(f"data: {len(values)} real samples are too few to be looked at (at least {_FEWEST})")
    if besides is not None and len(besides) != len(values):
        raise UsageError(f"data: {len(values)} samples have {len(besides)} {'inputs' if pairs else 'classes'}")
    if besides is None and (conditional or pairs):
        raise UsageError(
            "data: without latent, data are pairs (inputs, targets), tensors or a data set of such pairs"
            if pairs
            else "data: a conditional discriminator needs the classes too: data=(samples, classes)"
        )
    if values.ndim == 1:
        values = values[:, None]
    chosen = _spread(len(values), _most(values[0], besides))
    # A copy: what somebody's program does to its own array later must not change what is compared with.
    values = _numbers(values[chosen], "real samples")
    if values.min() == values.max():
        raise UsageError(f"data: all real samples are the same number, {values.flat[0]:g}")
    besides = None if besides is None else _numbers(besides[chosen], "inputs" if pairs else "classes")
    labels = None if besides is None or pairs else _classes(besides)
    return RealSamples(values, labels, besides if labels is None else None)


def _most(sample: ndarray, besides: ndarray | None) -> int:
    """Return how many samples like one, and what goes with each, are kept at most."""
    numbers = sample.size + (0 if besides is None else besides[0].size)
    return max(_MOST_VALUES // max(numbers, 1), _FEWEST)


def _numbers(values: ndarray, what: str) -> ndarray:
    """Return a copy of finite numbers, in single precision or as bytes."""
    try:
        values = values.astype(np.uint8 if values.dtype == np.uint8 else np.float32, copy=True)
    except (TypeError, ValueError):
        raise UsageError(f"data: {what} must be numbers, not {type(values.flat[0]).__name__}") from None
    if not np.isfinite(values).all():
        raise UsageError(f"data: some {what} are not finite (NaN or infinite)")
    return values


def _halves(data: Any, pairs: bool) -> tuple[ndarray, ndarray | None]:
    """Return samples and what goes with them, if anything does."""
    if isinstance(data, Mapping):
        data = tuple(data.values())[:2]
        data = data if len(data) == 2 else data[0] if data else ()
    if isinstance(data, tuple | list) and len(data) == 2 and all(hasattr(part, "shape") for part in data):
        first, second = _array(data[0]), _array(data[1])
        return (second, first) if pairs else (first, second)
    if hasattr(data, "shape") and len(data.shape):
        return _array(data), None
    if hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        return _read(data, pairs)
    advice = ": give loader.dataset, or a tensor of samples" if hasattr(data, "dataset") else ""
    raise UsageError(
        f"data: real samples come as a tensor, an array or a data set with a length and items, "
        f"not {type(data).__name__}{advice}"
    )


def _spread(length: int, most: int) -> ndarray:
    return np.linspace(0, length - 1, min(length, most)).round().astype(np.int64)


def _array(data: Any) -> ndarray:
    if not isinstance(data, Tensor):
        return np.asarray(data)
    data = data.detach().cpu()
    return (data if data.dtype == torch.uint8 else data.float()).numpy()


def _classes(besides: ndarray) -> Int[ndarray, " sample"] | None:
    """Return the class of each sample as a whole number from 0, if what goes with samples is numbers or shares of one.

    Everything else, such as several marks a sample, numbers that are not whole or images, is no class but a condition.
    """
    found = besides
    if found.ndim == 2 and found.shape[1] > 1:
        shares = bool((found >= 0).all()) and np.allclose(found.sum(1), 1.0)
        found = found.argmax(1) if shares else found
    if found.size != len(besides):
        return None
    whole = found.reshape(-1).astype(np.int64)
    if (whole != found.reshape(-1)).any() or whole.min() < 0 or whole.max() >= MOST_CLASSES:
        return None
    return whole


def _read(data: Any, pairs: bool) -> tuple[ndarray, ndarray | None]:
    """Read a data set: samples, or pairs or mappings of a sample and what goes with it."""
    if not len(data):
        return np.empty((0, 1)), None
    items = [_item(data[0])]
    read = _spread(len(data), min(_MOST_READ, _MOST_VALUES // max(sum(map(_size, items[0][:2])), 1)))
    items += [_item(data[int(index)]) for index in read[1:]]
    if not all(items):
        raise UsageError("data: its items hold no samples: these come as tensors or arrays, alone or first of an item")
    two = all(len(item) > 1 for item in items)
    if pairs and two:
        items = [(item[1], item[0]) for item in items]
    samples = [item[0] for item in items]
    try:
        values = np.stack([_array(sample) for sample in samples])
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"data: its items must be tensors or arrays of one shape, or pairs that begin with one, not "
            f"{type(samples[0]).__name__} ({error})"
        ) from None
    try:
        besides = np.stack([_array(item[1]) for item in items]) if two else None
    except (TypeError, ValueError):  # of several shapes: nothing that a model could be told
        besides = None
    return values, besides if besides is not None and besides.dtype.kind in "biuf" else None


def _item(item: Any) -> tuple[Any, ...]:
    """Return what an item of a data set holds; of a mapping what is no text, for paths stand there as well."""
    if isinstance(item, Mapping):
        return tuple(part for part in item.values() if not isinstance(part, str | bytes))
    return tuple(item) if isinstance(item, tuple | list) else (item,)


def class_names(reals: RealSamples) -> tuple[str, ...]:
    """Return the names of the classes, which are their numbers; none where there are no classes."""
    return () if reals.labels is None else tuple(map(str, range(int(reals.labels.max()) + 1)))


def picture_shape(reals: RealSamples) -> tuple[int, int, int] | None:
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


def value_range(reals: RealSamples) -> tuple[float, float]:
    """Return the values that stand for black and white: -1 and 1, or 0 and 1, or those the samples reach."""
    if reals.values.dtype == np.uint8:
        return -1.0, 1.0
    low, high = float(reals.values.min()), float(reals.values.max())
    usual = next(((a, b) for a, b in ((0.0, 1.0), (-1.0, 1.0)) if a <= low and high <= b), None)
    return usual or (low, high)


def _size(part: Any) -> int:
    return int(np.prod(np.shape(part)))
