"""What somebody's models return, made uniform: the samples of a generator, the responses of a discriminator."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from gandyn.core.errors import UsageError
from gandyn.recording.user_loop.unseen import UnseenError

__all__ = ["FORMS", "REBUILT", "SEVERAL", "Form", "Taken", "of_whole_batch", "responses_in", "samples_in"]


@dataclass(frozen=True)
class Form:
    """A form in which a discriminator may answer for a batch.

    Attributes:
        name: what it is, in words.
        fits: whether an answer to samples has it.
        read: an answer and the samples -> numbers, shape (sample, number).
        told: whether somebody may have meant it otherwise, and is told of it.
    """

    name: str
    fits: Callable[[Tensor, Tensor], bool]
    read: Callable[[Tensor, Tensor], Tensor]
    told: bool = False


def _rows(answer: Tensor, samples: Tensor) -> Float[Tensor, "sample number"]:
    return answer.reshape(len(samples), -1)


def _rebuilt(answer: Tensor, samples: Tensor) -> Float[Tensor, "sample 1"]:
    """Return minus the mean absolute error, so that what is rebuilt well stands high, like what is real."""
    return -(answer - samples).abs().flatten(1).mean(1, keepdim=True)


NUMBER = Form("a number a sample", lambda a, x: a.numel() == len(x) and (not a.ndim or len(a) == len(x)), _rows)
REBUILT = Form(
    "samples rebuilt, as by an autoencoder: minus the mean absolute error of each is its response",
    lambda a, x: a.shape == x.shape and a.numel() > len(x),
    _rebuilt,
    told=True,
)
PATCHES = Form(
    "a map of patches: the mean of their responses",
    lambda a, x: a.ndim > 2 and len(a) == len(x) != a.numel() and a.shape[1] == 1,
    _rows,
)
SEVERAL = Form(
    "several numbers a sample: the mean of their responses",
    lambda a, x: a.ndim > 1 and len(a) == len(x),
    _rows,
    told=True,
)
FLAT = Form(
    "the patches of all samples in one row: the mean of each sample's responses",
    lambda a, x: bool(a.ndim) and a.numel() == len(a) > len(x) and a.numel() % len(x) == 0,
    _rows,
    told=True,
)

FORMS = (NUMBER, REBUILT, PATCHES, SEVERAL, FLAT)
"""All forms; of several parts that have one, that of the first form counts."""


@dataclass(frozen=True)
class Taken:
    """Which part of what a model returns is looked at.

    Attributes:
        place: where it stands, as it is written in Python; empty where the model returns one tensor.
        of: number of tensors that the model returns.
    """

    place: str
    of: int

    def out_of(self, found: Any) -> Tensor:
        """Return that part of what was returned this time."""
        return dict(_tensors(found))[self.place]


def samples_in(found: Any, count: int, event: Sequence[int]) -> Taken:
    """Return which part of what a generator returned for a batch is samples: of an event's shape, or size at least.

    Raises:
        UsageError: there is none.
    """
    parts = dict(_tensors(found))
    shapes = {place: tuple(part.shape) for place, part in parts.items()}
    same = [place for place, shape in shapes.items() if shape == (count, *event)]
    size = [
        place for place, shape in shapes.items() if shape[:1] == (count,) and math.prod(shape[1:]) == math.prod(event)
    ]
    chosen = next(iter(same + size), None)
    if chosen is None:
        returned = ", ".join(f"shape {shape}" for shape in shapes.values()) or type(found).__name__
        raise UsageError(
            f"generator: it returns {returned}, not {(count, *event)}, and data has samples of shape {tuple(event)}: "
            "give data, generator=lambda *z: ... or both such that they agree (where images are passed as vectors, "
            "say image_shape=(channel, height, width))"
        )
    return Taken(chosen, len(parts))


def responses_in(found: Any, samples: Tensor, forms: Sequence[Form]) -> tuple[Taken, Form]:
    """Return which part of what a discriminator returned for samples is its response, and in what form.

    Raises:
        UnseenError: none is.
    """
    parts = dict(_tensors(found))
    for form in forms:
        for place, part in parts.items():
            if form.fits(part, samples):
                return Taken(place, len(parts)), form
    returned = " and ".join(f"shape {tuple(part.shape)}" for part in parts.values()) or type(found).__name__
    raise UnseenError(
        f"discriminator: {len(samples)} samples must give as many rows of responses, not {returned}; "
        "several numbers of one sample belong into one row"
    )


def of_whole_batch(found: Any) -> bool:
    """Return whether a model returned a single number for all of a batch."""
    return any(part.numel() == 1 for _, part in _tensors(found))


def _tensors(found: Any, place: str = "") -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors in what a model returns, with their places: it may be nested."""
    if isinstance(found, Tensor):
        yield place, found
    elif isinstance(found, Mapping):
        for key, part in found.items():
            yield from _tensors(part, f"{place}[{key!r}]")
    elif isinstance(found, tuple | list):
        for index, part in enumerate(found):
            yield from _tensors(part, f"{place}[{index}]")
