"""What goes into somebody's models: fixed latents, and what the discriminator is told besides samples."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, nn

from gandyn.core.errors import UsageError
from gandyn.core.messages import shown
from gandyn.recording.samples import Latents, RealSamples
from gandyn.recording.user_loop.classes import class_numbers, one_hot, telling, width
from gandyn.recording.user_loop.reachability import bare
from gandyn.recording.user_loop.unseen import UntoldError

__all__ = ["Condition", "Inputs", "arguments"]

Condition = int | str | Callable[..., Any] | None
"""Which part of what `latent` returns the discriminator is told, or what makes that of the parts."""

_MOST_DRAWS = 16
"""Times that latents are drawn to find enough of each class for the images that are drawn."""


class Inputs:
    """Fixed latents of somebody's own, and the classes or conditions that a discriminator is told with them.

    Attributes:
        latent: n -> a tensor, a tuple of positional arguments or a mapping of keyword arguments of the generator; None
            where these are the inputs of the data's pairs.
        names: of the keyword arguments; empty where arguments are positional.
        told: whether the discriminator is told anything besides samples.
        classes: how many classes there are, where the generator is asked for one of them; else 0.
        place: where in what `latent` returns these classes stand.
    """

    def __init__(
        self,
        latent: Callable[[int], Any] | None,
        reals: RealSamples,
        condition: Condition = None,
        *,
        told: bool = False,
        explicit: bool = False,
    ) -> None:
        """Say what goes in.

        Args:
            latent: as above.
            reals: real samples with what goes with each.
            condition: which part the discriminator is told.
            told: whether it is told anything.
            explicit: whether somebody said so, who is to be told of what lacks for it.
        """
        self.latent, self._reals, self._condition = latent, reals, condition
        self.told, self._explicit = told, explicit
        self.names: tuple[str, ...] = ()
        self._tell: Callable[[Tensor], Tensor] | None = None
        self.classes, self.place = 0, ""
        self._points: dict[int, Latents] = {}

    def __call__(self, count: int, purpose: str) -> Latents:
        """Return fixed latents for so many samples; for those that are drawn class by class, as many of each.

        Raises:
            UsageError: they are not what makes so many samples, or lack what the discriminator is told.
        """
        if self.latent is None:
            return self._paired(count)
        if purpose == "density":
            return self._points.get(count) or self._points.setdefault(count, self._for_density(count))
        parts = self._drawn(count)
        labels, place = self._classes_in(parts)
        return Latents(parts) if labels is None else self._by_class(parts, place, count)

    def tell(self, numbers: Int[Tensor, " sample"]) -> Tensor:
        """Return what the discriminator takes as its second argument for what it is told, by `RealSamples.told`.

        Of generated samples the numbers are those of the latents that were drawn last for a density.
        """
        assert self._tell is not None  # latents are drawn before anybody is asked
        return self._tell(numbers)

    @property
    def what(self) -> str:
        """What the discriminator is told, in words."""
        if self.latent is None:
            return "the pairs' inputs"
        return "classes" if self._reals.labels is not None else "what goes with each sample"

    @property
    def remedy(self) -> str:
        """What to do where the discriminator cannot be asked, in words."""
        if self.latent is None:
            return "if it takes input and target as one, discriminator=lambda y, x: D(torch.cat([x, y], 1)), say"
        return "discriminator=lambda x: ... says how it is asked, condition=... what else it is told"

    def _for_density(self, count: int) -> Latents:
        """Return latents with what the discriminator is told of their samples."""
        parts = self._drawn(count)
        labels, place = self._classes_in(parts)
        if labels is not None:
            known = 0 if self._reals.labels is None else int(self._reals.labels.max()) + 1
            self.classes = max(known, width(parts[place]), int(labels.max()) + 1)
            self.place = f"[{self.names[place]!r}]" if self.names else f"[{place}]"
        return Latents(parts, labels, self._numbered(parts) if self.told else None)

    def _paired(self, count: int) -> Latents:
        """Return the inputs of pairs, and of each its number, by which the discriminator is told it."""
        assert self._reals.conditions is not None
        chosen = np.resize(self._reals.spread(count), count)
        table = self._reals.condition(slice(None))
        self._tell = lambda numbers: table[numbers]
        own = torch.from_numpy(chosen)
        return Latents((table[chosen],), None, own if self.told else None, own)

    def _drawn(self, count: int) -> tuple[Tensor, ...]:
        assert self.latent is not None
        found = self.latent(count)
        self.names = tuple(map(str, found)) if isinstance(found, Mapping) else ()
        found = tuple(found.values()) if isinstance(found, Mapping) else found
        parts = tuple(found) if isinstance(found, tuple | list) else (found,)
        parts = tuple(_tensor(part) if isinstance(part, np.ndarray) else part for part in parts)
        for part in parts:
            if not isinstance(part, Tensor):
                raise UsageError(
                    f"latent({count}) must return a tensor, or a tuple or dict of tensors, not {type(part).__name__}"
                )
            if not part.ndim or len(part) != count:
                raise UsageError(
                    f"latent({count}) must return what makes {count} samples, not a tensor of shape {tuple(part.shape)}"
                )
        if not parts:
            raise UsageError(f"latent({count}) must return a tensor, or a tuple or dict of tensors, not nothing")
        return tuple(part.detach() for part in parts)

    def _by_class(self, parts: tuple[Tensor, ...], place: int, count: int) -> Latents:
        """Return as many latents of each class, class by class, out of many that are drawn."""
        drawn = [parts]
        while len(drawn) < _MOST_DRAWS:
            labels = torch.cat([_numbers_of(one[place]) for one in drawn])
            there = torch.bincount(labels, minlength=self.classes)
            if int(there.min()) >= count // max(self.classes, 1):
                break
            drawn.append(self._drawn(count))
        whole = tuple(torch.cat(part) for part in zip(*drawn, strict=True))
        labels = _numbers_of(whole[place])
        found = labels.unique()
        rows = torch.full((len(found),), count // len(found)) + (torch.arange(len(found)) < count % len(found))
        chosen = [
            np.resize((labels == one).nonzero()[:, 0].numpy(), int(number))
            for one, number in zip(found, rows, strict=True)
        ]
        order = torch.from_numpy(np.concatenate(chosen))
        return Latents(tuple(part[order.to(part.device)] for part in whole), labels[order])

    def _classes_in(self, parts: tuple[Tensor, ...]) -> tuple[Int[Tensor, " sample"] | None, int]:
        """Return the classes that a generator is asked for, and which of the parts they are; None if none is."""
        named = self._condition if isinstance(self._condition, int | str) else None
        places = [self._index(named, parts)] if named is not None else range(len(parts) if self.names else 0)
        for place in [*places, *range(1, len(parts))]:
            labels = class_numbers(parts[place])
            if labels is not None and bool((labels != labels[0]).any()):  # what is always the same asks for nothing
                return labels, place
        return None, -1

    def _index(self, named: int | str, parts: tuple[Tensor, ...]) -> int:
        if named in self.names:
            return self.names.index(str(named))
        if isinstance(named, int) and -len(parts) <= named < len(parts):
            return named % len(parts)
        there = f"the keys {', '.join(self.names)}" if self.names else f"{len(parts)} parts"
        raise UsageError(f"condition={shown(named)}: latent returns {there}; name one of them")

    def _numbered(self, parts: tuple[Tensor, ...]) -> Int[Tensor, " sample"]:
        """Return what the discriminator is told of samples at latents, by number; `_tell` says what that stands for."""
        given = self._condition_of(parts)
        numbers = class_numbers(given)
        if self._reals.labels is not None:
            known = int(self._reals.labels.max()) + 1
            self._check_classes(given, numbers, known)
            assert numbers is not None
            self._tell = telling(given, max(known, width(given)))
            return numbers
        if self._reals.conditions is None:
            self._refuse("data: a conditional discriminator needs the classes too: data=(samples, classes)")
        real = self._reals.condition(slice(None))
        if real.shape[1:] != given.shape[1:]:
            self._refuse(
                f"latent({len(given)}) returns conditions of shape {tuple(given.shape)}, and data has such of shape "
                f"{tuple(real.shape)}"
            )
        table = torch.cat([real.to(given), given])
        self._tell = lambda numbers: table[numbers.to(table.device)]
        return torch.arange(len(real), len(table))

    def _condition_of(self, parts: tuple[Tensor, ...]) -> Tensor:
        if callable(self._condition):
            named = dict(zip(self.names, parts, strict=True)) if self.names else {}
            found = self._condition(**named) if named else self._condition(*parts)
            if not isinstance(found, Tensor) or not found.ndim or len(found) != len(parts[0]):
                raise UsageError(f"condition: it must return a tensor of {len(parts[0])} rows, not {shown(found)}")
            return found.detach()
        if self._condition is not None:
            return parts[self._index(self._condition, parts)]
        _, place = self._classes_in(parts)
        if place < 0 and len(parts) < 2:
            if not self._explicit:
                raise UntoldError("it takes more than samples, and latent returns nothing else that it could be told")
            raise UsageError(f"latent({len(parts[0])}) must return (z, classes) for a conditional generator")
        return parts[place if place >= 0 else 1]

    def _check_classes(self, given: Tensor, numbers: Tensor | None, known: int) -> None:
        """Refuse classes that are not those of the data."""
        count = len(given)
        if numbers is None or (one_hot(given) and given.shape[1] != known):
            self._refuse(
                f"latent({count}) returns classes of shape {tuple(given.shape)}: they must be numbers, shape ({count},)"
                f" or ({count}, 1), or one-hot vectors of the data's {known} classes, shape ({count}, {known})"
            )
        elif int(numbers.max()) >= known:
            self._refuse(
                f"latent({count}) returns classes {int(numbers.min())} to {int(numbers.max())}; "
                f"the data's are 0 to {known - 1}"
            )

    def _refuse(self, text: str) -> NoReturn:
        raise (UsageError if self._explicit else UntoldError)(text)


def arguments(model: Any) -> tuple[int, float]:
    """Return how many arguments a model cannot do without, and how many it takes at most; any where nobody can tell."""
    model = bare(model)
    try:
        taken = inspect.signature(model.forward if isinstance(model, nn.Module) else model).parameters.values()
    except (TypeError, ValueError):
        return 0, math.inf
    positional = [one for one in taken if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    most = math.inf if any(one.kind is one.VAR_POSITIONAL for one in taken) else len(positional)
    return sum(one.default is one.empty for one in positional), most


def _tensor(part: np.ndarray) -> Tensor:
    """Return an array as a tensor; its doubles are those of numpy, which knows no other default."""
    found = torch.from_numpy(part)
    return found.float() if found.dtype == torch.float64 else found


def _numbers_of(part: Tensor) -> Int[Tensor, " sample"]:
    found = class_numbers(part)
    if found is None:
        raise UsageError(f"latent: it returned classes before, and now a tensor of shape {tuple(part.shape)}")
    return found
