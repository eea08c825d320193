"""Classes as people tell them: as numbers, as numbers in a column, or as one-hot vectors."""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Int
from torch import Tensor
from torch.nn import functional

__all__ = ["MOST_CLASSES", "class_numbers", "one_hot", "telling", "width"]

MOST_CLASSES = 1000
"""Classes of one data set; greater numbers are no classes."""


def class_numbers(part: Tensor) -> Int[Tensor, " sample"] | None:
    """Return classes as numbers, from numbers, also in a column, or one-hot vectors; None of what are no classes."""
    if one_hot(part):
        return part.argmax(1).cpu()
    if part.numel() != len(part):
        return None
    numbers = part.reshape(-1).cpu()
    if not bool(((numbers == numbers.round()) & (numbers >= 0) & (numbers < MOST_CLASSES)).all()):
        return None
    return numbers.long()


def width(part: Tensor) -> int:
    """Return how many classes one-hot vectors can tell apart; 0 of what are none."""
    return part.shape[1] if one_hot(part) else 0


def one_hot(part: Tensor) -> bool:
    """Return whether classes are told as one-hot vectors; numbers in a column are none."""
    if part.ndim != 2 or part.shape[1] < 2:
        return False
    return bool(((part == 0) | (part == 1)).all()) and bool((part.sum(1) == 1).all())


def telling(told: Tensor, classes: int) -> Callable[[Tensor], Tensor]:
    """Return what makes of class numbers, shape (n,), what a discriminator takes: the kind that its generator is told.

    Args:
        told: classes as the generator is told them: numbers, also in a column, or one-hot vectors.
        classes: how many there are.
    """
    if one_hot(told):
        return lambda labels: functional.one_hot(labels, classes).to(told.dtype)
    return lambda labels: labels.to(told.dtype).reshape(-1, *told.shape[1:])
