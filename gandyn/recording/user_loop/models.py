"""Somebody else's two models, called with what they take where they are, and checked in what they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from gandyn.core.errors import UsageError
from gandyn.recording.user_loop.outputs import FORMS, Form, Taken, of_whole_batch, responses_in, samples_in
from gandyn.recording.user_loop.reachability import bare, reach
from gandyn.recording.user_loop.unseen import FailedError, UnseenError

__all__ = ["UserDiscriminator", "UserGenerator", "check_models"]

_SHARDED = ("FullyShardedDataParallel", "FSDPModule")


class UserGenerator:
    """A generator as a function of its latents.

    Attributes:
        taken: which part of what it returns is samples; None before the first time.
        event: the shape of one of them.
        last: a sample it has made, of which device and type count; None before the first.
    """

    def __init__(self, model: Callable[..., Any], event: tuple[int, ...], names: tuple[str, ...] = ()) -> None:
        """Call a model whose samples are to have the shape of the data's, or as many numbers in another.

        Args:
            model: what is called.
            event: the shape of a real sample.
            names: of its arguments, where it is called by these.
        """
        self._model, self.event, self._names = bare(model), event, names
        self.taken: Taken | None = None
        self.last: Tensor | None = None

    def __call__(self, *latents: Tensor) -> Float[Tensor, " sample *event"]:
        """Return its samples at latents.

        Raises:
            UsageError: it fails, or returns something else.
        """
        like, count = _like(self._model), len(latents[0])
        # Copies: models may change what they are given in place, and the latents are those of every record.
        parts = [part.to(part.device if like is None else like.device, copy=True) for part in latents]
        found = _call("generator", self._model, parts, self._names)
        if self.taken is None:
            self.taken = samples_in(found, count, self.event)
            self.event = tuple(self.taken.out_of(found).shape[1:])
        samples = self.taken.out_of(found)
        if tuple(samples.shape) != (count, *self.event):
            raise UsageError(f"generator: it returned {(count, *self.event)} before, and now {tuple(samples.shape)}")
        self.last = samples[:1]
        return samples


class UserDiscriminator:
    """A discriminator as a function of samples, and of what it is told of them.

    Attributes:
        taken: which part of what it returns is its response; None before the first time.
        form: of that part.
        alone: whether it is asked of one sample at a time, for it returns one number a batch.
        reached: the least and the greatest number it has returned; NaN once one of them was.
    """

    def __init__(
        self,
        model: Callable[..., Any],
        generator: UserGenerator,
        tell: Callable[[Tensor], Tensor] | None = None,
        forms: Sequence[Form] = FORMS,
    ) -> None:
        """Call a model.

        Args:
            model: what is called.
            generator: where its samples are is where a plain function is asked.
            tell: what is told of samples, by number -> what the model takes for it.
            forms: in which it may answer.
        """
        self._model, self._generator, self._tell, self._forms = bare(model), generator, tell, forms
        self.taken: Taken | None = None
        self.form = forms[0]
        self.alone = False
        self.reached = (math.inf, -math.inf)

    def __call__(self, samples: Tensor, told: Tensor | None = None) -> Float[Tensor, "sample number"]:
        """Return what it says of samples.

        Raises:
            UsageError: it fails, or returns something else.
        """
        parts = self._placed(samples, told)
        found = self._asked(parts)
        if self.taken is None:
            found = self._taking(found, parts)
        assert self.taken is not None
        answer = self.taken.out_of(found)
        if not self.form.fits(answer, parts[0]):
            raise UsageError(
                f"discriminator: it returned {self.form.name} before, and now a tensor of shape {tuple(answer.shape)}"
            )
        numbers = self.form.read(answer, parts[0])
        low, high = (float(bound) for bound in numbers.detach().aminmax())
        spoilt = math.isnan(low) or math.isnan(self.reached[0])  # min and max may lose a NaN
        self.reached = (math.nan, math.nan) if spoilt else (min(low, self.reached[0]), max(high, self.reached[1]))
        return numbers

    def traced(self, samples: Tensor, told: Tensor | None) -> Tensor:
        """Return its answer to samples, after the first time, with what autograd knows of how it was made."""
        assert self.taken is not None
        first, *others = self._placed(samples, told)
        with torch.enable_grad():
            # A product, for a leaf must not be changed in place, as first layers may do.
            return self.taken.out_of(self._asked([first.detach().requires_grad_() * 1.0, *others]))

    def _taking(self, found: Any, parts: Sequence[Tensor]) -> Any:
        """Find its response in what it returned, and return that, asked anew if it returns one number a batch."""
        try:
            self.taken, self.form = responses_in(found, parts[0], self._forms)
        except UnseenError as error:
            if not of_whole_batch(found):
                raise
            self.alone = True
            try:
                found = self._asked(parts)
                self.taken, self.form = responses_in(found, parts[0], self._forms)
            except UnseenError:
                raise error from None
        return found

    def _placed(self, samples: Tensor, told: Tensor | None) -> list[Tensor]:
        """Return what the model is called with, where the model is and of its type."""
        like = _like(self._model)
        like = self._generator.last if like is None else like
        parts = [samples]
        if told is not None:
            parts.append(told if self._tell is None else self._tell(told))
        if like is None:
            return [part.clone() for part in parts]
        return [part.to(like if part.is_floating_point() else like.device, copy=True) for part in parts]

    def _asked(self, parts: Sequence[Tensor]) -> Any:
        if not self.alone:
            return _call("discriminator", self._model, parts, failure=FailedError)
        each = torch.func.vmap(lambda *one: self._model(*(part[None] for part in one)), randomness="different")
        return _call("discriminator", each, parts, failure=FailedError)


def check_models(models: tuple[Any, Any], *, evaluation: bool) -> None:
    """Refuse what cannot be looked at by one process without changing it.

    Raises:
        UsageError: weights are spread over processes or not made yet, or batch statistics are gathered from all.
    """
    for role, model in zip(("generator", "discriminator"), models, strict=True):
        if not callable(model):
            raise UsageError(f"{role}: a module or a function, not {type(model).__name__}")
        for part in (part for module in reach(model).modules for part in module.modules()):
            if any(base.__name__ in _SHARDED for base in type(part).__mro__):
                raise UsageError(f"{role}: its weights are spread over processes (FSDP); one process cannot look at it")
            if any(is_lazy(tensor) for tensor in part.parameters(recurse=False)):
                raise UsageError(f"{role}: {type(part).__name__} has no weights yet; call the model once before")
            if not evaluation and isinstance(part, nn.SyncBatchNorm):
                raise UsageError(f"{role}: SyncBatchNorm waits for all processes unless evaluation=True")


def _call(
    role: str,
    model: Callable[..., Any],
    parts: Sequence[Tensor],
    names: Sequence[str] = (),
    failure: type[UsageError] = UsageError,
) -> Any:
    try:
        return model(**dict(zip(names, parts, strict=True))) if names else model(*parts)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        shapes = " and ".join(f"{tuple(part.shape)} ({part.dtype}, {part.device})" for part in parts)
        raise failure(f"{role}: it failed on a batch of shape {shapes}: {type(error).__name__}: {error}") from error


def _like(model: Any) -> Tensor | None:
    """Return a tensor of a model that is where it is and of its type: a parameter, or else a buffer."""
    for module in reach(model).modules:
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                return tensor
    return None
